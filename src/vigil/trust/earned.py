"""A threshold of confidence that a workspace's own outcomes bear out, with a stated guarantee. Where outcomes come from and what is done
below the threshold is decided elsewhere."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

GRID = tuple(number / 20 for number in range(6, 20))
"""Thresholds that are tried, .30 to .95. Fixed before any outcome is seen: each of them is one more chance to be lucky, and is paid for."""
DOUBT = 0.1
"""Chance that the chosen threshold does not keep its promise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An answer that somebody judged."""

    confidence: float
    right: bool


def earned_threshold(
    judged: Sequence[Judged], *, precision: float, least: float = 0.0, doubt: float = DOUBT
) -> float | None:
    """The lowest threshold of `GRID`, and not below `least`, at and above which answers are right in at least `precision` of all cases, as
    far as the outcomes can tell; None where they are too few or too poor for any, and the shipped one holds.

    Learn then test (Angelopoulos and others 2021, arXiv 2110.01052): for each threshold the hypothesis "right in less than `precision`" is
    tested by the exact binomial tail, at ``doubt / len(GRID)`` each (Bonferroni). If the outcomes are drawn like the answers to come, the
    promise is kept with a probability of at least ``1 - doubt``, whatever the confidence is worth.

    Args:
        least: the threshold that held when these answers were given: of what lies below it they tell nothing.
    """
    for threshold in GRID:
        if threshold < least:
            continue
        spoken = [each.right for each in judged if each.confidence >= threshold]
        if spoken and _tail(len(spoken), sum(spoken), precision) <= doubt / len(GRID):
            return threshold
    return None


def least_share(count: int, right: int, *, doubt: float = DOUBT) -> float:
    """Of how many the right ones are, at the very least: the one-sided exact bound (Clopper and Pearson 1934), which is too high with a
    probability of at most `doubt`. 0 where nothing was judged."""
    low, high = 0.0, right / count if count else 0.0
    for _ in range(40):  # far finer than anybody looks
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(count, right, middle) <= doubt else (low, middle)
    return low


def _tail(count: int, right: int, share: float) -> float:
    """Probability of `right` or more of `count` where each is right with a probability of `share`."""
    if not 0.0 < share < 1.0:
        return 1.0 if share >= 1.0 or right == 0 else 0.0
    whole, yes, no = math.lgamma(count + 1), math.log(share), math.log(1.0 - share)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * yes + (count - k) * no)
        for k in range(right, count + 1)
    )
