"""The alarm clock between doors and workers of one process. It may be missed: the inbox is the truth, and a sweeper rings again."""

import asyncio
from typing import Final

MOST: Final = 10_000
"""Conversations that are remembered as having rung: in a process without a worker nobody ever asks."""


class Bell:
    """Collects which conversations have something new."""

    def __init__(self) -> None:
        self._rung: dict[tuple[str, str], None] = {}
        self._event = asyncio.Event()

    def ring(self, workspace: str, conversation_id: str) -> None:
        if len(self._rung) < MOST:
            self._rung[(workspace, conversation_id)] = None
        self._event.set()

    async def wait(self, *, at_most_s: float) -> list[tuple[str, str]]:
        """Wait until it rings, or the time is up, and take what has rung."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._event.wait()
        except TimeoutError:
            return []
        self._event.clear()
        rung = list(self._rung)
        self._rung.clear()
        return rung

    def wake(self) -> None:
        """End a wait early without a conversation."""
        self._event.set()
