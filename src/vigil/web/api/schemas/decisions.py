"""Decisions, what followed from them, and what people say became of them."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from vigil.domain.decision import DecisionKind, OutcomeKind, Reason, Risk
from vigil.domain.knowledge import EvidenceKind
from vigil.domain.post import PostState, Visibility
from vigil.web.api.schemas.common import Answer, Page, Wish, Words

Figures = Annotated[dict[str, float], BeforeValidator(dict)]
"""Numbers by name; pairs inside the house."""


class CitationOut(Answer):
    """Words of the evidence that carry the answer."""

    revision_id: str
    entry_id: str
    title: str
    quote: str
    """Stands word for word in the entry."""
    reference: str
    """Where a person can read it: a path, a URL, a message id."""


class EvidenceOut(Answer):
    """Where an entry's words come from."""

    kind: EvidenceKind
    reference: str
    title: str
    quote: str


class CandidateOut(Answer):
    """An entry that the search brought up."""

    revision_id: str
    entry_id: str
    title: str
    text: str
    score: float
    """Larger is better; only comparable within one search."""
    scores: Figures
    """What the score is made of."""
    question: str
    evidence: list[EvidenceOut]


class StageOut(Answer):
    """One step of the way to a decision."""

    name: str
    outcome: str
    milliseconds: float
    figures: Figures


class CostOut(Answer):
    """What it cost."""

    model: str | None
    """The language model that was called; null without one."""
    calls: int
    tokens_in: int
    tokens_out: int
    money: float
    """US dollars, by the model's published price."""
    milliseconds: float


class DecisionOut(Answer):
    """What Vigil decided about a message, and why."""

    id: str
    conversation_id: str
    message_id: str
    ticket_id: str | None
    kind: DecisionKind
    reason: Reason
    note: str
    """More about the reason, in a sentence."""
    question: str
    """What the knowledge base was asked."""
    answer: str
    """What Vigil has to say; it may still have kept it to itself, see `kind` and `reason`."""
    confidence: float | None
    """0 to 1: how often answers that look like this one turned out right."""
    risk: Risk
    citations: list[CitationOut]
    knowledge_version: int
    cost: CostOut
    decided_at: datetime
    covers: list[str]
    """Ids of the messages that it answers."""


class DecisionPageOut(Page[DecisionOut]):
    """Decisions, the latest first."""


class FullDecisionOut(DecisionOut):
    """A decision with the way that led to it."""

    candidates: list[CandidateOut]
    stages: list[StageOut]


class PostOut(Answer):
    """Something that Vigil wanted to send, and what became of it."""

    id: str
    visibility: Visibility
    text: str
    not_before: datetime
    state: PostState
    attempts: int
    reason: str
    """Why it was withdrawn or has failed."""
    external_id: str | None
    """The channel's id of what was posted."""


class OutcomeOut(Answer):
    """What became of a decision."""

    id: str
    decision_id: str
    kind: OutcomeKind
    by: str
    at: datetime
    text: str
    reason: str


class DecisionRecordOut(Answer):
    """A decision with all that followed from it."""

    decision: FullDecisionOut
    outcomes: list[OutcomeOut]
    posts: list[PostOut]


class StoryOut(Answer):
    """A decision in words."""

    decision_id: str
    story: str


class OutcomeIn(Wish):
    """What became of a decision."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "adopted"},
                {"kind": "edited", "text": "Use the console: Users, then Reset password."},
                {"kind": "dismissed", "reason": "That page is about the old console."},
            ]
        }
    )

    kind: OutcomeKind
    text: Words = ""
    """The text as it was sent; needed for `edited`."""
    reason: Annotated[Words, Field(max_length=2_000)] = ""
    """Why; needed for `dismissed`."""
