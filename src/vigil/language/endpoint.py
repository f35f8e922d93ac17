"""The HTTP client that talks to model endpoints: what it waits for, and how much it is willing to read. Which endpoint, and what is
said to it, is the business of `remote` and `pydantic_ai_model`."""

from collections.abc import AsyncIterator
from typing import cast

import httpx2

MAX_ANSWER_BYTES = 8_000_000
"""Largest answer that is read: 256 vectors of 3,072 dimensions as JSON; a chat answer of 1,000 tokens is a thousandth of it."""
CONNECT_TIMEOUT_S = 5.0
"""Seconds to reach an endpoint at all; one that is up answers its first packet within a fraction of one."""


def endpoint_client(*, timeout_s: float, max_bytes: int = MAX_ANSWER_BYTES) -> httpx2.AsyncClient:
    """A client whose requests may take `timeout_s` between two bytes, and whose answers end with an error after `max_bytes`. Close it."""

    async def cap(response: httpx2.Response) -> None:
        response.stream = _Capped(cast("httpx2.AsyncByteStream", response.stream), response.request, max_bytes)

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
        event_hooks={"response": [cap]},
        headers={"user-agent": "vigil"},
    )


class _Capped(httpx2.AsyncByteStream):
    """A response body that refuses to go on for ever."""

    def __init__(self, inner: httpx2.AsyncByteStream, request: httpx2.Request, max_bytes: int) -> None:
        self._inner = inner
        self._request = request
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._inner:
            read += len(chunk)
            if read > self._max_bytes:
                raise httpx2.ReadError(f"The answer is larger than {self._max_bytes:,} bytes.", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
