"""The customer's side of the built-in channel: a page to open a ticket, and the chat. Who writes is known by a secret in their browser;
they see what is public in their own conversations, and nothing else."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.domain.conversation import Conversation, Incoming, Message, Person, Role
from vigil.domain.workspace import Workspace
from vigil.errors import InvalidInput, NotFound
from vigil.web.console.live import stream
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.visits import ANYONE, Form, PageRoute, check_token, keep, kept, least, token_of
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/help/{workspace}", route_class=PageRoute, include_in_schema=False)

CHANNEL: Final = "console"
COOKIE: Final = "vigil_customer"
REMEMBERED: Final = timedelta(days=30)
"""For how long a browser finds its conversations again."""


@router.get("", openapi_extra=least(ANYONE))
async def open_page(request: Request, workspace: str, services: Serving) -> Response:
    known = await _admitted(request, workspace, services)
    secret = kept(request, COOKIE) or secrets.token_urlsafe(32)
    values = {"workspace": known, "token": token_of(secret), "name": "", "text": "", "problem": ""}
    response = page(request, "help.html", values)
    keep(request, response, COOKIE, secret, lasts=REMEMBERED)
    return response


@router.post("", openapi_extra=least(ANYONE))
async def open_ticket(request: Request, workspace: str, form: Form, console: Console, services: Serving) -> Response:
    await _admitted(request, workspace, services)
    secret = _secret(request)
    text = _text(form, services)
    name = " ".join(form.get("name", "").split())[:80]
    if not name:
        raise InvalidInput("Write your name, so that whoever helps knows what to call you.")
    now = console.clock.now()
    address = "" if request.client is None else request.client.host
    told = "That is a lot of conversations for an hour. Go on in one that is open."
    console.opened.check(address, told, at=now)
    console.opened.count(address, at=now)
    room = f"{person_of(secret)}-{secrets.token_hex(6)}"
    await _receive(services, console, workspace, room, secret, name=name, text=text, given=form.get("name_of", ""))
    return RedirectResponse(f"/help/{workspace}/{room}", status_code=303)


@router.get("/{room}", openapi_extra=least(ANYONE))
async def chat_page(request: Request, workspace: str, room: str, services: Serving) -> Response:
    """The whole page, or the conversation alone for a script of ours."""
    known = await _admitted(request, workspace, services)
    return await _page(request, known, room, services)


@router.post("/{room}", openapi_extra=least(ANYONE))
async def write(
    request: Request, workspace: str, room: str, form: Form, console: Console, services: Serving
) -> Response:
    known = await _admitted(request, workspace, services)
    secret = _secret(request)
    _, messages = await _mine(request, workspace, room, services)
    now = console.clock.now()
    console.written.check(secret, "That was fast. Wait a moment, then send it again.", at=now)
    console.written.count(secret, at=now)
    text = _text(form, services)
    name = next((message.author.name for message in messages if message.author.id == person_of(secret)), "Customer")
    await _receive(services, console, workspace, room, secret, name=name, text=text, given=form.get("name_of", ""))
    if request.headers.get("hx-request"):
        return await _page(request, known, room, services, said="Sent.")
    return RedirectResponse(f"/help/{workspace}/{room}", status_code=303)


@router.get("/{room}/live", openapi_extra=least(ANYONE))
async def live(request: Request, workspace: str, room: str, console: Console, services: Serving) -> Response:
    """Tells the page when somebody has written."""
    await _admitted(request, workspace, services)
    conversation, _ = await _mine(request, workspace, room, services)
    return stream(console.pulse, workspace, conversation.id)


async def _admitted(request: Request, workspace: str, services: Services) -> Workspace:
    """The workspace, for whom its page is open: everybody where the settings say so, else who is signed in to it."""
    visitor = request.state.visitor
    if not services.settings.customer_page and (visitor is None or visitor.workspace != workspace):
        raise NotFound("There is nothing at this address.")
    return await services.administration.workspace(workspace)


async def _page(request: Request, workspace: Workspace, room: str, services: Services, *, said: str = "") -> Response:
    secret = _secret(request, check=False)
    conversation, messages = await _mine(request, workspace.id, room, services)
    values = {
        "workspace": workspace,
        "room": room,
        "conversation": conversation,
        "messages": [message for message in messages if message.deleted_at is None],
        "me": person_of(secret),
        "token": token_of(secret),
        "message_name": secrets.token_hex(8),
    }
    part = request.headers.get("hx-target") == "chat"
    return page(request, "help_body.html" if part else "help_chat.html", values, said=said)


async def _mine(
    request: Request, workspace: str, room: str, services: Services
) -> tuple[Conversation, Sequence[Message]]:
    """A conversation that this browser opened. Raises NotFound for any other: the room's name is not enough to get in."""
    if not room.startswith(f"{person_of(_secret(request, check=False))}-"):
        raise NotFound("There is nothing at this address.")
    return await services.desk.room(workspace, CHANNEL, room)


async def _receive(
    services: Services,
    console: ConsoleNeeds,
    workspace: str,
    room: str,
    secret: str,
    *,
    name: str,
    text: str,
    given: str,
) -> None:
    event = f"{room}-{given[:64] or secrets.token_hex(8)}"
    incoming = Incoming(
        channel=CHANNEL,
        conversation=room,
        external_id=event,
        message_id=event,
        author=Person(id=person_of(secret), name=name, role=Role.CUSTOMER),
        text=text,
        sent_at=console.clock.now(),
    )
    await services.desk.receive(workspace, incoming)


def _secret(request: Request, *, check: bool = True) -> str:
    """What this browser keeps. A form has to carry what was made of it."""
    secret = kept(request, COOKIE)
    if not secret:
        raise NotFound("There is nothing at this address for this browser.")
    if check:
        check_token(request, token_of(secret))
    return secret


def person_of(secret: str) -> str:
    """The customer that a browser with this secret is."""
    return f"customer-{hashlib.sha256(secret.encode()).hexdigest()[:24]}"


def _text(form: dict[str, str], services: Services) -> str:
    text, most = form.get("text", "").strip(), services.settings.max_message_chars
    if not text:
        raise InvalidInput("Write what it is about.")
    if len(text) > most:
        raise InvalidInput(f"That is longer than {most:,} characters; send it in parts.")
    return text
