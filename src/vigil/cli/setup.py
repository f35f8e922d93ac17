"""`vigil workspace`, `topics`, `people`, `token`, `webhook`: setting up a workspace from the command line."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, read_file, run
from vigil.domain.conversation import Person, Role
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import Workspace
from vigil.errors import InvalidInput
from vigil.guard.access import Scope

BY = "cli"
"""Who did it, in the audit trail: whoever can run commands on this machine."""

workspace_app = typer.Typer(help="Workspaces: one organisation's desk each.", no_args_is_help=True)
topics_app = typer.Typer(help="The workspace's list of topics, and how far Vigil may go in each.", no_args_is_help=True)
people_app = typer.Typer(help="Who is an analyst, by the id that the channel verifies.", no_args_is_help=True)
token_app = typer.Typer(help="API tokens.", no_args_is_help=True)
webhook_app = typer.Typer(help="Signed webhooks: messages in, decisions out.", no_args_is_help=True)


@workspace_app.command("list")
def list_workspaces(as_json: AsJson = False) -> None:
    """Show the workspaces of this installation."""

    async def work(app: App) -> None:
        workspaces = await app.administration.workspaces()
        if as_json:
            print_json(workspaces)
            return
        print_table(
            "",
            ["id", "name", "default", "first line", "switched off", "knowledge", "topics"],
            [
                (
                    each.id,
                    each.name,
                    each.default_autonomy,
                    "yes" if each.first_line else "no",
                    "yes" if each.silenced else "no",
                    each.knowledge_version,
                    each.topics_version,
                )
                for each in workspaces
            ],
            empty="No workspace yet.",
        )

    run(work)


@workspace_app.command("create")
def create_workspace(workspace_id: str, name: Annotated[str, typer.Option(help="Its name for people.")] = "") -> None:
    """Make a new workspace."""

    async def work(app: App) -> None:
        await app.administration.create_workspace(Workspace(id=workspace_id, name=name or workspace_id), by=BY)
        out.print(f"Workspace {workspace_id} is there.")

    run(work)


@workspace_app.command("set")
def set_workspace(
    workspace: InWorkspace = DEFAULT,
    name: Annotated[str | None, typer.Option(help="Its name for people.")] = None,
    autonomy: Annotated[Autonomy | None, typer.Option(help="How far Vigil may go in tickets without a topic.")] = None,
    first_line: Annotated[
        bool | None, typer.Option("--first-line/--no-first-line", help="May Vigil reply before a human has joined?")
    ] = None,
    silenced: Annotated[
        bool | None, typer.Option("--off/--on", help="The big switch: Vigil reads and says nothing.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a workspace; `--off` silences Vigil in all of it at once."""

    async def work(app: App) -> None:
        changed = await app.administration.change_workspace(
            workspace, by=BY, name=name, default_autonomy=autonomy, first_line=first_line, silenced=silenced
        )
        if as_json:
            print_json(changed)
        else:
            out.print(
                f"Workspace {changed.id}: {'switched off' if changed.silenced else 'on'}, {changed.default_autonomy}."
            )

    run(work)


@topics_app.command("list")
def list_topics(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show the topic list in force."""

    async def work(app: App) -> None:
        topics = await app.administration.topics(workspace)
        if as_json:
            print_json(topics)
            return
        print_table(
            "",
            ["key", "name", "autonomy", "owner", "examples"],
            [(each.key, each.name, each.autonomy, each.owner, len(each.examples)) for each in topics],
            empty="No topics yet; `vigil topics set FILE` brings some.",
        )

    run(work)


@topics_app.command("set")
def set_topics(
    path: Annotated[
        Path, typer.Argument(help="TOML with [[topics]] tables, or JSON with a list; - for standard input.")
    ],
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Put a new topic list in force."""

    async def work(app: App) -> None:
        version = await app.administration.set_topics(workspace, topics_from(read_file(path), path.name), by=BY)
        out.print(f"Topic list {version} is in force.")

    run(work)


@topics_app.command("autonomy")
def set_autonomy(key: str, autonomy: Autonomy, workspace: InWorkspace = DEFAULT) -> None:
    """Say how far Vigil may go in one topic: shadow, suggest or auto."""

    async def work(app: App) -> None:
        await app.administration.set_autonomy(workspace, key, autonomy, by=BY)
        out.print(f"{key}: {autonomy}.")

    run(work)


def topics_from(content: bytes, name: str) -> list[Topic]:
    """Read a topic list.

    Raises:
        InvalidInput: naming the entry and the field.
    """
    try:
        text = content.decode()
        raw: object = json.loads(text) if name.endswith(".json") else tomllib.loads(text).get("topics", [])
    except (UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{name} can't be read as a topic list: {error}.") from error
    if not isinstance(raw, list):
        raise InvalidInput(f"{name} must hold a list of topics: [[topics]] tables in TOML, or a JSON array.")
    return [_topic(entry, number) for number, entry in enumerate(cast("list[object]", raw), start=1)]


def _topic(entry: object, number: int) -> Topic:
    if not isinstance(entry, dict):
        raise InvalidInput(f"Topic {number} is no table of fields.")
    fields = cast("dict[str, Any]", entry)
    unknown = fields.keys() - {"key", "name", "description", "examples", "owner", "autonomy"}
    if unknown:
        raise InvalidInput(f"Topic {number} has unknown fields: {', '.join(sorted(unknown))}.")
    try:
        return Topic(
            key=str(fields["key"]),
            name=str(fields.get("name", fields["key"])),
            description=str(fields.get("description", "")),
            examples=tuple(str(example) for example in fields.get("examples", ())),
            owner=None if fields.get("owner") is None else str(fields["owner"]),
            autonomy=Autonomy(fields.get("autonomy", Autonomy.SUGGEST)),
        )
    except KeyError as error:
        raise InvalidInput(f"Topic {number} lacks the field {error}.") from error
    except ValueError as error:
        raise InvalidInput(f"Topic {number}: autonomy must be one of {', '.join(Autonomy)}.") from error


@people_app.command("list")
def list_people(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show who is known."""

    async def work(app: App) -> None:
        people = await app.administration.people(workspace)
        if as_json:
            print_json([{"channel": channel, **cast("dict[str, Any]", _as_row(person))} for channel, person in people])
            return
        print_table(
            "",
            ["channel", "id", "name", "role"],
            [(channel, person.id, person.name, person.role) for channel, person in people],
            empty="Nobody yet; `vigil people set CHANNEL ID analyst` names an analyst.",
        )

    run(work)


def _as_row(person: Person) -> dict[str, str]:
    return {"id": person.id, "name": person.name, "role": person.role}


@people_app.command("set")
def set_person(
    channel: str,
    person_id: str,
    role: Role,
    name: Annotated[str, typer.Option(help="Display name.")] = "",
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Say what somebody is on a channel, by the id that the channel verifies."""

    async def work(app: App) -> None:
        person = Person(id=person_id, name=name or person_id, role=role)
        await app.administration.set_person(workspace, channel, person, by=BY)
        out.print(f"{person_id} on {channel} is {role}.")

    run(work)


@token_app.command("create")
def create_token(
    name: str,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for several.")],
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Make an API token. Its secret is shown this once."""

    async def work(app: App) -> None:
        token, secret = await app.administration.create_token(workspace, name=name, scopes=frozenset(scope), by=BY)
        if as_json:
            print_json({"id": token.id, "name": token.name, "scopes": sorted(token.scopes), "secret": secret})
        else:
            out.print(
                f"Token {token.id} ({', '.join(sorted(token.scopes))}). Keep this; it is not shown again:\n{secret}"
            )

    run(work)


@token_app.command("list")
def list_tokens(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show the tokens, without their secrets."""

    async def work(app: App) -> None:
        tokens = await app.administration.tokens(workspace)
        if as_json:
            print_json(tokens)
            return
        rows = [
            (each.id, each.name, ", ".join(sorted(each.scopes)), each.created_at, each.revoked_at) for each in tokens
        ]
        print_table("", ["id", "name", "scopes", "made", "revoked"], rows, empty="No tokens yet.")

    run(work)


@token_app.command("revoke")
def revoke_token(token_id: str, workspace: InWorkspace = DEFAULT) -> None:
    """End a token's life at once."""

    async def work(app: App) -> None:
        await app.administration.revoke_token(workspace, token_id, by=BY)
        out.print(f"Token {token_id} is revoked.")

    run(work)


@webhook_app.command("create")
def create_webhook(
    name: str,
    post_url: Annotated[
        str | None, typer.Option(help="Where Vigil's posts go; without it they are fetched over the API.")
    ] = None,
    asserts_roles: Annotated[
        bool,
        typer.Option(
            "--asserts-roles", help="Take its word on who is an analyst: only for a system that verifies people."
        ),
    ] = False,
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Make a signed webhook. Its secret is shown this once."""

    async def work(app: App) -> None:
        made = await app.administration.create_integration(
            workspace, name=name, post_url=post_url, asserts_roles=asserts_roles, by=BY
        )
        path = f"/hooks/{workspace}/{made.id}"
        if as_json:
            print_json({"id": made.id, "path": path, "secret": made.secret})
        else:
            out.print(f"Webhook {made.id}: send events to {path}. Keep this; it is not shown again:\n{made.secret}")

    run(work)


@webhook_app.command("list")
def list_webhooks(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show the webhooks, without their secrets."""

    async def work(app: App) -> None:
        made = await app.administration.integrations(workspace)
        if as_json:
            print_json(
                [
                    {"id": each.id, "name": each.name, "post_url": each.post_url, "disabled_at": each.disabled_at}
                    for each in made
                ]
            )
            return
        rows = [(each.id, each.name, each.post_url, each.asserts_roles, each.disabled_at) for each in made]
        print_table("", ["id", "name", "posts to", "asserts roles", "disabled"], rows, empty="No webhooks yet.")

    run(work)


@webhook_app.command("disable")
def disable_webhook(webhook_id: str, workspace: InWorkspace = DEFAULT) -> None:
    """Stop a webhook, both ways."""

    async def work(app: App) -> None:
        await app.administration.disable_integration(workspace, webhook_id, by=BY)
        out.print(f"Webhook {webhook_id} is disabled.")

    run(work)
