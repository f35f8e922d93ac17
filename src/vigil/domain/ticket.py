"""Tickets and their lifecycle: one table holds every legal transition, and everything else is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from vigil.errors import IllegalTransition


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    """Just opened; nobody has taken it."""
    FIRST_LINE = "first_line"
    """A first-line bot or Vigil is helping; no human has joined."""
    ESCALATED = "escalated"
    """A human is wanted or has just taken over."""
    PENDING_CUSTOMER = "pending_customer"
    """The analyst waits for the customer."""
    PENDING_ANALYST = "pending_analyst"
    """The customer waits for the analyst."""
    RESOLVED = "resolved"
    """Somebody said that it is solved."""
    CLOSED = "closed"
    """Over; only a reopening brings it back."""
    REOPENED = "reopened"
    """Back after it was resolved or closed."""


_S = TicketState
_WORKING = frozenset({_S.PENDING_CUSTOMER, _S.PENDING_ANALYST})

TRANSITIONS: Mapping[TicketState, frozenset[TicketState]] = MappingProxyType(
    {
        _S.OPEN: frozenset({_S.FIRST_LINE, _S.ESCALATED, _S.RESOLVED, _S.CLOSED}) | _WORKING,
        _S.FIRST_LINE: frozenset({_S.ESCALATED, _S.RESOLVED, _S.CLOSED}) | _WORKING,
        _S.ESCALATED: frozenset({_S.RESOLVED, _S.CLOSED}) | _WORKING,
        _S.PENDING_CUSTOMER: frozenset({_S.PENDING_ANALYST, _S.ESCALATED, _S.RESOLVED, _S.CLOSED}),
        _S.PENDING_ANALYST: frozenset({_S.PENDING_CUSTOMER, _S.ESCALATED, _S.RESOLVED, _S.CLOSED}),
        _S.RESOLVED: frozenset({_S.CLOSED, _S.REOPENED}),
        _S.CLOSED: frozenset({_S.REOPENED}),
        _S.REOPENED: frozenset({_S.ESCALATED, _S.RESOLVED, _S.CLOSED}) | _WORKING,
    }
)
"""Every legal transition. Staying where one is is not a transition."""

OVER = frozenset({_S.RESOLVED, _S.CLOSED})
"""States in which nobody is waiting for anything."""


def check_transition(current: TicketState, wanted: TicketState) -> None:
    """Pass silently where the table allows it.

    Raises:
        IllegalTransition: with the states that can be reached from here.
    """
    allowed = TRANSITIONS[current]
    if wanted not in allowed:
        names = ", ".join(sorted(allowed))
        raise IllegalTransition(f"A ticket that is {current} can't become {wanted}. From here it can become: {names}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A customer's problem and its whole life."""

    id: str
    external_id: str
    """The id that people see: the channel's own, or Vigil's where there is none."""
    conversation_id: str
    state: TicketState
    subject: str
    """The opening, shortened; shown in lists."""
    customer_id: str
    """The person (channel id) whose problem it is."""
    opened_at: datetime
    updated_at: datetime
    topic: str | None = None
    """Key in the workspace's topic list."""
    topic_by_person: bool = False
    """A person chose the topic; Vigil doesn't change it any more."""
    human_joined_at: datetime | None = None
    """When the first analyst wrote; before that the ticket is first-line."""
    assignee_id: str | None = None
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None
    """When it last came back after it was over."""
    muted: bool = False
    """Vigil keeps quiet in this ticket."""
    product: str | None = None
    language: str | None = None


SUBJECT_LENGTH = 120


def subject_of(text: str) -> str:
    """The first line of an opening, at most `SUBJECT_LENGTH` characters, cut at a word where there is one."""
    line = " ".join(text.split())
    if len(line) <= SUBJECT_LENGTH:
        return line or "(no words)"
    head = line[: SUBJECT_LENGTH - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"
