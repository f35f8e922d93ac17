"""Entries, their revisions and the versions of a workspace's knowledge: publishing, looking back, rolling back. Which entries answer
a question is `knowledge`'s to find; how far an index has caught up is in `indexes`."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, update

from vigil.clock import Ids
from vigil.domain.knowledge import Draft, Revision, RevisionKind
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.store.columns import Json
from vigil.store.store import Session
from vigil.store.tables import entries, publications, revisions, sources, workspaces
from vigil.store.upsert import upsert

_DRAFT = TypeAdapter(Draft)
_ROWS = 500
"""Rows that one statement names: well below what SQLite (32,766) and PostgreSQL (65,535) take as parameters."""

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
    """How an entry stands now: its latest revision, with the vector."""

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


def draft_digest(draft: Draft) -> str:
    """SHA-256 in hex: equal where two drafts are."""
    canonical = json.dumps(_draft_body(draft), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Knowledge:
    """The knowledge of a session's workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._my_entries = entries.c.workspace_id == session.workspace
        self._my_revisions = revisions.c.workspace_id == session.workspace
        self._my_sources = sources.c.workspace_id == session.workspace
        self._current = and_(self._my_entries, self._my_revisions, revisions.c.id == entries.c.revision_id)

    # Writing. Each is one version of the knowledge, and does nothing but within the session's transaction.

    async def publish(
        self,
        drafts: Sequence[Draft],
        embeddings: Mapping[str, Embedding],
        *,
        retire: Collection[str] = (),
        source: Source | None = None,
        by: str,
        summary: str,
        at: datetime,
        ids: Ids,
    ) -> Publication | None:
        """Put `drafts` in force, the entries with the keys in `retire` out of it, and with `source` all that came from there and is not
        among `drafts`. What stands already as wanted is left alone; None where that is everything.

        Args:
            embeddings: by key; a draft that stands already needs none.

        Raises:
            Conflict: a draft is to be written and has no embedding.
            InvalidInput: a key stands twice among `drafts`.
        """
        wanted = {draft.key: draft for draft in drafts}
        if len(wanted) < len(drafts):
            raise InvalidInput("Two drafts of one publication have the same key; give each a key of its own.")
        await self._lock()
        standing = await self._rows(entries.c.key, [*wanted, *retire])
        if source is not None:
            standing |= await self._rows(entries.c.source, [source.address])
        written: list[_Written] = []
        for key, draft in wanted.items():
            digest, row = draft_digest(draft), standing.get(key)
            if row is not None and not row.retired and row.digest == digest:
                continue
            if key not in embeddings:
                raise Conflict(f"The entry {key!r} was changed by somebody else just now; publish again.")
            written.append(_Written(RevisionKind.PUBLISHED, row, draft, digest, embeddings[key]))
        for key, row in standing.items():
            if key not in wanted and not row.retired:
                written.append(_Written(RevisionKind.RETIRED, row, draft_of(row), row.digest, None))
        if source is not None:
            await self._keep_source(source)
        return await self._write(written, by=by, summary=summary, at=at, ids=ids)

    async def roll_back(self, version: int, *, by: str, summary: str, at: datetime, ids: Ids) -> Publication | None:
        """Publish a new version in which every entry stands as it stood at `version`; None where every entry does already.

        Raises:
            NotFound: there is no such version.
        """
        current = await self._lock()
        if not 0 <= version <= current:
            raise NotFound(f"There is no version {version}; the knowledge of this workspace is at version {current}.")
        statement = self._full().where(entries.c.version > version)
        now = {row.entry_id: row for row in await self._session.execute(statement)}
        then = await self._rows_at(version, now)
        written: list[_Written] = []
        for entry_id, row in now.items():
            old = then.get(entry_id)
            if old is None or old.kind == RevisionKind.RETIRED.value:
                if not row.retired:
                    written.append(_Written(RevisionKind.RETIRED, row, draft_of(row), row.digest, None))
            elif row.retired or row.digest != old.digest:
                draft = draft_of(old)
                written.append(_Written(RevisionKind.PUBLISHED, row, draft, old.digest, _embedding(old)))
        touched = {source for entry in written if (source := entry.draft.source) is not None}
        publication = await self._write(written, by=by, summary=summary, at=at, ids=ids)
        for some in _batches(touched):
            # What the documents say now no longer stands: the next time that they are added, they are read again.
            alive = select(entries.c.source).where(self._my_entries, entries.c.retired.is_(False))
            await self._session.execute(
                update(sources)
                .where(self._my_sources, sources.c.address.in_(some))
                .values(digest="", retired=sources.c.address.not_in(alive.where(entries.c.source.is_not(None))))
            )
        return publication

    async def keep_embeddings(self, embeddings: Mapping[str, Embedding]) -> None:
        """Replace the vectors of revisions, by their ids: for an installation that changed its embedder."""
        statement = (
            update(revisions)
            .where(self._my_revisions, revisions.c.id == bindparam("revision"))
            .values(embedder_id=bindparam("embedder"), embedding=bindparam("vector"))
        )
        rows = [
            {"revision": revision, "embedder": embedding.embedder_id, "vector": embedding.vector}
            for revision, embedding in embeddings.items()
        ]
        if rows:
            await self._session.execute(statement, rows)

    # Reading.

    async def version(self) -> int:
        """The present knowledge version.

        Raises:
            NotFound: there is no such workspace.
        """
        statement = select(workspaces.c.knowledge_version).where(workspaces.c.workspace_id == self._session.workspace)
        return self._known((await self._session.execute(statement)).scalar_one_or_none())

    async def unchanged(self, drafts: Iterable[Draft]) -> set[str]:
        """Keys of the drafts that stand already, word for word."""
        digests = {draft.key: draft_digest(draft) for draft in drafts}
        found: set[str] = set()
        for some in _batches(digests):
            statement = select(entries.c.key, revisions.c.digest).where(
                self._current, entries.c.key.in_(some), entries.c.retired.is_(False)
            )
            found |= {row.key for row in await self._session.execute(statement) if row.digest == digests[row.key]}
        return found

    async def in_force(self, revision_ids: Iterable[str], *, at: datetime) -> dict[str, Revision]:
        """Of these revisions those that are in force at `at`, by their ids."""
        found: dict[str, Revision] = {}
        for some in _batches(revision_ids):
            statement = select(revisions).where(
                self._current, entries.c.revision_id.in_(some), entries.c.retired.is_(False), _valid(at)
            )
            found |= {row.id: revision_of(row) for row in await self._session.execute(statement)}
        return found

    async def after(self, version: int, *, until: int | None = None, page: "Page | None" = None) -> list[Standing]:
        """Entries whose latest revision is past `version` (and not past `until`), retired ones too, by version and id; a page of them."""
        page = page or Page()
        statement = self._full().where(entries.c.version > version)
        if until is not None:
            statement = statement.where(entries.c.version <= until)
        if page.after is not None:
            last_version, last_id = page.after
            statement = statement.where(
                or_(entries.c.version > last_version, and_(entries.c.version == last_version, entries.c.id > last_id)),
                entries.c.version >= last_version,
            )
        statement = statement.order_by(entries.c.version, entries.c.id).limit(page.limit)
        return [
            Standing(revision=revision_of(row), embedding=_embedding(row))
            for row in await self._session.execute(statement)
        ]

    async def count_after(self, version: int) -> int:
        """Entries whose latest revision is past `version`."""
        statement = select(func.count()).select_from(entries).where(self._my_entries, entries.c.version > version)
        return (await self._session.execute(statement)).scalar_one()

    async def entry(self, entry_id: str) -> Revision:
        """The latest revision of an entry.

        Raises:
            NotFound: there is no such entry.
        """
        row = (await self._session.execute(select(revisions).where(self._current, entries.c.id == entry_id))).one_or_none()
        if row is None:
            raise NotFound(f"There is no entry {entry_id!r} in this workspace.")
        return revision_of(row)

    async def entries(
        self, *, source: str | None = None, retired: bool = False, after: str | None = None, limit: int = 50
    ) -> list[Revision]:
        """Entries in force, or with `retired` those that no longer are, by id; the page after the entry `after`."""
        statement = select(revisions).where(self._current, entries.c.retired.is_(retired))
        if source is not None:
            statement = statement.where(entries.c.source == source)
        if after is not None:
            statement = statement.where(entries.c.id > after)
        return [revision_of(row) for row in await self._session.execute(statement.order_by(entries.c.id).limit(limit))]

    async def history(self, entry_id: str) -> list[Revision]:
        """Every revision of an entry, the first one first.

        Raises:
            NotFound: there is no such entry.
        """
        statement = select(revisions).where(self._my_revisions, revisions.c.entry_id == entry_id)
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
        current = await self.version()
        for version in (first, second):
            if not 0 <= version <= current:
                raise NotFound(f"There is no version {version}; the knowledge of this workspace is at version {current}.")
        low, high = min(first, second), max(first, second)
        statement = select(revisions.c.entry_id).where(
            self._my_revisions, revisions.c.version > low, revisions.c.version <= high
        )
        touched = sorted({row.entry_id for row in await self._session.execute(statement.distinct())})
        before, after = await self._rows_at(first, touched), await self._rows_at(second, touched)
        changes = [
            Change(entry_id=entry_id, before=_if_published(before.get(entry_id)), after=_if_published(after.get(entry_id)))
            for entry_id in touched
        ]
        return [
            change
            for change in changes
            if (change.before and change.before.draft) != (change.after and change.after.draft)
        ]

    async def source(self, address: str) -> Source | None:
        statement = select(sources).where(self._my_sources, sources.c.address == address)
        row = (await self._session.execute(statement)).one_or_none()
        return None if row is None else _source(row)

    async def sources(self, *, after: str = "", limit: int = 50) -> list[Source]:
        """Documents that entries in force came from, by address; the page after `after`."""
        statement = select(sources).where(self._my_sources, sources.c.retired.is_(False), sources.c.address > after)
        return [_source(row) for row in await self._session.execute(statement.order_by(sources.c.address).limit(limit))]

    async def counts(self) -> Counts:
        """How much there is."""
        statement = select(entries.c.retired, func.count()).where(self._my_entries).group_by(entries.c.retired)
        by_state = {bool(retired): count for retired, count in await self._session.execute(statement)}
        documents = select(func.count()).select_from(sources).where(self._my_sources, sources.c.retired.is_(False))
        return Counts(
            entries=by_state.get(False, 0),
            retired=by_state.get(True, 0),
            sources=(await self._session.execute(documents)).scalar_one(),
        )
