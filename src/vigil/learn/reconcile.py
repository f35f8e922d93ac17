"""Judges how a lesson stands to the entries nearest to it, without a model: new, known, better said, contradicted or outlived. What two
answers have in common is measured in `comparing`; what becomes of the lesson is `loop`'s."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.knowledge import Draft
from vigil.language.embedder import Embedder
from vigil.learn.comparing import Comparison, compare
from vigil.learn.relation import Known, Related, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Where one judgement ends and the next begins. Chosen on the half of `tests/quality/reconcile_pairs.toml` that is not kept out."""

    answer: float = 0.6
    """Cosine of two answers from which they are about one thing; of answers to other questions .95 are below .52."""
    question: float = 0.7
    """The same for questions; of other questions .95 are below .55, and single ones reach .63."""
    together: float = 1.0
    """Sum of both from which shared words decide. Nothing that belongs together was below 1.03."""
    kept: float = 0.5
    """Share of the known answer's words that must come back: vectors of short answers are near one another whatever they say."""
    asked: float = 0.75
    """The same for the questions."""
    other: float = 0.65
    """Cosine of the answers from which one that has little of the known one is another answer to the same question, too."""
    word_for_word: float = 0.95
    """Cosine of the answers from which they are one sentence, however its words are put."""
    same_kept: float = 0.66
    """Share of the known answer's words without which nothing counts as a repetition: in answers of five words two others may say the
    opposite. Of the repetitions in the same half one in ten has fewer."""
    same_answer: float = 0.75
    """Cosine of the answers that a repetition reaches..."""
    same_shared: float = 0.75
    """... or the share of its own words that are known."""


BARS = Bars()
_REFINES = (-5.1, 2.0, 0.6, 3.4, 1.5)
"""A logistic score that an answer adds to the known one and doesn't only repeat it: intercept, words kept, words added, logarithm of how
much longer it is, numbers and commands that are new. Fitted on the same half, ten folds by topic: .88 right."""
_MOST_ADDED, _MOST_NEW = 8, 2
NEAREST = 5
"""Entries that a lesson is compared with, the nearest first: each costs two embeddings of some 5 ms."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A relation, how sure it is to be that, and why."""

    relation: Relation
    firm: bool
    note: str


_UNRELATED = Judgement(Relation.NEW, firm=False, note="about something else")
_RANK = {Relation.CONTRADICTS: 0, Relation.RETIRES: 0, Relation.SAME: 1, Relation.REFINES: 2}


class Reconciler:
    """Reconciles by cosines of the embedder's vectors and by what the words say. The judgement itself is `judge`, a pure function."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def relate(self, lesson: Draft, known: Sequence[Known]) -> Related:
        """The relation that matters most among the nearest: a conflict before what is known, what is known before what is better said."""
        if not known:
            return Related(relation=Relation.NEW)
        known = known[:NEAREST]
        drafts = [lesson, *(each.draft for each in known)]
        vectors = await self._embedder.embed([text for draft in drafts for text in (_question(draft), _answer(draft))])
        question, answer = vectors[0], vectors[1]
        found: list[tuple[int, float, Known, Judgement]] = []
        for number, each in enumerate(known, start=1):
            comparison = compare(
                _answer(each.draft),
                _answer(lesson),
                question=float(question @ vectors[2 * number]),
                answer=float(answer @ vectors[2 * number + 1]),
            )
            judgement = judge(comparison, longer=len(_answer(lesson)) / max(1, len(_answer(each.draft))))
            if judgement.relation is not Relation.NEW:
                rank = _RANK[judgement.relation] if judgement.firm else len(_RANK)
                found.append((rank, -comparison.question - comparison.answer, each, judgement))
        if not found:
            return Related(relation=Relation.NEW)
        _, _, nearest, judgement = min(found, key=lambda each: each[:2])
        return Related(relation=judgement.relation, entry_id=nearest.entry_id, note=judgement.note, firm=judgement.firm)


def judge(found: Comparison, *, longer: float, bars: Bars = BARS) -> Judgement:
    """How a lesson stands to a known answer. Whatever speaks against the two being the same makes a conflict, which a person settles.

    Args:
        longer: length of the lesson's answer over that of the known one.
    """
    disagreements = _disagreements(found)
    if not _related(found, bars, disagreements=bool(disagreements)):
        return _UNRELATED
    if found.gone:
        return Judgement(Relation.RETIRES, firm=True, note="says that something no longer holds")
    if disagreements:
        return Judgement(Relation.CONTRADICTS, firm=True, note="; ".join(disagreements))
    if found.kept < bars.kept:
        if found.question >= bars.asked or found.answer >= bars.other:
            return Judgement(Relation.CONTRADICTS, firm=False, note="another answer to the same question")
        return _UNRELATED
    if found.refused:
        return Judgement(Relation.CONTRADICTS, firm=False, note="one says that it can't be done")
    intercept, kept, added, length, new = _REFINES
    score = (
        intercept
        + kept * found.kept
        + added * min(found.added, _MOST_ADDED)
        + length * math.log(max(longer, 0.01))
        + new * min(found.numbers_new + found.commands_new, _MOST_NEW)
    )
    if score > 0.0:
        return Judgement(Relation.REFINES, firm=True, note=f"keeps what is known and adds {found.added} words")
    if found.reordered:
        return Judgement(Relation.CONTRADICTS, firm=False, note="in another order")
    if found.swapped or found.numbers_new or found.commands_new:
        return Judgement(
            Relation.CONTRADICTS, firm=False, note="says nearly the same, with something else in one place"
        )
    if found.answer < bars.word_for_word and not (
        found.kept >= bars.same_kept and (found.answer >= bars.same_answer or found.shared >= bars.same_shared)
    ):
        return Judgement(Relation.CONTRADICTS, firm=False, note="much the same words, and not enough of them")
    return Judgement(Relation.SAME, firm=True, note="says the same")


def _related(found: Comparison, bars: Bars, *, disagreements: bool) -> bool:
    if found.answer >= bars.answer or found.question >= bars.question:
        return True
    return found.question + found.answer >= bars.together and (found.kept >= bars.kept or disagreements)


def _disagreements(found: Comparison) -> list[str]:
    reasons: list[str] = []
    if found.numbers_gone and found.numbers_new:
        reasons.append("other numbers")
    if found.commands_gone and found.commands_new:
        reasons.append("other commands")
    if found.denied:
        reasons.append("one denies what the other says")
    if found.opposite:
        reasons.append("opposite advice")
    if found.turned:
        reasons.append("the other way round")
    if found.aimed:
        reasons.append("set to another value")
    return reasons


def _question(draft: Draft) -> str:
    return draft.question or draft.title


def _answer(draft: Draft) -> str:
    return f"{draft.conditions}\n{draft.answer}".strip()
