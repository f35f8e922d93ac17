"""`vigil replay` and `vigil import`: recorded tickets, played through the production pipeline or brought onto the desk."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from vigil.app import App
from vigil.channels.importer import arrivals, preview
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, finish, out, print_json, print_table, run, settings, stop
from vigil.clock import CountingIds, ManualClock, SystemClock
from vigil.evaluate import report
from vigil.evaluate.counting import count
from vigil.evaluate.judge import judge
from vigil.evaluate.recorded import Selection, Shape, load
from vigil.evaluate.replay import replay
from vigil.settings import Settings

BY = "cli"
MOST_REFUSALS = 20


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=out,
        disable=not out.is_terminal,
    )


def replay_command(
    file: Annotated[
        Path, typer.Argument(help="Recorded tickets or streams in JSON lines, .gz or not.", exists=True, dir_okay=False)
    ],
    knowledge: Annotated[
        list[Path], typer.Option(help="Documents, folders or tables that Vigil knows; repeat for several.", exists=True)
    ],
    stream: Annotated[bool, typer.Option("--stream", help="The file holds interleaved channels, not tickets.")] = False,
    streams: Annotated[
        int | None, typer.Option(min=1, help="Only so many conversations, the same ones each time.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many messages.")] = None,
    report_folder: Annotated[Path, typer.Option("--report", help="Where the report goes.")] = Path("replay"),
    seed: Annotated[int, typer.Option(help="For the control that is drawn by chance.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Play recorded conversations through the production pipeline, in the order of time and never looking ahead, and report what came."""
    with TemporaryDirectory(prefix="vigil-replay-") as folder:
        configured = settings().model_copy(update={"home": Path(folder), "database_url": "", "index_uri": ""})
        finish(
            lambda: _replay(
                configured,
                file,
                knowledge,
                shape=Shape.STREAM if stream else None,
                selection=Selection(limit=limit, streams=streams),
                report_folder=report_folder,
                seed=seed,
                as_json=as_json,
            )
        )


async def _replay(
    configured: Settings,
    file: Path,
    knowledge: list[Path],
    *,
    shape: Shape | None,
    selection: Selection,
    report_folder: Path,
    seed: int,
    as_json: bool,
) -> None:
    recording = await asyncio.to_thread(load, file, shape=shape, selection=selection)
    first = next(iter(recording.in_order()), None)
    if first is None:
        stop(f"{file} holds no messages.")
    clock = ManualClock(first.at)
    async with App.open(configured, clock=clock, ids=CountingIds(), durable=False) as app:
        with _bar() as bar:
            reading = bar.add_task("knowledge", total=None)
            await app.intake.add(
                DEFAULT,
                list(knowledge),
                by=BY,
                progress=lambda done, total: bar.update(reading, completed=done, total=total),
            )
            playing = bar.add_task("messages", total=recording.size)
            replayed = await replay(
                app.system(DEFAULT, clock),
                recording,
                progress=lambda done, total: bar.update(playing, completed=done, total=total),
            )
        judged = await judge(replayed, embedder=app.embedder, seed=seed)
        figures = count(judged, made_at=SystemClock().now())
    as_file, as_page = await asyncio.to_thread(report.write, figures, report_folder, stem=file.name.split(".")[0])
    if as_json:
        print_json(figures.model_dump(mode="json"))
        return
    for what, much in report.summary(figures):
        out.print(f"{what:<26} [bold]{escape(much)}[/]")
    out.print(f"\n[dim]{as_page}\n{as_file}[/]")


def import_command(
    file: Annotated[Path, typer.Argument(help="Tickets as JSON lines or CSV.", exists=True, dir_okay=False)],
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="Which column is what: ticket=case_id,text=body,author=from.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Import without asking.")] = False,
    preview_only: Annotated[
        bool, typer.Option("--preview", help="Show how the file is understood, and import nothing.")
    ] = False,
    zone: Annotated[str, typer.Option(help="Time zone of dates that name none.")] = "UTC",
    day_first: Annotated[
        bool | None,
        typer.Option("--day-first/--month-first", help="How 03/04/2024 is meant, where the column doesn't show it."),
    ] = None,
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Bring past tickets onto the desk: shows how the file is understood, then asks. Nothing is imported twice, and nothing is answered."""
    seen = finish(lambda: asyncio.to_thread(preview, file, column_map(columns or []), zone=zone, day_first=day_first))
    if as_json and preview_only:
        print_json(seen)
        return
    if not as_json:
        out.print(f"{seen.rows} rows, {seen.tickets} tickets, {len(seen.refused)} rows left out.")
        out.print(
            f"[dim]understood as: {escape(', '.join(f'{field}={column}' for field, column in seen.mapping.items()))}[/]"
        )
        for note in seen.notes:
            out.print(f"[dim]{escape(note)}[/]")
        print_table(
            "",
            ["ticket", "author", "role", "at", "text"],
            [(each.ticket, each.author, each.role, each.at, each.text[:80]) for each in seen.sample],
            empty="Nothing in it can be imported.",
        )
        for line, reason in seen.refused[:MOST_REFUSALS]:
            out.print(f"[yellow]line {line}:[/] {escape(reason)}")
    if preview_only or not seen.rows:
        return
    if not yes and not as_json and not typer.confirm("Import this?"):
        raise typer.Exit(1)

    async def work(app: App) -> None:
        taken = repeated = 0
        with _bar() as bar:
            task = bar.add_task("importing", total=seen.rows)
            async for arrival in arrivals(file, seen.mapping, zone=zone, day_first=day_first):
                receipt = await app.desk.receive(workspace, arrival.incoming, trust_role=arrival.trust_role)
                repeated += receipt.duplicate
                taken += not receipt.duplicate
                bar.update(task, advance=1)
            await app.worker.settle()
        if as_json:
            print_json({"imported": taken, "already_there": repeated, "refused": seen.refused})
        else:
            out.print(f"{taken} messages imported, {repeated} were there already.")

    run(work)


def column_map(pairs: list[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in ",".join(pairs).split(","):
        if not pair.strip():
            continue
        field, equals, column = pair.partition("=")
        if not equals or not column.strip():
            stop(f"--map wants pairs such as text=body; got {pair!r}.", code=2)
        mapping[field.strip()] = column.strip()
    return mapping
