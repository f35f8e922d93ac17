"""What nobody has written down: questions that come again and again and that nothing answers, ranked by the analysts' minutes that they
cost. What was asked is read from the decisions; closing a gap is a person's work, or the next lesson's."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from vigil.clock import Clock
from vigil.domain.conversation import Role
from vigil.domain.decision import Reason
from vigil.domain.knowledge import Scope
from vigil.guard.redact import Vault
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.finding import Question
from vigil.knowledge.vectors import unit
from vigil.language.embedder import Embedder, Vectors
from vigil.learn.lesson import INTERNAL
from vigil.store.conversations import Conversations, Written
from vigil.store.decisions import Decisions, Unanswered
from vigil.store.store import Store

QUARTER = timedelta(days=90)
"""How far back is looked by default: what nobody has asked for a quarter costs nobody anything."""
MOST = 2_000
"""Unanswered questions that are looked at, the latest: each is embedded once, some 5 ms."""
ALIKE = 0.6
"""Cosine from which two questions are one: a little above where nineteen in twenty pairs of different questions end (`reconcile.Bars`)."""
LEAST_TICKETS = 2
LONGEST, SHORTEST = timedelta(minutes=10), timedelta(minutes=1)
"""An analyst's message counts for the time since the message before it in its ticket, at least a minute and at most ten: what is longer was
waiting, or work on something else. Time between two acts as a measure of work, cut off where a pause begins, is Geiger and Halfaker's
(2013, Using edit sessions to measure participation in Wikipedia)."""
UNANSWERED = (Reason.NO_EVIDENCE, Reason.NOT_SURE, Reason.UNKNOWN_TO_VIGIL, Reason.MODEL_DECLINED)
_REMEMBERED = 10_000
"""Vectors of questions that are kept in memory, 15 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A question that recurs and that nothing answers."""

    question: str
    """The most typical way of asking it, redacted."""
    tickets: tuple[str, ...]
    """In which it was asked, by Vigil's ids, the latest first."""
    asked: int
    """How often, in all of them."""
    minutes: float
    """Analysts' minutes that these tickets took (`minutes_of`); a ticket in several gaps counts in each for its share."""
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
    read: int
    """Questions that nothing answered and that were looked at, alone or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    asked: tuple[Unanswered, ...]
    """The most typical first."""

    @property
    def tickets(self) -> frozenset[str]:
        return frozenset(each.ticket_id for each in self.asked)


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
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    async def find(self, workspace: str, *, span: timedelta = QUARTER, limit: int = 20) -> Gaps:
        """The `limit` gaps that cost most in the time before now. What was learned or written since is no gap any more.

        Raises:
            ModelUnavailable: a remote embedder gave no usable answer.
        """
        until = self._clock.now()
        since = until - span
        async with self._store.read(workspace) as session:
            asked = await Decisions(session).unanswered(UNANSWERED, since=since, limit=MOST)
        vectors = await self._embedded(asked)
        clusters = await asyncio.to_thread(_clusters, asked, vectors)
        recurring = [each for each in clusters if len(each.tickets) >= LEAST_TICKETS]
        shared = Counter(ticket for each in recurring for ticket in each.tickets)
        async with self._store.read(workspace) as session:
            written = await Conversations(session).written(shared)
        spent = {ticket: minutes_of(written.get(ticket, ())) / shared[ticket] for ticket in shared}
        costs = [(sum(spent[ticket] for ticket in each.tickets), each) for each in recurring]
        costs.sort(key=lambda each: (-each[0], -len(each[1].asked), each[1].asked[0].decision_id))
        found: list[Gap] = []
        for minutes, each in costs:
            if len(found) == limit:
                break
            gap = await self._gap(workspace, each, minutes)
            if gap is not None:
                found.append(gap)
        return Gaps(since=since, until=until, gaps=tuple(found), read=len(asked))

    async def _gap(self, workspace: str, cluster: _Cluster, minutes: float) -> Gap | None:
        """None where something answers it by now."""
        typical = cluster.asked[0]
        question = Question(text=typical.question, scope=Scope(audience=INTERNAL), use_model=False)
        nearest, confidence = await self._knowledge.rehearse(workspace, question)
        if nearest is not None and confidence >= self._least:
            return None
        latest = {each.ticket_id: each.at for each in sorted(cluster.asked, key=lambda each: each.at)}
        async with self._store.read(workspace) as session:
            names = await Conversations(session).names_on([typical.ticket_id])
        return Gap(
            question=Vault(sorted(names), mentions=True).redact(" ".join(typical.question.split())),
            tickets=tuple(sorted(latest, key=lambda ticket: latest[ticket], reverse=True)),
            asked=len(cluster.asked),
            minutes=round(minutes, 1),
            first=min(each.at for each in cluster.asked),
            latest=max(each.at for each in cluster.asked),
            nearest=nearest,
            confidence=confidence,
        )

    async def _embedded(self, asked: Sequence[Unanswered]) -> Vectors:
        """A vector each, of length 1; those of an earlier look are remembered."""
        missing = [each for each in asked if each.decision_id not in self._vectors]
        for start in range(0, len(missing), 64):
            some = missing[start : start + 64]
            made = unit(np.asarray(await self._embedder.embed([each.question for each in some]), np.float32))
            self._vectors |= {each.decision_id: vector for each, vector in zip(some, made, strict=True)}
        found = [self._vectors[each.decision_id] for each in asked]
        while len(self._vectors) > _REMEMBERED:
            self._vectors.popitem(last=False)
        return np.stack(found) if found else np.zeros((0, self._embedder.dimensions), np.float32)


def minutes_of(written: Sequence[Written]) -> float:
    """Analysts' minutes in one ticket's messages, the oldest first; see `LONGEST`."""
    spent = timedelta()
    before: datetime | None = None
    for each in written:
        if each.role is Role.ANALYST and not each.by_vigil:
            spent += SHORTEST if before is None else min(max(each.at - before, SHORTEST), LONGEST)
        before = each.at
    return spent / timedelta(minutes=1)


def _clusters(asked: Sequence[Unanswered], vectors: Vectors) -> list[_Cluster]:
    """Like questions together: each goes to the group whose middle is nearest, if it is near enough, or begins one; then once more to the
    middles that came out, so that the order of the first time doesn't matter much (leader clustering, Hartigan 1975, and one step of
    k-means)."""
    if not len(asked):
        return []
    middles = np.empty((0, vectors.shape[1]), np.float32)
    sums = middles.copy()
    for vector in vectors:
        near = middles @ vector
        place = int(np.argmax(near)) if len(near) else -1
        if place >= 0 and near[place] >= ALIKE:
            sums[place] += vector
            middles[place] = sums[place] / np.linalg.norm(sums[place])
        else:
            sums, middles = np.vstack([sums, vector]), np.vstack([middles, vector])
    near = vectors @ middles.T
    places = np.argmax(near, axis=1)
    found: list[_Cluster] = []
    for place in range(len(middles)):
        mine: list[int] = [
            number for number in np.flatnonzero(places == place).tolist() if near[number, place] >= ALIKE
        ]
        mine.sort(key=lambda number: -float(near[number, place]))
        if mine:
            found.append(_Cluster(asked=tuple(asked[number] for number in mine)))
    return found
