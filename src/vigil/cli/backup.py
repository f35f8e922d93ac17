"""`vigil backup`, `restore`, `migrate`, `audit verify`: an installation into a file, out of it and into another database; whether its
audit trail holds. How rows travel is the store's."""

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import vigil
from vigil.app import App
from vigil.cli.bars import table_bars
from vigil.cli.erase import forget_again
from vigil.cli.shell import AsJson, err, finish, out, print_json, print_table, run, settings, stop
from vigil.clock import SystemClock
from vigil.errors import Conflict
from vigil.settings import Settings
from vigil.store import backup as store_backup
from vigil.store.archive import Archive, Manifest
from vigil.store.chains import Chains, verify
from vigil.store.store import Store
from vigil.store.transfer import Filled

audit_app = typer.Typer(help="The audit trail.", no_args_is_help=True)

Replace = Annotated[bool, typer.Option("--replace", help="Throw away what is in the database.")]


def backup(
    path: Annotated[Path, typer.Argument(help="The file to write, or a folder that gets one named by the time.")],
    as_json: AsJson = False,
) -> None:
    """Write the whole installation into one file, while it runs. The search index is left out: it is a cache."""
    at = SystemClock().now()
    target = path / f"vigil-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip" if path.is_dir() else path

    async def work() -> Manifest:
        with table_bars("backing up") as tell:
            return await store_backup.backup(
                settings().resolved_database_url(), target, at=at, vigil=vigil.__version__, progress=tell
            )

    manifest = finish(work)
    if as_json:
        print_json({"path": str(target), **manifest.model_dump(mode="json")})
        return
    size = target.stat().st_size / 1e6
    out.print(
        f"{escape(str(target))}: {manifest.rows} rows of {len(manifest.parts)} tables, {size:.1f} MB.", soft_wrap=True
    )
    out.print("[dim]It holds the secrets of tokens and webhooks: keep it as you keep those.[/]")


def restore(
    path: Annotated[Path, typer.Argument(help="A file that `vigil backup` wrote.")],
    replace: Replace = False,
    erasures: Annotated[
        list[Path] | None,
        typer.Option(
            help="A list of what was forgotten since (`vigil erase list --json`); one beside the backup is found by itself."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty database from a backup, forget again what was forgotten since, and build the search index anew."""
    configured = settings()

    async def work() -> tuple[Filled, int]:
        archive = Archive.open(path)
        try:
            with table_bars("checking") as tell:
                await archive.check(tell)
            with table_bars("restoring") as tell:
                filled, missing = await store_backup.restore(
                    configured.resolved_database_url(),
                    archive,
                    replace=replace,
                    lists=(*store_backup.lists_in(path.parent, configured.home), *(erasures or ())),
                    keep=_home(configured) / store_backup.SIDE_LIST,
                    progress=tell,
                )
        finally:
            archive.close()
        async with App.open(configured) as app:
            await forget_again(app, missing)
            await _index_again(app)
        return filled, len(missing)

    filled, forgotten = finish(work)
    if as_json:
        print_json({"rows": filled.rows, "audit": filled.chains, "forgotten_again": forgotten})
        return
    _print_filled(filled)
    if forgotten:
        out.print(f"{forgotten} people or tickets that were erased since were forgotten again.")


def migrate(
    source: Annotated[str, typer.Option("--from", help="A database, such as sqlite:///.vigil/vigil.sqlite3.")] = "",
    target: Annotated[str, typer.Option("--to", help="An empty one, such as postgresql://vigil@db/vigil.")] = "",
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Move an installation to another database; without --from and --to, bring the tables of the present one up to date."""
    if bool(source) != bool(target):
        stop("Say both: --from the database that is there, and --to the one that it moves to.", code=2)
    if not source:
        finish(lambda: _up_to_date(settings()))
        out.print("The tables are up to date.")
        return

    async def work() -> Filled:
        with table_bars("moving") as tell:
            return await store_backup.move(source, target, replace=replace, progress=tell)

    filled = finish(work)
    if as_json:
        print_json({"rows": filled.rows, "audit": filled.chains})
        return
    _print_filled(filled)
    out.print("[dim]Set VIGIL_DATABASE_URL to the new database; the search index fills itself again.[/]")


@audit_app.command("verify")
def verify_audit(as_json: AsJson = False) -> None:
    """Check that every record of the audit trail still links to the one before it; ends with 1 where one doesn't."""

    async def work(app: App) -> Chains:
        return await verify(app.store)

    found = run(work)
    if as_json:
        print_json(found)
    else:
        print_table(
            "",
            ["workspace", "chains", "broken"],
            [
                (workspace, count, sum(broken.workspace == workspace for broken in found.broken))
                for workspace, count in found.chains.items()
            ],
            empty="The audit trail is empty.",
        )
        for broken in found.broken:
            err.print(
                f"[bold red]✗[/] {escape(broken.workspace)}: chain {escape(broken.chain)} does not hold at record {broken.position}.",
                soft_wrap=True,
            )
    if found.broken:
        raise typer.Exit(1)
    if not as_json:
        out.print(f"{found.records} records, all linked.")


async def _index_again(app: App) -> None:
    for each in await app.administration.workspaces():
        try:
            await app.knowledge.forget_index(each.id)
        except Conflict as error:
            err.print(f"[yellow]{escape(each.id)}: {escape(str(error))}[/]")


def _home(configured: Settings) -> Path:
    configured.home.mkdir(parents=True, exist_ok=True)
    return configured.home


async def _up_to_date(configured: Settings) -> None:
    store = await Store.open(configured.resolved_database_url())
    await store.close()


def _print_filled(filled: Filled) -> None:
    rows = [(name, count) for name, count in filled.rows.items() if count]
    print_table("", ["table", "rows"], rows, empty="Nothing was in it.")
    chains = sum(filled.chains.chains.values())
    out.print(f"Every row was read back and compared; {chains} audit chains with {filled.chains.records} records hold.")
