"""Figures of searches."""

import math

import numpy as np
import pytest

from vigil.evaluate.retrieval.judging import Judgements
from vigil.evaluate.retrieval.scoring import (
    calibration_error,
    careful_threshold,
    ranking_figures,
    selective_figures,
    threshold_for,
)
from vigil.knowledge.confidence import TRAITS


def _judged(rank: list[float], answerable: list[bool] | None = None) -> Judgements:
    ranks, none = np.array(rank), np.zeros((len(rank), len(TRAITS)))
    return Judgements(
        rank=ranks,
        answerable=np.array(answerable or [True] * len(rank)),
        traits=none,
        right=ranks == 0,
        traits_absent=none,
        wrong_score=np.zeros(len(rank)),
    )


def test_ranks_count_where_there_is_an_answer() -> None:
    figures = ranking_figures(_judged([0, 1, 7, math.inf, math.inf], [True, True, True, True, False]))
    assert figures == {"n": 4, "p_at_1": 0.25, "hit_at_5": 0.5, "mrr": pytest.approx((1 + 1 / 2 + 1 / 8) / 4)}


def test_the_lowest_threshold_that_is_precise_enough() -> None:
    sure, right = np.array([0.9, 0.8, 0.7, 0.2]), np.array([True, False, True, False])
    assert threshold_for(sure, right, 0.66) == 0.7
    assert threshold_for(sure, right, 0.9) == 0.9
    assert threshold_for(sure, ~right, 0.9) > 1


def test_a_careful_threshold_also_keeps_missing_entries_silent() -> None:
    sure, right = np.full(10, 0.9), np.ones(10, np.bool_)
    absent = np.array([0.95, 0.95, *[0.1] * 8, -1.0])
    assert 0.95 < careful_threshold(sure, right, absent) < 0.951
    assert careful_threshold(sure, right, np.full(10, 0.1)) == 0.9


def test_with_folds_no_question_chooses_its_own_threshold() -> None:
    judged = _judged([0.0, 0.0, 5.0, 5.0])
    fold = np.array([0, 0, 1, 1])
    sure = np.array([0.9, 0.9, 0.8, 0.8])
    figures = selective_figures(judged, sure, np.zeros(4), fold, 0.0)
    assert figures["coverage_at_threshold"] == 0.0, (
        "fold 0 hears from fold 1 that nothing is right, fold 1 from 0 that .9 is needed"
    )


def test_unanswerable_questions_are_told_apart() -> None:
    judged = _judged([0, 0, math.inf, math.inf], [True, True, False, False])
    figures = selective_figures(judged, np.array([0.9, 0.2, 0.9, 0.1]), np.zeros(4), None, 0.5)
    assert figures["abstention_balanced_accuracy"] == 0.5
    assert figures["answered_when_unanswerable"] == 0.5
    assert figures["precision_at_threshold"] == 0.5


def test_a_confidence_that_is_always_right_has_no_error() -> None:
    assert calibration_error(np.ones(30), np.ones(30, np.bool_)) == 0.0
    assert calibration_error(np.ones(30), np.zeros(30, np.bool_)) == 1.0
