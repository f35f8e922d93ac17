"""What came of learning from tickets, in the database: which were learned from, up to where, and what became of each lesson. Of what waits
for a person, or was rejected by one, the redacted words are kept here; all others stand in the messages and the entries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select, update

from vigil.domain.knowledge import Draft
from vigil.errors import Conflict, NotFound
from vigil.store.entries import Embedding, draft_body
from vigil.store.paging import earlier
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
    REJECTED = "rejected"
    """A person said no, or said so before of one that says the same."""


WAITING = (LessonState.HELD, LessonState.CONFLICT)
"""What a person may decide."""


class Origin(StrEnum):
    """Where a lesson comes from."""

    TICKET = "ticket"
    EDIT = "edit"
    """An analyst's better words for an answer of Vigil's."""
    DOCUMENT = "document"
    """A page that an analyst linked in a ticket."""


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
    origin: Origin = Origin.TICKET
    draft: Draft | None = None
    """What it would say; only while it waits for a person, or after one rejected it. None where it was forgotten."""
    note: str = ""
    """Why, in a person's words."""
    decided_by: str | None = None
    """The person who accepted or rejected it; ``vigil`` where a conflict was decided by its evidence."""
    decided_at: datetime | None = None


_DRAFT = TypeAdapter(Draft)


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
                "origin": each.origin.value,
                "draft": None if each.draft is None else draft_body(each.draft),
                "note": each.note,
                "decided_by": each.decided_by,
                "decided_at": each.decided_at,
            }
            for each in records
        ]
        if rows:
            await self._session.execute(insert(lessons), rows)

    async def get(self, lesson_id: str) -> LessonRecord:
        """Raises NotFound."""
        row = (await self._session.execute(select(lessons).where(self._mine, lessons.c.id == lesson_id))).one_or_none()
        if row is None:
            raise NotFound(f"There is no lesson {lesson_id!r}; `vigil knowledge held` and `conflicts` list what waits.")
        return _record(row)

    async def find(
        self,
        states: Collection[LessonState],
        *,
        entry_id: str | None = None,
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> list[LessonRecord]:
        """Lessons in these states, the latest first; those before the (instant, id) `before`."""
        statement = select(lessons).where(self._mine, lessons.c.state.in_([each.value for each in states]))
        if entry_id is not None:
            statement = statement.where(lessons.c.entry_id == entry_id)
        if before is not None:
            statement = statement.where(earlier(lessons.c.at, lessons.c.id, before))
        rows = await self._session.execute(statement.order_by(lessons.c.at.desc(), lessons.c.id.desc()).limit(limit))
        return [_record(row) for row in rows]

    async def decide(self, record: LessonRecord, *, embedding: Embedding | None = None) -> None:
        """Note what was decided about a lesson that waits: its state, entry, version, words, and by whom.

        Raises:
            Conflict: somebody has decided about it already.
        """
        result = await self._session.execute(
            update(lessons)
            .where(self._mine, lessons.c.id == record.id, lessons.c.state.in_([each.value for each in WAITING]))
            .values(
                state=record.state.value,
                reason=record.reason,
                entry_id=record.entry_id,
                version=record.version,
                draft=None if record.draft is None else draft_body(record.draft),
                note=record.note,
                decided_by=record.decided_by,
                decided_at=record.decided_at,
                embedder_id=None if embedding is None else embedding.embedder_id,
                embedding=None if embedding is None else embedding.vector,
            )
        )
        if result.rowcount != 1:
            raise Conflict(f"Somebody has decided about the lesson {record.id} already; look at it again.")

    async def rejected(self, *, limit: int) -> list[tuple[LessonRecord, Embedding]]:
        """What a person rejected, the latest first, each with the vector of its question."""
        rows = await self._session.execute(
            select(lessons)
            .where(self._mine, lessons.c.state == LessonState.REJECTED.value, lessons.c.embedding.is_not(None))
            .order_by(lessons.c.at.desc(), lessons.c.id.desc())
            .limit(limit)
        )
        return [(_record(row), Embedding(embedder_id=row.embedder_id, vector=row.embedding)) for row in rows]

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
        origin=Origin(row.origin),
        draft=None if row.draft is None else _DRAFT.validate_python(row.draft),
        note=row.note,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
