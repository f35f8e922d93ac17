"""Telling open pages that something has changed, whichever process did it: it looks into the database. What follows from a change is the
page's affair."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from vigil.clock import Clock
from vigil.store.queue import EVERYWHERE, Queue
from vigil.store.store import Store

log = logging.getLogger(__name__)

EVERY_S: Final = 0.1
"""Seconds between two looks while somebody listens: a third of the .3 s within which a message is to be on the screen. A look is four short
reads of indexes, and one looks for all listeners of a workspace."""
EVERYTHING: Final = EVERYWHERE
"""Stands for any conversation: what was missed before the first look, and what somebody set up."""
BACK: Final = timedelta(seconds=5)
"""How far back a look reaches: a commit of another process shows up later than the instant that it notes, and machines' clocks differ."""


class Listener:
    """One open page."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._event = asyncio.Event()
        self.ended = False

    async def next(self, *, at_most_s: float) -> frozenset[str]:
        """Conversations that have changed since the last call; empty when the time is up or nothing more will come."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._event.wait()
        except TimeoutError:
            return frozenset()
        if not self.ended:
            self._event.clear()
        changed, self._changed = frozenset(self._changed), set[str]()
        return changed

    def tell(self, conversations: set[str]) -> None:
        self._changed |= conversations
        self._event.set()

    def end(self) -> None:
        """Nothing more will come."""
        self.ended = True
        self._event.set()


class Pulse:
    """Looks for changes in the workspaces in which anybody listens."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._listeners: dict[str, set[Listener]] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._ended = False

    @asynccontextmanager
    async def listen(self, workspace: str) -> AsyncGenerator[Listener]:
        """Hear of everything that changes in a workspace from now on."""
        listener = Listener()
        if self._ended:
            listener.end()
        listeners = self._listeners.setdefault(workspace, set())
        listeners.add(listener)
        if workspace not in self._looking and not self._ended:
            self._looking[workspace] = asyncio.create_task(self._look(workspace))
        try:
            yield listener
        finally:
            listeners.discard(listener)

    def end(self) -> None:
        """Let all open pages go: the server stops."""
        self._ended = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()

    async def close(self) -> None:
        """The same, and wait for the last look: a query is never cut off."""
        self.end()
        await asyncio.gather(*self._looking.values())

    async def _look(self, workspace: str) -> None:
        seen: dict[str, object] | None = None
        try:
            while self._listeners.get(workspace) and not self._ended:
                seen = await self._once(workspace, seen)
                await asyncio.sleep(EVERY_S)
        finally:
            del self._looking[workspace]

    async def _once(self, workspace: str, seen: dict[str, object] | None) -> dict[str, object] | None:
        try:
            async with self._store.read(workspace, short=True) as session:
                found = await Queue(session).changed(self._clock.now() - BACK)
        except Exception:  # noqa: BLE001  # the outermost frame of this task: the database is away, and comes back
            log.warning("open pages can't be told what changes just now", extra={"workspace": workspace})
            return seen
        changed = {EVERYTHING}
        if seen is not None:
            changed = {conversation for name, conversation, at in found if seen.get(name) != at}
        if changed:
            for listener in self._listeners.get(workspace, ()):
                listener.tell(changed)
        return {name: at for name, _, at in found}
