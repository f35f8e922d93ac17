"""Events that failed too often and were parked: seen, tried again, or given up. All of it wants the scope `admin`."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from vigil.guard.access import Scope
from vigil.web.api.callers import ALWAYS, Caller, TokenRoute, needs, problems
from vigil.web.api.cursors import Cursor, Limit, cursor_of, cut, place_of
from vigil.web.api.schemas.common import Identifier
from vigil.web.api.schemas.inbox import ParkedOut, ParkedPageOut, parked_of
from vigil.web.services import Serving

router = APIRouter(prefix="/inbox/parked", tags=["administration"], route_class=TokenRoute, responses=ALWAYS)

EventId = Annotated[Identifier, Path(description="The event's id.")]

_ADMIN = needs(Scope.ADMIN)
_LIST = "parked"


@router.get("", openapi_extra=_ADMIN)
async def list_parked(caller: Caller, services: Serving, cursor: Cursor = None, limit: Limit = 50) -> ParkedPageOut:
    """List parked events.

    What failed too often to be tried again by itself, the latest first. Its conversation went on without it.
    """
    found = await services.desk.parked(caller.workspace_id, before=place_of(_LIST, cursor), limit=limit + 1)
    items, following = cut(found, limit, lambda event: cursor_of(_LIST, event.received_at, event.id))
    return ParkedPageOut(items=[parked_of(event) for event in items], next=following)


@router.post("/{event_id}/retry", responses=problems(404, 413), openapi_extra=_ADMIN)
async def retry_parked(event_id: EventId, caller: Caller, services: Serving) -> ParkedOut:
    """Try a parked event again.

    It waits again as if it had never failed, in its old place in the conversation.
    """
    return parked_of(await services.desk.retry_parked(caller.workspace_id, event_id, by=caller.id))


@router.delete("/{event_id}", status_code=204, responses=problems(404), openapi_extra=_ADMIN)
async def drop_parked(event_id: EventId, caller: Caller, services: Serving) -> Response:
    """Give a parked event up.

    It is never decided about.
    """
    await services.desk.drop_parked(caller.workspace_id, event_id, by=caller.id)
    return Response(status_code=204)
