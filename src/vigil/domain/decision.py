"""What Vigil decided about a message, why, what it cost, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from vigil.domain.knowledge import Candidate

ASKED: Final = "ask_"
"""How the id begins that stands where another decision has its message's: what a colleague asks of Vigil is no message."""


class DecisionKind(StrEnum):
    SILENT = "silent"
    SUGGEST = "suggest"
    """Privately to the analyst."""
    REPLY = "reply"
    """To the customer, or to whoever asked Vigil itself."""
    HAND_OFF = "hand_off"
    """A human is wanted; the analysts are told, with what is known."""


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    """Destroys, costs, opens access, or binds legally: never without a person's yes."""


class Reason(StrEnum):
    """Why the decision is what it is: a closed list, so that reasons can be counted."""

    ANSWERED = "answered"
    """The knowledge base answers this, surely enough."""
    ADDRESSED = "addressed"
    """Vigil itself was asked."""
    UNKNOWN_TO_VIGIL = "unknown_to_vigil"
    """Vigil itself was asked and doesn't know."""
    WANTS_HUMAN = "wants_human"
    """The customer asks for a person, or is at the end of their patience."""
    HIGH_RISK = "high_risk"
    """Right or not, this needs a person's yes."""
    OWN_MESSAGE = "own_message"
    BOT_MESSAGE = "bot_message"
    NOT_A_QUESTION = "not_a_question"
    """The gate sees nothing that anybody wants answered."""
    ADDRESSED_TO_OTHERS = "addressed_to_others"
    ANALYST_AT_WORK = "analyst_at_work"
    """A message by an analyst that asks nothing of Vigil."""
    TURN_CONTINUES = "turn_continues"
    """The author wrote on; the last message of the burst is decided for all of it."""
    UNASSIGNED = "unassigned"
    """In doubt which ticket it belongs to."""
    NO_EVIDENCE = "no_evidence"
    """Nothing in the knowledge base answers this."""
    NOT_SURE = "not_sure"
    """Something might, but not surely enough."""
    ALREADY_SAID = "already_said"
    """The same answer was given in this ticket not long ago."""
    FOLLOW_UP = "follow_up"
    """Nobody wrote: the time had come to look at the ticket again."""
    TOPIC_SHADOW = "topic_shadow"
    """The topic is in shadow: this is what Vigil would have done."""
    MUTED = "muted"
    SWITCHED_OFF = "switched_off"
    TICKET_OVER = "ticket_over"
    EDITED = "edited"
    DELETED = "deleted"
    MODEL_DECLINED = "model_declined"
    """The model found that the evidence does not answer."""
    UNREADABLE = "unreadable"
    """No words in it, or too large to be one."""
    FAILED = "failed"
    """Something broke on the way; the decision's note says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the pipeline and what came out of it."""

    name: str
    outcome: str
    """In words, for a person: ids and numbers, never the customer's text."""
    milliseconds: float = 0.0
    figures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a decision cost."""

    model: str | None = None
    """Name of the model that was called, None without one."""
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    """US dollars, by the published price of the model; 0 where it has none."""
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Words of the evidence that carry the answer."""

    revision_id: str
    entry_id: str
    title: str
    quote: str
    """Stands word for word in the entry."""
    reference: str = ""
    """Where a person can read it: a path, a URL, a message id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What Vigil decided about one message."""

    id: str
    conversation_id: str
    message_id: str
    ticket_id: str | None
    kind: DecisionKind
    reason: Reason
    note: str = ""
    """More about the reason, in a sentence for a person. No customer's words."""
    question: str = ""
    """The standalone question that was asked of the knowledge base."""
    answer: str = ""
    confidence: float | None = None
    """0 to 1: how often answers that look like this one turned out right."""
    risk: Risk = Risk.LOW
    citations: tuple[Citation, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    stages: tuple[Stage, ...] = ()
    knowledge_version: int = 0
    cost: Cost = field(default_factory=Cost)
    decided_at: datetime
    covers: tuple[str, ...] = ()
    """Ids of the messages of the turn that it answers, the last one included."""


class OutcomeKind(StrEnum):
    ADOPTED = "adopted"
    EDITED = "edited"
    """Sent after a change; the outcome carries the text that was sent."""
    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"
    """The customer said that it helped."""
    CONTRADICTED = "contradicted"
    """An analyst said otherwise in the messages after it."""
    REASKED = "reasked"
    """The customer had it, and asked the same again."""
    REOPENED = "reopened"
    """The customer had it, and the ticket was opened again."""
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a decision, said by a person or seen in the ticket."""

    id: str
    decision_id: str
    kind: OutcomeKind
    by: str
    at: datetime
    text: str = ""
    """The text as sent, for an edited one."""
    reason: str = ""
    """Why it was dismissed."""
