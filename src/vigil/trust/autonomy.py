"""How far Vigil may go in a topic, by what people made of its answers there. That a person has to allow it, and how it is stored, is
decided above."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.topic import Autonomy
from vigil.trust.earned import Judged, least_share
from vigil.trust.posterior import Beta


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a topic has to show. Counted are answers that were sure enough for a customer, one a ticket."""

    judged: int
    right: int
    least: float
    """Share that is right at the very least, as far as so few can tell."""
    bar: float
    """Share that is wanted before a topic replies by itself."""
    missing: int
    """So many more tickets in a row without a fault would do."""

    @property
    def highest(self) -> Autonomy:
        """How far it may be let."""
        return Autonomy.AUTO if self.least >= self.bar else Autonomy.SUGGEST


def earned(judged: Sequence[Judged], *, bar: float) -> Earned:
    """What these judgements, of one topic, are worth.

    Args:
        bar: share of right answers that is wanted, at least.
    """
    right = sum(each.right for each in judged)
    missing = 0
    while least_share(len(judged) + missing, right + missing) < bar:
        missing += 1
    return Earned(judged=len(judged), right=right, least=least_share(len(judged), right), bar=bar, missing=missing)


def fallen(judged: Sequence[Judged], *, bar: float) -> bool:
    """Whether a topic that replies by itself has lost what it had earned: the share of right answers is below `bar` beyond doubt, with the
    upper end of its posterior's interval. Nineteen of twenty topics that keep to the bar stay."""
    right = sum(each.right for each in judged)
    return Beta(good=float(right), bad=float(len(judged) - right)).interval()[1] < bar
