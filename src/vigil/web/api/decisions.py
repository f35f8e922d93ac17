"""Decisions out: what Vigil decided, why, what it wanted to send; and outcomes in: what became of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from vigil.domain.decision import DecisionKind, Reason
from vigil.guard.access import Scope
from vigil.store.decisions import DecisionFilter
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.cursors import Cursor, Limit, cursor_of, cut, place_of
from vigil.web.api.schemas.common import Identifier, Instant
from vigil.web.api.schemas.decisions import (
    DecisionOut,
    DecisionPageOut,
    DecisionRecordOut,
    OutcomeIn,
    OutcomeOut,
    StoryOut,
)
from vigil.web.services import Serving

router = APIRouter(prefix="/decisions", tags=["decisions"], route_class=TokenRoute, responses=ALWAYS)

DecisionId = Annotated[Identifier, Path(description="The decision's id.")]

_LIST = "decisions"


@router.get("", openapi_extra=needs(Scope.READ))
async def list_decisions(
    caller: Caller,
    services: Serving,
    kind: Annotated[list[DecisionKind] | None, Query(description="Any of these kinds.")] = None,
    reason: Annotated[list[Reason] | None, Query(description="Any of these reasons.")] = None,
    ticket_id: Annotated[Identifier | None, Query(description="Vigil's id of a ticket.")] = None,
    message_id: Annotated[Identifier | None, Query(description="Vigil's id of a message.")] = None,
    conversation_id: Annotated[Identifier | None, Query(description="Vigil's id of a conversation.")] = None,
    since: Annotated[Instant | None, Query(description="Decided at this time or later.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DecisionPageOut:
    """List decisions.

    The latest first. A single one is read with its candidates, stages, outcomes and posts.
    """
    wanted = DecisionFilter(
        ticket_id=ticket_id,
        message_id=message_id,
        conversation_id=conversation_id,
        kinds=tuple(kind or ()),
        reasons=tuple(reason or ()),
        since=since,
        before=place_of(_LIST, cursor),
        limit=limit + 1,
    )
    found = await services.desk.decisions(caller.workspace_id, wanted)
    items, following = cut(found, limit, lambda decision: cursor_of(_LIST, decision.decided_at, decision.id))
    return DecisionPageOut(items=[DecisionOut.model_validate(decision) for decision in items], next=following)


@router.get("/{decision_id}", responses=problems(404), openapi_extra=needs(Scope.READ))
async def read_decision(decision_id: DecisionId, caller: Caller, services: Serving) -> DecisionRecordOut:
    """Read a decision.

    With the candidates that it chose from, the stages that led to it, what became of it, and what it wanted to send.
    """
    record = await services.desk.decision(caller.workspace_id, decision_id)
    return DecisionRecordOut.model_validate(record)


@router.get("/{decision_id}/story", responses=problems(404), openapi_extra=needs(Scope.READ))
async def tell_decision(decision_id: DecisionId, caller: Caller, services: Serving) -> StoryOut:
    """Tell why.

    The decision in words, as `vigil why` tells it.
    """
    record = await services.desk.decision(caller.workspace_id, decision_id)
    return StoryOut(decision_id=record.decision.id, story=services.story(record.decision))


@router.post(
    "/{decision_id}/outcome",
    status_code=201,
    responses={**problems(404), **WITH_BODY},
    openapi_extra=needs(Scope.WRITE),
)
async def record_outcome(decision_id: DecisionId, outcome: OutcomeIn, caller: Caller, services: Serving) -> OutcomeOut:
    """Say what became of a decision.

    Adopted, edited (with the text as sent), dismissed (with a reason), confirmed, contradicted or ignored. Vigil learns from it. A later
    word stands beside the earlier one; dismissing withdraws what still waits to be sent.
    """
    recorded = await services.desk.record_outcome(
        caller.workspace_id, decision_id, kind=outcome.kind, by=caller.id, text=outcome.text, reason=outcome.reason
    )
    return OutcomeOut.model_validate(recorded)
