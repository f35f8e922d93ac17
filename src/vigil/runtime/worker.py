"""The loop that wakes conversations and empties the outbox, and a sweeper that rings for whatever the bell missed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from vigil.clock import Clock
from vigil.runtime.bell import Bell
from vigil.runtime.drain import Drain
from vigil.runtime.sender import Sender
from vigil.store.inbox import conversations_waiting
from vigil.store.outbox import next_due
from vigil.store.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

SWEEP_S = 1.0
"""Seconds between two looks for conversations that nobody rang for: after a crash, or when another process took the message in."""


class Worker:
    """Works off inbox and outbox for all workspaces of an installation."""

    def __init__(
        self, *, store: Store, drain: Drain, sender: Sender, bell: Bell, clock: Clock, at_once: int = 8
    ) -> None:
        self._store = store
        self._drain = drain
        self._sender = sender
        self._bell = bell
        self._clock = clock
        self._slots = asyncio.Semaphore(at_once)
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()

    async def drain_once(self) -> bool:
        """Work off whatever waits in the inbox, and send nothing; says whether anything was done."""
        waiting = await conversations_waiting(self._store, at=self._clock.now())
        return any([await self._drain.drain(workspace, conversation) for workspace, conversation in waiting])

    async def settle(self) -> None:
        """Work off whatever waits and send whatever is due at this moment; then return. What failed is left for another time."""
        while await self.drain_once():
            pass
        await self._sender.send_due()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in hand."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(stop))
            tasks.create_task(self._send(stop))
            await stop.wait()
            self._bell.wake()
        await asyncio.gather(*self._running.values())

    async def _listen(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            rung = await self._bell.wait(at_most_s=SWEEP_S)
            for key in rung:
                self._start(key)
            if not rung:
                await _survive(self._sweep)

    async def _sweep(self) -> None:
        for key in await conversations_waiting(self._store, at=self._clock.now()):
            self._start(key)

    def _start(self, key: tuple[str, str]) -> None:
        if key in self._running:
            self._again.add(key)
            return
        self._running[key] = asyncio.create_task(self._work(key))

    async def _work(self, key: tuple[str, str]) -> None:
        try:
            async with self._slots:
                await _survive(lambda: self._drain.drain(*key))
        finally:
            del self._running[key]
        if key in self._again:
            self._again.discard(key)
            self._start(key)

    async def _send(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = await _survive(self._send_and_look) or SWEEP_S
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({stopped}, timeout=pause)
            stopped.cancel()

    async def _send_and_look(self) -> float:
        await self._sender.send_due()
        return _seconds_until(await next_due(self._store), self._clock.now())


async def _survive(work: Callable[[], Awaitable[T]]) -> T | None:
    """The outermost frame of a worker: when the database is away, say so and come back at the next sweep."""
    try:
        return await work()
    except Exception:
        log.exception("a worker's step failed; it is tried again at the next sweep")
        return None


def _seconds_until(due: datetime | None, now: datetime) -> float:
    """At most a sweep, so that a post that another process wrote is seen in time; at least a moment, so that the loop breathes."""
    if due is None:
        return SWEEP_S
    return min(max((due - now).total_seconds(), 0.05), SWEEP_S)
