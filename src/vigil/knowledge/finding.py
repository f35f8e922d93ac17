"""What is asked of the knowledge base and what it answers. How it finds the answer is in `search` and `ask`."""

from dataclasses import dataclass, field

from vigil.domain.decision import Citation, Cost, Reason, Risk, Stage
from vigil.domain.knowledge import Candidate, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that stands alone, and for whom it is asked."""

    text: str
    """The standalone question: what is searched for and must be answered."""
    context: tuple[str, ...] = ()
    """Lines of the conversation that a model may need to understand it, oldest first, each ``role: words``. Data, never instructions."""
    names: tuple[str, ...] = ()
    """Names of the people in the conversation: redacted before anything leaves for a model."""
    scope: Scope = field(default_factory=Scope)
    use_model: bool = True
    """False: only quote, even where a model is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the knowledge base has to say to a question. Not answered is an ordinary result."""

    answered: bool
    reason: Reason
    """ANSWERED, NO_EVIDENCE, NOT_SURE or MODEL_DECLINED."""
    note: str = ""
    """One sentence for a person, such as "the model timed out after 20 s, so this is a quotation". No customer's words."""
    answer: str = ""
    """What to say. Made only of what the evidence says."""
    confidence: float = 0.0
    """0 to 1: how sure that the answer is right for this question."""
    risk: Risk = Risk.LOW
    citations: tuple[Citation, ...] = ()
    """Where the answer stands, word for word; never empty where `answered`."""
    candidates: tuple[Candidate, ...] = ()
    """What the search brought up, best first."""
    version: int = 0
    """The knowledge version that was asked."""
    cost: Cost = field(default_factory=Cost)
    stages: tuple[Stage, ...] = ()
