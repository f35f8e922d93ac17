"""A knowledge base for tests of whoever asks one: it knows what it was told, counts its calls, and fails when it is told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vigil.domain.decision import Citation, Cost, Reason, Risk, Stage
from vigil.domain.knowledge import Candidate
from vigil.errors import VigilError
from vigil.knowledge.finding import Finding, Question


def known(
    answer: str,
    *,
    entry: str = "entry",
    confidence: float = 0.9,
    risk: Risk = Risk.LOW,
    title: str = "A page",
    reference: str = "docs/page.md",
) -> Finding:
    """An answer that stands on one entry."""
    candidate = Candidate(revision_id=f"{entry}-1", entry_id=entry, title=title, text=answer, score=confidence)
    return Finding(
        answered=True,
        reason=Reason.ANSWERED,
        answer=answer,
        confidence=confidence,
        risk=risk,
        citations=(Citation(revision_id=f"{entry}-1", entry_id=entry, title=title, quote=answer, reference=reference),),
        candidates=(candidate,),
        version=1,
        cost=Cost(calls=0),
        stages=(Stage(name="search", outcome="1 candidate"),),
    )


NOTHING = Finding(answered=False, reason=Reason.NO_EVIDENCE, version=1)
"""What is said of a question that nothing answers."""


@dataclass(slots=True)
class KnownAnswers:
    """Answers a question by the first phrase of `answers` that stands in it (case doesn't matter), else with nothing.

    Args:
        answers: phrase to finding, or to a text that becomes one.
        internal: phrases whose findings are served only to whoever asks for the internal audience.
    """

    answers: Mapping[str, Finding | str] = field(default_factory=dict[str, Finding | str])
    internal: frozenset[str] = frozenset()
    failure: Callable[[], VigilError] | None = None
    """Raised instead of an answer."""
    asked: list[Question] = field(default_factory=list[Question])
    """Every question so far."""

    async def ask(self, workspace: str, question: Question) -> Finding:
        self.asked.append(question)
        if self.failure is not None:
            raise self.failure()
        for phrase, answer in self.answers.items():
            if phrase.casefold() not in question.text.casefold():
                continue
            if phrase in self.internal and question.scope.audience != "internal":
                continue
            return known(answer, entry=phrase) if isinstance(answer, str) else answer
        return NOTHING
