"""`vigil evaluate retrieval` and `vigil evaluate grounded` as functions: files in, one object of figures out. How each figure is made is
`scoring`'s."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from vigil.errors import InvalidInput
from vigil.evaluate.retrieval.asked import Asked, ask
from vigil.evaluate.retrieval.bench import Bench
from vigil.evaluate.retrieval.crossing import cross, trials
from vigil.evaluate.retrieval.files import Query, check_match, load_knowledge, load_queries
from vigil.evaluate.retrieval.judging import judge, sure
from vigil.evaluate.retrieval.scoring import ranking_figures, selective_figures
from vigil.knowledge.learned import Learned, shipped
from vigil.language.embedder import Embedder


class RetrievalFigures(BaseModel):
    """How good the search is, over the questions that have an answer in the knowledge, and how far its confidence can be trusted."""

    n: int
    p_at_1: float
    hit_at_5: float
    mrr: float
    coverage_at_precision_70: float
    """Share of the questions that is answered at the lowest threshold with a precision of .70. Out of fold that threshold is chosen on the
    other folds; else on these questions themselves, so that it is the most that there is."""
    precision_at_threshold: float
    """At the shipped threshold; out of fold at the one that the other folds choose for a precision of .70 and few answers from knowledge
    that lacks the entry."""
    coverage_at_threshold: float
    answered_when_absent: float
    """Share of the questions that are answered anyway when their right entries are taken out of the knowledge, at the same threshold."""
    ece: float
    """Mean distance of the confidence from how often it is right, over ten bins of equal size."""


class GroundedFigures(RetrievalFigures):
    """The same for dialogues of which some can't be answered."""

    abstention_balanced_accuracy: float
    """Of what can be answered and what can't, how much is told apart at a confidence of one half; the mean of both shares."""
    answered_when_unanswerable: float
    """At the threshold."""


async def evaluate_retrieval(
    embedder: Embedder, queries: Path, knowledge: Path, history: Path | None = None, *, folds: int | None = None
) -> RetrievalFigures:
    """Score the search on questions whose right entries are known: what ships, or with `folds` what is trained on the other folds of these
    questions.

    Args:
        history: questions that were answered before, in the shape of the queries. Each question knows those of other streams, and of its
            own stream those strictly earlier.

    Raises:
        InvalidInput: a file can't be read, or the files don't belong together, or there are fewer groups than folds.
    """
    asked = await _asked(embedder, queries, knowledge, history)
    return RetrievalFigures.model_validate(await asyncio.to_thread(_figures, asked, folds, shipped()))


async def evaluate_grounded(
    embedder: Embedder, queries: Path, knowledge: Path, *, folds: int | None = None
) -> GroundedFigures:
    """The same for dialogues of which some can't be answered; with how well those are told apart.

    Raises:
        InvalidInput: as `evaluate_retrieval`, or every question can be answered.
    """
    asked = await _asked(embedder, queries, knowledge, None)
    if all(query.answerable for query in asked.queries):
        raise InvalidInput(
            f"{queries.name} has no question that can't be answered (`answerability`); use `vigil evaluate retrieval` for it."
        )
    return GroundedFigures.model_validate(await asyncio.to_thread(_figures, asked, folds, shipped()))


async def _asked(embedder: Embedder, queries: Path, knowledge: Path, history: Path | None) -> Asked:
    questions = await asyncio.to_thread(load_queries, queries)
    drafts = await asyncio.to_thread(load_knowledge, knowledge)
    check_match(questions, drafts)
    before: Sequence[Query] = () if history is None else await asyncio.to_thread(load_queries, history)
    return await ask(embedder, await Bench.of(embedder, drafts), questions, before)


def _figures(asked: Asked, folds: int | None, learned: Learned) -> dict[str, float]:
    figures = _raw_figures(asked, folds, learned)
    return {name: round(value, 4) for name, value in figures.items()}


def _raw_figures(asked: Asked, folds: int | None, learned: Learned) -> dict[str, float]:
    if folds is None:
        found = asked.find()
        judged = judge(asked, found, [learned.ranker] * len(found), learned.confidence.nothing)
        said, said_absent = (sure(learned.confidence, some) for some in (judged.traits, judged.traits_absent))
        return ranking_figures(judged) | selective_figures(judged, said, said_absent, None, learned.threshold)
    groups = len(np.unique([query.group for query in asked.queries]))
    if not 2 <= folds <= groups:
        raise InvalidInput(f"--folds is {folds}: write 2 to {groups}, since the questions come from {groups} streams.")
    crossed, _ = cross({"": trials(asked)}, folds)
    last = crossed[""][-1]
    return ranking_figures(last.judged) | selective_figures(last.judged, last.sure, last.sure_absent, last.fold, 0.0)
