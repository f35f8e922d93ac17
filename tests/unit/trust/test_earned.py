"""A threshold that a workspace's own outcomes bear out."""

import random

from vigil.trust.earned import Judged, earned_threshold


def _judged(random_: random.Random, count: int) -> list[Judged]:
    """Outcomes of a confidence that is exactly right: .6 is right in six of ten."""
    drawn = [random_.random() for _ in range(count)]
    return [Judged(confidence=each, right=random_.random() < each) for each in drawn]


def test_few_outcomes_earn_nothing_and_many_good_ones_a_low_threshold() -> None:
    good = [Judged(confidence=0.9, right=True)]
    assert earned_threshold([], precision=0.7) is None
    assert earned_threshold(good * 5, precision=0.7) is None
    assert earned_threshold(good * 50, precision=0.7) == 0.3


def test_poor_answers_are_left_below_the_threshold() -> None:
    judged = [Judged(confidence=0.9, right=True)] * 60 + [Judged(confidence=0.5, right=False)] * 60
    assert earned_threshold(judged, precision=0.8) == 0.55
    assert earned_threshold([Judged(confidence=0.9, right=False)] * 60, precision=0.8) is None


def test_more_outcomes_only_help() -> None:
    random_ = random.Random(7)
    few, many = _judged(random_, 200), _judged(random_, 5_000)
    low, high = earned_threshold(many, precision=0.7), earned_threshold(few, precision=0.7)
    assert low is not None
    assert 0.4 <= low <= 0.5, "at .4 a calibrated confidence is right in .7"
    assert high is None or high >= low


def test_the_promise_is_kept_about_as_often_as_it_says() -> None:
    random_ = random.Random(11)
    broken = 0
    for _ in range(200):
        threshold = earned_threshold(_judged(random_, 300), precision=0.7)
        if threshold is not None:
            broken += (1 + threshold) / 2 < 0.7
    assert broken <= 0.1 * 200
