"""Shapes of a ticket as it is handed out."""

from datetime import datetime

from pydantic import ConfigDict

from vigil.domain.triage import Urgency
from vigil.web.api.schemas.common import Answer, Wish
from vigil.web.api.schemas.progress import NotedOut


class UrgentOut(Answer):
    """An urgency with its reason."""

    urgency: Urgency
    reason: str
    message_id: str | None
    """The message that shows it."""
    by: str | None
    """The person who said so."""


class FitOut(Answer):
    """Somebody who could have the ticket."""

    person_id: str
    owns: bool
    """The topic's owner."""
    solved: int
    """Tickets on this topic in which they helped and that are over."""
    load: int
    """Open tickets that are theirs."""
    score: float


class EarlierOut(Answer):
    """A ticket of the past that is like this one."""

    ticket_id: str
    title: str
    likeness: float
    resolved_by: str
    """What was said to help then."""
    same_customer: bool
    at: datetime | None


class TriageOut(Answer):
    """A ticket as it is handed out."""

    ticket_id: str
    topic: str | None
    topic_by_person: bool
    wants: NotedOut | None
    urgent: UrgentOut
    who: list[FitOut]
    """The best first."""
    similar: list[EarlierOut]
    """The most alike first."""
    back: EarlierOut | None
    """The customer had the same before, or this very ticket was over before."""


class UrgencyIn(Wish):
    """A person's word on how urgent a ticket is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"urgency": "critical"}]})

    urgency: Urgency | None
    """Null leaves it to Vigil again."""
