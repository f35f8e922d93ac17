"""What was learned and waits for a person, what it stands against, and what nobody has written down."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from vigil.domain.conversation import Role
from vigil.store.lessons import LessonState, Origin
from vigil.web.api.schemas.common import Answer, Flag, Page, Wish
from vigil.web.api.schemas.knowledge import EntryTextOut

Waiting = Literal["held", "conflict", "rejected", "published"]
"""`held` and `conflict` wait for a person."""

Why = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
"""A sentence or two for the next person who wonders."""


class LessonOut(Answer):
    """Something that was learned, and what became of it."""

    id: str
    ticket_id: str
    state: LessonState
    reason: str
    """Why it is held or rejected, as a word that can be counted."""
    relation: str
    """How it stands to what was known: new, same, refines, contradicts, retires."""
    origin: Origin
    entry_id: str | None
    """The entry that it is in, or that it stands against."""
    version: int
    """The knowledge version that it made; 0 for none."""
    evidence: list[str]
    """Ids of the messages that it rests on."""
    at: datetime
    note: str
    """Why, in a person's words."""
    decided_by: str | None
    decided_at: datetime | None
    draft: EntryTextOut | None
    """What it would say; only while it waits, or after it was rejected, and null once its words were forgotten."""


class LessonPageOut(Page[LessonOut]):
    """Lessons, the latest first."""


class SaidOut(Answer):
    """One message behind a side."""

    message_id: str
    ticket_id: str | None
    role: Role
    author: str
    part: str
    """`asked`, `answered` or `confirmed`."""
    text: str
    """Empty where it was deleted or forgotten."""
    at: datetime


class TrustOut(Answer):
    """How often an entry is right, by what was said of it."""

    mean: float
    low: float
    """Nineteen twentieths of what is likely lie above it,"""
    high: float
    """and nineteen twentieths below this."""
    good: float
    """Words for it; each loses half of its weight in 180 days."""
    bad: float
    words: int
    latest: datetime | None


class SideOut(Answer):
    """What one side says, and what it rests on."""

    draft: EntryTextOut
    said: list[SaidOut]
    tickets: int
    entry_id: str | None
    in_force: bool
    trust: TrustOut | None


class CaseOut(Answer):
    """A lesson, and what it stands against."""

    lesson: LessonOut
    new: SideOut | None
    known: SideOut | None


class AcceptIn(Wish):
    """That a lesson is to be published."""

    to_customers: Flag = False
    """Customers may be told it, too; else only analysts are shown it, unless it replaces what customers were told."""


class KeepIn(Wish):
    """That what is known stands."""

    reason: Why = ""


class RejectIn(Wish):
    """That a lesson is not to be published."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Only holds for the old agent."}]})

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    """A sentence or two for the next person who wonders."""


class GapOut(Answer):
    """A question that recurs and that nothing answers."""

    question: str
    """The most typical way of asking it, redacted."""
    tickets: list[str]
    """In which it was asked, the latest first."""
    asked: int
    minutes: float
    """Analysts' minutes in those tickets: a message counts for the time since the one before it, one to ten minutes."""
    first: datetime
    latest: datetime
    nearest: str | None
    """The entry that comes nearest to answering it."""
    confidence: float


class GapsOut(Answer):
    """Gaps, the most expensive first."""

    since: datetime
    until: datetime
    gaps: list[GapOut]
    read: int
    """Unanswered questions that were looked at."""
