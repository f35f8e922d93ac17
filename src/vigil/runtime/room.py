"""How much room there is in the inboxes: past a depth the doors send people away for a while, so that a flood fills neither memory nor
disk, and whoever comes later is told at once instead of being kept waiting."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vigil.errors import Busy
from vigil.store.inbox import Inbox
from vigil.store.store import Session

FRESH: Final = timedelta(seconds=0.5)
"""For so long a count is believed, together with what was taken in since: other doors may take in as much again meanwhile."""
RETRY_AFTER_S: Final = 5
"""Seconds after which it is worth trying again: some 300 messages are worked off in them."""
WORKSPACES: Final = 1_000
"""Workspaces whose depth is remembered."""


@dataclass(slots=True)
class _Depth:
    waiting: int
    counted_at: datetime
    taken: int = 0


class Room:
    """Counts what waits, seldom enough to cost nothing.

    Args:
        limit: events of one workspace that may wait.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._depths: OrderedDict[str, _Depth] = OrderedDict()

    async def check(self, session: Session, *, at: datetime) -> None:
        """Raises Busy where the session's workspace has no room."""
        depth = self._depths.get(session.workspace)
        if depth is not None and depth.waiting + depth.taken >= self._limit and depth.taken:
            depth = None  # full only if nothing was worked off: look again
        if depth is None or at - depth.counted_at >= FRESH:
            depth = _Depth(waiting=await Inbox(session).depth(), counted_at=at)
            self._depths[session.workspace] = depth
            if len(self._depths) > WORKSPACES:
                self._depths.popitem(last=False)
        if depth.waiting + depth.taken >= self._limit:
            raise Busy(
                f"{depth.waiting} messages of this workspace wait to be decided about; send again in {RETRY_AFTER_S} s. "
                "VIGIL_INBOX_LIMIT says how many may wait.",
                retry_after_s=RETRY_AFTER_S,
            )
        depth.taken += 1
