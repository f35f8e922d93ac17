"""Learns the ranker's weights and the curve of the confidence from questions whose right entries are known. What they are worth is
measured in `scoring`; scikit-learn and SciPy are loaded only here."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from vigil.evaluate.retrieval.bench import Found
from vigil.knowledge.confidence import TRAITS
from vigil.knowledge.ranking import SIGNALS, Ranker

Floats: TypeAlias = NDArray[np.float64]

RANKED = tuple(name for name in SIGNALS if name != "overlap")
"""Signals that the ranker uses; ``overlap`` is nearly ``latest`` and only shown."""
KEYWORDS = ("bm25", "latest", "codes")
RIDGE, KEYWORD_RIDGE = 1.0, 2000.0
"""L2 penalty on standardised weights. Keywords are held back: with the penalty of the rest, `retrieval_stackex_dev`, whose questions and
answers share meaning and few words, loses .03 P@1, and `factoid_dev` gains nothing."""
PRIOR = {"codes": 0.5}
"""What a weight is drawn to instead of zero, on its own scale: these files hold few error codes and versions, a desk's questions many. At
0.5 no figure changes by more than .003; at 1 `retrieval_stackex_dev` loses a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was found for one question, and which of it is right."""

    found: Found
    right: NDArray[np.bool_]
    """One a candidate."""
    share: float = 1.0
    """How much it counts."""


def fit_ranker(lessons: Sequence[Lesson]) -> Ranker:
    """A conditional logit over the candidates of each question (McFadden 1974); a question of which nothing right was found is left out."""
    minimize: Any = import_module("scipy.optimize").minimize
    lessons = [lesson for lesson in lessons if lesson.right.any()]
    columns = [SIGNALS.index(name) for name in RANKED]
    tables = np.concatenate([lesson.found.table[:, columns] for lesson in lessons])
    right = np.concatenate([lesson.right for lesson in lessons])
    sizes = [len(lesson.right) for lesson in lessons]
    starts, owner = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(lessons)), sizes)
    shares = np.array([lesson.share for lesson in lessons])
    scale: Floats = tables.std(axis=0) + 1e-9
    tables = tables / scale
    ridge = np.array([KEYWORD_RIDGE if name in KEYWORDS else RIDGE for name in RANKED])
    drawn_to: Floats = np.array([PRIOR.get(name, 0.0) for name in RANKED]) * scale

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = tables @ weights
        scores -= np.maximum.reduceat(scores, starts)[owner]
        odds = np.exp(scores)
        wanted = np.where(right, odds, 0.0)
        all_odds, wanted_odds = np.add.reduceat(odds, starts), np.add.reduceat(wanted, starts)
        pull = shares[owner] * (odds / all_odds[owner] - wanted / wanted_odds[owner])
        away = weights - drawn_to
        value = float(shares @ (np.log(all_odds) - np.log(wanted_odds)) + 0.5 * ridge @ away**2)
        return value, tables.T @ pull + ridge * away

    result: Any = minimize(loss, drawn_to, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights = np.zeros(len(SIGNALS))
    weights[columns] = cast("Floats", result.x) / scale
    return Ranker(weights=weights)


def fit_confidence(figures: Floats, right: NDArray[np.bool_], shares: Floats) -> Floats:
    """Intercept and weights of a logistic curve over `TRAITS` with no weight below zero: a trait that would get one is left out."""
    logistic: Any = import_module("sklearn.linear_model").LogisticRegression
    scale = figures.std(axis=0) + 1e-9
    active = list(range(len(TRAITS)))
    while True:
        curve = logistic(C=1.0, max_iter=1000)
        curve.fit(figures[:, active] / scale[active], right, sample_weight=shares)
        weights: Floats = curve.coef_[0]
        if weights.min() >= 0 or len(active) == 1:
            break
        active.pop(int(weights.argmin()))
    whole = np.zeros(len(TRAITS) + 1)
    whole[0] = float(curve.intercept_[0])
    whole[[number + 1 for number in active]] = np.maximum(weights, 0.0) / scale[active]
    return whole
