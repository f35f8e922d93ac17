"""The page of whoever leads the desk: what is open, stalled, promised and at risk, by person and by topic. Counting is
`runtime.workload`'s."""

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.web.console.colleagues import names_of
from vigil.web.console.pages import page
from vigil.web.console.visits import PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/workload", route_class=PageRoute, include_in_schema=False)


@router.get("", openapi_extra=least(Part.VIEWER))
async def workload_page(request: Request, visitor: SignedIn, console: Console, services: Serving) -> Response:
    """The desk as it stands now."""
    topics = await services.administration.topics(visitor.workspace)
    values = {
        "load": await services.tracking.workload.look(visitor.workspace),
        "topics": {each.key: each.name for each in topics},
        "people": await names_of(console.sign_ins, services.administration, visitor.workspace),
        "now": console.clock.now(),
    }
    part = request.headers.get("hx-target") == "workload"
    return page(request, "workload_body.html" if part else "workload.html", values)
