"""Shapes of a ticket's progress. Each field names the message that it came from."""

from datetime import datetime

from vigil.domain.conversation import Role
from vigil.domain.progress import FactKind, Mood, Result, Standing, Turn
from vigil.web.api.schemas.common import Answer


class NotedOut(Answer):
    """Words of a message."""

    text: str
    message_id: str
    at: datetime


class FactOut(Answer):
    """Something known about the problem."""

    kind: FactKind
    text: str
    message_id: str
    at: datetime
    role: Role
    """The part that whoever said so plays in the ticket."""
    result: Result
    """Of something tried: what came of it."""
    result_in: str | None
    """The message that told the result."""


class QuestionOut(Answer):
    """Something that somebody wants to know."""

    asked_by: str
    role: Role
    text: str
    message_id: str
    at: datetime
    answered_in: str | None
    """The message that dealt with it; null while it is open."""
    answered_at: datetime | None


class PromiseOut(Answer):
    """Something that somebody said they would do."""

    person_id: str
    role: Role
    text: str
    message_id: str
    made_at: datetime
    due: datetime | None
    """Until when; null where no time was said."""
    when: str
    """The words that say the time."""
    kept_in: str | None
    """The message in which it was kept, put off or let go; null while it stands."""
    kept_at: datetime | None


class ReturnOut(Answer):
    """The customer came back after it was over."""

    message_id: str
    at: datetime
    last_time: NotedOut | None
    """What was said to help then."""


class ProgressOut(Answer):
    """How a ticket stands after its last message."""

    ticket_id: str
    seq: int
    """Place of that message in its conversation; 0 where nothing was read yet."""
    wants: NotedOut | None
    facts: list[FactOut]
    questions: list[QuestionOut]
    """All that are open, and the latest of those that were answered; oldest first."""
    promises: list[PromiseOut]
    """All that stand, and the latest of those that were kept; oldest first."""
    turn: Turn
    turn_in: str | None
    """The message that made it theirs."""
    turn_since: datetime | None
    next_step: NotedOut | None
    mood: Mood
    mood_in: str | None
    standing: Standing
    """How near its end it looks, by what was said."""
    standing_in: str | None
    standing_since: datetime | None
    fix: NotedOut | None
    """What an analyst last said to help."""
    returns: list[ReturnOut]
    customer_wrote_at: datetime | None
    analyst_wrote_at: datetime | None
