"""What happens when a timer is due: it is claimed, its ability prepares the effect, and effect and timer are committed together or not at
all. So each timer fires once, whoever dies and however many processes look. Which kinds there are is the composition root's affair."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from vigil.clock import Clock
from vigil.domain.cron import Cron
from vigil.domain.timer import Timer
from vigil.errors import LeaseLost
from vigil.store.store import Session, Store
from vigil.store.timers import Timers, next_timer, workspaces_with_due_timers
from vigil.tracing import span

log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
"""Seconds between two looks for a timer that another process set, and so the most that one is late by. Timers are for minutes and weeks; a
look takes a millisecond."""

SHORTEST_LOOK_S: Final = 0.05
"""Seconds between two looks where one is due this moment, so that the loop breathes."""

Effect: TypeAlias = Callable[[Session], Awaitable[None]]
"""Writes what a timer brings about. It runs inside the commit that ends the timer, so it only writes."""


class Alarm(Protocol):
    """What a kind of timer does when it is due."""

    async def ring(self, workspace: str, timer: Timer) -> Effect:
        """Look, think and ask, and give back what is to be written. It may be called again for the same timer after a crash: whatever it
        does outside of the effect needs an idempotency key, for which the timer's id and due time serve."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimits:
    """How timers are worked off."""

    claim_s: float
    """Seconds that a claimed timer is left to its owner before another may try."""
    max_attempts: int
    """How often a timer is tried before it has failed; one that comes again goes on with its next time."""
    first_retry_s: float = 10.0
    """Seconds before the second try; doubled for each further one, up to `longest_retry_s`."""
    longest_retry_s: float = 3600.0
    """A model or a system that is away for a night is asked again within an hour of its return."""
    at_once: int = 20
    """Timers that one claim takes."""


class Alarms:
    """Fires what is due.

    Args:
        alarms: what to do, by kind. A timer of another kind is left to processes that know it, such as those of a newer version.
        owner: names this process; no other may have the same.
    """

    def __init__(
        self, *, store: Store, alarms: Mapping[str, Alarm], clock: Clock, owner: str, limits: AlarmLimits
    ) -> None:
        self._store = store
        self._alarms = alarms
        self._kinds = sorted(alarms)
        self._clock = clock
        self._owner = owner
        self._limits = limits

    async def fire_due(self, stop: asyncio.Event | None = None) -> int:
        """Fire every timer that is due, or as many as `stop` leaves time for; says how many were tried."""
        if not self._kinds:
            return 0
        count = 0
        for workspace in await workspaces_with_due_timers(self._store, at=self._clock.now(), kinds=self._kinds):
            while not (stop and stop.is_set()) and (timers := await self._claim(workspace)):
                await asyncio.gather(*(self._fire(workspace, timer) for timer in timers))
                count += len(timers)
        return count

    async def run(self, stop: asyncio.Event) -> None:
        """Fire what becomes due until `stop` is set, then finish what is in hand."""
        while not stop.is_set():
            pause = LOOK_S
            try:
                await self.fire_due(stop)
                pause = await self._pause()
            except Exception:  # the outermost frame: when the database is away, say so and come back
                log.exception("timers could not be looked at; it is tried again")
            stopped = asyncio.ensure_future(stop.wait())
            await asyncio.wait({stopped}, timeout=pause)
            stopped.cancel()

    async def _pause(self) -> float:
        if not self._kinds:
            return LOOK_S
        now = self._clock.now()
        due = await next_timer(self._store, at=now, kinds=self._kinds)
        return LOOK_S if due is None else min(max((due - now).total_seconds(), SHORTEST_LOOK_S), LOOK_S)

    async def _claim(self, workspace: str) -> list[Timer]:
        limits = self._limits
        async with self._store.write(workspace) as session:
            claimed = await Timers(session).claim(
                owner=self._owner,
                kinds=self._kinds,
                at=self._clock.now(),
                seconds=limits.claim_s,
                limit=limits.at_once,
            )
        return list(claimed)

    async def _fire(self, workspace: str, timer: Timer) -> None:
        ids = {"vigil.workspace": workspace, "vigil.timer": timer.id, "vigil.timer.kind": timer.kind}
        try:
            with span("vigil.timer", ids):
                await self._ring(workspace, timer)
        except LeaseLost:
            log.warning("a timer went to another, or was moved", extra={"workspace": workspace, "timer": timer.id})
        except Exception as error:  # the outermost frame: a fault in one timer must not hold up the others
            log.exception("a timer failed", extra={"workspace": workspace, "timer": timer.id})
            await self._failed(workspace, timer, type(error).__name__)

    async def _ring(self, workspace: str, timer: Timer) -> None:
        effect = await self._alarms[timer.kind].ring(workspace, timer)
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            if not await Timers(session).fired(timer, owner=self._owner, at=now, again=_next(timer, now)):
                raise LeaseLost(f"The timer {timer.id} was moved or taken over; nothing was written for it.")
            await effect(session)

    async def _failed(self, workspace: str, timer: Timer, reason: str) -> None:
        limits, now = self._limits, self._clock.now()
        wait = min(limits.first_retry_s * 2**timer.attempts, limits.longest_retry_s)
        async with self._store.write(workspace) as session:
            timers = Timers(session)
            if timer.attempts + 1 < limits.max_attempts:
                later = now + timedelta(seconds=wait)
                await timers.try_again(timer, owner=self._owner, at=now, reason=reason, not_before=later)
            else:
                await timers.give_up(timer, owner=self._owner, at=now, reason=reason, again=_next(timer, now))


def _next(timer: Timer, now: datetime) -> datetime | None:
    """When a timer comes again. Times that went by while nobody was there are not made up for: it fires once, and then goes on."""
    return Cron.parse(timer.every).after(now) if timer.every else None
