"""What surrounds every request, whatever it asks: a limit on its body, headers that keep browsers careful, and the last catch for a fault.
Plain ASGI, so that nothing is buffered that need not be."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigil.clock import Ids
from vigil.web.problems import answer, internal

CAREFUL: Final[Mapping[str, str]] = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Set on each response that doesn't say otherwise itself, as a page of the console will."""


class BodyLimit:
    """Counts the bytes of a body as they come and refuses the rest with 413. A header that promises less is not believed.

    Args:
        app: what is inside.
        limit: how many bytes the body of a request to a path may have.
    """

    def __init__(self, app: ASGIApp, *, limit: Callable[[str], int]) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        promised = Headers(scope=scope).get("content-length", "")
        left = limit - int(promised) if promised.isdecimal() and len(promised) < 20 else limit
        if left >= 0:
            left = limit

        async def counted() -> Message:
            nonlocal left
            if left >= 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if left >= 0:
                    return message
            # fastapi lets only this kind of exception through while it reads a body
            raise HTTPException(413, f"This body is larger than the {limit:,} bytes that are taken here; send less.")

        await self._app(scope, counted, send)


HTTPS_ONLY: Final[Mapping[str, str]] = {"strict-transport-security": "max-age=31536000"}
"""Besides, where people reach this server by https: a browser that was here once comes by nothing else for a year (RFC 6797)."""


class CarefulHeaders:
    """Adds `CAREFUL` to each response, and `HTTPS_ONLY` where people come by https."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self._app = app
        self._headers = {**CAREFUL, **(HTTPS_ONLY if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, careful)


class LastCatch:
    """The outermost frame of a request: a fault of ours becomes a problem with an id, and nothing of it leaves the house."""

    def __init__(self, app: ASGIApp, *, ids: Ids) -> None:
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except ClientDisconnect:
            return  # nobody is there to be told
        except Exception as error:  # noqa: BLE001  # the outermost frame: whatever it is, it is logged here and goes no further
            told = internal(error, identity=self._ids.new("err"))
            if started:
                raise RuntimeError(f"A response broke off; see {told.id} in the log.") from None
            await answer(told)(scope, receive, send)
