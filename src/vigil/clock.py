"""Time and identifiers, passed in wherever they are needed. Abilities never read the machine's clock or draw random ids themselves."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved: for replays and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Jump to `instant`; a clock never runs backwards, so an earlier instant is ignored."""
        self._now = max(self._now, instant.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        self.move_to(self._now + by)


class Ids(Protocol):
    """Makes identifiers."""

    def new(self, prefix: str) -> str:
        """A fresh id such as ``tkt_0199...``; ids of one source sort by the time they were made."""
        ...


class RandomIds:
    """Ids of a prefix, the milliseconds since 1970 in hex (so that they sort by time) and 64 random bits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        milliseconds = int(self._clock.now().timestamp() * 1000)
        return f"{prefix}_{milliseconds:012x}{secrets.token_hex(8)}"


class CountingIds:
    """Predictable ids, ``tkt_000001``: for replays and tests, where a run must be repeatable."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count:08d}"
