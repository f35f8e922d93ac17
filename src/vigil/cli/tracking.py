"""`vigil summary`, `followups`, `workload`: how tickets stand, from the command line."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run
from vigil.domain.followup import FollowUpReason, FollowUpRules, FollowUpState
from vigil.domain.summary import Audience
from vigil.runtime.workload import Load
from vigil.store.followups import FollowUpFilter

followups_app = typer.Typer(help="Follow-ups: what ought to be looked at again.", no_args_is_help=True)
BY = "cli"


def summary(
    ticket_id: str,
    workspace: InWorkspace = DEFAULT,
    audience: Annotated[Audience, typer.Option("--for", help="Whom it is for.")] = Audience.ANALYST,
    as_json: AsJson = False,
) -> None:
    """Tell a ticket in a few lines, each with the messages that it stands on."""

    async def work(app: App) -> None:
        ticket = await app.desk.ticket(workspace, ticket_id)
        told = await app.tracking.summaries.of(workspace, ticket.id, audience)
        if as_json:
            print_json(told)
            return
        for line in told.lines:
            out.print(f"{escape(line.text)} [dim]{', '.join(line.message_ids)}[/]")
        if not told.lines:
            out.print("[dim]Nothing has been said yet that could be told.[/]")

    run(work)


@followups_app.command("list")
def list_follow_ups(
    workspace: InWorkspace = DEFAULT,
    state: Annotated[
        list[FollowUpState] | None, typer.Option(help="Only these states; repeat for several. Shown ones by default.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that wait and those that are over, too.")] = False,
    reason: Annotated[list[FollowUpReason] | None, typer.Option(help="Only these reasons.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show follow-ups, the soonest due first."""

    async def work(app: App) -> None:
        states = () if every else tuple(state or (FollowUpState.SHOWN,))
        found = await app.tracking.follow_ups.find(
            workspace, FollowUpFilter(states=states, reasons=tuple(reason or ()), limit=limit)
        )
        if as_json:
            print_json(found)
            return
        print_table(
            "",
            ["follow-up", "ticket", "why", "due", "state", "by"],
            [(each.id, each.ticket_id, each.reason, each.due, each.state, each.by or None) for each in found],
            empty="Nothing to look at again.",
        )

    run(work)


@followups_app.command("snooze")
def snooze(
    follow_up_id: str,
    workspace: InWorkspace = DEFAULT,
    hours: Annotated[float, typer.Option(min=0.01, max=90 * 24, help="For how long.")] = 24,
) -> None:
    """Show one again later, if it is still wanted then."""

    async def work(app: App) -> None:
        until = app.clock.now() + timedelta(hours=hours)
        await app.tracking.follow_ups.snooze(workspace, follow_up_id, until=until, by=BY)
        out.print(f"[green]✓[/] {follow_up_id} comes back at {until:%Y-%m-%d %H:%M} UTC")

    run(work)


@followups_app.command("done")
def done(follow_up_id: str, workspace: InWorkspace = DEFAULT) -> None:
    """Say that one is seen to."""

    async def work(app: App) -> None:
        await app.tracking.follow_ups.done(workspace, follow_up_id, by=BY)
        out.print(f"[green]✓[/] {follow_up_id} is done")

    run(work)


@followups_app.command("wrong")
def wrong(
    follow_up_id: str,
    reason: Annotated[str, typer.Option(help="Why there was nothing to look at; Vigil learns from it.")],
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Say that there was nothing to look at."""

    async def work(app: App) -> None:
        await app.tracking.follow_ups.wrong(workspace, follow_up_id, by=BY, reason=reason)
        out.print(f"[green]✓[/] {follow_up_id} was wrong, and is not tried again in that ticket")

    run(work)


@followups_app.command("rules")
def rules(
    workspace: InWorkspace = DEFAULT,
    unanswered: Annotated[float | None, typer.Option(min=0, help="Minutes for a customer's question.")] = None,
    stalled: Annotated[float | None, typer.Option(min=0, help="Minutes for the desk's turn.")] = None,
    fix: Annotated[float | None, typer.Option(min=0, help="Minutes for a fix that nobody confirms.")] = None,
    quiet: Annotated[float | None, typer.Option(min=0, help="Minutes for a customer who doesn't answer.")] = None,
    resolved: Annotated[float | None, typer.Option(min=0, help="Minutes for what looks resolved.")] = None,
    close_after_days: Annotated[
        int | None,
        typer.Option(min=0, help="Days without an answer to a question, after which a ticket is closed; 0: never."),
    ] = None,
    resume: Annotated[list[FollowUpReason] | None, typer.Option(help="Take up a reason that was paused.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show or change when what is looked at again. 0 minutes switch a reason off."""

    async def work(app: App) -> None:
        before = await app.tracking.follow_ups.rules(workspace)
        given = {
            "unanswered_s": unanswered,
            "stalled_s": stalled,
            "fix_s": fix,
            "quiet_s": quiet,
            "resolved_s": resolved,
        }
        seconds = {name: minutes * 60 for name, minutes in given.items() if minutes is not None}
        after: FollowUpRules = replace(before, **seconds, paused=before.paused - frozenset(resume or ()))
        if close_after_days is not None:
            after = replace(after, close_after_days=close_after_days)
        if after != before:
            await app.tracking.follow_ups.set_rules(workspace, after, by=BY)
        if as_json:
            print_json(after)
            return
        minutes = [
            ("a customer's question", after.unanswered_s),
            ("before a promise is due", after.promise_lead_s),
            ("after a promise was due", after.promise_grace_s),
            ("the desk's turn", after.stalled_s),
            ("a fix that nobody confirms", after.fix_s),
            ("a customer who doesn't answer", after.quiet_s),
            ("what looks resolved", after.resolved_s),
        ]
        print_table("", ["what", "minutes"], [(what, round(s / 60, 1) or "never") for what, s in minutes], empty="")
        out.print(f"Closed by itself: {f'after {after.close_after_days} days' if after.close_after_days else 'never'}")
        if after.paused:
            out.print(f"Paused, because wrong too often: {', '.join(sorted(after.paused))}")

    run(work)


def workload(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show what is open, stalled, promised and at risk, by person and by topic."""

    async def work(app: App) -> None:
        load = await app.tracking.workload.look(workspace)
        if as_json:
            print_json(load)
            return
        names = {person.id: person.name for _, person in await app.administration.people(workspace)}
        names |= {each.id: each.name for each in await app.sign_ins.people(workspace)}
        columns = ["", "open", "desk's turn", "stalled", "promised", "at risk", "looks resolved"]
        rows = [
            _row("all", load.total),
            *(_row(names.get(each.key, each.key) or "nobody", each) for each in load.by_person),
        ]
        print_table("By person", columns, rows, empty="")
        print_table("By topic", columns, [_row(each.key or "none", each) for each in load.by_topic], empty="")
        print_table(
            "At risk",
            ["ticket", "why", "promised", "subject"],
            [
                (each.ticket.external_id, ", ".join(each.risks), each.promised, each.ticket.subject)
                for each in load.at_risk
            ],
            empty="No ticket is at risk.",
        )

    run(work)


def _row(name: str, load: Load) -> tuple[object, ...]:
    return (name, load.open, load.desks_turn, load.stalled, load.promised, load.at_risk, load.looks_resolved)
