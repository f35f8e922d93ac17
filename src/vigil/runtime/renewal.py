"""Holding on to a lease or a claim for as long as the work takes. What is held, and what is lost with it, is the caller's affair."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def renewed(renew: Callable[[], Awaitable[None]], *, first_s: float, every_s: float) -> AsyncGenerator[None]:
    """Call `renew` after `first_s` seconds, and again `every_s` seconds after each time, until the block ends. Whoever is frozen renews
    nothing. A renewal that has begun is waited for: a query is never cut off. `renew` raises nothing."""
    loop = asyncio.get_running_loop()
    renewing: asyncio.Task[None] | None = None

    async def again() -> None:
        nonlocal timer
        await renew()
        timer = loop.call_later(every_s, begin)

    def begin() -> None:
        nonlocal renewing
        renewing = loop.create_task(again())

    timer = loop.call_later(first_s, begin)
    try:
        yield
    finally:
        timer.cancel()
        if renewing is not None:
            await asyncio.wait({renewing})
            timer.cancel()
