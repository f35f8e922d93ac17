"""Hashing passwords and looking at them, a few at a time and beside the event loop. What is kept of one is `guard.passwords`'s."""

import asyncio
from typing import Final

from vigil.guard import passwords

_AT_ONCE: Final = 2
"""Passwords that are looked at side by side: each takes 64 MiB and a processor."""


class Hashing:
    """One queue for everything that hashes a password in this process."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turn:
            return await asyncio.to_thread(passwords.hashed, password)

    async def holds(self, kept: str | None, password: str) -> bool:
        """Whether it is the password that was kept."""
        async with self._turn:
            return await asyncio.to_thread(passwords.holds, kept, password)
