"""Figures come with honest intervals, and none at all where nothing was counted."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.evaluate.metrics import (
    FEWEST_CLUSTERS,
    Method,
    calibration_error,
    histogram,
    percentiles,
    rate,
    reliability,
    share,
    wilson,
)


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_the_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    hits, n = counts
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1


def test_few_conversations_get_wilson_and_many_a_bootstrap_over_them() -> None:
    few = share([("a", 1), ("a", 0), ("b", 1)])
    many = share((str(n), n % 3 == 0) for n in range(3 * FEWEST_CLUSTERS))

    assert few.method is Method.WILSON
    assert many.method is Method.BOOTSTRAP
    assert many.value == pytest.approx(1 / 3)


def test_cases_that_resemble_each_other_within_a_conversation_widen_the_interval() -> None:
    alone = share((f"{n}", n % 2) for n in range(200))
    alike = share((f"{n // 10}", (n // 10) % 2) for n in range(200))

    assert alone.value == alike.value == 0.5
    assert alone.low is not None
    assert alone.high is not None
    assert alike.low is not None
    assert alike.high is not None
    assert alike.high - alike.low > 1.5 * (alone.high - alone.low)


def test_all_right_is_not_certain() -> None:
    every = share((str(n), 1) for n in range(30))
    assert every.value == 1
    assert every.low is not None
    assert every.low < 0.95


def test_a_share_of_nothing_has_no_value() -> None:
    nothing = share([])
    assert (nothing.value, nothing.low, nothing.high, nothing.n) == (None, None, None, 0)


def test_a_rate_counts_events_in_its_unit() -> None:
    per_100 = rate([3, 0], [150, 50], per=100)

    assert per_100.value == pytest.approx(1.5)
    assert per_100.method is Method.POISSON
    assert per_100.low is not None
    assert per_100.high is not None
    assert per_100.low < 1.5 < per_100.high


def test_a_rate_without_events_still_has_an_upper_bound() -> None:
    none = rate([0], [300], per=100)
    assert none.low == 0
    assert none.high == pytest.approx(3.7 / 3, abs=0.05)  # the "rule of 3.7" of the 95 % interval


def test_percentiles_of_nothing_are_nothing() -> None:
    assert percentiles([]).p50 is None
    assert percentiles([5.0]).p50 == 5.0


@given(st.lists(st.floats(0, 1e6), max_size=50))
def test_a_histogram_counts_every_value_once(values: list[float]) -> None:
    bins = histogram(values, (0, 1, 60, 900))
    assert sum(each.n for each in bins) == len(values)
    assert bins[-1].high is None


def test_a_bin_begins_with_its_lower_edge() -> None:
    assert [each.n for each in histogram([0, 60, 59.9], (0, 60))] == [2, 1]


def test_calibration_is_perfect_where_the_confidence_is_the_share() -> None:
    cases = [(str(n), 0.25, float(n % 4 == 0)) for n in range(40)]
    bins = reliability(cases)

    assert [(each.n, each.confidence) for each in bins] == [(40, 0.25)]
    assert calibration_error(bins) == pytest.approx(0.0)
    assert calibration_error(()) is None


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 1), st.sampled_from([0.0, 1.0])), min_size=1, max_size=40)
)
def test_calibration_error_lies_between_0_and_1(cases: list[tuple[str, float, float]]) -> None:
    bins = reliability(cases)
    error = calibration_error(bins)

    assert sum(each.n for each in bins) == len(cases)
    assert error is not None
    assert 0 <= error <= 1
    assert not math.isnan(error)
