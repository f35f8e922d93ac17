"""Counting honestly: shares and rates with their intervals, percentiles, histograms, and how well a confidence keeps its word.
What is counted is decided in `judge` and `figures`."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: intervals hold 95 %."""

RESAMPLES = 2000
"""Bootstrap resamples: enough for the second digit of a 95 % bound to stand still."""

FEWEST_CLUSTERS = 10
"""Below so many conversations a bootstrap over them is too narrow to be honest, and Wilson's interval is given instead."""


class Method(StrEnum):
    """How an interval was made."""

    WILSON = "wilson"
    """From the counts alone, as if each case stood by itself (E. B. Wilson, JASA 22, 1927)."""
    POISSON = "poisson"
    """For a rate of single events: Byar's approximation (Breslow and Day, 1987)."""
    BOOTSTRAP = "bootstrap"
    """Percentiles over resampled conversations, because cases of one conversation resemble each other (B. Efron, 1979)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole, with its 95 % interval."""

    hits: float
    n: float
    value: float | None
    """`hits` / `n`; None where `n` is 0."""
    low: float | None
    high: float | None
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Where a set of numbers lies."""

    n: int
    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    largest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a histogram: values from `low` (included) up to `high` (left out; None for no upper end)."""

    low: float
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceBin:
    """Decisions of about one confidence, and how often they were right."""

    low: float
    high: float
    n: int
    confidence: float
    """Their mean."""
    right: Share


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share; (0, 1) where nothing was counted."""
    if n <= 0:
        return 0.0, 1.0
    share, z2 = hits / n, Z95 * Z95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(max(0.0, share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(hits: Sequence[float], n: Sequence[float], *, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of sum(hits) / sum(n), clusters drawn with replacement.

    Args:
        hits: one number a cluster.
        n: the same length; resamples in which it sums to 0 are left out.
    """
    tops, bottoms = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    random = np.random.default_rng(seed)
    ratios: list[float] = []
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(tops), len(tops))
        bottom = float(bottoms[drawn].sum())
        if bottom > 0:
            ratios.append(float(tops[drawn].sum()) / bottom)
    low, high = np.percentile(np.asarray(ratios), [2.5, 97.5])
    return float(low), float(high)


def share(cases: Iterable[tuple[str, float]]) -> Share:
    """A share over cases, each (the conversation that it stands in, 1 for a hit and 0 for none, or a fraction)."""
    clusters: dict[str, tuple[float, int]] = {}
    for conversation, hit in cases:
        hits, n = clusters.get(conversation, (0.0, 0))
        clusters[conversation] = (hits + hit, n + 1)
    hits, n = [hits for hits, _ in clusters.values()], [n for _, n in clusters.values()]
    return _ratio(hits, n, fallback=Method.WILSON)


def rate(events: Sequence[float], exposure: Sequence[float], *, per: float) -> Share:
    """Events per so much exposure, such as suggestions per 100 messages; one number a conversation in both."""
    return _ratio(events, [n / per for n in exposure], fallback=Method.POISSON)


def percentiles(values: Sequence[float]) -> Percentiles:
    """Of no values at all: n 0 and nothing else."""
    if not values:
        return Percentiles(n=0, mean=None, p10=None, p50=None, p90=None, p99=None, largest=None)
    array = np.asarray(values, dtype=np.float64)
    p10, p50, p90, p99 = (float(value) for value in np.percentile(array, [10, 50, 90, 99]))
    return Percentiles(
        n=len(values), mean=float(array.mean()), p10=p10, p50=p50, p90=p90, p99=p99, largest=float(array.max())
    )


def histogram(values: Iterable[float], edges: Sequence[float]) -> tuple[Bin, ...]:
    """Counts between edges, and one bin from the last edge upwards. Values below the first edge count in the first bin."""
    counts = [0] * len(edges)
    for value in values:
        place = sum(value >= edge for edge in edges[1:])
        counts[place] += 1
    uppers: list[float | None] = [*edges[1:], None]
    return tuple(Bin(low=low, high=high, n=n) for low, high, n in zip(edges, uppers, counts, strict=True))


def reliability(cases: Sequence[tuple[str, float, float]], *, bins: int = 10) -> tuple[ConfidenceBin, ...]:
    """Equal-width bins of confidence that hold anything.

    Args:
        cases: (conversation, confidence, 1 for right or 0) each.
    """
    filled: dict[int, list[tuple[str, float, float]]] = {}
    for case in cases:
        filled.setdefault(min(bins - 1, max(0, int(case[1] * bins))), []).append(case)
    return tuple(
        ConfidenceBin(
            low=place / bins,
            high=(place + 1) / bins,
            n=len(members),
            confidence=sum(confidence for _, confidence, _ in members) / len(members),
            right=share((conversation, right) for conversation, _, right in members),
        )
        for place, members in sorted(filled.items())
    )


def calibration_error(bins: Sequence[ConfidenceBin]) -> float | None:
    """Expected calibration error: mean gap between confidence and share of right ones, weighted by the bins' sizes
    (Naeini, Cooper and Hauskrecht, AAAI 2015). None of no cases."""
    total = sum(each.n for each in bins)
    if not total:
        return None
    return sum(each.n * abs(each.confidence - (each.right.value or 0.0)) for each in bins) / total


def _ratio(hits: Sequence[float], n: Sequence[float], *, fallback: Method) -> Share:
    top, bottom = float(sum(hits)), float(sum(n))
    if bottom <= 0:
        return Share(hits=top, n=bottom, value=None, low=None, high=None, method=fallback)
    value = top / bottom
    if sum(1 for each in n if each > 0) >= FEWEST_CLUSTERS:
        low, high = bootstrap(hits, n)
        if low < high:  # all or nothing has no spread to resample
            return Share(hits=top, n=bottom, value=value, low=low, high=high, method=Method.BOOTSTRAP)
    if fallback is Method.POISSON:
        low, high = (bound / bottom for bound in _byar(top))
    else:
        low, high = wilson(top, bottom)
    return Share(hits=top, n=bottom, value=value, low=low, high=high, method=fallback)


def _byar(events: float) -> tuple[float, float]:
    """95 % interval of the mean of a Poisson count."""

    def bound(count: float, sign: int) -> float:
        return count * (1 - 1 / (9 * count) + sign * Z95 / (3 * math.sqrt(count))) ** 3

    return (bound(events, -1) if events > 0 else 0.0), bound(events + 1, 1)
