"""What tells an open page that it is out of date: server-sent events (the HTML standard, section 9.2). What the page then loads is its own
address again, so that nothing is shown by another way."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from vigil.domain.account import Part
from vigil.runtime.pulse import EVERYTHING, Pulse
from vigil.web.console.pages import HEADERS
from vigil.web.console.visits import PageRoute, SignedIn, least
from vigil.web.services import Console

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LASTS_S: Final = 60.0
"""Seconds after which a stream ends and the browser asks for another, which looks at the sign-in again: a person who was disabled sees
nothing more after a minute."""
BEAT_S: Final = 15.0
"""Seconds of silence after which a comment is sent, so that proxies don't take the connection for dead."""
_AGAIN_MS: Final = 700
"""Milliseconds after which a browser asks again."""

_CHANGED: Final = "event: changed\ndata: 1\n\n"


@router.get("/live", openapi_extra=least(Part.VIEWER))
async def live(visitor: SignedIn, console: Console, conversation: str = "") -> Response:
    """Everything that changes in the workspace, or in one conversation."""
    return stream(console.pulse, visitor.workspace, conversation)


def stream(pulse: Pulse, workspace: str, conversation: str) -> Response:
    """An answer that goes on for a minute."""
    headers = {**HEADERS, "x-accel-buffering": "no", "cache-control": "no-store"}
    return StreamingResponse(_events(pulse, workspace, conversation), media_type="text/event-stream", headers=headers)


async def _events(pulse: Pulse, workspace: str, conversation: str) -> AsyncGenerator[str]:
    loop = asyncio.get_running_loop()
    until = loop.time() + LASTS_S
    async with pulse.listen(workspace) as listener:
        yield f"retry: {_AGAIN_MS}\n{_CHANGED}"  # what changed while the page was on its way
        while (left := until - loop.time()) > 0 and not listener.ended:
            changed = await listener.next(at_most_s=min(BEAT_S, left))
            if not changed:
                yield ": still here\n\n"
            elif not conversation or conversation in changed or EVERYTHING in changed:
                yield _CHANGED
