"""From where on a workspace's suggestions are worth showing, by what its own people made of the ones before. The arithmetic and its promise
are in `earned`."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from vigil.clock import Clock
from vigil.domain.decision import OutcomeKind
from vigil.store.judgements import Judgement, Judgements
from vigil.store.store import Store
from vigil.trust.earned import Judged, earned_threshold

RIGHT: Final = {OutcomeKind.ADOPTED, OutcomeKind.CONFIRMED}
WRONG: Final = {OutcomeKind.DISMISSED, OutcomeKind.CONTRADICTED, OutcomeKind.REASKED}
"""An edited answer was partly right and tells neither; an ignored one may not have been seen; a ticket is opened again for many reasons."""
WINDOW = timedelta(days=90)
"""How far back judgements count: knowledge and people change."""
MOST = 2_000
AGAIN = timedelta(minutes=10)
"""How long a threshold is used before the outcomes are looked at again."""
WORKSPACES: Final = 1_000


class EarnedThresholds:
    """The workspaces' own thresholds.

    Args:
        precision: share of the suggestions that is to be right.
        least: the threshold that was set; a workspace's own is never below it, since its outcomes tell nothing of what was not said.
    """

    def __init__(self, *, store: Store, clock: Clock, precision: float, least: float) -> None:
        self._store = store
        self._clock = clock
        self._precision = precision
        self._least = least
        self._known: OrderedDict[str, tuple[datetime, float | None]] = OrderedDict()

    async def of(self, workspace: str) -> float | None:
        """The workspace's own threshold; None where its outcomes are too few to say, and the shipped one holds."""
        now = self._clock.now()
        known = self._known.get(workspace)
        if known is not None and now - known[0] < AGAIN:
            return known[1]
        async with self._store.read(workspace, short=True) as session:
            latest = await Judgements(session).latest(since=now - WINDOW, limit=MOST)
        threshold = earned_threshold(one_a_ticket(latest), precision=self._precision, least=self._least)
        self._known[workspace] = (now, threshold)
        if len(self._known) > WORKSPACES:
            self._known.popitem(last=False)
        return threshold


def one_a_ticket(latest: Sequence[Judgement]) -> list[Judged]:
    """The newest judgement of each ticket: those of one ticket hang together, and would count as more than they are."""
    seen: dict[str, Judged] = {}
    for judgement in latest:
        key = judgement.ticket_id or judgement.decision_id
        if key not in seen and judgement.kind in RIGHT | WRONG:
            seen[key] = Judged(confidence=judgement.confidence, right=judgement.kind in RIGHT)
    return list(seen.values())
