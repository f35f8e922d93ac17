"""Counting how often somebody tried something of late, in this process. What is counted, and how often is too often, is said
elsewhere."""

from datetime import datetime, timedelta
from typing import Final

from vigil.errors import Busy

_REMEMBERED: Final = 10_000
"""Names that are remembered before the old ones are thrown away."""


class Tries:
    """At most so many within a window, by name. Each process counts by itself: with several doors it is that many times as much."""

    def __init__(self, *, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._times: dict[str, list[datetime]] = {}

    def check(self, name: str, told: str, *, at: datetime) -> None:
        """Raises Busy, saying `told`, where there were too many."""
        since = at - self._window
        recent = [time for time in self._times.get(name, ()) if time > since]
        if len(recent) >= self._most:
            raise Busy(told, retry_after_s=max(1, int((recent[0] - since).total_seconds())))

    def count(self, name: str, *, at: datetime) -> None:
        """One more."""
        since = at - self._window
        if len(self._times) >= _REMEMBERED:
            self._times = {each: times for each, times in self._times.items() if times[-1] > since}
        self._times[name] = [*(time for time in self._times.get(name, ()) if time > since), at]

    def forgive(self, name: str, *, all_of_them: bool = False) -> None:
        """One less, or none at all: it was all right."""
        left = self._times.get(name, [])[:-1]
        if left and not all_of_them:
            self._times[name] = left
        else:
            self._times.pop(name, None)
