"""Accounts of the console from the server's terminal: for whoever can't come in any more. Everything else is done in the console."""

import typer

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run

account_app = typer.Typer(help="People who sign in to the console.", no_args_is_help=True)


@account_app.command("list")
def list_accounts(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show who can sign in."""

    async def work(app: App) -> None:
        people = await app.sign_ins.people(workspace)
        if as_json:
            print_json(people)
            return
        print_table(
            "",
            ["login", "name", "may", "disabled"],
            [(each.login, each.name, each.part, each.disabled_at) for each in people],
            empty="Nobody yet; `vigil serve` prints a link that makes the first admin.",
        )

    run(work)


@account_app.command("reset")
def reset_account(login: str) -> None:
    """Print a link that gives an account a new password: also for the only admin, who can ask nobody else."""

    async def work(app: App) -> None:
        secret = await app.recovery.link_for(login)
        settings = app.settings
        base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
        out.print(f"Within a day, this link sets a new password for {login}, once:")
        out.print(f"{base}/reset/{secret}", soft_wrap=True, markup=False)

    run(work)
