"""`vigil learn`: learn from an export of tickets, or read what was learned this week."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from vigil.app import App
from vigil.channels.importer import arrivals
from vigil.cli.bars import table_bars
from vigil.cli.recordings import column_map
from vigil.cli.review import print_gaps
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, plain, print_json, print_table, run, stop
from vigil.domain.ticket import Ticket
from vigil.learn.report import Line, Report, report
from vigil.store.conversations import Conversations
from vigil.store.lessons import LessonRecord, LessonState

BY = "cli"
MOST_LINES = 20
"""Lessons of one kind that are shown; the rest is a number."""
MOST_GAPS = 5
"""Gaps of the report; `vigil knowledge gaps` has more."""
MOST_IN_A_ROOM = 1_000
"""Tickets of one room: an export has one, a shared channel many."""


def learn(
    file: Annotated[
        Path | None, typer.Argument(help="Past tickets as JSON lines or CSV.", exists=True, dir_okay=False)
    ] = None,
    show_report: Annotated[
        bool, typer.Option("--report", help="Show what was learned lately, and why not more.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back the report goes.")] = 7,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="Which column is what: ticket=case_id,text=body,author=from.")
    ] = None,
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Bring past tickets onto the desk and learn from them, in the order in which they ended. What is known already is not learned
    again."""
    if show_report == (file is not None):
        stop("Give either a FILE to learn from, or --report.", code=2)
    if file is None:
        run(lambda app: _report(app, workspace, days, as_json=as_json))
    else:
        run(lambda app: _learn(app, workspace, file, columns or [], as_json=as_json))


async def _report(app: App, workspace: str, days: int, *, as_json: bool) -> None:
    made = await report(app.store, workspace, until=app.clock.now(), span=timedelta(days=days))
    gaps = await app.gaps.find(workspace, limit=MOST_GAPS)
    if as_json:
        print_json({**plain(made), "gaps": gaps.gaps})
        return
    _show(made)
    if gaps.gaps:
        out.print("\n[bold]Asked again and again, and answered by nothing[/]")
        print_gaps(gaps.gaps, empty="")
    _curve(made)


async def _learn(app: App, workspace: str, file: Path, columns: list[str], *, as_json: bool) -> None:
    tickets = await _bring_in(app, workspace, file, columns)
    records: list[LessonRecord] = []
    with table_bars("learn") as tell:
        for done, ticket in enumerate(tickets, start=1):
            records += await app.learner.learn(workspace, ticket.id)
            records += await app.shared.learn(workspace, ticket.id)
            tell("tickets", done, len(tickets))
    figures = _figures(tickets, records, version=await app.knowledge.version(workspace))
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        if name != "nothing":
            out.print(f"{name.replace('_', ' '):<18} [bold]{value}[/]")
    for reason, count in Counter(each.reason for each in records if each.state is LessonState.NOTHING).most_common():
        out.print(f"[dim]nothing to learn: {reason.replace('_', ' ')}  {count}[/]")


async def _bring_in(app: App, workspace: str, file: Path, columns: list[str]) -> list[Ticket]:
    """The file's tickets, by the time of their last message."""
    rooms: dict[str, None] = {}
    async for arrival in arrivals(file, column_map(columns)):
        receipt = await app.desk.receive(workspace, arrival.incoming, trust_role=arrival.trust_role)
        rooms[receipt.conversation_id] = None
    await app.worker.settle()
    found: list[tuple[str, Ticket]] = []
    for room in rooms:
        async with app.store.read(workspace) as session:
            tickets = await Conversations(session).tickets_of(room, limit=MOST_IN_A_ROOM)
        for ticket in tickets:
            transcript = await app.desk.transcript(workspace, ticket.id)
            if transcript:
                found.append((transcript[-1].sent_at.isoformat(), ticket))
    return [ticket for _, ticket in sorted(found, key=lambda each: (each[0], each[1].id))]


def _figures(tickets: list[Ticket], records: list[LessonRecord], *, version: int) -> dict[str, object]:
    states = Counter((each.state, each.relation) for each in records)
    return {
        "tickets": len(tickets),
        "learned_from": len({each.ticket_id for each in records}),
        "new": states[LessonState.PUBLISHED, "new"],
        "changed": states[LessonState.PUBLISHED, "refines"],
        "more_evidence": states[LessonState.PUBLISHED, "same"],
        "held": sum(each.state is LessonState.HELD for each in records),
        "rejected": sum(each.state is LessonState.REJECTED for each in records),
        "conflicts": sum(each.state is LessonState.CONFLICT for each in records),
        "nothing": dict(Counter(each.reason for each in records if each.state is LessonState.NOTHING).most_common()),
        "knowledge_version": version,
    }


def _show(made: Report) -> None:
    out.print(
        f"[bold]Learned from {made.tickets} tickets[/] since {made.since:%Y-%m-%d}: {len(made.new)} new, {len(made.changed)} changed, "
        f"{made.more_evidence} known already."
    )
    out.print(
        f"{made.waiting_for_yes} lessons are shown to analysts only; `vigil knowledge confirm ENTRY` lets one go to customers."
    )
    if made.waiting_for_decision:
        out.print(
            f"{made.waiting_for_decision} wait for a decision; `vigil knowledge lesson ID` shows both sides, `accept`, `keep` and `reject` "
            "decide."
        )
    for topic in made.lowered:
        out.print(f"The topic {escape(topic)} replied wrongly too often and went back to suggestions.")
    for title, lines, by_lesson in (
        ("New", made.new, False),
        ("Changed", made.changed, False),
        ("In conflict with what is known", made.conflicts, True),
        ("Held", made.held, True),
        ("Rejected", made.rejected, True),
        ("Retired", made.retired, False),
    ):
        if lines:
            out.print(f"\n[bold]{title}[/]")
            _list(lines, by_lesson=by_lesson)
    if made.nothing:
        out.print("\n[bold]Nothing to learn[/]")
        print_table(
            "", ["why", "questions"], [(why.replace("_", " "), count) for why, count in made.nothing.items()], empty=""
        )


def _curve(made: Report) -> None:
    out.print("\n[bold]By week[/]")
    print_table(
        "",
        ["week from", "tickets", "new lessons", "in all"],
        [(week.start.strftime("%Y-%m-%d"), week.tickets, week.lessons, week.known) for week in made.curve],
        empty="",
    )


def _list(lines: tuple[Line, ...], *, by_lesson: bool) -> None:
    """Each with the id by which something can be done about it."""
    for line in lines[:MOST_LINES]:
        why = f" · {line.reason.replace('_', ' ')}" if line.reason else ""
        where = line.lesson_id if by_lesson else line.entry_id or line.ticket_id
        out.print(f"  {escape(line.title or line.ticket_id)} [dim]{where}{why}[/]")
    if len(lines) > MOST_LINES:
        out.print(f"  [dim]and {len(lines) - MOST_LINES} more; --json shows all[/]")
