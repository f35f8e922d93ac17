"""The command line's table of contents: which command lives in which file."""

from typing import Annotated

import typer

import vigil
from vigil.cli import (
    account,
    backup,
    chat,
    demo,
    erase,
    evaluate,
    inbox,
    knowledge,
    learn,
    recordings,
    review,
    serve,
    setup,
    tickets,
    timers,
    tracking,
)
from vigil.cli.shell import DEFAULT, InWorkspace, out, run
from vigil.domain.conversation import Person, Role

cli = typer.Typer(
    name="vigil",
    help="The colleague in the support chat who helps without being asked.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)

HELP, DESK, KNOWLEDGE, SET_UP, RUN, KEEP = "Look around", "The desk", "Knowledge", "Set up", "Run", "Keep and forget"

cli.command("demo", rich_help_panel=HELP)(demo.demo)
cli.command("try", rich_help_panel=HELP)(knowledge.try_folder)
cli.command("replay", rich_help_panel=HELP)(recordings.replay_command)
cli.add_typer(evaluate.evaluate_app, name="evaluate", rich_help_panel=HELP)

cli.add_typer(tickets.tickets_app, name="tickets", rich_help_panel=DESK)
cli.command("message", rich_help_panel=DESK)(tickets.message)
cli.command("summary", rich_help_panel=DESK)(tracking.summary)
cli.add_typer(tracking.followups_app, name="followups", rich_help_panel=DESK)
cli.command("workload", rich_help_panel=DESK)(tracking.workload)
cli.add_typer(timers.timers_app, name="timers", rich_help_panel=DESK)
cli.command("decisions", rich_help_panel=DESK)(tickets.list_decisions)
cli.command("why", rich_help_panel=DESK)(tickets.why)
cli.command("outcome", rich_help_panel=DESK)(tickets.outcome)
cli.command("import", rich_help_panel=DESK)(recordings.import_command)

cli.add_typer(review.knowledge_app, name="knowledge", rich_help_panel=KNOWLEDGE)
cli.command("ask", rich_help_panel=KNOWLEDGE)(knowledge.ask)
cli.command("learn", rich_help_panel=KNOWLEDGE)(learn.learn)

cli.add_typer(setup.workspace_app, name="workspace", rich_help_panel=SET_UP)
cli.add_typer(setup.topics_app, name="topics", rich_help_panel=SET_UP)
cli.add_typer(setup.people_app, name="people", rich_help_panel=SET_UP)
cli.add_typer(account.account_app, name="account", rich_help_panel=SET_UP)
cli.add_typer(setup.token_app, name="token", rich_help_panel=SET_UP)
cli.add_typer(setup.webhook_app, name="webhook", rich_help_panel=SET_UP)

cli.command("serve", rich_help_panel=RUN)(serve.serve)
cli.add_typer(inbox.inbox_app, name="inbox", rich_help_panel=RUN)

cli.command("backup", rich_help_panel=KEEP)(backup.backup)
cli.command("restore", rich_help_panel=KEEP)(backup.restore)
cli.command("migrate", rich_help_panel=KEEP)(backup.migrate)
cli.add_typer(erase.erase_app, name="erase", rich_help_panel=KEEP)
cli.add_typer(backup.audit_app, name="audit", rich_help_panel=KEEP)


@cli.command("chat", rich_help_panel=DESK)
def chat_command(
    workspace: InWorkspace = DEFAULT,
    name: Annotated[str, typer.Option(help="What you are called.")] = "You",
) -> None:
    """Write to the desk as a customer, and see what Vigil makes of it."""
    customer = Person(id=f"chat:{name.casefold()}", name=name, role=Role.CUSTOMER)
    run(lambda app: chat.chat(app, workspace=workspace, customer=customer))


@cli.callback(invoke_without_command=True)
def version_option(
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    if version:
        out.print(f"vigil {vigil.__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point of the command ``vigil``."""
    cli()
