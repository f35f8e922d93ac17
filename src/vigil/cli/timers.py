"""`vigil timers`: what is to happen later, and what became of it."""

from typing import Annotated

import typer

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run
from vigil.domain.timer import TimerState
from vigil.store.timers import TimerFilter

timers_app = typer.Typer(help="Timers: what happens later, by itself.", no_args_is_help=True)
BY = "cli"


@timers_app.command("list")
def list_timers(
    workspace: InWorkspace = DEFAULT,
    state: Annotated[
        list[TimerState] | None, typer.Option(help="Only these states; repeat for several. Waiting ones by default.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show timers, the soonest first."""

    async def work(app: App) -> None:
        states = () if every else tuple(state or (TimerState.WAITING,))
        timers = await app.timers.find(workspace, TimerFilter(states=states, kind=kind, limit=limit))
        if as_json:
            print_json(timers)
            return
        print_table(
            "",
            ["timer", "kind", "subject", "due", "every", "state", "tried", "why"],
            [
                (
                    each.id,
                    each.kind,
                    each.subject,
                    each.due,
                    each.every or None,
                    each.state,
                    each.attempts or None,
                    each.reason or None,
                )
                for each in timers
            ],
            empty="No timers; they are set by what Vigil does, such as following up on a ticket.",
        )

    run(work)


@timers_app.command("cancel")
def cancel_timer(timer_id: str, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Take a timer back: it won't fire, and one that comes again won't come again."""

    async def work(app: App) -> None:
        timer = await app.timers.cancel(workspace, timer_id, by=BY)
        if as_json:
            print_json(timer)
        else:
            out.print(f"[green]✓[/] {timer.id} ({timer.kind}) is cancelled")

    run(work)
