"""The report of a replay as values: its keys are stable and documented in docs/reference/replay-report.md. How they are counted is in
`counting`, how they are shown in `report`."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vigil.evaluate.metrics import Bin, ConfidenceBin, Percentiles, Share

FORMAT = "vigil-replay/1"
"""Changes when a key changes its meaning or goes away; new keys may come without a change."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class About(_Part):
    """What was replayed, with what."""

    name: str
    shape: Literal["tickets", "stream"]
    conversations: int
    messages: int
    human_messages: int
    first_at: datetime | None
    last_at: datetime | None
    notes: tuple[str, ...]
    refused: int
    undecided: int
    vigil: str
    knowledge_version: int
    model: str | None
    embedder: str | None
    seconds: float
    messages_per_s: float


class Decisions(_Part):
    """How the decisions fell."""

    total: int
    by_kind: dict[str, int]
    by_reason: dict[str, int]
    silent_by_reason: dict[str, int]


class Suggestions(_Part):
    """What was put before people, and how the humans' own words bear it out."""

    made: int
    shown: int
    withdrawn: int
    withdrawn_by_reason: dict[str, int]
    not_judged: int
    answered: Share
    hit: Share
    control: Share
    hit_where_answered: Share
    control_where_answered: Share
    interruptions: int
    interruptions_per_100: Share


class Coverage(_Part):
    """Of the customers' turns that humans answered, those where Vigil was there first."""

    openings: Share
    follow_ups: Share
    by_annotators: bool


class Lead(_Part):
    """Seconds from a shown suggestion to the first human answer to the same customer."""

    seconds: Percentiles
    bins: tuple[Bin, ...]


class Costs(_Part):
    """What it cost."""

    model_calls: int
    tokens_in: int
    tokens_out: int
    money: float
    money_per_100_messages: float
    money_per_suggestion: float | None
    tokens_in_per_call: Percentiles


class Stretch(_Part):
    """An equal part of the messages, in the order of time."""

    first_at: datetime
    last_at: datetime
    human_messages: int
    suggestions: int
    hits: int
    openings: int
    openings_covered: int


class Calibration(_Part):
    """Whether the confidence keeps its word, over shown suggestions that a human answered."""

    bins: tuple[ConfidenceBin, ...]
    error: float | None


class Line(_Part):
    """A line of a transcript."""

    at: datetime
    who: str
    part: Literal["customer", "human", "bot"]
    text: str
    asked: bool
    """The message that Vigil decided about."""
    after: bool
    """Written after Vigil had spoken: it could not know this."""


class Source(_Part):
    """What an answer rests on."""

    title: str
    quote: str
    reference: str


class Scored(_Part):
    """An entry that the search brought up."""

    title: str
    score: float
    scores: dict[str, float]


class Case(_Part):
    """One decision to look at."""

    decision_id: str
    conversation: str
    at: datetime
    kind: str
    customer: str
    question: str
    answer: str
    confidence: float | None
    lead_s: float | None
    hit: bool
    shared: tuple[str, ...]
    cosine: float | None
    sources: tuple[Source, ...]
    candidates: tuple[Scored, ...]
    transcript: tuple[Line, ...]
    human_answer: Line | None
    why: str
    """In a sentence: why it stands among the best or the worst."""


class Figures(_Part):
    """Everything that a replay has to say."""

    format: Literal["vigil-replay/1"] = FORMAT
    made_at: datetime
    about: About
    suggestions: Suggestions
    coverage: Coverage
    lead: Lead
    decisions: Decisions
    costs: Costs
    latency_ms: dict[str, Percentiles]
    calibration: Calibration
    over_time: tuple[Stretch, ...]
    best: tuple[Case, ...]
    worst: tuple[Case, ...]
