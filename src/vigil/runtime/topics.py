"""Letting a topic go further: only as far as it has earned. What it takes is `trust.autonomy`'s; the list of topics is
`administration`'s."""

from collections.abc import Mapping

from vigil.clock import Clock
from vigil.domain.topic import Autonomy
from vigil.errors import Conflict
from vigil.runtime.administration import Administration
from vigil.store.judgements import Judgements
from vigil.store.store import Store
from vigil.trust.autonomy import Earned, earned
from vigil.trust.outcomes import MOST, WINDOW, one_a_ticket


class TopicModes:
    """What topics have earned, and letting them have it.

    Args:
        least: confidence from which a customer would see an answer; others say nothing about how a topic would do by itself.
        bar: share of such answers that has to be right.
    """

    def __init__(self, *, store: Store, administration: Administration, clock: Clock, least: float, bar: float) -> None:
        self._store = store
        self._administration = administration
        self._clock = clock
        self._least = least
        self._bar = bar

    async def earned(self, workspace: str) -> Mapping[str, Earned]:
        """By topic, for all topics in force."""
        topics = await self._administration.topics(workspace)
        return {topic.key: await self._of(workspace, topic.key) for topic in topics}

    async def let(self, workspace: str, key: str, autonomy: Autonomy, *, by: str) -> None:
        """Put a topic into a mode.

        Raises:
            Conflict: it hasn't earned that.
            InvalidInput: there is no such topic.
        """
        if autonomy is Autonomy.AUTO and (await self._of(workspace, key)).highest is not Autonomy.AUTO:
            raise Conflict("This topic may not reply by itself yet; beside it stands what it lacks.")
        await self._administration.set_autonomy(workspace, key, autonomy, by=by)

    async def _of(self, workspace: str, key: str) -> Earned:
        async with self._store.read(workspace) as session:
            since = self._clock.now() - WINDOW
            judgements = await Judgements(session).of_topic(key, least=self._least, since=since, limit=MOST)
        return earned(one_a_ticket(judgements), bar=self._bar)
