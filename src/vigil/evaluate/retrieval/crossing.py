"""Training and judging fold by fold, so that each question is judged by what has not seen it; and once over everything, for what ships.
Fitting itself is `training`'s."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.evaluate.retrieval.asked import Asked
from vigil.evaluate.retrieval.bench import Found
from vigil.evaluate.retrieval.judging import Judgements, judge, sure
from vigil.evaluate.retrieval.training import Lesson, fit_confidence, fit_ranker
from vigil.knowledge.confidence import Confidence
from vigil.knowledge.ranking import Ranker

Floats: TypeAlias = NDArray[np.float64]

SIZES = (0, 100, None)
"""Rows of history that each question is learned with, one after the other; None for all that it may know. So the weights of what needs no
history are right for a workspace that has none."""
ABSENT = 0.15
"""How much a question whose entry was taken away counts for the confidence, beside the same question with its entry."""
MISSED = 0.02
"""Share of the questions whose best candidate is right that the floor may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Questions with as much history as they are judged with."""

    asked: Asked
    size: int | None
    found: Sequence[Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """Judgements of one trial that were made out of fold."""

    fold: NDArray[np.intp]
    judged: Judgements
    sure: Floats
    sure_absent: Floats


def trials(asked: Asked) -> list[Trial]:
    """Each size of history once; one alone where there is none."""
    sizes = SIZES if asked.past is not None else (None,)
    return [Trial(asked=asked, size=size, found=asked.find(size)) for size in sizes]


def cross(sets: Mapping[str, Sequence[Trial]], count: int) -> tuple[dict[str, list[Crossed]], list[Ranker]]:
    """Train `count` times, each time without one fold of every set, and judge that fold. Also gives the ranker of each fold."""
    folds = {name: some[0].asked.folds(count) for name, some in sets.items()}
    rankers = [
        fit_ranker([lesson for name, some in sets.items() for lesson in _lessons(some, folds[name] != number)])
        for number in range(count)
    ]
    first = [_judge(trial, folds[name], rankers, 0.0) for name, some in sets.items() for trial in some]
    nothing = nothing_of(first)
    judged = {name: [_judge(trial, folds[name], rankers, nothing) for trial in some] for name, some in sets.items()}
    crossed: dict[str, list[Crossed]] = {name: [] for name in sets}
    curves = [
        fit_curve([(some, folds[name] != number) for name, some in judged.items()], nothing) for number in range(count)
    ]
    for name, some in judged.items():
        for one in some:
            both = np.zeros((2, len(one.right)))
            for number, curve in enumerate(curves):
                mine = folds[name] == number
                both[:, mine] = sure(curve, one.traits[mine]), sure(curve, one.traits_absent[mine])
            crossed[name].append(Crossed(fold=folds[name], judged=one, sure=both[0], sure_absent=both[1]))
    return crossed, rankers


def fit_all(sets: Mapping[str, Sequence[Trial]]) -> Ranker:
    """The ranker of everything."""
    return fit_ranker(
        [lesson for some in sets.values() for lesson in _lessons(some, np.ones(len(some[0].found), np.bool_))]
    )


def fit_on(some: Sequence[Trial], chosen: NDArray[np.bool_]) -> tuple[Ranker, Confidence]:
    """The ranker and the confidence of the chosen questions alone."""
    ranker = fit_ranker(_lessons(some, chosen))

    def judged(nothing: float) -> list[Judgements]:
        return [judge(trial.asked, trial.found, [ranker] * len(trial.found), nothing) for trial in some]

    nothing = nothing_of(judged(0.0))
    return ranker, fit_curve([(judged(nothing), chosen)], nothing)


def fit_curve(sets: Sequence[tuple[Sequence[Judgements], NDArray[np.bool_]]], nothing: float) -> Confidence:
    """The confidence, learned from the chosen questions of sets of judgements. A set counts by the root of its size."""
    figures: list[Floats] = []
    right: list[NDArray[np.bool_]] = []
    shares: list[Floats] = []
    for some, chosen in sets:
        for one in some:
            has = chosen & one.answerable
            figures += [one.traits[chosen], one.traits_absent[has]]
            right += [one.right[chosen], np.zeros(np.count_nonzero(has), np.bool_)]
            each = 1.0 / (math.sqrt(max(1, np.count_nonzero(chosen))) * len(some))
            shares += [np.full(np.count_nonzero(chosen), each), np.full(np.count_nonzero(has), ABSENT * each)]
    counted = np.concatenate(shares)
    counted *= len(counted) / counted.sum()
    curve = fit_confidence(np.concatenate(figures), np.concatenate(right), counted)
    return Confidence(intercept=float(curve[0]), weights=tuple(curve[1:].tolist()), nothing=nothing)


def nothing_of(judged: Sequence[Judgements]) -> float:
    """Score of the entry that nobody wrote: the median of the best wrong candidate's."""
    return round(float(np.median(np.concatenate([one.wrong_score for one in judged]))), 1)


def floor_of(crossed: Mapping[str, Sequence[Crossed]]) -> float:
    """Below it are `MISSED` of the questions whose best candidate is right."""
    surest = [one.sure[one.judged.right] for some in crossed.values() for one in some]
    return float(np.quantile(np.concatenate(surest), MISSED))


def _lessons(some: Sequence[Trial], chosen: NDArray[np.bool_]) -> list[Lesson]:
    return [
        Lesson(found=one, right=trial.asked.right(one, query), share=trial.asked.share / len(some))
        for trial in some
        for one, query, wanted in zip(trial.found, trial.asked.queries, chosen, strict=True)
        if wanted
    ]


def _judge(trial: Trial, fold: NDArray[np.intp], rankers: Sequence[Ranker], nothing: float) -> Judgements:
    return judge(trial.asked, trial.found, [rankers[int(number)] for number in fold.tolist()], nothing)
