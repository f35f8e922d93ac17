"""A ticket told in a few lines, for somebody: each line says what it is about and stands on messages. How it is told is `track`'s."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Audience(StrEnum):
    """Whom a summary is for."""

    ANALYST = "analyst"
    """Who takes over: everything that saves asking again."""
    LEAD = "lead"
    """Who answers for the desk: where it stands, what is owed, who has it."""
    CUSTOMER = "customer"
    """Their own words, what helped, what is still to come. Nothing about them."""


class Occasion(StrEnum):
    """Why a summary was made."""

    REQUEST = "request"
    ESCALATION = "escalation"
    HANDOVER = "handover"
    """Somebody else has the ticket now: a colleague, or the next shift."""
    CLOSING = "closing"


class Part(StrEnum):
    """What a line of a summary is about."""

    WANTS = "wants"
    KNOWN = "known"
    TRIED = "tried"
    HELPED = "helped"
    """What was said to help."""
    STANDS = "stands"
    """Whose turn it is, and since when."""
    OPEN = "open"
    """Questions without an answer."""
    PROMISED = "promised"
    NEXT = "next"
    MOOD = "mood"
    BEFORE = "before"
    """It is not the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a summary says."""

    part: Part
    text: str
    message_ids: tuple[str, ...]
    """What it stands on; never empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A ticket told for somebody."""

    ticket_id: str
    audience: Audience
    lines: tuple[Line, ...]
    through: str
    """The last message that it knows of, by id; empty where there is none."""
    occasion: Occasion
    by_model: bool = False
    """A language model chose the words; each line was checked against what it stands on."""
    at: datetime

    @property
    def text(self) -> str:
        """The lines, one under the other."""
        return "\n".join(line.text for line in self.lines)
