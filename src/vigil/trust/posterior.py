"""How often something is right, by the words for and against it: a Beta posterior with its interval. What counts as a word, and how long,
is `standing`'s."""

import math
from dataclasses import dataclass

MASS = 0.9
"""Share of the posterior that lies in the interval: a twentieth on either side."""
_STEPS = 60
"""Halvings for a quantile: 2 to the minus 60 is below what a float tells apart."""
_TERMS = 300
"""Of the continued fraction, at most; it needs some ten times the square root of the larger parameter."""
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """The share of cases in which something is right, as a Beta distribution: the conjugate posterior of yes-and-no words (Gelman and
    others, Bayesian Data Analysis, 3rd edition, section 2.1), as reputations are reckoned by Jøsang and Ismail (2002, The Beta Reputation
    System). Its start, ``Beta(1, 1)``, is the uniform prior of Bayes and Laplace: before any word each share is as likely."""

    good: float = 0.0
    bad: float = 0.0

    @property
    def mean(self) -> float:
        return (self.good + 1.0) / (self.good + self.bad + 2.0)

    def interval(self, mass: float = MASS) -> tuple[float, float]:
        """The middle `mass` of it: the same share is left out on either side."""
        out = (1.0 - mass) / 2.0
        return self.quantile(out), self.quantile(1.0 - out)

    def quantile(self, share: float) -> float:
        """The value below which `share` of the posterior lies."""
        low, high = 0.0, 1.0
        for _ in range(_STEPS):
            middle = (low + high) / 2.0
            if self.below(middle) < share:
                low = middle
            else:
                high = middle
        return (low + high) / 2.0

    def below(self, value: float) -> float:
        """The probability that the share of right cases is below `value`: the regularised incomplete beta function, by its continued
        fraction (DLMF 8.17.22), as Lentz evaluates it (Press and others, Numerical Recipes, section 6.4)."""
        if value <= 0.0 or value >= 1.0:
            return float(value >= 1.0)
        a, b = self.good + 1.0, self.bad + 1.0
        if value > (a + 1.0) / (a + b + 2.0):  # the fraction converges fast on the other side
            return 1.0 - Beta(good=self.bad, bad=self.good).below(1.0 - value)
        front = math.exp(
            math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(value) + b * math.log1p(-value)
        )
        return front * _fraction(a, b, value) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    found = d
    for m in range(1, _TERMS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _not_zero(1.0 + numerator * d)
            c = _not_zero(1.0 + numerator / c)
            found *= c * d
        if abs(c * d - 1.0) < 1e-14:
            break
    return found


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
