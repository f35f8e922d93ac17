"""What an analyst does with a follow-up besides sending it, and a ticket's summaries on its page. How each is done is for
`runtime.followups` and `track.summaries`."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.domain.account import Part
from vigil.domain.summary import Audience
from vigil.errors import InvalidInput
from vigil.web.console import words
from vigil.web.console.pages import page
from vigil.web.console.ticket import ticket_page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(route_class=PageRoute, include_in_schema=False)

READS, WRITES = least(Part.VIEWER), least(Part.ANALYST)


@router.post("/follow-ups/{follow_up_id}/done", openapi_extra=WRITES)
async def done(
    request: Request, follow_up_id: str, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    """It is seen to."""
    changed = await services.tracking.follow_ups.done(visitor.workspace, follow_up_id, by=visitor.account.id)
    return await _after(request, changed.ticket_id, visitor, console, services)


@router.post("/follow-ups/{follow_up_id}/snooze", openapi_extra=WRITES)
async def snooze(
    request: Request, follow_up_id: str, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    """Show it again later."""
    hours = form.get("hours", "")
    if hours not in words.SNOOZES:
        raise InvalidInput(f"It can be put off for {', '.join(words.SNOOZES.values())}.")
    until = console.clock.now() + timedelta(hours=int(hours))
    changed = await services.tracking.follow_ups.snooze(
        visitor.workspace, follow_up_id, until=until, by=visitor.account.id
    )
    return await _after(request, changed.ticket_id, visitor, console, services)


@router.get("/tickets/{ticket_id}/summary/{audience}", openapi_extra=READS)
async def summary(
    request: Request, ticket_id: str, audience: Audience, visitor: SignedIn, services: Serving
) -> Response:
    """A ticket told for somebody, each line with a link to what it stands on."""
    ticket = await services.desk.ticket(visitor.workspace, ticket_id)
    told = await services.tracking.summaries.of(visitor.workspace, ticket.id, audience)
    return page(request, "summary.html", {"told": told})


async def _after(request: Request, ticket_id: str, visitor: Visitor, console: Console, services: Services) -> Response:
    if request.headers.get("hx-request"):
        return await ticket_page(request, ticket_id, visitor, console, services)
    return RedirectResponse(f"/tickets/{ticket_id}", status_code=303)
