"""What the console calls things: states, reasons, confidence and cost in words that an analyst would use. The rest of the house decides
what they mean."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigil.domain.account import Part
from vigil.domain.conversation import Role
from vigil.domain.decision import Cost, OutcomeKind, Reason
from vigil.domain.followup import FollowUpReason, FollowUpState
from vigil.domain.progress import Standing
from vigil.domain.ticket import TicketState
from vigil.domain.topic import Autonomy
from vigil.guard.access import Scope
from vigil.guard.sanitise import one_line
from vigil.knowledge.plain import plain
from vigil.trust.autonomy import Earned

STATES: Final[Mapping[TicketState, str]] = {
    TicketState.OPEN: "New",
    TicketState.FIRST_LINE: "Vigil is helping",
    TicketState.ESCALATED: "Wants a person",
    TicketState.PENDING_CUSTOMER: "Customer's turn",
    TicketState.PENDING_ANALYST: "Your turn",
    TicketState.RESOLVED: "Resolved",
    TicketState.CLOSED: "Closed",
    TicketState.REOPENED: "Reopened",
}

REASONS: Final[Mapping[Reason, str]] = {
    Reason.ANSWERED: "the knowledge base answers this",
    Reason.ADDRESSED: "it was asked directly",
    Reason.UNKNOWN_TO_VIGIL: "it was asked and doesn't know",
    Reason.WANTS_HUMAN: "the customer wants a person",
    Reason.HIGH_RISK: "this needs a person's yes",
    Reason.OWN_MESSAGE: "its own message",
    Reason.BOT_MESSAGE: "a bot wrote this",
    Reason.NOT_A_QUESTION: "nothing was asked",
    Reason.ADDRESSED_TO_OTHERS: "meant for somebody else",
    Reason.ANALYST_AT_WORK: "a colleague is at work",
    Reason.TURN_CONTINUES: "the author wrote on",
    Reason.UNASSIGNED: "unclear which ticket",
    Reason.NO_EVIDENCE: "it knows nothing about this",
    Reason.NOT_SURE: "not sure enough",
    Reason.ALREADY_SAID: "said a little while ago",
    Reason.FOLLOW_UP: "it was time to look at it again",
    Reason.TOPIC_SHADOW: "this topic is in shadow",
    Reason.MUTED: "muted in this ticket",
    Reason.SWITCHED_OFF: "switched off",
    Reason.TICKET_OVER: "the ticket was over",
    Reason.EDITED: "the message was edited",
    Reason.DELETED: "the message was deleted",
    Reason.MODEL_DECLINED: "the evidence doesn't answer it",
    Reason.UNREADABLE: "there was nothing to read",
    Reason.FAILED: "something broke",
}

OUTCOMES: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.ADOPTED: "Sent",
    OutcomeKind.EDITED: "Sent with changes",
    OutcomeKind.DISMISSED: "Dismissed",
    OutcomeKind.CONFIRMED: "The customer says it helped",
    OutcomeKind.CONTRADICTED: "An analyst said otherwise",
    OutcomeKind.REASKED: "The customer asked again",
    OutcomeKind.REOPENED: "The ticket was opened again",
    OutcomeKind.IGNORED: "Left alone",
}

ROLES: Final[Mapping[Role, str]] = {
    Role.CUSTOMER: "customer",
    Role.ANALYST: "analyst",
    Role.BOT: "bot",
    Role.BYSTANDER: "bystander",
}

PARTS: Final[Mapping[Part, str]] = {
    Part.VIEWER: "Viewer: reads along",
    Part.ANALYST: "Analyst: answers customers",
    Part.ADMIN: "Admin: sets everything up",
}

MODES: Final[Mapping[Autonomy, str]] = {
    Autonomy.SHADOW: "Shadow: decides, shows nobody",
    Autonomy.SUGGEST: "Suggest: analysts see it",
    Autonomy.AUTO: "Auto: customers see it",
}

SCOPES: Final[Mapping[Scope, str]] = {
    Scope.READ: "Reads tickets, messages, decisions and knowledge.",
    Scope.WRITE: "Brings in messages and outcomes, changes tickets.",
    Scope.ROLES: "Its word on who is an analyst is taken.",
    Scope.KNOWLEDGE: "Changes the knowledge base.",
    Scope.ADMIN: "Everything, these settings included.",
}

HELD: Final[Mapping[str, str]] = {
    "contradicts": "it says the opposite of what is known",
    "retires": "it says that something no longer holds",
    "instructions_to_a_machine": "its words read like instructions to a machine",
    "not_taken_up": "it looks like an answer, but the customer didn't clearly say that it helped",
    "was_retired": "somebody retired the same before",
    "would_change_what_is_confirmed": "it would change what a person has confirmed",
    "breaks_answers": "answers that were right would change",
    "does_not_answer_itself": "it isn't found for its own question",
}
"""Why lessons wait; a reason that isn't named here is told as it is."""
LOOKS: Final[Mapping[FollowUpReason, str]] = {
    FollowUpReason.UNANSWERED_QUESTION: "Question waits",
    FollowUpReason.PROMISE_DUE: "Promise due",
    FollowUpReason.PROMISE_OVERDUE: "Promise overdue",
    FollowUpReason.STALLED: "Stalled",
    FollowUpReason.FIX_NOT_CONFIRMED: "Did it help?",
    FollowUpReason.CUSTOMER_QUIET: "Customer quiet",
    FollowUpReason.LOOKS_RESOLVED: "Looks resolved",
}

FOLLOW_UPS: Final[Mapping[FollowUpState, str]] = {
    FollowUpState.PENDING: "Its time hasn't come",
    FollowUpState.SHOWN: "Waits for somebody",
    FollowUpState.SNOOZED: "Put off",
    FollowUpState.DONE: "Seen to",
    FollowUpState.WRONG: "Wrong",
    FollowUpState.WITHDRAWN: "Settled by itself",
    FollowUpState.SENT: "Sent",
}

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.OPEN: "Open",
    Standing.FIX_ANNOUNCED: "Told how; not confirmed",
    Standing.LOOKS_RESOLVED: "Looks resolved",
    Standing.CONFIRMED: "The customer says it works",
}

SNOOZES: Final[Mapping[str, str]] = {"1": "an hour", "24": "a day", "72": "three days", "168": "a week"}
"""For how long a follow-up is put off, in hours."""

DISMISSALS: Final = ("Wrong", "Not what was asked", "Out of date", "Not needed")
"""Why a suggestion is dismissed, for one key each; anything else can be typed."""


def confidence(value: float | None) -> str:
    """How sure, in words. The steps are those of `suggest_confidence` and `reply_confidence` as they are delivered."""
    if value is None:
        return ""
    if value >= 0.85:
        return "Very likely right"
    if value >= 0.72:
        return "Likely right"
    return "Plausible, check it" if value >= 0.6 else "Not sure"


def odds(value: float | None) -> str:
    """What the number means: of answers that look like this one, how many turned out right."""
    return (
        "" if value is None else f"Of ten answers like this one, about {round(value * 10)} turn out right ({value:.0%})"
    )


def earned(value: Earned) -> str:
    """What a topic has to show, and what is missing before it may reply by itself."""
    more = f"{value.missing} more in a row without a fault would do."
    if not value.judged:
        return f"No answer that is sure enough for a customer has been judged yet; {more.replace(' more', '')}"
    shown = f"Of {value.judged} answers that were sure enough for a customer {value.right} were right: at least {value.least:.0%}"
    if not value.missing:
        return f"{shown}, and {value.bar:.0%} is wanted. It may reply by itself."
    return f"{shown}. To reply by itself it has to be {value.bar:.0%}; {more}"


def cost_of_try(value: Cost) -> str:
    """What a try of the model took, beside the time."""
    return f"{value.tokens_in + value.tokens_out:,} tokens, {money(value.money)}"


def cost(value: Cost) -> str:
    """What it took, short."""
    took = f"{value.milliseconds:.0f} ms" if value.milliseconds < 1000 else f"{value.milliseconds / 1000:.1f} s"
    if value.calls == 0:
        return f"no model call · {took}"
    tokens = value.tokens_in + value.tokens_out
    return f"{money(value.money)} · {tokens:,} tokens · {took}"


def money(value: float) -> str:
    """US dollars; a part of a cent is told as such."""
    return f"${value:.2f}" if value >= 0.005 or value == 0 else f"{value * 100:.2f} ¢"


def seconds(value: float | None) -> str:
    """How long something took, as a figure."""
    if value is None:
        return "–"
    if value < 60:
        return f"{value:.1f} s"
    minutes = value / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def age(seconds: float) -> str:
    """How long ago, as briefly as a list wants it. The script that keeps it up to date says it alike."""
    minutes = max(0, int(seconds // 60))
    if minutes < 1:
        return "<1 min"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def initials(name: str) -> str:
    """One or two letters that stand for somebody."""
    parts = [part for part in name.split() if part[:1].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


def held_reason(reason: str) -> str:
    """Why a lesson waits for a person, or was turned down."""
    return HELD.get(reason, reason.replace("_", " "))


def plain_line(text: str, limit: int) -> str:
    """The beginning of what an entry says, on one line."""
    return one_line(plain(text), limit)


def last_part(address: str) -> str:
    """A document's name without the folders or the host that it lies in."""
    return address.rstrip("/").rpartition("/")[2] or address


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "state": STATES.__getitem__,
    "reason": REASONS.__getitem__,
    "outcome": OUTCOMES.__getitem__,
    "role": ROLES.__getitem__,
    "part": PARTS.__getitem__,
    "mode": MODES.__getitem__,
    "scope": SCOPES.__getitem__,
    "earned": earned,
    "cost_of_try": cost_of_try,
    "look": LOOKS.__getitem__,
    "follow_up": FOLLOW_UPS.__getitem__,
    "standing": STANDINGS.__getitem__,
    "confidence": confidence,
    "odds": odds,
    "cost": cost,
    "money": money,
    "seconds": seconds,
    "initials": initials,
    "held_reason": held_reason,
    "plain_line": plain_line,
    "last_part": last_part,
}
