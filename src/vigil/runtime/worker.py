"""The loop that wakes conversations and empties the outbox, and a sweeper that rings for whatever the bell missed. Any number of workers
may stand side by side, in one process with the doors or in others: a conversation belongs to the one that has its lease."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from vigil.clock import Clock
from vigil.runtime.bell import Bell
from vigil.runtime.drain import Drain
from vigil.runtime.sender import Sender
from vigil.runtime.turns import Key, Turns
from vigil.store.inbox import conversations_waiting
from vigil.store.outbox import earliest_posts
from vigil.store.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker goes about it."""

    busy_s: float = 1.0
    """Seconds between two looks into the database for what nobody rang for, as long as there is something to do: after a crash, or when
    another process took a message in."""
    idle_s: float = 1.0
    """The same when nothing was found for a while."""
    turn: int = 20
    """Events after which a conversation lets the others of its workspace go first."""
    at_once: int = 16
    """Conversations side by side: each may wait for a model."""
    of_one_workspace: int = 12
    """How many of them may be of one workspace."""
    swept: int = 400
    """Conversations that one look brings in at most ..."""
    swept_of_one: int = 50
    """... and of one workspace."""


ALONE = Pace()
"""Beside the doors, which ring for what they take in."""
APART = Pace(busy_s=0.05, idle_s=0.4)
"""Without doors nobody rings. A look costs half a millisecond; with a tenth of a second between two, half of all messages waited for .15 s
until they were decided. When all is quiet, five looks in two seconds are some tenths of a per cent of a processor."""


class Worker:
    """Works off inbox and outbox for all workspaces of an installation."""

    def __init__(
        self, *, store: Store, drain: Drain, sender: Sender, bell: Bell, clock: Clock, pace: Pace = ALONE
    ) -> None:
        self._store = store
        self._drain = drain
        self._sender = sender
        self._bell = bell
        self._clock = clock
        self._pace = pace
        self._turns = Turns(at_once=pace.at_once, of_one=pace.of_one_workspace)
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._again: set[Key] = set()
        self._sending: dict[str, asyncio.Task[None]] = {}

    async def drain_once(self) -> bool:
        """Work off whatever waits in the inbox, and send nothing; says whether anything was done."""
        waiting = await conversations_waiting(self._store, at=self._clock.now())
        return any([await self._drain.drain(workspace, conversation) for workspace, conversation in waiting])

    async def settle(self) -> None:
        """Work off whatever waits and send whatever is due at this moment; then return. What failed is left for another time."""
        while await self.drain_once():
            pass
        await self._sender.send_due()

    async def run(self, stop: asyncio.Event, pace: Pace | None = None) -> None:
        """Work until `stop` is set, then finish what is in hand: what is begun is committed or given back, and no lease is left behind."""
        self._pace = pace or self._pace
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(stop))
            tasks.create_task(self._send(stop))
            await stop.wait()
            self._bell.wake()
        await asyncio.gather(*self._running.values(), *self._sending.values())

    async def _listen(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        pause, swept = self._pace.busy_s, loop.time()
        while not stop.is_set():
            # Where more is known than can be begun, there is no hurry to hear of more.
            until = swept + (self._pace.idle_s if len(self._turns) else pause)
            rung = await self._bell.wait(at_most_s=max(0.0, until - loop.time()))
            for key in rung:
                self._turns.add(key)
            if loop.time() >= until:
                found = await _survive(self._sweep)
                pause = self._pace.busy_s if found else min(pause * 2, self._pace.idle_s)
                swept = loop.time()
            if not stop.is_set():
                self._begin()

    async def _sweep(self) -> bool:
        found = await conversations_waiting(
            self._store, at=self._clock.now(), limit=self._pace.swept, each=self._pace.swept_of_one
        )
        for key in found:
            self._turns.add(key)
        return bool(found)

    def _begin(self) -> None:
        """Start on as many conversations as there is room for."""
        while (key := self._turns.next()) is not None:
            if key in self._running:
                self._turns.done(key)
                self._again.add(key)
            else:
                self._running[key] = asyncio.create_task(self._work(key))

    async def _work(self, key: Key) -> None:
        done = 0
        try:
            done = await _survive(lambda: self._drain.drain(*key, at_most=self._pace.turn)) or 0
        finally:
            del self._running[key]
            self._turns.done(key)
            if key in self._again or done >= self._pace.turn:
                self._again.discard(key)
                self._turns.add(key)
            if len(self._turns):
                self._bell.wake()

    async def _send(self, stop: asyncio.Event) -> None:
        pause = self._pace.busy_s
        while not stop.is_set():
            due = await _survive(self._send_and_look)
            pause = min(pause * 2, self._pace.idle_s) if due is None else self._pace.busy_s
            rest = pause if due is None else _seconds_until(due, self._clock.now(), self._pace.idle_s)
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({stopped}, timeout=rest)
            stopped.cancel()

    async def _send_and_look(self) -> datetime | None:
        """Start sending in each workspace where something is due and nothing is being sent; then say when the next post is due."""
        now = self._clock.now()
        earliest = await earliest_posts(self._store, at=now)
        for workspace, due in earliest.items():
            if due <= now and workspace not in self._sending:
                self._sending[workspace] = asyncio.create_task(self._send_all(workspace))
        return min(earliest.values(), default=None)

    async def _send_all(self, workspace: str) -> None:
        try:
            await _survive(lambda: self._sender.send_all(workspace))
        finally:
            del self._sending[workspace]


async def _survive(work: Callable[[], Awaitable[T]]) -> T | None:
    """The outermost frame of a worker: when the database is away, say so and come back at the next look."""
    try:
        return await work()
    except Exception:
        log.exception("a worker's step failed; it is tried again")
        return None


def _seconds_until(due: datetime, now: datetime, at_most: float) -> float:
    """At most a look's time, so that a post that another process wrote is seen; at least a moment, so that the loop breathes."""
    return min(max((due - now).total_seconds(), 0.05), at_most)
