"""What is worth knowing when a ticket is handed out: how urgent it is, who should have it, and what happened before. Values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigil.domain.progress import Noted


class Urgency(StrEnum):
    """How soon somebody should look."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    """An urgency with its reason."""

    urgency: Urgency
    reason: str
    """In words for a person; none of the customer's."""
    message_id: str | None = None
    """The message that shows it; None where a person said so, or where there is nothing to show."""
    by: str | None = None
    """The person who said so; Vigil then doesn't change it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Somebody who could have the ticket."""

    person_id: str
    owns: bool
    """The topic's owner."""
    solved: int
    """Tickets on this topic in which they helped and that are over."""
    load: int
    """Open tickets that are theirs."""
    score: float
    """Larger is better; only comparable within one ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A ticket of the past that is like this one."""

    ticket_id: str
    title: str
    likeness: float
    """Cosine of the questions, 0 to 1."""
    resolved_by: str
    """What was said to help then; empty where nothing was."""
    same_customer: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """A ticket as it is handed out."""

    ticket_id: str
    topic: str | None
    topic_by_person: bool
    wants: Noted | None
    urgent: Urgent
    who: tuple[Fit, ...] = ()
    """The best first."""
    similar: tuple[Earlier, ...] = ()
    """The most alike first."""
    back: Earlier | None = None
    """The customer had the same problem before, or this very ticket was over before: what was done last time."""
