"""A chat in the terminal: whoever types is the customer, or with a slash the analyst, and sees what Vigil makes of it."""

import asyncio

from rich.markup import escape
from rich.panel import Panel

from vigil.app import App
from vigil.assist.story import explain
from vigil.cli.shell import out
from vigil.domain.conversation import ConversationKind, Incoming, Person, Role
from vigil.domain.decision import Decision, DecisionKind
from vigil.store.decisions import DecisionFilter
from vigil.store.events import Receipt

CHANNEL = "console"
"""The built-in channel: what is written on the command line stands in the same conversations as what the console shows."""
ANALYST = Person(id="analyst-at-this-terminal", name="Analyst", role=Role.ANALYST)


async def chat(app: App, *, workspace: str, customer: Person) -> None:
    """Talk until the input ends or ``/quit`` is typed."""
    room = app.ids.new("chat")
    last: Decision | None = None
    while True:
        text = await asyncio.to_thread(_ask)
        if text is None or text == "/quit":
            return
        if not text:
            continue
        if text == "/why":
            out.print(escape(explain(last)) if last else "[dim]Nothing has been decided yet.[/]")
            continue
        author = customer
        if text.startswith("/analyst "):
            author, text = ANALYST, text.removeprefix("/analyst ").strip()
        elif text.startswith("/"):
            out.print("[dim]/analyst TEXT, /why or /quit[/]")
            continue
        _, last = await say(app, workspace, room, author, text)
        if last is not None:
            _print(last)


def _ask() -> str | None:
    try:
        return out.input("[bold cyan]you ›[/] ").strip()
    except EOFError:
        return None


async def say(app: App, workspace: str, room: str, author: Person, text: str) -> tuple[Receipt, Decision | None]:
    """Write into a room, and what was decided about it; None where another process is working on this conversation just now."""
    event = app.ids.new("m")
    incoming = Incoming(
        channel=CHANNEL,
        conversation=room,
        external_id=event,
        message_id=event,
        author=author,
        text=text,
        sent_at=app.clock.now(),
        kind=ConversationKind.ROOM,
    )
    receipt = await app.desk.receive(workspace, incoming, trust_role=True)
    await app.worker.settle()
    latest = await app.desk.decisions(workspace, DecisionFilter(conversation_id=receipt.conversation_id, limit=1))
    return receipt, latest[0] if latest else None


def _print(decision: Decision) -> None:
    if decision.kind is DecisionKind.SILENT:
        out.print(f"      [dim]· Vigil is silent: {decision.reason.replace('_', ' ')}[/]")
        return
    title = {
        DecisionKind.SUGGEST: "privately to the analyst",
        DecisionKind.REPLY: "to you",
        DecisionKind.HAND_OFF: "a human is called",
    }[decision.kind]
    sure = f"{decision.confidence:.0%} sure · " if decision.confidence is not None and decision.citations else ""
    sources = ", ".join(sorted({citation.title for citation in decision.citations}))
    out.print(
        Panel(
            escape(decision.answer or decision.note),
            title=f"[bold]Vigil[/], {title}",
            subtitle=f"[dim]{sure}{escape(sources)}[/]",
            border_style="green",
            title_align="left",
        )
    )
