"""What is to be looked at again, and summaries, as the API shows them."""

from datetime import datetime

from pydantic import ConfigDict, Field

from vigil.domain.followup import FollowUpReason, FollowUpState
from vigil.domain.summary import Audience, Occasion, Part
from vigil.web.api.schemas.common import Answer, Days, Instant, Page, Seconds, Wish, Words


class FollowUpOut(Answer):
    """Something to look at again."""

    id: str
    ticket_id: str
    conversation_id: str
    reason: FollowUpReason
    about: str
    """Vigil's id of the message that it is about."""
    due: datetime
    state: FollowUpState
    decision_id: str | None
    """Holds the drafted words, once it was shown; null for one that is only listed."""
    shown_at: datetime | None
    changed_at: datetime
    by: str
    """Who brought it to its end; empty where nobody did."""
    note: str
    """Why it came to its end."""


class FollowUpPageOut(Page[FollowUpOut]):
    """Follow-ups, the soonest due first."""


class SnoozeIn(Wish):
    """Until when it is put off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-11-21T09:00:00Z"}]})

    until: Instant


class WrongIn(Wish):
    """Why there was nothing to look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The customer called, and it is settled."}]})

    reason: Words = Field(min_length=1)
    """Not empty, and not only spaces."""


class FollowUpRulesOut(Answer):
    """After how long what is looked at; 0 switches a reason off."""

    unanswered_s: float
    promise_lead_s: float
    promise_grace_s: float
    stalled_s: float
    fix_s: float
    quiet_s: float
    resolved_s: float
    close_after_days: int
    """Days without an answer to a direct question after which a ticket is closed by itself; 0: never."""
    paused: list[FollowUpReason]
    """Reasons that are not tried, because people found them wrong more often than right."""


class FollowUpRulesIn(Wish):
    """What is to be different; what is left out or null stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unanswered_s": 1800, "close_after_days": 14}]})

    unanswered_s: Seconds | None = None
    promise_lead_s: Seconds | None = None
    promise_grace_s: Seconds | None = None
    stalled_s: Seconds | None = None
    fix_s: Seconds | None = None
    quiet_s: Seconds | None = None
    resolved_s: Seconds | None = None
    close_after_days: Days | None = None
    paused: list[FollowUpReason] | None = Field(default=None, max_length=len(FollowUpReason))


class SummaryLineOut(Answer):
    """One thing that a summary says."""

    part: Part
    text: str
    message_ids: list[str]
    """What it stands on, at least one message."""


class SummaryOut(Answer):
    """A ticket told for somebody."""

    ticket_id: str
    audience: Audience
    lines: list[SummaryLineOut]
    text: str
    """The lines, one under the other."""
    through: str
    """The last message that it knows of."""
    occasion: Occasion
    by_model: bool
    """A language model chose the words; each line was checked against its messages."""
    at: datetime


class LoadOut(Answer):
    """How much somebody has, or a topic is."""

    key: str
    """A person's id or a topic's key; empty for nobody's and for none."""
    open: int
    desks_turn: int
    stalled: int
    promised: int
    at_risk: int
    looks_resolved: int


class AtRiskOut(Answer):
    """A ticket whose customer is about to be let down."""

    ticket_id: str
    subject: str
    assignee_id: str | None
    topic: str | None
    promised: datetime | None
    """When the desk's next promise is due."""
    risks: list[FollowUpReason]


class WorkloadOut(Answer):
    """The desk's load."""

    total: LoadOut
    by_person: list[LoadOut]
    by_topic: list[LoadOut]
    at_risk: list[AtRiskOut]
    """At most 50, the earliest promise first."""
    at: datetime
