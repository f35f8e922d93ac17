"""Training the gate's scores: logistic scores of the text alone, and boosted trees over these and the figures. A text score that goes into
the trees comes from a fit that has not seen the text, so that the trees learn how far to trust it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigil.evaluate.gate.table import SEED, Floats, Table

PHRASE_PENALTY, MEANING_PENALTY = 2.0, 1.0
"""scikit-learn's C. Between a half and four times as much no average precision changes by more than .003."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How boosted trees grow (scikit-learn's names). Small steps, small trees and a part of the figures for each split: on 50,000 noisy
    rows each of these gained .003 to .01 average precision over scikit-learn's defaults."""

    max_iter: int
    learning_rate: float = 0.05
    max_leaf_nodes: int = 12
    l2_regularization: float = 30.0
    min_samples_leaf: int = 60
    max_features: float = 0.3


OPENS, ANSWERED, FOLLOW_UP = Shape(max_iter=220), Shape(max_iter=110, max_leaf_nodes=8), Shape(max_iter=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFit:
    """Two logistic scores of a text for one aim."""

    phrases: Floats
    meaning: Floats
    biases: tuple[float, float]

    def scores(self, table: Table, rows: NDArray[np.bool_]) -> Floats:
        """Log-odds, of shape (rows, 2)."""
        said = table.phrases[rows] @ self.phrases + self.biases[0]
        meant = table.meaning[rows] @ self.meaning + self.biases[1]
        return np.column_stack([said, meant])


@dataclass(slots=True)
class Texts:
    """Text scores for one aim, trained on everything but some folds; each is trained once."""

    table: Table
    aim: NDArray[np.bool_]
    fold: NDArray[np.int64]
    fits: dict[frozenset[int], TextFit] = field(default_factory=dict[frozenset[int], TextFit])

    def without(self, *folds: int) -> TextFit:
        """The scores trained without some folds."""
        key = frozenset(folds)
        if key not in self.fits:
            self.fits[key] = fit_text(self.table, self.aim, ~np.isin(self.fold, list(key)))
        return self.fits[key]

    def crossed(self, held_back: int | None) -> Floats:
        """Scores of every row, of shape (rows, 2): of the fold that is held back from all the rest, of each other fold from the rest
        without it."""
        scores = np.zeros((len(self.fold), 2))
        for fold in sorted(set(self.fold.tolist())):
            rows = self.fold == fold
            excluded = {fold} if held_back is None else {fold, held_back}
            scores[rows] = self.without(*excluded).scores(self.table, rows)
        return scores


def fit_text(table: Table, aim: NDArray[np.bool_], rows: NDArray[np.bool_]) -> TextFit:
    """Train the two text scores on some rows."""
    linear: Any = import_module("sklearn.linear_model")
    said = linear.LogisticRegression(C=PHRASE_PENALTY, solver="liblinear", tol=1e-2, random_state=SEED)
    said.fit(table.phrases[rows], aim[rows])
    meant = linear.LogisticRegression(C=MEANING_PENALTY, max_iter=300, tol=1e-3)
    meant.fit(table.meaning[rows], aim[rows])
    return TextFit(
        phrases=said.coef_[0],
        meaning=meant.coef_[0],
        biases=(float(said.intercept_[0]), float(meant.intercept_[0])),
    )


def grow(shape: Shape, rows: Floats, aim: NDArray[np.bool_]) -> Any:
    """Boosted trees (scikit-learn's `HistGradientBoostingClassifier`)."""
    ensemble: Any = import_module("sklearn.ensemble")
    trees = ensemble.HistGradientBoostingClassifier(
        max_iter=shape.max_iter,
        learning_rate=shape.learning_rate,
        max_leaf_nodes=shape.max_leaf_nodes,
        l2_regularization=shape.l2_regularization,
        min_samples_leaf=shape.min_samples_leaf,
        max_features=shape.max_features,
        early_stopping=False,
        random_state=SEED,
    )
    return trees.fit(rows, aim)


def chances(trees: Any, rows: Floats) -> Floats:
    """Probabilities, one a row."""
    return np.asarray(trees.predict_proba(rows)[:, 1], np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFit:
    """What a channel message is scored with."""

    opens_text: TextFit
    answered_text: TextFit
    opens: Any
    answered: Any
    """Trees over what opens alone: that it is answered."""


def opening_rows(table: Table, opens: Floats, answered: Floats) -> Floats:
    """As `hearing.OPENING_NAMES`."""
    return _as_shipped([table.figures, opens[:, 0], answered[:, 0], opens[:, 1], answered[:, 1]])


def _as_shipped(columns: list[Any]) -> Floats:
    """Rounded to the single precision that the shipped trees are given."""
    rounded: Floats = np.column_stack(columns).astype(np.float32).astype(np.float64)
    return rounded


def fit_opening(
    table: Table, fold: NDArray[np.int64], opens: Texts, answered: Texts, held_back: int | None
) -> tuple[OpeningFit, Floats]:
    """Train on all folds but one (or on all), with the rows as the trees see them."""
    rows = opening_rows(table, opens.crossed(held_back), answered.crossed(held_back))
    train = np.ones(len(fold), np.bool_) if held_back is None else fold != held_back
    excluded = () if held_back is None else (held_back,)
    fit = OpeningFit(
        opens_text=opens.without(*excluded),
        answered_text=answered.without(*excluded),
        opens=grow(OPENS, rows[train], table.opens[train]),
        answered=grow(ANSWERED, rows[train & table.opens], table.wanted[train & table.opens]),
    )
    return fit, rows


def openings_out_of_fold(table: Table, folds: int, progress: Callable[[int, int], None]) -> tuple[Floats, Floats]:
    """Probabilities that each row opens a conversation, and that it opens one that is answered, each from the other folds."""
    fold = table.folds(folds)
    opens, answered = (Texts(table=table, aim=aim, fold=fold) for aim in (table.opens, table.wanted))
    likely, answerable = np.zeros(len(fold)), np.zeros(len(fold))
    for held_back in range(folds):
        fit, rows = fit_opening(table, fold, opens, answered, held_back)
        mine = fold == held_back
        likely[mine] = chances(fit.opens, rows[mine])
        answerable[mine] = likely[mine] * chances(fit.answered, rows[mine])
        progress(held_back + 1, folds)
    return likely, answerable


def follow_up_rows(table: Table, texts: Floats) -> Floats:
    """As `hearing.FOLLOW_UP_NAMES`."""
    return _as_shipped([table.figures, texts])


def fit_follow_up(table: Table, fold: NDArray[np.int64], texts: Texts, held_back: int | None) -> tuple[Any, Floats]:
    """Train on all folds but one (or on all), with the rows as the trees see them."""
    rows = follow_up_rows(table, texts.crossed(held_back))
    train = np.ones(len(fold), np.bool_) if held_back is None else fold != held_back
    return grow(FOLLOW_UP, rows[train], table.wanted[train]), rows


def follow_ups_out_of_fold(table: Table, folds: int, progress: Callable[[int, int], None]) -> Floats:
    """Probabilities that each row is answered, each from the other folds."""
    fold = table.folds(folds)
    texts = Texts(table=table, aim=table.wanted, fold=fold)
    answered = np.zeros(len(fold))
    for held_back in range(folds):
        trees, rows = fit_follow_up(table, fold, texts, held_back)
        answered[fold == held_back] = chances(trees, rows[fold == held_back])
        progress(held_back + 1, folds)
    return answered
