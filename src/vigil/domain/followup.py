"""What ought to be looked at again in a ticket, when and why, and what became of it. Which follow-ups a ticket wants is decided in `track`;
the words that they propose are made when one is shown, and stand in its decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FollowUpReason(StrEnum):
    """Why a ticket is to be looked at again: a closed list, so that each can be counted, and stopped."""

    UNANSWERED_QUESTION = "unanswered_question"
    PROMISE_DUE = "promise_due"
    PROMISE_OVERDUE = "promise_overdue"
    STALLED = "stalled"
    """It is the desk's turn, and nothing has happened for long."""
    FIX_NOT_CONFIRMED = "fix_not_confirmed"
    CUSTOMER_QUIET = "customer_quiet"
    """The desk asked, and the customer hasn't answered."""
    LOOKS_RESOLVED = "looks_resolved"
    """By what was said it is solved, and it is still open."""


ASKS_CUSTOMER = frozenset(
    {FollowUpReason.FIX_NOT_CONFIRMED, FollowUpReason.CUSTOMER_QUIET, FollowUpReason.LOOKS_RESOLVED}
)
"""Reasons for which only the customer's word is missing, and which Vigil may therefore see to itself where it may reply at all. The others
want a person: nobody else can keep their promise."""
AT_RISK = frozenset(
    {
        FollowUpReason.UNANSWERED_QUESTION,
        FollowUpReason.PROMISE_OVERDUE,
        FollowUpReason.PROMISE_DUE,
        FollowUpReason.STALLED,
    }
)
"""Reasons for which a customer is let down unless somebody does something."""


class FollowUpState(StrEnum):
    PENDING = "pending"
    """Its time hasn't come."""
    SHOWN = "shown"
    """Analysts see it."""
    SNOOZED = "snoozed"
    """An analyst wants to see it later."""
    DONE = "done"
    """An analyst has seen to it, or the ticket went on."""
    WRONG = "wrong"
    """An analyst says that there was nothing to look at."""
    WITHDRAWN = "withdrawn"
    """What it was for was settled before it was shown."""
    SENT = "sent"
    """The customer was written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One thing to look at again. Of a ticket, a reason and a message there is never a second."""

    id: str
    ticket_id: str
    conversation_id: str
    reason: FollowUpReason
    about: str
    """The message that it is about, by id."""
    due: datetime
    """When it is to be shown or sent: never in quiet hours."""
    state: FollowUpState = FollowUpState.PENDING
    decision_id: str | None = None
    """Holds the drafted words, once it was shown; None for one that is only listed."""
    shown_at: datetime | None = None
    """When it was first shown or sent."""
    changed_at: datetime
    by: str = ""
    """Who brought it to its end: a person's id, or ``vigil``."""
    note: str = ""
    """Why it came to its end; a person's reason for a wrong one stands with the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRules:
    """After how long a workspace wants what looked at. The desk's own times run outside its quiet hours, the customer's round the clock; 0
    switches a reason off. The shortest, an unanswered question, comes from the recorded live chats: on tickets that went well 99 of 100
    answers had come within nine minutes (docs/explanation/tracking.md). Days are there so that both sides have slept."""

    unanswered_s: float = 900.0
    """An open question of the customer's, since it was asked."""
    promise_lead_s: float = 900.0
    """Before a promise falls due; a quarter of its time where that is less."""
    promise_grace_s: float = 300.0
    """After it has fallen due; 0 switches both looks at promises off."""
    stalled_s: float = 14_400.0
    """The desk's turn without a word, or a promise for no particular time: half a working day."""
    fix_s: float = 86_400.0
    """A fix that nobody has confirmed."""
    quiet_s: float = 86_400.0
    """A question of the desk's that the customer hasn't answered."""
    resolved_s: float = 86_400.0
    """A ticket that looks resolved and is open."""
    close_after_days: int = 0
    """Close a ticket by itself after so many days without an answer to a direct question; 0: never."""
    paused: frozenset[FollowUpReason] = frozenset()
    """Reasons that people found wrong more often than right; a person may take them off the list."""
