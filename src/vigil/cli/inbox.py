"""`vigil inbox`: events that failed too often and were parked. See them, try them again, or give them up."""

from typing import Annotated

import typer

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run, stop

inbox_app = typer.Typer(help="Parked messages: list, retry, drop.", no_args_is_help=True)
BY = "cli"

Events = Annotated[list[str] | None, typer.Argument(help="Ids of parked events, as `vigil inbox list` shows them.")]
Every = Annotated[bool, typer.Option("--all", help="All that are parked.")]


@inbox_app.command("list")
def list_parked(
    workspace: InWorkspace = DEFAULT, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, as_json: AsJson = False
) -> None:
    """Show what failed too often, the latest first, and why."""

    async def work(app: App) -> None:
        parked = await app.desk.parked(workspace, limit=limit)
        if as_json:
            print_json(parked)
            return
        print_table(
            "",
            ["event", "conversation", "message", "reason", "received"],
            [
                (each.id, each.incoming.conversation, each.incoming.message_id, each.reason, each.received_at)
                for each in parked
            ],
            empty="Nothing is parked.",
        )

    run(work)


@inbox_app.command("retry")
def retry(events: Events = None, every: Every = False, workspace: InWorkspace = DEFAULT) -> None:
    """Let parked events wait again, as if they had never failed. A running worker takes them up."""

    async def work(app: App) -> None:
        chosen = await _chosen(app, workspace, events, every=every)
        for event_id in chosen:
            await app.desk.retry_parked(workspace, event_id, by=BY)
        out.print(f"{len(chosen)} to be tried again.")

    run(work)


@inbox_app.command("drop")
def drop(events: Events = None, every: Every = False, workspace: InWorkspace = DEFAULT) -> None:
    """Give parked events up: they are never decided about."""

    async def work(app: App) -> None:
        chosen = await _chosen(app, workspace, events, every=every)
        for event_id in chosen:
            await app.desk.drop_parked(workspace, event_id, by=BY)
        out.print(f"{len(chosen)} given up.")

    run(work)


async def _chosen(app: App, workspace: str, events: list[str] | None, *, every: bool) -> list[str]:
    if bool(events) == every:
        stop("Name the events, or say --all.", code=2)
    return [each.id for each in await app.desk.parked(workspace, limit=100_000)] if every else list(events or ())
