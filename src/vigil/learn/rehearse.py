"""Trying a lesson out before it is published: the past questions nearest to it are asked again with the lesson in place. What was right
must stay right, and the lesson must answer its own question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vigil.domain.knowledge import Draft, Scope
from vigil.knowledge.finding import Question
from vigil.knowledge.search import Staged
from vigil.learn.lesson import INTERNAL

MOST = 6
"""Past questions that are asked again, the nearest first: a lesson of some sentences takes its place beside a few entries, and each
question costs a search of some 15 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A question that an entry answered."""

    question: str
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of trying a lesson out."""

    asked: int
    """Past questions that were asked again."""
    broken: tuple[str, ...]
    """Entries that answered one of them, and with the lesson in place no longer would."""
    first: bool
    """The lesson comes first for its own question."""
    confidence: float
    """How sure that is."""
    least: float

    @property
    def why_held(self) -> str:
        """Empty where it may be published."""
        if self.broken:
            return "breaks_answers"
        return "" if self.first and self.confidence >= self.least else "does_not_answer_itself"

    def figures(self) -> dict[str, Any]:
        """As it is kept with the lesson."""
        return {
            "asked": self.asked,
            "broken": list(self.broken),
            "first": self.first,
            "confidence": round(self.confidence, 4),
        }


class Rehearses(Protocol):
    """The knowledge base, as far as a rehearsal needs it."""

    async def rehearse(
        self, workspace: str, question: Question, staged: Staged | None = None
    ) -> tuple[str | None, float]: ...


async def rehearse(
    knowledge: Rehearses, workspace: str, draft: Draft, staged: Staged, past: Sequence[Past], *, least: float
) -> Rehearsal:
    """Ask its own question and the past ones, as an analyst would: a lesson competes with all there is."""
    first, confidence = await knowledge.rehearse(workspace, _asked(draft.question), staged)
    broken: list[str] = []
    chosen = [each for each in dict.fromkeys(past) if each.entry_id != staged.instead_of][:MOST]
    for each in chosen:
        now, _ = await knowledge.rehearse(workspace, _asked(each.question), staged)
        if now == staged.revision.entry_id:
            before, _ = await knowledge.rehearse(workspace, _asked(each.question))
            if before == each.entry_id:
                broken.append(each.entry_id)
    return Rehearsal(
        asked=len(chosen),
        broken=tuple(dict.fromkeys(broken)),
        first=first == staged.revision.entry_id,
        confidence=confidence,
        least=least,
    )


def _asked(text: str) -> Question:
    return Question(text=text, scope=Scope(audience=INTERNAL), use_model=False)
