"""Scores of searches, as `vigil evaluate` prints them: how often the right entry comes first, how often the confidence lets it speak, and
how often it is right then. Learning is `training`'s."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.evaluate.retrieval.judging import Judgements

Floats: TypeAlias = NDArray[np.float64]

PRECISION = 0.7
"""Precision that a threshold is chosen for."""
MOST_ABSENT = 0.14
"""Share of the questions whose entry is missing that may be answered anyway: a little below the one in seven that is promised, since what
is chosen on some questions turns out a little worse on others."""
HALF = 0.5
"""Confidence from which a question counts as answerable: the answer is more likely right than not."""
BINS = 10


def ranking_figures(judged: Judgements) -> dict[str, float]:
    """Over the questions that have an answer in the knowledge."""
    rank = judged.rank[judged.answerable]
    return {
        "n": len(rank),
        "p_at_1": _mean(rank < 1),
        "hit_at_5": _mean(rank < 5),
        "mrr": _mean(1 / (rank + 1)),
    }


def selective_figures(
    judged: Judgements, sure: Floats, sure_absent: Floats, fold: NDArray[np.intp] | None, threshold: float
) -> dict[str, float]:
    """What the confidence lets through.

    Args:
        fold: of each question; the thresholds for each are chosen on the others. None: the `threshold` is used as it is, and the coverage
            at the wanted precision is the largest that there is.
        threshold: where there are no folds.
    """
    absent = np.where(judged.answerable, sure_absent, -1.0)
    if fold is None:
        precise = np.full(len(sure), threshold_for(sure, judged.right))
        chosen = np.full(len(sure), threshold)
    else:
        precise, chosen = np.zeros(len(sure)), np.zeros(len(sure))
        for number in np.unique(fold):
            others = fold != number
            precise[~others] = threshold_for(sure[others], judged.right[others])
            chosen[~others] = careful_threshold(sure[others], judged.right[others], absent[others])
    spoken, has = sure >= chosen, judged.answerable
    figures = {
        "coverage_at_precision_70": _mean(sure >= precise),
        "precision_at_threshold": _mean(judged.right[spoken]),
        "coverage_at_threshold": _mean(spoken),
        "answered_when_absent": _mean((absent >= chosen)[has]),
        "ece": calibration_error(sure, judged.right),
    }
    if (~has).any():
        half = sure >= HALF
        figures["abstention_balanced_accuracy"] = (_mean(half[has]) + _mean(~half[~has])) / 2
        figures["answered_when_unanswerable"] = _mean(spoken[~has])
    return figures


def threshold_for(sure: Floats, right: NDArray[np.bool_], precision: float = PRECISION) -> float:
    """The lowest threshold at which what is said is right so often; above 1 where there is none."""
    order = np.argsort(-sure, kind="stable")
    reached = np.nonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision)[0]
    return float(sure[order][reached[-1]]) if len(reached) else 2.0


def careful_threshold(sure: Floats, right: NDArray[np.bool_], absent: Floats) -> float:
    """The lowest threshold at which both hold: what is said is right in `PRECISION`, and of the questions whose entry is missing at most
    `MOST_ABSENT` are answered.

    Args:
        absent: how sure each would be without its entry; below 0 where it has none anyway.
    """
    has = absent[absent >= 0]
    may = int(MOST_ABSENT * len(has))
    highest_silent = -np.sort(-has)[may] if len(has) else 0.0
    return max(float(np.nextafter(highest_silent, 2.0)), threshold_for(sure, right))


def calibration_error(sure: Floats, right: NDArray[np.bool_]) -> float:
    """Mean distance of said and measured, over ten bins of equal size (Naeini et al. 2015)."""
    parts = [part for part in np.array_split(np.argsort(sure, kind="stable"), BINS) if len(part)]
    return float(sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in parts) / max(1, len(sure)))


def _mean(values: NDArray[np.bool_] | Floats) -> float:
    return float(np.mean(values)) if len(values) else 0.0
