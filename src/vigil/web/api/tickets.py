"""Tickets: find them, read them, change where they stand."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from vigil.domain.ticket import TicketState
from vigil.guard.access import Scope
from vigil.store.conversations import TicketFilter
from vigil.store.decisions import DecisionFilter
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.cursors import Cursor, Limit, cursor_of, cut, place_of
from vigil.web.api.schemas.common import Identifier, Name, TopicKey
from vigil.web.api.schemas.conversations import MessageOut, TicketChangeIn, TicketOut, TicketPageOut, TranscriptOut
from vigil.web.api.schemas.decisions import DecisionOut, DecisionPageOut
from vigil.web.api.schemas.progress import ProgressOut
from vigil.web.api.schemas.triage import TriageOut, UrgencyIn
from vigil.web.services import Serving

router = APIRouter(prefix="/tickets", tags=["tickets"], route_class=TokenRoute, responses=ALWAYS)

TicketId = Annotated[
    Identifier, Path(description="Vigil's id of the ticket, or its external id where only one has it.")
]

_LIST = "tickets"


@router.get("", openapi_extra=needs(Scope.READ))
async def list_tickets(
    caller: Caller,
    services: Serving,
    state: Annotated[list[TicketState] | None, Query(description="Any of these states.")] = None,
    topic: Annotated[TopicKey | None, Query(description="A topic's key.")] = None,
    assignee_id: Annotated[Name | None, Query(description="Whose they are.")] = None,
    words: Annotated[Name | None, Query(description="Must stand in the subject, or be the external id.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TicketPageOut:
    """List tickets.

    The most recently touched first.
    """
    wanted = TicketFilter(
        states=tuple(state or ()),
        topic=topic,
        assignee_id=assignee_id,
        words=words or "",
        before=place_of(_LIST, cursor),
        limit=limit + 1,
    )
    found = await services.desk.tickets(caller.workspace_id, wanted)
    items, following = cut(found, limit, lambda ticket: cursor_of(_LIST, ticket.updated_at, ticket.id))
    return TicketPageOut(items=[TicketOut.model_validate(ticket) for ticket in items], next=following)


@router.get("/{ticket_id}", responses=problems(404), openapi_extra=needs(Scope.READ))
async def read_ticket(ticket_id: TicketId, caller: Caller, services: Serving) -> TicketOut:
    """Read a ticket."""
    return TicketOut.model_validate(await services.desk.ticket(caller.workspace_id, ticket_id))


@router.patch("/{ticket_id}", responses={**problems(404, 409), **WITH_BODY}, openapi_extra=needs(Scope.WRITE))
async def change_ticket(ticket_id: TicketId, change: TicketChangeIn, caller: Caller, services: Serving) -> TicketOut:
    """Change a ticket.

    Its state, topic, assignee, or whether Vigil keeps quiet in it. A state that can't be reached from where the ticket is: 409.
    """
    changed = await services.desk.change_ticket(
        caller.workspace_id,
        ticket_id,
        by=caller.id,
        state=change.state,
        topic=change.topic,
        assignee_id=change.assignee_id,
        muted=change.muted,
    )
    return TicketOut.model_validate(changed)


@router.get("/{ticket_id}/messages", responses=problems(404), openapi_extra=needs(Scope.READ))
async def read_transcript(ticket_id: TicketId, caller: Caller, services: Serving) -> TranscriptOut:
    """Read a ticket's messages.

    Oldest first; of more than 1,000 the newest.
    """
    messages = await services.desk.transcript(caller.workspace_id, ticket_id)
    return TranscriptOut(items=[MessageOut.model_validate(message) for message in messages])


@router.get("/{ticket_id}/progress", responses=problems(404), openapi_extra=needs(Scope.READ))
async def read_progress(ticket_id: TicketId, caller: Caller, services: Serving) -> ProgressOut:
    """Read how a ticket stands.

    What the customer wants, what is known, what was asked and promised, and whose turn it is, as its messages say. Nobody's guess: each
    field names its message.
    """
    return ProgressOut.model_validate(await services.desk.progress(caller.workspace_id, ticket_id))


@router.get("/{ticket_id}/triage", responses=problems(404), openapi_extra=needs(Scope.READ))
async def read_triage(ticket_id: TicketId, caller: Caller, services: Serving) -> TriageOut:
    """Read what is worth knowing when a ticket is handed out.

    How urgent it is and why, who should have it, tickets that were like it with what resolved them, and whether the customer had the same
    before. No model is asked.
    """
    return TriageOut.model_validate(await services.triages.of(caller.workspace_id, ticket_id))


@router.put("/{ticket_id}/urgency", responses={**problems(404), **WITH_BODY}, openapi_extra=needs(Scope.WRITE))
async def set_urgency(ticket_id: TicketId, wish: UrgencyIn, caller: Caller, services: Serving) -> TriageOut:
    """Say how urgent a ticket is.

    Vigil doesn't change it any more; null leaves it to Vigil again.
    """
    await services.triages.set_urgency(caller.workspace_id, ticket_id, wish.urgency, by=caller.id)
    return TriageOut.model_validate(await services.triages.of(caller.workspace_id, ticket_id))


@router.get("/{ticket_id}/decisions", responses=problems(404), openapi_extra=needs(Scope.READ))
async def list_decisions_of_ticket(
    ticket_id: TicketId, caller: Caller, services: Serving, cursor: Cursor = None, limit: Limit = 50
) -> DecisionPageOut:
    """List a ticket's decisions.

    The latest first.
    """
    ticket = await services.desk.ticket(caller.workspace_id, ticket_id)
    wanted = DecisionFilter(ticket_id=ticket.id, before=place_of("decisions", cursor), limit=limit + 1)
    found = await services.desk.decisions(caller.workspace_id, wanted)
    items, following = cut(found, limit, lambda decision: cursor_of("decisions", decision.decided_at, decision.id))
    return DecisionPageOut(items=[DecisionOut.model_validate(decision) for decision in items], next=following)
