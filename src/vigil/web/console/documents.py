"""Documents that the knowledge came from: a list, a form to add some, and how far those on their way have come. Reading them is
`runtime.uploads`'s."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse, StreamingResponse

from vigil.domain.account import Part
from vigil.errors import NotFound
from vigil.knowledge.kinds import SUFFIXES
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import HEADERS, page
from vigil.web.console.visits import Files, Form, PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/knowledge/documents", route_class=PageRoute, include_in_schema=False)

READS, MANAGES = least(Part.VIEWER), least(Part.ADMIN)
PAGE: Final = 100
LOOK_S: Final = 0.25
"""Seconds between two looks at how far an upload has come."""
LASTS_S: Final = 60.0
"""As long as any stream of the console: then the browser asks for another, and the sign-in is looked at again."""


@router.get("", openapi_extra=READS)
async def documents_page(
    request: Request,
    visitor: SignedIn,
    console: Console,
    services: Serving,
    after: Annotated[str, Query(max_length=1_024)] = "",
) -> Response:
    """The whole page, or what changes on it for a script of ours."""
    sources = await services.knowledge.sources(visitor.workspace, start=after, limit=PAGE + 1)
    uploads = await console.uploads.latest(visitor.workspace)
    values: dict[str, Any] = {
        "sources": sources[:PAGE],
        "following": sources[PAGE - 1].address if len(sources) > PAGE else "",
        "uploads": uploads,
        "working": any(not each.over for each in uploads),
        "endings": ",".join(sorted(SUFFIXES)),
        "most_mb": console.uploads.most_bytes // 1_000_000,
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "now": console.clock.now(),
    }
    part = request.headers.get("hx-target") == "documents"
    return page(request, "knowledge_documents_body.html" if part else "knowledge_documents.html", values)


@router.post("", openapi_extra=least(Part.ANALYST, files=True))
async def add(request: Request, visitor: SignedIn, files: Files, console: Console) -> Response:
    """Begin to take files in. A script of ours is told where to go, a plain form is led there."""
    await console.uploads.begin(visitor.workspace, files, by=visitor.account.id)
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={**HEADERS, "hx-redirect": "/knowledge/documents"})
    return RedirectResponse("/knowledge/documents", status_code=303)


@router.get("/live", openapi_extra=READS)
async def live(visitor: SignedIn, console: Console) -> Response:
    """Tells the page when an upload has come further."""
    headers = {**HEADERS, "x-accel-buffering": "no", "cache-control": "no-store"}
    return StreamingResponse(_steps(console, visitor.workspace), media_type="text/event-stream", headers=headers)


@router.get("/remove", openapi_extra=MANAGES)
async def remove_page(
    request: Request,
    visitor: SignedIn,
    services: Serving,
    address: Annotated[str, Query(max_length=1_024)],
) -> Response:
    """What goes when a document goes, and the button that does it."""
    entries = await services.knowledge.entries(visitor.workspace, source=address, limit=PAGE + 1)
    if not entries:
        raise NotFound("No entry in force came from this document.")
    values = {"address": address, "entries": entries[:PAGE], "more": len(entries) > PAGE}
    return page(request, "knowledge_remove.html", values)


@router.post("/remove", openapi_extra=MANAGES)
async def remove(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """All its entries retire. Their history stays, and a rollback brings them back."""
    await services.knowledge.forget_source(visitor.workspace, form.get("address", ""), by=visitor.account.id)
    return RedirectResponse("/knowledge/documents", status_code=303)


async def _steps(console: ConsoleNeeds, workspace: str) -> AsyncGenerator[str]:
    loop = asyncio.get_running_loop()
    until, seen = loop.time() + LASTS_S, None
    async with console.pulse.listen(workspace) as listener:
        yield "retry: 700\n\n"
        while loop.time() < until and not listener.ended:
            at = [(each.id, each.state, each.done) for each in await console.uploads.latest(workspace)]
            if at != seen:
                seen = at
                yield "event: changed\ndata: 1\n\n"
            await listener.next(at_most_s=LOOK_S)
