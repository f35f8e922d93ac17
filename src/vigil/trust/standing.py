"""How far an entry can be trusted, by what became of it: which words count, how much, and how they fade. Keeping the words is
`store.votes`'s, and what follows from the trust is `learn.care`'s."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from vigil.domain.decision import OutcomeKind
from vigil.trust.posterior import Beta

HALF_LIFE: Final = timedelta(days=180)
"""In which a word loses half of its weight. Products change about twice a year, and an entry of which nobody has said anything since the
one before the last is no surer than a new one."""
REACH: Final = HALF_LIFE * 10
"""How far back words are looked at: an older one weighs less than a thousandth."""

TAUGHT, CONFIRMED, CONFLICT, KEPT = "taught", "person", "conflict", "kept"
"""A ticket whose answer says the same; a person's yes; a ticket that says the opposite; a person who stood by it in a conflict."""

WEIGHTS: Final = {
    OutcomeKind.ADOPTED.value: (1.0, 0.0),
    OutcomeKind.CONFIRMED.value: (1.0, 0.0),
    OutcomeKind.EDITED.value: (0.5, 0.5),
    OutcomeKind.DISMISSED.value: (0.0, 1.0),
    OutcomeKind.CONTRADICTED.value: (0.0, 1.0),
    OutcomeKind.REASKED.value: (0.0, 0.5),
    OutcomeKind.REOPENED.value: (0.0, 0.5),
    TAUGHT: (1.0, 0.0),
    CONFIRMED: (1.0, 0.0),
    KEPT: (1.0, 0.0),
    CONFLICT: (0.0, 0.5),
}
"""What each word speaks for and against: one is one case. An answer that was changed before it was sent was right in part; a customer who
asks again, or comes back, may do so for other reasons; and where `learn.reconcile` is in doubt, it says conflict."""
BY_CUSTOMERS: Final = frozenset({OutcomeKind.REASKED.value, OutcomeKind.REOPENED.value})
"""What a customer brings about alone: it lowers the trust, and takes nothing out of force."""


class Word(Protocol):
    """One word; `store.votes.Vote` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def good(self) -> float: ...
    @property
    def bad(self) -> float: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How often an entry is right: a posterior with its interval."""

    mean: float
    low: float
    """Nineteen twentieths of the posterior lie above it,"""
    high: float
    """and nineteen twentieths below this."""
    good: float
    """Words for it, faded."""
    bad: float
    words: int
    """Words of any age that were counted."""
    latest: datetime | None = None
    """When the last of them was said; None where nothing was said."""

    @property
    def doubted(self) -> bool:
        """Wrong more often than right, with a probability of .95."""
        return self.high < 0.5


def trust(words: Iterable[Word], *, now: datetime, without: Collection[str] = ()) -> Trust:
    """What these words come to at `now`. Each fades with its age, so that an entry of which nothing is heard goes back to where nothing is
    known (exponential forgetting, as in Jøsang and Ismail 2002).

    Args:
        without: kinds that are left out.
    """
    counted: Sequence[Word] = [each for each in words if each.kind not in without]
    good = bad = 0.0
    for each in counted:
        faded = 0.5 ** (max(timedelta(), now - each.at) / HALF_LIFE)
        good, bad = good + each.good * faded, bad + each.bad * faded
    posterior = Beta(good=good, bad=bad)
    low, high = posterior.interval()
    return Trust(
        mean=posterior.mean,
        low=low,
        high=high,
        good=good,
        bad=bad,
        words=len(counted),
        latest=max((each.at for each in counted), default=None),
    )
