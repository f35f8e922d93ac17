"""`vigil knowledge held`, `conflicts`, `lesson`, `accept`, `keep`, `reject`, `gaps`: what waits for a person, and what nobody has written
down."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape

from vigil.app import App
from vigil.cli.knowledge import knowledge_app, trust_line
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run
from vigil.learn.gaps import Gap
from vigil.learn.review import Case, Side
from vigil.store.lessons import LessonState

BY = "cli"
MOST = 200
"""Lessons of one list."""
MOST_SAID = 400
"""Characters of a message that are shown beside a lesson; the ticket has all of them."""

LessonId = Annotated[str, typer.Argument(help="As `held` and `conflicts` list it.")]


@knowledge_app.command("held")
def held(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show what was learned and held back, and why; `accept` or `reject` it."""
    _list(workspace, (LessonState.HELD,), "Nothing is held.", as_json=as_json)


@knowledge_app.command("conflicts")
def conflicts(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show what contradicts what is known; `accept` it, `keep` what is known, or `reject` it."""
    _list(workspace, (LessonState.CONFLICT,), "Nothing is in conflict.", as_json=as_json)


def _list(workspace: str, states: Collection[LessonState], empty: str, *, as_json: bool) -> None:
    async def work(app: App) -> None:
        records = await app.review.lessons(workspace, states, limit=MOST)
        if as_json:
            print_json(records)
            return
        rows = [
            (each.id, each.at, each.reason.replace("_", " "), each.draft.title if each.draft else "(forgotten)")
            for each in records
        ]
        print_table("", ["lesson", "learned", "why", "about"], rows, empty=empty)

    run(work)


@knowledge_app.command("lesson")
def lesson(lesson_id: LessonId, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Read what waits for a person, what it stands against, and what both rest on."""

    async def work(app: App) -> None:
        case = await app.review.show(workspace, lesson_id)
        if as_json:
            print_json(case)
        else:
            _print_case(case)

    run(work)


def _print_case(case: Case) -> None:
    record = case.lesson
    why = f": {record.reason.replace('_', ' ')}" if record.reason else ""
    out.print(f"[bold]{record.state.value}[/]{escape(why)} [dim]{record.origin.value}, ticket {record.ticket_id}[/]")
    if record.decided_by:
        out.print(f"[dim]decided by {escape(record.decided_by)}[/] {escape(record.note)}")
    if case.new is not None:
        _print_side("New", case.new)
    if case.known is not None:
        _print_side("Known" if case.known.in_force else "Was known, retired", case.known)


def _print_side(name: str, side: Side) -> None:
    tickets = f"{side.tickets} ticket{'' if side.tickets == 1 else 's'}"
    out.print(f"\n[bold]{name}[/] [dim]{side.entry_id or ''} {tickets}[/]")
    out.print(f"[italic]{escape(side.draft.question or side.draft.title)}[/]")
    out.print(escape(side.draft.answer))
    if side.draft.conditions:
        out.print(f"when: {escape(side.draft.conditions)}")
    if side.trust is not None and side.trust.words:
        out.print(f"[dim]{trust_line(side.trust)}[/]")
    for said in side.said:
        text = " ".join(said.text.split())[:MOST_SAID] or "(deleted)"
        out.print(f"[dim]{said.at:%Y-%m-%d} {said.part} by {escape(said.author)}:[/] {escape(text)}")


@knowledge_app.command("accept")
def accept(
    lesson_id: LessonId,
    to_customers: Annotated[
        bool, typer.Option("--to-customers", help="Customers may be told it, too; else only analysts are shown it.")
    ] = False,
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Publish what was held, or let the new side of a conflict take the place of the old."""

    async def work(app: App) -> None:
        version = await app.review.accept(workspace, lesson_id, by=BY, to_customers=to_customers)
        out.print(f"Accepted. Knowledge version {version}.")

    run(work)


@knowledge_app.command("keep")
def keep(
    lesson_id: LessonId,
    reason: Annotated[str, typer.Option(help="Why, for the next person who wonders.")] = "",
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Stand by what is known, against what contradicts it or would change it."""

    async def work(app: App) -> None:
        await app.review.keep(workspace, lesson_id, by=BY, reason=reason)
        out.print("Kept what is known. What says the same as this lesson will be rejected at once.")

    run(work)


@knowledge_app.command("reject")
def reject(
    lesson_id: LessonId,
    reason: Annotated[str, typer.Option(help="Why, for the next person who wonders.")],
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Say no to what was held or is in conflict; it doesn't come back by itself."""

    async def work(app: App) -> None:
        await app.review.reject(workspace, lesson_id, by=BY, reason=reason)
        out.print("Rejected. What says the same will be rejected at once.")

    run(work)


@knowledge_app.command("gaps")
def gaps(
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back to look.")] = 90,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Show questions that recur and that nothing answers, by the analysts' minutes that they cost."""

    async def work(app: App) -> None:
        found = await app.gaps.find(workspace, span=timedelta(days=days), limit=limit)
        if as_json:
            print_json(found)
        else:
            print_gaps(found.gaps, empty=f"No gap among {found.read} unanswered questions.")

    run(work)


def print_gaps(found: Collection[Gap], *, empty: str) -> None:
    rows = [
        (
            f"{gap.minutes:.0f}",
            len(gap.tickets),
            gap.question,
            f"{', '.join(gap.tickets[:3])}{' …' * (len(gap.tickets) > 3)}",
        )
        for gap in found
    ]
    print_table("", ["minutes", "tickets", "question", "which"], rows, empty=empty)
