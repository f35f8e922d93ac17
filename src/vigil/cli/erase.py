"""`vigil erase`: forgetting a person or a ticket everywhere, with the proof, and the list of what was forgotten. What forgetting does is
`runtime.forgetting`'s."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, err, out, print_json, print_table, run, stop
from vigil.runtime.forgetting import Forgetting, Proof
from vigil.store.backup import SIDE_LIST
from vigil.store.erasures import Erasure, erasures, missing_from, read_list, write_list

erase_app = typer.Typer(help="Forget a person or a ticket everywhere.", no_args_is_help=True)
BY = "cli"
MOST_FOUND = 20
"""Traces that are shown one by one; of more only the number."""

Backups = Annotated[
    Path | None,
    typer.Option(
        envvar="VIGIL_BACKUPS",
        exists=True,
        file_okay=False,
        help="The folder of your backups: the list of erasures is kept there too, and is applied when an older one is restored.",
    ),
]
Sure = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


@erase_app.command("person")
def person(
    person_id: Annotated[str, typer.Argument(help="The id that the channel verifies.")],
    workspace: InWorkspace = DEFAULT,
    channel: Annotated[str | None, typer.Option(help="The channel, where people on several have this id.")] = None,
    backups: Backups = None,
    yes: Sure = False,
    as_json: AsJson = False,
) -> None:
    """Forget somebody: what they wrote, all of the tickets where they are the customer, and whatever quotes or names them."""
    _ask(f"Forget {person_id} in workspace {workspace}? This can't be undone.", yes)
    _erase(lambda app: _forgetting(app).person(workspace, person_id, channel=channel, by=BY), backups, as_json)


@erase_app.command("ticket")
def ticket(
    ticket_id: str,
    workspace: InWorkspace = DEFAULT,
    backups: Backups = None,
    yes: Sure = False,
    as_json: AsJson = False,
) -> None:
    """Forget a ticket: everything that was said in it, by anybody, and who its customer was. That there was one stays."""
    _ask(f"Forget ticket {ticket_id} in workspace {workspace}? This can't be undone.", yes)
    _erase(lambda app: _forgetting(app).ticket(workspace, ticket_id, by=BY), backups, as_json)


@erase_app.command("list")
def list_erasures(as_json: AsJson = False) -> None:
    """Show what was forgotten. People stand there as hashes."""

    async def work(app: App) -> list[Erasure]:
        return await erasures(app.store)

    found = run(work)
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    print_table(
        "",
        ["workspace", "what", "which", "at"],
        [(each.workspace, each.kind, each.subject, each.at) for each in found],
        empty="Nobody was forgotten.",
    )


async def forget_again(app: App, wanted: list[Erasure]) -> None:
    """After a restore: forget what was forgotten since the backup was made."""
    left = await _forgetting(app).again(wanted, by=BY)
    for each in left:
        err.print(
            f"[yellow]Of {each.kind} {escape(each.subject)} something is left; erase it once more and see what.[/]"
        )


def _erase(work: Callable[[App], Awaitable[Proof]], backups: Path | None, as_json: bool) -> None:
    async def worked(app: App) -> Proof:
        proof = await work(app)
        if backups is not None:
            path = backups / SIDE_LIST
            known = read_list(path) if _is_there(path) else []
            write_list(path, [*known, *missing_from(known, await erasures(app.store))])
        return proof

    proof = run(worked)
    if as_json:
        print_json({"holds": proof.holds, "proof": proof})
    else:
        _print(proof, backups)
    if not proof.holds:
        raise typer.Exit(1)


def _print(proof: Proof, backups: Path | None) -> None:
    done, looked = proof.forgotten, proof.looked
    out.print(
        f"Emptied: {done.messages} messages, {done.events} inbox events, {done.tickets} tickets, {done.decisions} decisions, "
        f"{done.posts} posts, {done.outcomes} outcomes. Taken out of {done.quotes} other rows."
    )
    out.print(
        f"Entries: {done.entries_retired} retired, {done.entries_changed} rewritten. Audit: {done.audit_sealed} records keep a hash; "
        "its chains hold."
    )
    if proof.index_entries is not None:
        out.print(f"The search index was built anew from {proof.index_entries} entries.")
    out.print(
        f"Looked through {looked.tables} tables, {looked.rows} rows, {looked.texts} texts: {len(looked.found)} traces found."
    )
    for each in looked.found[:MOST_FOUND]:
        err.print(f"[bold red]✗[/] {each.kind} in {each.table}.{each.column} of {escape(each.row)}", soft_wrap=True)
    if len(looked.found) > MOST_FOUND:
        err.print(f"and {len(looked.found) - MOST_FOUND} more; --json shows all.")
    for address in sorted(looked.documents):
        err.print(f"[yellow]A document names them: {escape(address)}. Change it and add it again.[/]")
    if not proof.pages_clean:
        err.print(
            "[bold red]✗[/] Another process kept the database from giving up its old pages. Run the same command again at a quiet moment."
        )
    if backups is None:
        out.print(
            "[dim]Backups from before still hold it. Name their folder with --backups, so that a restore forgets it again.[/]"
        )


def _forgetting(app: App) -> Forgetting:
    return Forgetting(store=app.store, knowledge=app.knowledge, embedder=app.embedder, clock=app.clock, ids=app.ids)


def _ask(question: str, yes: bool) -> None:
    if not yes and not typer.confirm(question):
        stop("Nothing was done.")


def _is_there(path: Path) -> bool:
    return path.exists()
