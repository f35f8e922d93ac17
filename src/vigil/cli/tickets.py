"""`vigil tickets`, `message`, `decisions`, `why`, `outcome`: what happens on the desk, from the command line."""

from typing import Annotated

import typer
from rich.markup import escape

from vigil.app import App
from vigil.assist.story import explain
from vigil.cli.chat import say
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run
from vigil.domain.conversation import Person, Role
from vigil.domain.decision import DecisionKind, OutcomeKind
from vigil.domain.ticket import TicketState
from vigil.domain.triage import Urgency
from vigil.store.conversations import TicketFilter
from vigil.store.decisions import DecisionFilter
from vigil.track.telling import handed_out, told

tickets_app = typer.Typer(help="Tickets: list, read, change.", no_args_is_help=True)
BY = "cli"


@tickets_app.command("list")
def list_tickets(
    workspace: InWorkspace = DEFAULT,
    state: Annotated[list[TicketState] | None, typer.Option(help="Only these states; repeat for several.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    words: Annotated[str, typer.Option(help="Must stand in the subject.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show tickets, the most recently touched first."""

    async def work(app: App) -> None:
        wanted = TicketFilter(states=tuple(state or ()), topic=topic, words=words, limit=limit)
        tickets = await app.desk.tickets(workspace, wanted)
        if as_json:
            print_json(tickets)
            return
        print_table(
            "",
            ["ticket", "state", "topic", "subject", "updated"],
            [(each.external_id, each.state, each.topic, each.subject, each.updated_at) for each in tickets],
            empty="No tickets yet; `vigil message` or `vigil import` brings some.",
        )

    run(work)


@tickets_app.command("show")
def show_ticket(ticket_id: str, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Read a ticket: its messages, and beside them what Vigil decided."""

    async def work(app: App) -> None:
        ticket = await app.desk.ticket(workspace, ticket_id)
        messages = await app.desk.transcript(workspace, ticket.id)
        decisions = await app.desk.decisions(workspace, DecisionFilter(ticket_id=ticket.id, limit=1000))
        if as_json:
            print_json({"ticket": ticket, "messages": messages, "decisions": decisions})
            return
        out.print(
            f"[bold]{escape(ticket.subject)}[/]  [dim]{escape(ticket.external_id)} · {ticket.state} · {ticket.topic or 'no topic'}[/]"
        )
        about = {decision.message_id: decision for decision in decisions}
        for message in messages:
            text = escape(message.text) if message.deleted_at is None else "[dim](deleted)[/]"
            out.print(f"[bold]{escape(message.author.name)}[/] [dim]{message.author.role}[/]  {text}")
            decision = about.get(message.id)
            if decision is not None and decision.kind is not DecisionKind.SILENT:
                out.print(f"   [green]▸ {decision.kind}[/] {escape(decision.answer)} [dim]{decision.id}[/]")
            elif decision is not None:
                out.print(f"   [dim]▸ silent: {decision.reason} · {decision.id}[/]")

    run(work)


@tickets_app.command("progress")
def show_progress(ticket_id: str, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show how a ticket stands: what is wanted, known, asked and promised, and whose turn it is."""

    async def work(app: App) -> None:
        progress = await app.desk.progress(workspace, ticket_id)
        if as_json:
            print_json(progress)
            return
        for name, text in told(progress):
            out.print(f"[bold]{name:<10}[/] {escape(text)}")

    run(work)


@tickets_app.command("triage")
def show_triage(
    ticket_id: str,
    workspace: InWorkspace = DEFAULT,
    urgency: Annotated[Urgency | None, typer.Option(help="Your word on how urgent it is.")] = None,
    by_vigil: Annotated[bool, typer.Option("--urgency-by-vigil", help="Take your word on it back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is worth knowing when a ticket is handed out: urgency, people, and what happened before."""

    async def work(app: App) -> None:
        if urgency is not None or by_vigil:
            await app.triages.set_urgency(workspace, ticket_id, urgency, by=BY)
        triage = await app.triages.of(workspace, ticket_id)
        if as_json:
            print_json(triage)
            return
        for name, text in handed_out(triage):
            out.print(f"[bold]{name:<10}[/] {escape(text)}")

    run(work)


@tickets_app.command("set")
def change_ticket(
    ticket_id: str,
    workspace: InWorkspace = DEFAULT,
    state: Annotated[TicketState | None, typer.Option(help="Where it is to go.")] = None,
    topic: Annotated[str | None, typer.Option(help="Its topic; Vigil leaves it alone from then on.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Who has it; an empty text for nobody.")] = None,
    muted: Annotated[bool | None, typer.Option("--mute/--unmute", help="Keep Vigil quiet in this ticket.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a ticket."""

    async def work(app: App) -> None:
        ticket = await app.desk.change_ticket(
            workspace, ticket_id, by=BY, state=state, topic=topic, assignee_id=assignee, muted=muted
        )
        if as_json:
            print_json(ticket)
        else:
            out.print(
                f"{ticket.external_id}: {ticket.state}, {ticket.topic or 'no topic'}{', muted' if ticket.muted else ''}."
            )

    run(work)


def message(
    conversation: Annotated[str, typer.Argument(help="The ticket's room, a name of your choice.")],
    text: Annotated[str, typer.Argument(help="What is written.")],
    author: Annotated[str, typer.Option(help="Who writes: an id.")] = "customer-1",
    role: Annotated[Role, typer.Option(help="What they are; whoever runs this command is believed.")] = Role.CUSTOMER,
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Write a message into a ticket's room and show what Vigil makes of it."""

    async def work(app: App) -> None:
        writer = Person(id=author, name=author, role=role)
        receipt, decision = await say(app, workspace, conversation, writer, text)
        if as_json:
            print_json({"receipt": receipt, "decision": decision})
        elif decision is not None:
            out.print(f"[bold]{decision.kind}[/] ({decision.reason}) [dim]{decision.id}[/]")
            said = decision.answer or decision.note
            if said:
                out.print(escape(said))

    run(work)


def list_decisions(
    workspace: InWorkspace = DEFAULT,
    ticket: Annotated[str | None, typer.Option(help="Only about this ticket.")] = None,
    kind: Annotated[list[DecisionKind] | None, typer.Option(help="Only these kinds; repeat for several.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show decisions, the latest first."""

    async def work(app: App) -> None:
        ticket_id = None if ticket is None else (await app.desk.ticket(workspace, ticket)).id
        found = await app.desk.decisions(
            workspace, DecisionFilter(ticket_id=ticket_id, kinds=tuple(kind or ()), limit=limit)
        )
        if as_json:
            print_json(found)
            return
        print_table(
            "",
            ["decision", "kind", "reason", "sure", "answer", "at"],
            [(each.id, each.kind, each.reason, each.confidence, each.answer[:80], each.decided_at) for each in found],
            empty="No decisions yet.",
        )

    run(work)


def why(decision_id: str, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Tell the story of a decision: what was read, what each step found, what it cost, what became of it."""

    async def work(app: App) -> None:
        record = await app.desk.decision(workspace, decision_id)
        if as_json:
            print_json(record)
            return
        out.print(escape(explain(record.decision)))
        for post in record.posts:
            out.print(f"[dim]Post {post.id}: {post.state}{', ' + escape(post.reason) if post.reason else ''}.[/]")
        for outcome in record.outcomes:
            more = outcome.reason or outcome.text
            out.print(f"[dim]{outcome.kind} by {escape(outcome.by)}{': ' + escape(more) if more else ''}.[/]")

    run(work)


def outcome(
    decision_id: str,
    kind: OutcomeKind,
    workspace: InWorkspace = DEFAULT,
    by: Annotated[str, typer.Option(help="Who says so.")] = BY,
    text: Annotated[str, typer.Option(help="The text as it was sent, for an edited one.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for a dismissed one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what became of a decision: adopted, edited, dismissed, ..."""

    async def work(app: App) -> None:
        recorded = await app.desk.record_outcome(workspace, decision_id, kind=kind, by=by, text=text, reason=reason)
        if as_json:
            print_json(recorded)
        else:
            out.print(f"Noted: {recorded.kind}.")

    run(work)
