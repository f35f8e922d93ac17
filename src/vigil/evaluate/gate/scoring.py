"""Scores of the gate, by the shipped weights or out of fold, as `vigil evaluate gate` prints them."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from vigil.assist.hearing import shipped
from vigil.assist.scene import Heard
from vigil.evaluate.gate.examples import Example, read_channels, read_tickets
from vigil.evaluate.gate.table import EVERY, Floats, Meanings, Progress, tabulate
from vigil.evaluate.gate.training import follow_ups_out_of_fold, openings_out_of_fold
from vigil.language.bundled import BundledEmbedder

LEEWAY = 0.005
"""A threshold is the highest whose F1 is within this of the best: in doubt, silence."""
STEPS = np.round(np.arange(0.05, 0.96, 0.01), 2)


class GateFigures(BaseModel):
    """How well the gate hears what is answered. Everything but the average precision is at the threshold."""

    n: int
    base_rate: float
    average_precision: float
    threshold: float
    """The shipped one; out of fold the mean of those chosen on the other folds."""
    precision: float
    recall: float
    f1: float
    opens_thread_precision: float | None = None
    """Share of what passes that opens a conversation, answered or not; only in a channel."""
    best_single_figure: float | None = None
    """Average precision of the best figure alone; only out of fold."""


def gate_on_channels(path: Path, *, folds: int | None, streams: int | None, progress: Progress) -> GateFigures:
    """Score openings in an interleaved channel.

    Raises:
        InvalidInput: the file can't be read, or holds nothing to score.
    """
    examples = read_channels(path, streams=streams)
    meanings = Meanings(examples, BundledEmbedder(), progress)
    opens = np.array([example.opens for example in examples])
    if folds is None:
        scores = shipped()
        chances = _each(examples, meanings, progress, scores.answerable)
        return figures_of(examples, chances, np.full(len(examples), scores.bars.answerable), opens)
    table = tabulate(examples, meanings, progress, in_tickets=False)
    _, chances = openings_out_of_fold(table, folds, lambda done, of: progress("training", done, of))
    return figures_of(
        examples, chances, crossed_threshold(table.wanted, chances, table.folds(folds)), opens, table.figures
    )


def gate_in_tickets(path: Path, *, folds: int | None, streams: int | None, progress: Progress) -> GateFigures:
    """Score customers' further messages in tickets.

    Raises:
        InvalidInput: the file can't be read, or holds nothing to score.
    """
    examples = read_tickets(path, streams=streams)
    meanings = Meanings(examples, BundledEmbedder(), progress)
    if folds is None:
        scores = shipped()
        chances = _each(examples, meanings, progress, scores.follow_up)
        return figures_of(examples, chances, np.full(len(examples), scores.bars.follow_up))
    table = tabulate(examples, meanings, progress, in_tickets=True)
    chances = follow_ups_out_of_fold(table, folds, lambda done, of: progress("training", done, of))
    return figures_of(
        examples, chances, crossed_threshold(table.wanted, chances, table.folds(folds)), None, table.figures
    )


def _each(examples: list[Example], meanings: Meanings, progress: Progress, score: Callable[[Heard], float]) -> Floats:
    found = np.zeros(len(examples))
    for number, example in enumerate(examples):
        found[number] = score(meanings.heard(example))
        if number % EVERY == 0:
            progress("listening", number, len(examples))
    progress("listening", len(examples), len(examples))
    return found


def average_precision(wanted: NDArray[np.bool_], scores: Floats) -> float:
    metrics: Any = import_module("sklearn.metrics")
    return float(metrics.average_precision_score(wanted, scores))


def f1_at(wanted: NDArray[np.bool_], scores: Floats, threshold: float) -> float:
    said = scores >= threshold
    return 2.0 * float((said & wanted).sum()) / max(1.0, float(said.sum() + wanted.sum()))


def cautious(wanted: NDArray[np.bool_], scores: Floats) -> float:
    """The highest threshold whose F1 is within `LEEWAY` of the best."""
    f1 = np.array([f1_at(wanted, scores, threshold) for threshold in STEPS.tolist()])
    return float(STEPS[np.nonzero(f1 >= f1.max() - LEEWAY)[0][-1]])


def precise(wanted: NDArray[np.bool_], scores: Floats, precision: float) -> float:
    """The lowest threshold from which on the precision is as wanted; the highest there is where none is."""
    for threshold in STEPS.tolist():
        said = scores >= threshold
        if said.any() and wanted[said].mean() >= precision:
            return threshold
    return float(STEPS[-1])


def crossed_threshold(wanted: NDArray[np.bool_], scores: Floats, fold: NDArray[np.int64]) -> Floats:
    """For each row the threshold that was chosen without its fold."""
    chosen = np.zeros(len(fold))
    for held_back in sorted(set(fold.tolist())):
        others = fold != held_back
        chosen[~others] = cautious(wanted[others], scores[others])
    return chosen


def figures_of(
    examples: list[Example],
    scores: Floats,
    threshold: Floats,
    opens: NDArray[np.bool_] | None = None,
    figures: NDArray[np.float32] | None = None,
) -> GateFigures:
    """Put together what is reported."""
    wanted = np.array([example.wanted for example in examples])
    said = scores >= threshold
    hits = float((said & wanted).sum())
    best = None
    if figures is not None:
        known = np.nan_to_num(figures.astype(np.float64), nan=-1.0)
        best = max(average_precision(wanted, sign * column) for column in known.T for sign in (1.0, -1.0))
    return GateFigures(
        n=len(examples),
        base_rate=round(float(wanted.mean()), 4),
        average_precision=round(average_precision(wanted, scores), 4),
        threshold=round(float(threshold.mean()), 4),
        precision=round(hits / max(1.0, float(said.sum())), 4),
        recall=round(hits / float(wanted.sum()), 4),
        f1=round(2 * hits / max(1.0, float(said.sum() + wanted.sum())), 4),
        opens_thread_precision=None if opens is None else round(float(opens[said].mean()) if said.any() else 0.0, 4),
        best_single_figure=None if best is None else round(best, 4),
    )
