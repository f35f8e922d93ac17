"""What happens when a timer is due: it is claimed, its ability prepares the effect, and effect and timer are committed together or not at
all. So each timer fires once, whoever dies and however many processes look. Which kinds there are is the composition root's affair."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from vigil.clock import Clock
from vigil.domain.cron import Cron
from vigil.domain.timer import Timer
from vigil.errors import LeaseLost
from vigil.runtime.renewal import renewed
from vigil.store.store import Session, Store
from vigil.store.timers import Timers, due_kinds, next_timer
from vigil.tracing import span

log = logging.getLogger(__name__)

LOOK_S: Final = 0.8
"""Seconds between two looks for a timer that another process set, and so the most that one is late by: a second, with the firing. A look is
one statement on an index."""

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

    max_attempts: int
    """How often a timer is tried before it has failed; one that comes again goes on with its next time."""
    first_retry_s: float = 10.0
    """Seconds before the second try; doubled for each further one, up to `longest_retry_s`."""
    longest_retry_s: float = 3600.0
    """A model or a system that is away for a night is asked again within an hour of its return."""
    claim_s: float = 0.7
    """Seconds that a timer is its owner's when it was just claimed, before another may take it. Most rings take some milliseconds; what a
    process that is killed had in hand is late by no more than this, and so by less than a second."""
    held_s: float = 10.0
    """Seconds for which each renewal holds it, while its ring takes longer, as where a model is asked: a database that is slow for some
    seconds loses nothing."""
    at_once: int = 20
    """Timers of a kind that a process has in hand at once: a kind that asks a model holds up no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ring:
    """A timer that is in hand, and for which time."""

    workspace: str
    kind: str
    timer_id: str
    due: datetime


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
        self._in_hand: dict[_Ring, asyncio.Task[None]] = {}

    async def fire_due(self, stop: asyncio.Event | None = None) -> int:
        """Fire every timer that is due, or as many as `stop` leaves time for; says how many were tried."""
        if not self._kinds:
            return 0
        count = 0
        for workspace, kind in await due_kinds(self._store, at=self._clock.now(), kinds=self._kinds):
            while not (stop and stop.is_set()) and (
                timers := await self._claim(workspace, kind, limit=self._limits.at_once)
            ):
                await asyncio.gather(*(self._fire(workspace, timer) for timer in timers))
                count += len(timers)
        return count

    async def run(self, stop: asyncio.Event) -> None:
        """Fire what becomes due until `stop` is set, then finish what is in hand."""
        stopped = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            pause = LOOK_S
            try:
                pause = await self._look()
            except Exception:  # the outermost frame: when the database is away, say so and come back
                log.exception("timers could not be looked at; it is tried again")
            await asyncio.wait({stopped}, timeout=pause)
        await asyncio.gather(*self._in_hand.values())

    async def _look(self) -> float:
        """Begin with what is due, as far as there is room; seconds until there may be more."""
        now = self._clock.now()
        busy = Counter(each.kind for each in self._in_hand)
        kinds = [kind for kind in self._kinds if busy[kind] < self._limits.at_once]
        due = await next_timer(self._store, at=now, kinds=kinds) if kinds else None
        if due is not None and due <= now:
            for workspace, kind in await due_kinds(self._store, at=now, kinds=kinds):
                for timer in await self._claim(workspace, kind, limit=self._limits.at_once - busy[kind]):
                    busy[kind] += 1
                    self._begin(workspace, timer)
        if len(kinds) < len(self._kinds):
            return SHORTEST_LOOK_S
        return LOOK_S if due is None else min(max((due - now).total_seconds(), SHORTEST_LOOK_S), LOOK_S)

    def _begin(self, workspace: str, timer: Timer) -> None:
        ring = _Ring(workspace=workspace, kind=timer.kind, timer_id=timer.id, due=timer.due)
        if ring not in self._in_hand:  # else its claim ran out while it rang, and this has renewed it
            task = self._in_hand[ring] = asyncio.create_task(self._survive(workspace, timer))
            task.add_done_callback(lambda _: self._in_hand.pop(ring))

    async def _survive(self, workspace: str, timer: Timer) -> None:
        try:
            await self._fire(workspace, timer)
        except Exception:  # the outermost frame: the database is away, and its claim will run out
            log.exception("a timer's failure could not be noted", extra={"workspace": workspace, "timer": timer.id})

    async def _claim(self, workspace: str, kind: str, *, limit: int) -> Sequence[Timer]:
        if limit <= 0:
            return ()
        async with self._store.write(workspace) as session:
            return await Timers(session).claim(
                owner=self._owner,
                kinds=[kind],
                at=self._clock.now(),
                seconds=self._limits.claim_s,
                limit=limit,
            )

    async def _fire(self, workspace: str, timer: Timer) -> None:
        ids = {"vigil.workspace": workspace, "vigil.timer": timer.id, "vigil.timer.kind": timer.kind}
        try:
            with span("vigil.timer", ids):
                async with self._kept(workspace, timer):
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

    def _kept(self, workspace: str, timer: Timer) -> AbstractAsyncContextManager[None]:
        """Renew the claim for as long as the block takes."""
        limits = self._limits
        return renewed(lambda: self._renew(workspace, timer), first_s=limits.claim_s / 3, every_s=limits.held_s / 3)

    async def _renew(self, workspace: str, timer: Timer) -> None:
        try:
            async with self._store.write(workspace, short=True) as session:
                await Timers(session).renew(timer, owner=self._owner, at=self._clock.now(), seconds=self._limits.held_s)
        except Exception:  # the commit will tell whether the claim held
            log.exception("a claim could not be renewed", extra={"workspace": workspace, "timer": timer.id})

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
