"""How a ticket stands: what the customer wants, what is known, what was asked and promised, and whose turn it is. Values only; how they are
read from messages is `track`'s. Each points at the message that it came from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigil.domain.conversation import Role


class Turn(StrEnum):
    """Who is expected to write or act next."""

    CUSTOMER = "customer"
    ANALYST = "analyst"
    NOBODY = "nobody"
    """Nothing is open between them."""


class Standing(StrEnum):
    """How near its end a ticket looks, by what was said in it. What people made of it is `TicketState`."""

    OPEN = "open"
    FIX_ANNOUNCED = "fix_announced"
    """An analyst said that it is mended, or what to do, and the customer hasn't said whether it helped."""
    LOOKS_RESOLVED = "looks_resolved"
    """The customer thanked for it or took it as an answer, without saying that it works."""
    CONFIRMED = "confirmed"
    """The customer said that it works, or that it is settled."""


OVER = frozenset({Standing.LOOKS_RESOLVED, Standing.CONFIRMED})
"""Where a ticket reads as resolved."""


class Mood(StrEnum):
    """How the customer sounds, as far as the words show it."""

    CALM = "calm"
    PLEASED = "pleased"
    WORRIED = "worried"
    """In a hurry, or with much at stake."""
    ANGRY = "angry"


class FactKind(StrEnum):
    """What is known about a problem."""

    PRODUCT = "product"
    VERSION = "version"
    REGION = "region"
    ERROR = "error"
    TRIED = "tried"


class Result(StrEnum):
    """What came of something that was tried."""

    HELPED = "helped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Words of a message that say something about the ticket."""

    text: str
    """As they stand in the message, shortened."""
    message_id: str
    at: datetime
    """When it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something known about the problem."""

    kind: FactKind
    text: str
    """As it stands in the message, shortened."""
    message_id: str
    at: datetime
    role: Role
    """Who said so: the part that they play in this ticket."""
    result: Result = Result.UNKNOWN
    """Of something tried."""
    result_in: str | None = None
    """The message that told the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that somebody wants to know, answered or not."""

    asked_by: str
    """The person's id."""
    role: Role
    """The part that they play in this ticket."""
    text: str
    message_id: str
    at: datetime
    answered_in: str | None = None
    """The message that answered it, or took it back; None while it is open."""
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.answered_in is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something that somebody said they would do."""

    person_id: str
    role: Role
    text: str
    message_id: str
    made_at: datetime
    due: datetime | None = None
    """Until when; None where no time was said."""
    when: str = ""
    """The words that say the time; empty where none do."""
    kept_in: str | None = None
    """The message in which it was kept, put off by another promise, or let go; None while it stands."""
    kept_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.kept_in is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The customer came back after it was over."""

    message_id: str
    at: datetime
    last_time: Noted | None = None
    """What was said to help then; None where nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How one ticket stands after one of its messages."""

    ticket_id: str
    seq: int
    """Place in the conversation of the last message that is in it."""
    wants: Noted | None = None
    """What the customer wants; None before they said it."""
    facts: tuple[Fact, ...] = ()
    """Oldest first; the newest of a kind is the one to go by, and of what was tried each counts."""
    questions: tuple[Question, ...] = ()
    """Oldest first: all that are open, and the latest of those that were answered."""
    promises: tuple[Promise, ...] = ()
    """Oldest first: all that stand, and the latest of those that were kept."""
    turn: Turn = Turn.NOBODY
    turn_in: str | None = None
    """The message that made it theirs."""
    turn_since: datetime | None = None
    next_step: Noted | None = None
    """What is to happen next, in the words of who said so; None where nobody did."""
    mood: Mood = Mood.CALM
    mood_in: str | None = None
    """The customer's message that shows it."""
    standing: Standing = Standing.OPEN
    standing_in: str | None = None
    """The message that made it so."""
    standing_since: datetime | None = None
    fix: Noted | None = None
    """What an analyst last said to help."""
    returns: tuple[Return, ...] = ()
    """How often and when the customer came back, oldest first; the latest ones."""
    last_by: Role | None = None
    """Who wrote last, of customer and analyst."""
    customer_wrote_at: datetime | None = None
    analyst_wrote_at: datetime | None = None
    """A human analyst; what Vigil or a bot wrote doesn't count."""
    chances: tuple[float, ...] = ()
    """Of each state that it can be in, as `vigil.track.judging` counts them; empty before anything was read."""

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.open)

    @property
    def open_promises(self) -> tuple[Promise, ...]:
        return tuple(promise for promise in self.promises if promise.open)
