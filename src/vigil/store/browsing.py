"""The knowledge for people who leaf through it: a list by what changed last, how often entries helped, and what a step from one version to
another would change. Single entries and their history are `entries`'s."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select

from vigil.domain.knowledge import Revision, RevisionKind
from vigil.store.entries import Change, batches, revision_of
from vigil.store.store import Session
from vigil.store.tables import entries, revisions, uses

LEARNED = ("lesson:", "edit:", "shared:")
"""How the keys of entries begin that Vigil wrote by itself."""


class Origin(StrEnum):
    """Where an entry comes from."""

    DOCUMENT = "document"
    LESSON = "lesson"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowseFilter:
    """Which entries; an unset field admits all."""

    origin: Origin | None = None
    source: str | None = None
    retired: bool = False
    before: tuple[int, str] | None = None
    """Only those that changed before this (version, entry id): where the page before ended."""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Helped:
    """What became of an entry's answers, of those that are kept of it (the latest fifty)."""

    times: int = 0
    """That it answered, and somebody said so."""
    withdrawn: int = 0
    """That this was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helping:
    """One answer that an entry gave."""

    decision_id: str
    at: datetime
    counts: bool
    """False where it was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What lies between two versions."""

    added: int
    """Entries in force at the second version alone."""
    changed: int
    removed: int
    """In force at the first version alone."""
    changes: tuple[Change, ...]
    """Some of them, by entry."""

    @property
    def total(self) -> int:
        return self.added + self.changed + self.removed


class Browsing:
    """The knowledge of a session's workspace, as a list."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._my_entries = entries.c.workspace_id == session.workspace
        self._my_revisions = revisions.c.workspace_id == session.workspace
        self._my_uses = uses.c.workspace_id == session.workspace

    async def entries(self, wanted: BrowseFilter) -> list[Revision]:
        """Latest revisions; what changed last comes first."""
        statement = (
            select(revisions)
            .where(
                self._my_entries,
                self._my_revisions,
                revisions.c.id == entries.c.revision_id,
                entries.c.retired.is_(wanted.retired),
            )
            .order_by(entries.c.version.desc(), entries.c.id.desc())
            .limit(wanted.limit)
        )
        if wanted.origin is not None:
            statement = statement.where(_from(wanted.origin))
        if wanted.source is not None:
            statement = statement.where(entries.c.source == wanted.source)
        if wanted.before is not None:
            version, last = wanted.before
            statement = statement.where(
                or_(entries.c.version < version, and_(entries.c.version == version, entries.c.id < last))
            )
        return [revision_of(row) for row in await self._session.execute(statement)]

    async def helped(self, entry_ids: Collection[str]) -> dict[str, Helped]:
        """How often these entries helped; one that never did is left out."""
        found: dict[str, Helped] = {}
        for some in batches(entry_ids):
            counts = func.sum(case((uses.c.weight > 0, 1), else_=0))
            statement = (
                select(uses.c.entry_id, counts.label("times"), func.count().label("number"))
                .where(self._my_uses, uses.c.entry_id.in_(some))
                .group_by(uses.c.entry_id)
            )
            for row in await self._session.execute(statement):
                found[row.entry_id] = Helped(times=row.times, withdrawn=row.number - row.times)
        return found

    async def helpings(self, entry_id: str, *, limit: int) -> list[Helping]:
        """The latest answers of an entry of which somebody said something, the latest first."""
        rows = await self._session.execute(
            select(uses.c.reference, uses.c.at, uses.c.weight)
            .where(self._my_uses, uses.c.entry_id == entry_id)
            .order_by(uses.c.at.desc(), uses.c.number.desc())
            .limit(limit)
        )
        return [Helping(decision_id=row.reference, at=row.at, counts=row.weight > 0) for row in rows]

    async def compare(self, first: int, second: int, *, limit: int) -> Comparison:
        """What a step from `first` to `second` changes, forwards or back, with the words of `limit` of the entries."""
        low, high = min(first, second), max(first, second)
        touched = (
            select(revisions.c.entry_id)
            .where(self._my_revisions, revisions.c.version > low, revisions.c.version <= high)
            .distinct()
        )
        before, after = await self._digests(first, touched), await self._digests(second, touched)
        different = sorted(
            entry_id for entry_id in before.keys() | after.keys() if before.get(entry_id) != after.get(entry_id)
        )
        shown = different[:limit]
        old, new = await self._states(first, shown), await self._states(second, shown)
        return Comparison(
            added=sum(before.get(each) is None for each in different),
            removed=sum(after.get(each) is None for each in different),
            changed=sum(before.get(each) is not None and after.get(each) is not None for each in different),
            changes=tuple(Change(entry_id=each, before=old.get(each), after=new.get(each)) for each in shown),
        )

    async def _digests(self, version: int, touched: Any) -> dict[str, str | None]:
        """What stood then, by entry, as a digest; None for what was out of force."""
        last = self._last(version, touched)
        rows = await self._session.execute(
            select(revisions.c.entry_id, revisions.c.kind, revisions.c.digest).where(
                self._my_revisions, revisions.c.entry_id == last.c.entry_id, revisions.c.number == last.c.number
            )
        )
        return {row.entry_id: _digest(row) for row in rows}

    async def _states(self, version: int, entry_ids: Iterable[str]) -> dict[str, Revision]:
        """Revisions that were in force then, by entry."""
        last = self._last(version, list(entry_ids))
        rows = await self._session.execute(
            select(revisions).where(
                self._my_revisions, revisions.c.entry_id == last.c.entry_id, revisions.c.number == last.c.number
            )
        )
        return {row.entry_id: revision_of(row) for row in rows if row.kind == RevisionKind.PUBLISHED.value}

    def _last(self, version: int, entry_ids: Any) -> Any:
        return (
            select(revisions.c.entry_id, func.max(revisions.c.number).label("number"))
            .where(self._my_revisions, revisions.c.version <= version, revisions.c.entry_id.in_(entry_ids))
            .group_by(revisions.c.entry_id)
            .subquery()
        )


def _from(origin: Origin) -> ColumnElement[bool]:
    if origin is Origin.DOCUMENT:
        return entries.c.source.is_not(None)
    learned = or_(*(entries.c.key.startswith(each, autoescape=True) for each in LEARNED))
    return learned if origin is Origin.LESSON else and_(entries.c.source.is_(None), ~learned)


def _digest(row: Row[Any]) -> str | None:
    return row.digest if row.kind == RevisionKind.PUBLISHED.value else None
