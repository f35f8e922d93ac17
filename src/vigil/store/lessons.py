"""What came of learning from tickets, in the database: which were learned from, up to where, and what became of each lesson. Ids and
reasons only; the words stand in the messages and the entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select

from vigil.store.store import Session
from vigil.store.tables import lessons


class LessonState(StrEnum):
    PUBLISHED = "published"
    """It is in the knowledge: as an entry of its own, as a new revision of one, or as evidence for one."""
    HELD = "held"
    """It would have broken what was right, or doesn't answer its own question; a person may look at it."""
    CONFLICT = "conflict"
    """It says the opposite of what is known; a person decides."""
    NOTHING = "nothing"
    """There was nothing to learn, and the reason says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRecord:
    """What became of one lesson, or that a ticket gave none."""

    id: str
    ticket_id: str
    through: str
    """The last message that was looked at, by id."""
    number: int
    """Its place among the ticket's lessons, from 1; for what taught nothing, from 0 downwards."""
    state: LessonState
    reason: str = ""
    relation: str = ""
    """How it stands to what was known: new, same, refines, contradicts."""
    entry_id: str | None = None
    """The entry that it is in, or that it stands against."""
    version: int = 0
    """The knowledge version that it made; 0 for none."""
    evidence: tuple[str, ...] = ()
    """Ids of the messages that it rests on."""
    rehearsal: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What was asked again before it was published, in figures."""
    at: datetime


class Lessons:
    """The lessons of a session's workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = lessons.c.workspace_id == session.workspace

    async def learned(self, ticket_id: str, through: str) -> bool:
        """Whether this ticket was learned from up to this message."""
        found = select(lessons.c.id).where(self._mine, lessons.c.ticket_id == ticket_id, lessons.c.through == through)
        return (await self._session.execute(found.limit(1))).one_or_none() is not None

    async def add(self, records: Sequence[LessonRecord]) -> None:
        """Write what came of a ticket.

        Raises:
            IntegrityError: somebody else has learned from it, up to the same message.
        """
        rows = [
            {
                "workspace_id": self._session.workspace,
                "id": each.id,
                "ticket_id": each.ticket_id,
                "through": each.through,
                "number": each.number,
                "state": each.state.value,
                "reason": each.reason,
                "relation": each.relation,
                "entry_id": each.entry_id,
                "version": each.version,
                "evidence": list(each.evidence),
                "rehearsal": dict(each.rehearsal),
                "at": each.at,
            }
            for each in records
        ]
        if rows:
            await self._session.execute(insert(lessons), rows)

    async def of_ticket(self, ticket_id: str) -> list[LessonRecord]:
        """All that was learned from a ticket, the oldest first."""
        rows = await self._session.execute(
            select(lessons)
            .where(self._mine, lessons.c.ticket_id == ticket_id)
            .order_by(lessons.c.at, lessons.c.number.desc(), lessons.c.id)
        )
        return [_record(row) for row in rows]

    async def since(self, at: datetime, *, limit: int = 10_000) -> list[LessonRecord]:
        """What was learned from then on, the oldest first."""
        rows = await self._session.execute(
            select(lessons).where(self._mine, lessons.c.at >= at).order_by(lessons.c.at, lessons.c.id).limit(limit)
        )
        return [_record(row) for row in rows]


def _record(row: Row[Any]) -> LessonRecord:
    return LessonRecord(
        id=row.id,
        ticket_id=row.ticket_id,
        through=row.through,
        number=row.number,
        state=LessonState(row.state),
        reason=row.reason,
        relation=row.relation,
        entry_id=row.entry_id,
        version=row.version,
        evidence=tuple(row.evidence),
        rehearsal=row.rehearsal or {},
        at=row.at,
    )
