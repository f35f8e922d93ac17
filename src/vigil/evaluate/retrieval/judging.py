"""What is made of each question: where its right entry stands, and how sure the first one is. What it is worth is `scoring`'s."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.evaluate.retrieval.asked import Asked
from vigil.evaluate.retrieval.bench import Found
from vigil.knowledge.confidence import TRAITS, Confidence, traits
from vigil.knowledge.ranking import Ranker

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """One row a question, as its own ranker judges it."""

    rank: Floats
    """Of the first right entry, 0 for the best; infinite where none was found."""
    answerable: Flags
    traits: Floats
    """Of the best candidate, in the order of `TRAITS`."""
    right: Flags
    """Whether the best candidate is right."""
    traits_absent: Floats
    """The same as if the right entries were not in the knowledge."""
    wrong_score: Floats
    """Of the best candidate then."""


def judge(asked: Asked, found: Sequence[Found], rankers: Sequence[Ranker], nothing: float) -> Judgements:
    """Judge each question by the ranker of its own; `nothing` as in `Confidence`."""
    ranks: list[float] = []
    figures: list[tuple[float, ...]] = []
    absent: list[tuple[float, ...]] = []
    wrong: list[float] = []
    none = (0.0,) * len(TRAITS)
    for one, query, ranker in zip(found, asked.queries, rankers, strict=True):
        wanted = query.relevant if query.answerable else frozenset[str]()
        judged = asked.bench.judge(one, ranker)
        places = [place for place, number in enumerate(judged.numbers) if asked.bench.keys[number] in wanted]
        ranks.append(float(places[0]) if places else math.inf)
        figures.append(traits(judged.candidates, nothing) if judged.candidates else none)
        judged = asked.bench.judge(one, ranker, without=wanted) if wanted else judged
        absent.append(traits(judged.candidates, nothing) if judged.candidates else none)
        wrong.append(judged.candidates[0].score if judged.candidates else 0.0)
    rank = np.array(ranks)
    return Judgements(
        rank=rank,
        answerable=np.array([query.answerable for query in asked.queries], np.bool_),
        traits=np.array(figures),
        right=rank == 0,
        traits_absent=np.array(absent),
        wrong_score=np.array(wrong),
    )


def sure(confidence: Confidence, figures: Floats) -> Floats:
    """The confidence of each row of traits."""
    scores = confidence.intercept + figures @ np.array(confidence.weights)
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0)))
