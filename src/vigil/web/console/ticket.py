"""A ticket's page, and what an analyst does there: write, send what Vigil suggests, dismiss it, resolve, reopen, mute. How each is done
is the desk's."""

import re
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape
from starlette.responses import RedirectResponse

from vigil.domain.account import Part
from vigil.domain.conversation import Conversation, Incoming, Person, Role
from vigil.domain.decision import OutcomeKind
from vigil.domain.ticket import Ticket, TicketState
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.knowledge.plain import plain
from vigil.web.console import words
from vigil.web.console.colleagues import names_of
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.panel import panel_of
from vigil.web.console.thread import check_writable, sent_as, thread_of
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(route_class=PageRoute, include_in_schema=False)

READS, WRITES = least(Part.VIEWER), least(Part.ANALYST)
_TO_VIGIL: Final = re.compile(r"\s*@vigil\b[\s,:]*", re.IGNORECASE)
"""What begins like this is for Vigil alone."""


@router.get("/tickets/{ticket_id}", openapi_extra=READS)
async def ticket_page(
    request: Request, ticket_id: str, visitor: SignedIn, console: Console, services: Serving, edit: str = ""
) -> Response:
    """The whole page, or the conversation alone for a script of ours. `edit` names a suggestion to begin the answer with."""
    return await _page(request, ticket_id, visitor, console, services, edit=edit)


@router.post("/tickets/{ticket_id}/messages", openapi_extra=WRITES)
async def write(
    request: Request, ticket_id: str, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    """Write to the customer; with `decision` it is what the analyst made of that suggestion."""
    text, decision_id = form.get("text", "").strip(), form.get("decision", "")
    to_vigil = _TO_VIGIL.match(text)
    if to_vigil is not None:  # before anything else: what is asked of Vigil never reaches a customer
        return await _ask(request, ticket_id, text[to_vigil.end() :], visitor, console, services)
    if not text:
        raise InvalidInput("Write something first.")
    if len(text) > services.settings.max_message_chars:
        raise InvalidInput(f"That is longer than {services.settings.max_message_chars:,} characters; send it in parts.")
    if decision_id:
        return await _send(request, decision_id, visitor, console, services, text=text)
    ticket = await services.desk.ticket(visitor.workspace, ticket_id)
    conversation = await services.desk.conversation(visitor.workspace, ticket.conversation_id)
    name = form.get("name", "") or services.ids.new("m")
    await _receive(
        services, console, visitor, ticket, conversation, text=text, name=f"{visitor.account.id}-{name[:64]}"
    )
    return await _after(request, ticket.id, visitor, console, services, said="Sent.")


@router.post("/tickets/{ticket_id}/ask", openapi_extra=WRITES)
async def ask(
    request: Request, ticket_id: str, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    """Ask Vigil; nobody but the analysts sees question and answer."""
    text = form.get("text", "")
    return await _ask(request, ticket_id, _TO_VIGIL.sub("", text, count=1), visitor, console, services)


@router.post("/tickets/{ticket_id}/change", openapi_extra=WRITES)
async def change(
    request: Request, ticket_id: str, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    """Resolve, reopen, mute or unmute, take or leave."""
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "resolve": ({"state": TicketState.RESOLVED}, "Resolved."),
        "reopen": ({"state": TicketState.REOPENED}, "Reopened."),
        "mute": ({"muted": True}, "Vigil keeps quiet in this ticket."),
        "unmute": ({"muted": False}, "Vigil may speak here again."),
        "take": ({"assignee_id": visitor.account.id}, "It's yours."),
        "leave": ({"assignee_id": ""}, "It's nobody's now."),
    }
    wanted = changes.get(form.get("do", ""))
    if wanted is None:
        raise InvalidInput(f"A ticket can be changed by: {', '.join(changes)}.")
    changed = await services.desk.change_ticket(visitor.workspace, ticket_id, by=visitor.account.id, **wanted[0])
    return await _after(request, changed.id, visitor, console, services, said=wanted[1])


@router.post("/decisions/{decision_id}/send", openapi_extra=WRITES)
async def send(request: Request, decision_id: str, visitor: SignedIn, console: Console, services: Serving) -> Response:
    """Send a suggestion as it is."""
    return await _send(request, decision_id, visitor, console, services, text=None)


@router.post("/decisions/{decision_id}/dismiss", openapi_extra=WRITES)
async def dismiss(
    request: Request, decision_id: str, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    """Say why a suggestion is of no use."""
    reason = (form.get("other", "").strip() or form.get("reason", "").strip())[:500]
    record = await services.desk.decision(visitor.workspace, decision_id)
    if not any(outcome.kind is OutcomeKind.DISMISSED for outcome in record.outcomes):
        await services.desk.record_outcome(
            visitor.workspace, decision_id, kind=OutcomeKind.DISMISSED, by=visitor.account.id, reason=reason
        )
    return await _after(request, record.decision.ticket_id or "", visitor, console, services, said="Dismissed.")


@router.get("/decisions/{decision_id}/why", openapi_extra=READS)
async def why(request: Request, decision_id: str, visitor: SignedIn, services: Serving) -> Response:
    """The story of a decision, in words."""
    record = await services.desk.decision(visitor.workspace, decision_id)
    return page(request, "why.html", {"decision": record.decision, "story": services.story(record.decision)})


@router.get("/decisions/{decision_id}/evidence/{number}", openapi_extra=READS)
async def evidence(request: Request, decision_id: str, number: int, visitor: SignedIn, services: Serving) -> Response:
    """What a suggestion stands on: the passage as it was when it was decided, with the words that carry the answer marked."""
    record = await services.desk.decision(visitor.workspace, decision_id)
    if not 0 <= number < len(record.decision.citations):
        raise NotFound("This suggestion has no such evidence.")
    citation = record.decision.citations[number]
    history = await services.knowledge.history(visitor.workspace, citation.entry_id)
    cited = next((each for each in history if each.id == citation.revision_id), None)
    text = citation.quote if cited is None else cited.draft.answer
    values = {
        "citation": citation,
        "passage": marked(plain(text), plain(citation.quote)),
        "changed": cited is not None and cited.id != history[-1].id,
    }
    return page(request, "evidence.html", values)


def marked(text: str, quote: str) -> Markup:
    """A text with a quote of it marked, everything escaped. Where it doesn't stand there word for word, the text as it is."""
    before, found, after = text.partition(quote) if quote else (text, "", "")
    if not found:
        return escape(text)
    return Markup("{}<mark>{}</mark>{}").format(before, found, after)


async def _send(
    request: Request, decision_id: str, visitor: Visitor, console: ConsoleNeeds, services: Services, *, text: str | None
) -> Response:
    """Write a suggestion to the customer, as it is or changed, and note which. Pressed twice, it is sent once."""
    desk = services.desk
    record = await desk.decision(visitor.workspace, decision_id)
    decision = record.decision
    if not decision.answer or decision.ticket_id is None:
        raise InvalidInput("This decision suggested nothing that could be sent.")
    ticket = await desk.ticket(visitor.workspace, decision.ticket_id)
    sent = next((each for each in record.outcomes if each.kind in (OutcomeKind.ADOPTED, OutcomeKind.EDITED)), None)
    if sent is not None:
        if text is not None and text != sent.text:
            raise Conflict("This suggestion was sent already. What you wrote is still here; send it as a message.")
        return await _after(request, ticket.id, visitor, console, services, said="It was sent already.")
    conversation = await desk.conversation(visitor.workspace, decision.conversation_id)
    await _receive(
        services,
        console,
        visitor,
        ticket,
        conversation,
        text=text or decision.answer,
        name=sent_as(decision.id),
        reply_to=await _asked(services, visitor, ticket, decision.message_id),
    )
    edited = text is not None and text != decision.answer.strip()
    await desk.record_outcome(
        visitor.workspace,
        decision.id,
        kind=OutcomeKind.EDITED if edited else OutcomeKind.ADOPTED,
        by=visitor.account.id,
        text=text or "" if edited else "",
    )
    said = "Sent with your changes." if edited else "Sent."
    return await _after(request, ticket.id, visitor, console, services, said=said)


async def _ask(
    request: Request, ticket_id: str, text: str, visitor: Visitor, console: ConsoleNeeds, services: Services
) -> Response:
    decision = await console.asking.ask(visitor.workspace, ticket_id, text, by=visitor.account.id)
    said = "Vigil has answered you. Nobody else sees it but the analysts."
    return await _after(request, decision.ticket_id or ticket_id, visitor, console, services, said=said)


async def _receive(
    services: Services,
    console: ConsoleNeeds,
    visitor: Visitor,
    ticket: Ticket,
    conversation: Conversation,
    *,
    text: str,
    name: str,
    reply_to: tuple[str, ...] = (),
) -> None:
    check_writable(conversation, console.built_in)
    incoming = Incoming(
        channel=conversation.channel,
        conversation=conversation.external_id,
        external_id=name,
        message_id=name,
        author=Person(id=visitor.account.id, name=visitor.account.name, role=Role.ANALYST),
        text=text,
        sent_at=console.clock.now(),
        kind=conversation.kind,
        ticket=ticket.external_id,
        reply_to=reply_to,
    )
    await services.desk.receive(visitor.workspace, incoming, trust_role=True)


async def _asked(services: Services, visitor: Visitor, ticket: Ticket, message_id: str) -> tuple[str, ...]:
    messages = await services.desk.transcript(visitor.workspace, ticket.id)
    return tuple(message.external_id for message in messages if message.id == message_id)


async def _after(
    request: Request, ticket_id: str, visitor: Visitor, console: ConsoleNeeds, services: Services, *, said: str
) -> Response:
    """The conversation as it stands now for a script of ours; for a plain form the page."""
    if request.headers.get("hx-request"):
        return await _page(request, ticket_id, visitor, console, services, said=said)
    return RedirectResponse(f"/tickets/{ticket_id}", status_code=303)


async def _page(
    request: Request,
    ticket_id: str,
    visitor: Visitor,
    console: ConsoleNeeds,
    services: Services,
    *,
    edit: str = "",
    said: str = "",
) -> Response:
    panel = await panel_of(services, visitor.workspace, ticket_id)
    thread = await thread_of(
        services.desk, visitor.workspace, ticket_id, built_in=console.built_in, follow_ups=panel.follow_ups
    )
    topics = await services.administration.topics(visitor.workspace)
    people = await names_of(console.sign_ins, services.administration, visitor.workspace)
    told = await console.asking.told(visitor.workspace, (each for line in thread.lines for each in line.asked))
    suggestions = [each for line in thread.lines for each in line.suggestions]
    values = {
        "thread": thread,
        "ticket": thread.ticket,
        "topics": {each.key: each.name for each in topics},
        "people": people,
        "told": told,
        "edit": next((each.decision for each in suggestions if each.open and each.decision.id == edit), None),
        "dismissals": words.DISMISSALS,
        "snoozes": words.SNOOZES,
        "panel": panel,
        "now": console.clock.now(),
        "message_name": services.ids.new("m"),
    }
    part = request.headers.get("hx-request") and request.headers.get("hx-target") == "ticket"
    return page(request, "ticket_body.html" if part else "ticket.html", values, said=said)
