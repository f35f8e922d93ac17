"""What is known so far about one message on its way through assist, and each step of it in words. What the steps decide is in their own
modules."""

from collections.abc import Callable
from dataclasses import dataclass, field

from vigil.assist.gate import Judgement
from vigil.assist.hearing import Opening
from vigil.assist.people import Turn
from vigil.assist.thread import Placement
from vigil.domain.decision import Stage
from vigil.domain.ticket import Ticket
from vigil.knowledge.finding import Finding, Question
from vigil.tracing import just_took
from vigil.trust.thresholds import Thresholds
from vigil.trust.worth import Offer
from vigil.trust.worth import shipped as shipped_worth


@dataclass(slots=True, kw_only=True)
class Course:
    """Kept while a message is decided about, so that a failure on the way loses nothing of what was found before it."""

    timer: Callable[[], float]
    """Counts seconds."""
    stages: list[Stage] = field(default_factory=list[Stage])
    ticket: Ticket | None = None
    covers: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    finding: Finding | None = None
    thresholds: Thresholds | None = None
    """The workspace's own; None before anything was asked."""

    def note(self, name: str, outcome: str, began: float, figures: tuple[tuple[str, float], ...] = ()) -> None:
        """Write a stage down that began at `began` and ends now."""
        took = (self.timer() - began) * 1000
        self.stages.append(Stage(name=name, outcome=outcome, milliseconds=took, figures=figures))
        if name != "ask":
            just_took(f"vigil.stage.{name}", took, {f"vigil.{figure}": value for figure, value in figures})


def worth_of(finding: Finding | None, opening: Opening, judgement: Judgement) -> float | None:
    """What saying it unasked in a shared channel is worth; None where nothing was found."""
    if finding is None or not finding.candidates:
        return None
    signals = dict(finding.candidates[0].scores)
    return shipped_worth().of(
        Offer(
            answerable=opening.answerable,
            turn=max(opening.answerable, judgement.score or 0.0),
            confidence=finding.confidence,
            used=signals.get("used", 0.0),
            asked=signals.get("asked", 0.0),
        )
    )


def where(placement: Placement, ticket: Ticket | None, turn: Turn) -> str:
    """Where a message was put, in words."""
    if ticket is None:
        return f"no ticket: {placement.note}"
    if placement.opens:
        return f"opens ticket {ticket.external_id}: {placement.note}"
    stands = count(len(turn.history), "message")
    return f"ticket {ticket.external_id}: {placement.note}; {stands} of it stand before this turn"


def found(finding: Finding) -> str:
    """What the knowledge base said, in words."""
    what = "answered" if finding.answered else f"not answered ({finding.reason.value})"
    note = f"; {finding.note}" if finding.note else ""
    return f"{what}, {count(len(finding.candidates), 'candidate')} at knowledge version {finding.version}{note}"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
