"""A span around each request to a door. It is named after the route, never after the address, which may hold ids and words."""

from typing import Final

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigil.tracing import failed, span

_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; spans of them would bury the rest."""

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Traced:
    """Begins a trace with each request. A `traceparent` that comes with it is not believed: outsiders don't get to choose our traces.

    Args:
        app: what is inside.
        prefix: of the addresses whose routes don't know it, as fastapi's in an included router.
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _QUIET:
            await self._app(scope, receive, send)
            return
        method = (
            scope["method"] if scope["method"] in _METHODS else "_OTHER"
        )  # as the conventions say: a caller may send any
        with span(method, {"http.request.method": method}, part="server") as request:

            async def noticed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    request.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        failed(request, str(message["status"]))
                await send(message)

            await self._app(scope, receive, noticed)
            route: BaseRoute | None = scope.get("route")
            path: str | None = getattr(route, "path", None)
            if path is not None:
                if scope["path"].startswith(self._prefix) and not path.startswith(self._prefix):
                    path = self._prefix + path
                request.update_name(f"{method} {path}")
                request.set_attribute("http.route", path)
