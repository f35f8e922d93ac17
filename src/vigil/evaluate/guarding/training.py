"""Training the injection score: a logistic score of passages, with folds in which no kind of attack is in two. Reading the files and
counting is `injection`'s."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigil.guard.injection import BINS, Weights, bins, commands, cuts

SEED = 20240
PENALTY = 10.0
"""scikit-learn's C; between 3 and 10 precision and recall out of fold differ by less than .01."""
MOSTLY = 0.6
"""Share of a passage that must lie in the injected span to count as injected; one that only touches it teaches nothing."""
PRECISION = 0.98
"""Precision out of fold that the bar is chosen for: .03 above what is wanted, since a stranger's texts will be harder."""


HARMLESS = 0.003
"""Share of ordinary chat that may be flagged: one message in 300, so that what is learned from tickets is seldom held up for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A text, and where somebody put an instruction into it."""

    text: str
    span: tuple[int, int] | None
    group: str
    """What it shares with others: a kind of attack of one source, or the text itself. Never split between folds."""
    hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """The passages of samples, as rows."""

    rows: Any
    """Sparse, of shape (passages, bins); each row has length 1."""
    sample: NDArray[np.int64]
    label: NDArray[np.int64]
    """1 injected, 0 not, -1 left out of training."""


def tabulate(samples: Sequence[Sample]) -> Passages:
    """The passages of `samples`. Not cleaned, so that spans keep their places."""
    sparse: Any = import_module("scipy.sparse")
    found: list[NDArray[np.int64]] = []
    sample: list[int] = []
    label: list[int] = []
    for number, each in enumerate(samples):
        for start, end in cuts(each.text):
            found.append(bins(each.text[start:end]))
            sample.append(number)
            label.append(_label(each, start, end))
    pointers = np.cumsum([0, *(len(row) for row in found)])
    values = np.concatenate([np.full(len(row), 1.0 / np.sqrt(len(row))) for row in found])
    rows = sparse.csr_matrix((values, np.concatenate(found), pointers), shape=(len(found), BINS))
    return Passages(rows=rows, sample=np.array(sample), label=np.array(label))


def _label(sample: Sample, start: int, end: int) -> int:
    if sample.span is None:
        return 0
    first, last = sample.span
    shared = min(end, last) - max(start, first)
    code = sample.text.find("```", first, last)
    if shared <= 0:
        return 0
    if shared < MOSTLY * (end - start) or 0 <= code <= start:
        return -1  # lines of code in an attack are lines of code
    return 1


def fit(passages: Passages, rows: NDArray[np.bool_], bar: float = 0.5) -> Weights:
    """Train on some passages."""
    linear: Any = import_module("sklearn.linear_model")
    train = rows & (passages.label >= 0)
    model = linear.LogisticRegression(C=PENALTY, solver="liblinear", random_state=SEED)
    model.fit(passages.rows[train], passages.label[train])
    weights: NDArray[np.float32] = model.coef_[0].astype(np.float16).astype(np.float32)
    return Weights(bins=weights, bias=float(model.intercept_[0]), bar=bar)


def folds_of(samples: Sequence[Sample], folds: int) -> NDArray[np.int64]:
    """A fold for each sample, by its group; groups with and without injections are dealt apart."""
    dealt: dict[str, int] = {}
    for injected in (True, False):
        groups = sorted({sample.group for sample in samples if (sample.span is not None) is injected})
        order = np.random.default_rng(SEED).permutation(len(groups))
        dealt |= {group: int(place) % folds for group, place in zip(groups, order, strict=True)}
    return np.array([dealt[sample.group] for sample in samples], np.int64)


def out_of_fold(samples: Sequence[Sample], folds: int) -> NDArray[np.float64]:
    """The chance of each sample's most suspicious passage, by weights that saw neither it nor its kind."""
    passages = tabulate(samples)
    chances = np.array([1.0 if commands(sample.text) else 0.0 for sample in samples])
    fold = folds_of(samples, folds)
    held_back = fold[passages.sample]
    for each in range(folds):
        weights = fit(passages, held_back != each)
        mine = held_back == each
        scores = passages.rows[mine] @ weights.bins.astype(np.float64) + weights.bias
        np.maximum.at(chances, passages.sample[mine], 1.0 / (1.0 + np.exp(-scores)))
    return chances


def bar_for(
    wanted: NDArray[np.bool_], chances: NDArray[np.float64], harmless: NDArray[np.float64] | None = None
) -> float:
    """The lowest chance from which on enough of the texts are injected, and few enough of the harmless ones; 1 where there is none."""
    order = np.argsort(-chances, kind="stable")
    share = np.cumsum(wanted[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(share >= PRECISION)[0]
    bar = float(chances[order[enough[-1]]]) if len(enough) else 1.0
    if harmless is not None and len(harmless):
        bar = max(bar, float(np.quantile(harmless, 1.0 - HARMLESS)))
    return bar


def group_of(text: str, source: str, category: str | None, *, injected: bool) -> str:
    """A kind of attack of one source; texts without an attack each by themselves."""
    if injected:
        return f"{source} {category}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
