"""The desk's page: tickets in the order in which they need somebody. The order is `runtime.queue`'s."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from vigil.domain.account import Part
from vigil.runtime.queue import View
from vigil.web.console.colleagues import names_of
from vigil.web.console.pages import page
from vigil.web.console.visits import PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/desk", route_class=PageRoute, include_in_schema=False)

VIEWS = {
    View.NEEDS: "Needs you",
    View.FIRST_LINE: "Vigil is helping",
    View.CUSTOMER: "Customer's turn",
    View.SETTLED: "Looks resolved",
    View.OVER: "Over",
    View.ALL: "All",
}


@router.get("", openapi_extra=least(Part.VIEWER))
async def desk_page(
    request: Request,
    visitor: SignedIn,
    console: Console,
    services: Serving,
    view: str = View.NEEDS,
    topic: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    mine: str = "",
) -> Response:
    """The whole page, or the list alone for a script of ours."""
    chosen = View(view) if view in set(View) else View.NEEDS
    topics = await services.administration.topics(visitor.workspace)
    queued = await console.queue.look(
        visitor.workspace,
        chosen,
        topic=topic or None,
        assignee_id=visitor.account.id if mine else None,
        words=q.strip(),
    )
    people = await names_of(console.sign_ins, services.administration, visitor.workspace)
    values: dict[str, Any] = {
        "queued": queued,
        "views": VIEWS,
        "view": chosen,
        "topics": {each.key: each.name for each in topics},
        "topic": topic,
        "q": q,
        "mine": bool(mine),
        "people": people,
        "now": console.clock.now(),
    }
    part = request.headers.get("hx-target") == "desk"
    return page(request, "desk_list.html" if part else "desk.html", values)
