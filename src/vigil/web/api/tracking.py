"""How tickets stand: summaries, follow-ups and the desk's load."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query

from vigil.domain.followup import FollowUpReason, FollowUpState
from vigil.domain.summary import Audience
from vigil.guard.access import Scope
from vigil.store.followups import FollowUpFilter
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.cursors import Cursor, Limit, cursor_of, cut, place_of
from vigil.web.api.schemas.common import Identifier
from vigil.web.api.schemas.tracking import (
    AtRiskOut,
    FollowUpOut,
    FollowUpPageOut,
    FollowUpRulesIn,
    FollowUpRulesOut,
    LoadOut,
    SnoozeIn,
    SummaryOut,
    WorkloadOut,
    WrongIn,
)
from vigil.web.api.tickets import TicketId
from vigil.web.services import Serving

router = APIRouter(tags=["tracking"], route_class=TokenRoute, responses=ALWAYS)

FollowUpId = Annotated[Identifier, Path(description="The follow-up's id.")]

_LIST = "followups"
_READ, _WRITE, _ADMIN = needs(Scope.READ), needs(Scope.WRITE), needs(Scope.ADMIN)
_CHANGED = {**problems(404, 409), **WITH_BODY}


@router.get("/tickets/{ticket_id}/summary", responses=problems(404), openapi_extra=_READ)
async def read_summary(
    ticket_id: TicketId,
    caller: Caller,
    services: Serving,
    audience: Annotated[Audience, Query(description="Whom it is for.")] = Audience.ANALYST,
) -> SummaryOut:
    """Read a summary.

    For the analyst who takes over, the lead, or the customer. Made once for each last message; each line names the messages behind it.
    """
    ticket = await services.desk.ticket(caller.workspace_id, ticket_id)
    return SummaryOut.model_validate(await services.tracking.summaries.of(caller.workspace_id, ticket.id, audience))


@router.get("/follow-ups", openapi_extra=_READ)
async def list_follow_ups(
    caller: Caller,
    services: Serving,
    state: Annotated[
        list[FollowUpState] | None, Query(description="Any of these states; those shown now by default.")
    ] = None,
    reason: Annotated[list[FollowUpReason] | None, Query(description="Any of these reasons.")] = None,
    ticket_id: Annotated[Identifier | None, Query(description="Vigil's id of a ticket.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> FollowUpPageOut:
    """List follow-ups.

    The soonest due first.
    """
    wanted = FollowUpFilter(
        states=tuple(state or (FollowUpState.SHOWN,)),
        reasons=tuple(reason or ()),
        ticket_id=ticket_id,
        after=place_of(_LIST, cursor),
        limit=limit + 1,
    )
    found = await services.tracking.follow_ups.find(caller.workspace_id, wanted)
    items, following = cut(found, limit, lambda each: cursor_of(_LIST, each.due, each.id))
    return FollowUpPageOut(items=[FollowUpOut.model_validate(each) for each in items], next=following)


@router.post("/follow-ups/{follow_up_id}/snooze", responses=_CHANGED, openapi_extra=_WRITE)
async def snooze_follow_up(
    follow_up_id: FollowUpId, wanted: SnoozeIn, caller: Caller, services: Serving
) -> FollowUpOut:
    """Put a follow-up off.

    It is shown again at that time, if it is still wanted then. At most 90 days.
    """
    changed = await services.tracking.follow_ups.snooze(
        caller.workspace_id, follow_up_id, until=wanted.until, by=caller.id
    )
    return FollowUpOut.model_validate(changed)


@router.post("/follow-ups/{follow_up_id}/done", responses={**problems(404, 409), **WITH_BODY}, openapi_extra=_WRITE)
async def finish_follow_up(follow_up_id: FollowUpId, caller: Caller, services: Serving) -> FollowUpOut:
    """Say that a follow-up is seen to.

    Nothing more is asked about the same message.
    """
    changed = await services.tracking.follow_ups.done(caller.workspace_id, follow_up_id, by=caller.id)
    return FollowUpOut.model_validate(changed)


@router.post("/follow-ups/{follow_up_id}/wrong", responses=_CHANGED, openapi_extra=_WRITE)
async def refuse_follow_up(follow_up_id: FollowUpId, wanted: WrongIn, caller: Caller, services: Serving) -> FollowUpOut:
    """Say that there was nothing to look at.

    The reason isn't tried again in this ticket, and one that is wrong more often than right is paused in the workspace.
    """
    changed = await services.tracking.follow_ups.wrong(
        caller.workspace_id, follow_up_id, by=caller.id, reason=wanted.reason
    )
    return FollowUpOut.model_validate(changed)


@router.get("/follow-up-rules", openapi_extra=_ADMIN)
async def read_follow_up_rules(caller: Caller, services: Serving) -> FollowUpRulesOut:
    """Read when what is looked at again."""
    return FollowUpRulesOut.model_validate(await services.tracking.follow_ups.rules(caller.workspace_id))


@router.patch("/follow-up-rules", responses=WITH_BODY, openapi_extra=_ADMIN)
async def change_follow_up_rules(wanted: FollowUpRulesIn, caller: Caller, services: Serving) -> FollowUpRulesOut:
    """Change when what is looked at again.

    It holds from each ticket's next message on. A reason that was paused is taken up again by leaving it out of `paused`.
    """
    changes = {name: value for name, value in wanted.model_dump(exclude={"paused"}).items() if value is not None}
    if wanted.paused is not None:
        changes["paused"] = frozenset(wanted.paused)
    rules = replace(await services.tracking.follow_ups.rules(caller.workspace_id), **changes)
    changed = await services.tracking.follow_ups.set_rules(caller.workspace_id, rules, by=caller.id)
    return FollowUpRulesOut.model_validate(changed)


@router.get("/workload", openapi_extra=_READ)
async def read_workload(caller: Caller, services: Serving) -> WorkloadOut:
    """Read the desk's load.

    What is open, stalled, promised and at risk, by person and by topic.
    """
    load = await services.tracking.workload.look(caller.workspace_id)
    return WorkloadOut(
        total=LoadOut.model_validate(load.total),
        by_person=[LoadOut.model_validate(each) for each in load.by_person],
        by_topic=[LoadOut.model_validate(each) for each in load.by_topic],
        at_risk=[
            AtRiskOut(
                ticket_id=each.ticket.id,
                subject=each.ticket.subject,
                assignee_id=each.ticket.assignee_id,
                topic=each.ticket.topic,
                promised=each.promised,
                risks=list(each.risks),
            )
            for each in load.at_risk
        ],
        at=load.at,
    )
