"""What a workspace knows: entries, their revisions, versions and sources, for reading. Changing them is in `knowledge`; which of them
answer a question is for the room above to find."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select

from vigil.domain.knowledge import Draft, Revision, RevisionKind
from vigil.errors import NotFound
from vigil.store.columns import Json
from vigil.store.store import Session, scoped
from vigil.store.tables import entries, publications, revisions, sources, workspaces
from vigil.store.workspaces import no_workspace

_DRAFT = TypeAdapter(Draft)
_ROWS = 500
"""Rows that one statement names: well below what SQLite (32,766) and PostgreSQL (65,535) take as parameters."""

_SAID = [column for column in revisions.c if column.name not in ("embedder_id", "embedding", "digest")]
"""Columns of a revision but its vector, which is half of its bytes and seldom wanted."""

_IN_FORCE = scoped(
    select(*_SAID).where(
        entries.c.workspace_id == bindparam("workspace"),
        revisions.c.workspace_id == bindparam("workspace"),
        revisions.c.id.in_(bindparam("ids", expanding=True)),
        entries.c.id == revisions.c.entry_id,
        entries.c.revision_id == revisions.c.id,
        entries.c.retired.is_(False),
        or_(entries.c.valid_from.is_(None), entries.c.valid_from <= bindparam("at")),
        or_(entries.c.valid_until.is_(None), entries.c.valid_until > bindparam("at")),
    )
)
"""Asked in each search, and made once: making it takes a third as long as asking it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One version of the knowledge, and what it changed."""

    version: int
    at: datetime
    by: str
    summary: str
    published: int
    """Revisions that put an entry in force."""
    retired: int
    """Revisions that took one out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that entries came from."""

    address: str
    title: str
    media_type: str
    digest: str
    """Of the document's bytes; empty where its entries no longer stand as the document says (after a rollback)."""
    added_at: datetime
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A vector as it is kept: float16, little-endian."""

    embedder_id: str
    vector: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an entry stands now: its latest revision, with the vector (none where it is retired)."""

    revision: Revision
    embedding: Embedding | None

    @property
    def in_force(self) -> bool:
        return self.revision.kind is RevisionKind.PUBLISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entry at two versions; None where it was not in force."""

    entry_id: str
    before: Revision | None
    after: Revision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much a workspace knows."""

    entries: int
    """In force, whatever their validity dates say."""
    retired: int
    sources: int


class Entries:
    """The knowledge of a session's workspace, for reading."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _my_entries(self) -> ColumnElement[bool]:
        return entries.c.workspace_id == self._session.workspace

    @cached_property
    def _my_revisions(self) -> ColumnElement[bool]:
        return revisions.c.workspace_id == self._session.workspace

    @cached_property
    def _my_sources(self) -> ColumnElement[bool]:
        return sources.c.workspace_id == self._session.workspace

    @cached_property
    def _current(self) -> ColumnElement[bool]:
        return and_(
            self._my_entries,
            self._my_revisions,
            revisions.c.id == entries.c.revision_id,
            # Follows from the line above, and leads from a revision to its entry by key.
            revisions.c.entry_id == entries.c.id,
        )

    async def version(self) -> int:
        """The present knowledge version.

        Raises:
            NotFound: there is no such workspace.
        """
        statement = select(workspaces.c.knowledge_version).where(workspaces.c.workspace_id == self._session.workspace)
        version = (await self._session.execute(statement)).scalar_one_or_none()
        if version is None:
            raise no_workspace(self._session.workspace)
        return version

    async def unchanged(self, digests: dict[str, str]) -> set[str]:
        """Of these keys with the digests of their drafts, those whose entries stand already so."""
        found: set[str] = set()
        for some in batches(digests):
            statement = select(entries.c.key, revisions.c.digest).where(
                self._current, entries.c.key.in_(some), entries.c.retired.is_(False)
            )
            found |= {row.key for row in await self._session.execute(statement) if row.digest == digests[row.key]}
        return found

    async def in_force(self, revision_ids: Iterable[str], *, at: datetime) -> dict[str, Revision]:
        """Of these revisions those that are in force at `at`, by their ids."""
        found: dict[str, Revision] = {}
        for some in batches(revision_ids):
            wanted = {"workspace": self._session.workspace, "ids": some, "at": at}
            found |= {row.id: revision_of(row) for row in await self._session.execute(_IN_FORCE, wanted)}
        return found

    async def after(
        self, version: int, *, until: int | None = None, start: tuple[int, str] = (0, ""), limit: int = 1000
    ) -> list[Standing]:
        """A page of the entries whose latest revision is past `version` and not past `until`, retired ones too, in the order of
        (version, entry id); the page that begins after `start`."""
        last_version, last_id = start
        statement = select(revisions).where(
            self._current,
            entries.c.version > version,
            entries.c.version >= last_version,
            or_(entries.c.version > last_version, entries.c.id > last_id),
        )
        if until is not None:
            statement = statement.where(entries.c.version <= until)
        rows = await self._session.execute(statement.order_by(entries.c.version, entries.c.id).limit(limit))
        return [Standing(revision=revision_of(row), embedding=embedding_of(row)) for row in rows]

    async def standing(self, entry_ids: Iterable[str]) -> dict[str, Standing]:
        """How these entries stand now, by their ids; those that there are."""
        found: dict[str, Standing] = {}
        for some in batches(entry_ids):
            rows = await self._session.execute(select(revisions).where(self._current, entries.c.id.in_(some)))
            found |= {row.entry_id: Standing(revision=revision_of(row), embedding=embedding_of(row)) for row in rows}
        return found

    async def count_after(self, version: int) -> int:
        """Entries whose latest revision is past `version`."""
        statement = select(func.count()).select_from(entries).where(self._my_entries, entries.c.version > version)
        return (await self._session.execute(statement)).scalar_one()

    async def entry(self, entry_id: str) -> Revision:
        """The latest revision of an entry.

        Raises:
            NotFound: there is no such entry.
        """
        statement = select(*_SAID).where(self._current, entries.c.id == entry_id)
        row = (await self._session.execute(statement)).one_or_none()
        if row is None:
            raise NotFound(f"There is no entry {entry_id!r} in this workspace.")
        return revision_of(row)

    async def called(self, keys: Iterable[str]) -> dict[str, Revision]:
        """The latest revisions of the entries with these keys, retired ones too, by key."""
        found: dict[str, Revision] = {}
        for some in batches(keys):
            statement = select(*_SAID, entries.c.key).where(self._current, entries.c.key.in_(some))
            found |= {row.key: revision_of(row) for row in await self._session.execute(statement)}
        return found

    async def entries(
        self, *, source: str | None = None, retired: bool = False, start: str = "", limit: int = 50
    ) -> list[Revision]:
        """Entries in force, or with `retired` those that no longer are, by id; the page that begins after the entry `start`."""
        statement = select(*_SAID).where(self._current, entries.c.retired.is_(retired), entries.c.id > start)
        if source is not None:
            statement = statement.where(entries.c.source == source)
        return [revision_of(row) for row in await self._session.execute(statement.order_by(entries.c.id).limit(limit))]

    async def outlived(self, *, at: datetime, limit: int) -> list[Revision]:
        """Entries that nobody retired and whose validity has ended, by id."""
        statement = select(*_SAID).where(self._current, entries.c.retired.is_(False), entries.c.valid_until <= at)
        return [revision_of(row) for row in await self._session.execute(statement.order_by(entries.c.id).limit(limit))]

    async def history(self, entry_id: str) -> list[Revision]:
        """Every revision of an entry, the first one first.

        Raises:
            NotFound: there is no such entry.
        """
        statement = select(*_SAID).where(self._my_revisions, revisions.c.entry_id == entry_id)
        found = [revision_of(row) for row in await self._session.execute(statement.order_by(revisions.c.number))]
        if not found:
            raise NotFound(f"There is no entry {entry_id!r} in this workspace.")
        return found

    async def log(self, *, before: int | None = None, limit: int = 50) -> list[Publication]:
        """Versions, the latest first; those before `before`."""
        statement = select(publications).where(publications.c.workspace_id == self._session.workspace)
        if before is not None:
            statement = statement.where(publications.c.version < before)
        rows = await self._session.execute(statement.order_by(publications.c.version.desc()).limit(limit))
        return [
            Publication(
                version=row.version,
                at=row.at,
                by=row.by,
                summary=row.summary,
                published=row.published,
                retired=row.retired,
            )
            for row in rows
        ]

    async def diff(self, first: int, second: int) -> list[Change]:
        """What differs between two versions, by entry.

        Raises:
            NotFound: there is no such version.
        """
        check_version(first, await self.version())
        check_version(second, await self.version())
        statement = select(revisions.c.entry_id).where(
            self._my_revisions,
            revisions.c.version > min(first, second),
            revisions.c.version <= max(first, second),
        )
        touched = sorted({row.entry_id for row in await self._session.execute(statement)})
        before, after = await self.rows_at(first, touched), await self.rows_at(second, touched)
        return [
            Change(entry_id=entry_id, before=_published(old), after=_published(new))
            for entry_id in touched
            if _digest(old := before.get(entry_id)) != _digest(new := after.get(entry_id))
        ]

    async def rows_at(self, version: int, entry_ids: Iterable[str]) -> dict[str, Row[Any]]:
        """Rows of `revisions` that were these entries' latest at `version`, by entry; none where there was none yet."""
        found: dict[str, Row[Any]] = {}
        for some in batches(entry_ids):
            last = (
                select(revisions.c.entry_id, func.max(revisions.c.number).label("number"))
                .where(self._my_revisions, revisions.c.entry_id.in_(some), revisions.c.version <= version)
                .group_by(revisions.c.entry_id)
                .subquery()
            )
            statement = select(revisions).where(
                self._my_revisions, revisions.c.entry_id == last.c.entry_id, revisions.c.number == last.c.number
            )
            found |= {row.entry_id: row for row in await self._session.execute(statement)}
        return found

    async def rows(self, where: ColumnElement[bool]) -> list[Row[Any]]:
        """Rows of `revisions` that are their entries' latest, with the entry's ``key`` and ``retired``."""
        statement = select(revisions, entries.c.key, entries.c.retired).where(self._current, where)
        return list(await self._session.execute(statement))

    async def source(self, address: str) -> Source | None:
        statement = select(sources).where(self._my_sources, sources.c.address == address)
        row = (await self._session.execute(statement)).one_or_none()
        return None if row is None else _source(row)

    async def sources(self, *, start: str = "", limit: int = 50) -> list[Source]:
        """Documents that are not retired, by address; the page that begins after `start`."""
        statement = select(sources).where(self._my_sources, sources.c.retired.is_(False), sources.c.address > start)
        return [_source(row) for row in await self._session.execute(statement.order_by(sources.c.address).limit(limit))]

    async def counts(self) -> Counts:
        """How much there is."""
        states = (
            select(entries.c.retired, func.count().label("number")).where(self._my_entries).group_by(entries.c.retired)
        )
        by_state = {row.retired: row.number for row in await self._session.execute(states)}
        documents = select(func.count()).select_from(sources).where(self._my_sources, sources.c.retired.is_(False))
        return Counts(
            entries=by_state.get(False, 0),
            retired=by_state.get(True, 0),
            sources=(await self._session.execute(documents)).scalar_one(),
        )


def draft_body(draft: Draft) -> Json:
    """A draft as a JSON object, without what it leaves unsaid."""
    return _DRAFT.dump_python(draft, mode="json", exclude_defaults=True)


def draft_of(row: Row[Any]) -> Draft:
    """The draft in a row of `revisions`."""
    return _DRAFT.validate_python(row.draft)


def revision_of(row: Row[Any]) -> Revision:
    """A row of `revisions`."""
    return Revision(
        id=row.id,
        entry_id=row.entry_id,
        number=row.number,
        version=row.version,
        kind=RevisionKind(row.kind),
        draft=draft_of(row),
        created_at=row.created_at,
        created_by=row.created_by,
    )


def embedding_of(row: Row[Any]) -> Embedding | None:
    """The vector in a row of `revisions`."""
    return None if row.embedding is None else Embedding(embedder_id=row.embedder_id, vector=row.embedding)


def check_version(version: int, current: int) -> None:
    """Raises:
    NotFound: there is no such version.
    """
    if not 0 <= version <= current:
        raise NotFound(f"There is no version {version}; the knowledge of this workspace is at version {current}.")


def batches(values: Iterable[T]) -> Iterator[Collection[T]]:
    """As many of `values` at a time as one statement may name."""
    rest = iter(values)
    while some := list(islice(rest, _ROWS)):
        yield some


def _published(row: Row[Any] | None) -> Revision | None:
    return None if _digest(row) is None or row is None else revision_of(row)


def _digest(row: Row[Any] | None) -> str | None:
    return None if row is None or row.kind == RevisionKind.RETIRED.value else row.digest


def _source(row: Row[Any]) -> Source:
    return Source(
        address=row.address,
        title=row.title,
        media_type=row.media_type,
        digest=row.digest,
        retired=row.retired,
        added_at=row.added_at,
    )
