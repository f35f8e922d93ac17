"""Setting up a workspace: who is who, which topics there are, who may come in. Verbs for administrators; secrets are shown once."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Person
from vigil.domain.hours import QuietHours
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import DEFAULT_WORKSPACE, ModelRules, Workspace
from vigil.errors import InvalidInput, NotFound
from vigil.guard.access import Scope, digest_of, new_secret, new_webhook_secret
from vigil.store.access import Access, Integration, Token, token_of
from vigil.store.audit import Audit, AuditRecord
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces, all_workspaces

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class Administration:
    """Workspaces and what belongs to them before the first message comes."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def workspaces(self) -> list[Workspace]:
        return await all_workspaces(self._store)

    async def ensure_default(self) -> Workspace:
        """The default workspace, made where it is missing."""
        for workspace in await self.workspaces():
            if workspace.id == DEFAULT_WORKSPACE:
                return workspace
        return await self.create_workspace(Workspace(id=DEFAULT_WORKSPACE, name="Default"), by="vigil")

    async def create_workspace(self, workspace: Workspace, *, by: str) -> Workspace:
        """Raises InvalidInput for a bad id, Conflict for one that is taken."""
        _check_key("workspace id", workspace.id)
        async with self._store.write(workspace.id) as session:
            await Workspaces(session).create(workspace, at=self._clock.now())
            await self._note(session, by, "workspace.created", workspace.id)
        return workspace

    async def workspace(self, workspace: str) -> Workspace:
        """Raises NotFound."""
        async with self._store.read(workspace) as session:
            return await Workspaces(session).get()

    async def change_workspace(
        self,
        workspace: str,
        *,
        by: str,
        name: str | None = None,
        silenced: bool | None = None,
        default_autonomy: Autonomy | None = None,
        first_line: bool | None = None,
    ) -> Workspace:
        async with self._store.write(workspace) as session:
            changed = await Workspaces(session).change(
                name=name, silenced=silenced, default_autonomy=default_autonomy, first_line=first_line
            )
            for action in _actions(name, silenced, default_autonomy, first_line):
                await self._note(session, by, action, workspace)
        return changed

    async def set_quiet_hours(self, workspace: str, hours: QuietHours | None, *, by: str) -> None:
        """When Vigil begins nothing by itself; None for no such hours."""
        async with self._store.write(workspace) as session:
            await Workspaces(session).set_quiet(hours)
            await self._note(session, by, "workspace.quiet_hours" if hours else "workspace.quiet_hours.none", workspace)

    async def set_silent_on(self, workspace: str, channels: Collection[str], *, by: str) -> None:
        """On which channels Vigil reads and says nothing."""
        async with self._store.write(workspace) as session:
            before = (await Workspaces(session).get()).silent_on
            await Workspaces(session).set_silent_on(channels)
            for channel in sorted(before ^ set(channels)):
                action = "channel.unsilenced" if channel in before else "channel.silenced"
                await self._note(session, by, action, channel)

    async def set_model_rules(self, workspace: str, rules: ModelRules, *, by: str) -> None:
        """Whether the workspace asks a model, and what it may spend. Raises InvalidInput for a limit below nothing."""
        if (rules.daily_tokens or 0) < 0 or not 0 <= (rules.daily_money or 0) < 1e9:
            raise InvalidInput("A limit is 0 or more; leave it empty for the installation's own.")
        async with self._store.write(workspace) as session:
            before = (await Workspaces(session).get()).model
            await Workspaces(session).set_model(rules)
            if rules.on != before.on:
                await self._note(session, by, f"model.{'on' if rules.on else 'off'}", workspace)
            if replace(rules, on=before.on) != before:
                await self._note(session, by, "model.budget", workspace)

    async def channels(self, workspace: str) -> list[str]:
        """Those on which anybody has ever written."""
        async with self._store.read(workspace) as session:
            return await Workspaces(session).channels()

    async def spent_today(self, workspace: str) -> tuple[int, float]:
        """Tokens and US dollars that went to models since midnight (UTC)."""
        async with self._store.read(workspace) as session:
            return await Workspaces(session).spent(self._clock.now().date().isoformat())

    async def history(self, workspace: str, *, limit: int) -> list[AuditRecord]:
        """Who set what up of late, the newest first."""
        async with self._store.read(workspace) as session:
            return await Audit(session).latest("workspace", limit=limit)

    async def topics(self, workspace: str) -> tuple[Topic, ...]:
        async with self._store.read(workspace) as session:
            return await Workspaces(session).topics()

    async def set_topics(self, workspace: str, topics: Sequence[Topic], *, by: str) -> int:
        """Put a whole new list in force; returns its version. Raises InvalidInput for a bad or a repeated key."""
        keys = [topic.key for topic in topics]
        for key in keys:
            _check_key("topic key", key)
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        if repeated:
            raise InvalidInput(f"Each topic key may stand once; repeated: {', '.join(repeated)}.")
        async with self._store.write(workspace) as session:
            version = await Workspaces(session).set_topics(topics)
            await self._note(session, by, "topics.changed", str(version))
        return version

    async def set_autonomy(self, workspace: str, key: str, autonomy: Autonomy, *, by: str) -> int:
        """Change how far Vigil may go in one topic. Raises InvalidInput where there is no such topic."""
        async with self._store.write(workspace) as session:
            topics = await Workspaces(session).topics_to_change()
            if key not in {topic.key for topic in topics}:
                raise InvalidInput(
                    f"There is no topic {key!r}; there are: {', '.join(topic.key for topic in topics) or 'none yet'}."
                )
            changed = [replace(topic, autonomy=autonomy) if topic.key == key else topic for topic in topics]
            version = await Workspaces(session).set_topics(changed)
            await self._note(session, by, f"topic.{autonomy}", key)
        return version

    async def set_topic(self, workspace: str, topic: Topic, *, by: str) -> None:
        """Add a topic at the end of the list, or change the one of this key. Raises InvalidInput for a bad key, or no name."""
        _check_key("topic key", topic.key)
        if not topic.name:
            raise InvalidInput("Give the topic a name.")
        async with self._store.write(workspace) as session:
            topics = await Workspaces(session).topics_to_change()
            known = topic.key in {each.key for each in topics}
            changed = [topic if each.key == topic.key else each for each in topics]
            await Workspaces(session).set_topics(changed if known else [*changed, topic])
            await self._note(session, by, "topic.changed" if known else "topic.added", topic.key)

    async def remove_topic(self, workspace: str, key: str, *, by: str) -> None:
        """Tickets keep the topic that they have; Vigil treats them like those without one. Raises NotFound."""
        async with self._store.write(workspace) as session:
            topics = await Workspaces(session).topics_to_change()
            left = [each for each in topics if each.key != key]
            if len(left) == len(topics):
                raise NotFound("There is no such topic; somebody may have removed it.")
            await Workspaces(session).set_topics(left)
            await self._note(session, by, "topic.removed", key)

    async def people(self, workspace: str) -> list[tuple[str, Person]]:
        """Everybody known, each with the channel."""
        async with self._store.read(workspace) as session:
            return await Workspaces(session).people()

    async def set_person(self, workspace: str, channel: str, person: Person, *, by: str) -> None:
        """Say what somebody is, by the id that the channel verifies."""
        async with self._store.write(workspace) as session:
            await Workspaces(session).get()
            await Workspaces(session).set_person(channel, person, at=self._clock.now())
            await self._note(session, by, f"person.{person.role}", f"{channel}:{person.id}")

    async def create_token(self, workspace: str, *, name: str, scopes: frozenset[Scope], by: str) -> tuple[Token, str]:
        """A new API token and its secret, which is shown this once."""
        if not scopes:
            raise InvalidInput(f"A token needs a scope; there are: {', '.join(Scope)}.")
        secret = new_secret()
        token = Token(
            id=self._ids.new("tok"),
            workspace_id=workspace,
            name=name,
            scopes=frozenset(scope.value for scope in scopes),
            created_at=self._clock.now(),
        )
        async with self._store.write(workspace) as session:
            await Workspaces(session).get()
            await Access(session).add_token(token, digest=digest_of(secret))
            await self._note(session, by, "token.created", token.id)
        return token, secret

    async def tokens(self, workspace: str) -> list[Token]:
        async with self._store.read(workspace) as session:
            return await Access(session).tokens()

    async def revoke_token(self, workspace: str, token_id: str, *, by: str) -> None:
        """Raises NotFound."""
        async with self._store.write(workspace) as session:
            await Access(session).revoke_token(token_id, at=self._clock.now())
            await self._note(session, by, "token.revoked", token_id)

    async def rotate_token(self, workspace: str, token_id: str, *, by: str) -> tuple[Token, str]:
        """A new token that may do the same, in place of this one, which opens nothing from now on. Raises NotFound."""
        secret, now = new_secret(), self._clock.now()
        async with self._store.write(workspace) as session:
            access = Access(session)
            token = replace(await access.token(token_id), id=self._ids.new("tok"), created_at=now)
            await access.revoke_token(token_id, at=now)
            await access.add_token(token, digest=digest_of(secret))
            await self._note(session, by, "token.revoked", token_id)
            await self._note(session, by, "token.created", token.id)
        return token, secret

    async def whose(self, secret: str) -> Token | None:
        """The living token of this secret, or None."""
        return await token_of(self._store, digest_of(secret))

    async def create_integration(
        self, workspace: str, *, name: str, post_url: str | None, asserts_roles: bool, by: str
    ) -> Integration:
        """A new signed webhook, with its secret in it. Raises InvalidInput for a URL that is not http(s)."""
        if post_url is not None and not post_url.startswith(("https://", "http://")):
            raise InvalidInput("`post_url` must begin with https:// (or http:// inside your own network).")
        integration = Integration(
            id=self._ids.new("whk"),
            name=name,
            secret=new_webhook_secret(),
            post_url=post_url,
            asserts_roles=asserts_roles,
            created_at=self._clock.now(),
        )
        async with self._store.write(workspace) as session:
            await Workspaces(session).get()
            await Access(session).add_integration(integration)
            await self._note(session, by, "webhook.created", integration.id)
        return integration

    async def integrations(self, workspace: str) -> list[Integration]:
        async with self._store.read(workspace) as session:
            return await Access(session).integrations()

    async def integration(self, workspace: str, integration_id: str) -> Integration | None:
        """A living one, or None."""
        async with self._store.read(workspace, short=True) as session:
            return await Access(session).integration(integration_id)

    async def rotate_integration(self, workspace: str, integration_id: str, *, by: str) -> str:
        """A new secret for a webhook, which is shown this once; the one before signs nothing from now on. Raises NotFound."""
        secret = new_webhook_secret()
        async with self._store.write(workspace) as session:
            await Access(session).change_secret(integration_id, secret)
            await self._note(session, by, "webhook.rotated", integration_id)
        return secret

    async def disable_integration(self, workspace: str, integration_id: str, *, by: str) -> None:
        """Raises NotFound."""
        async with self._store.write(workspace) as session:
            await Access(session).disable_integration(integration_id, at=self._clock.now())
            await self._note(session, by, "webhook.disabled", integration_id)

    async def _note(self, session: Session, actor: str, action: str, subject: str) -> None:
        await Audit(session).add("workspace", at=self._clock.now(), actor=actor, action=action, subject=subject)


def _actions(
    name: str | None, silenced: bool | None, default_autonomy: Autonomy | None, first_line: bool | None
) -> list[str]:
    """What the audit trail says of a change: each thing by itself, so that it can be told what was done."""
    switched = {True: "workspace.silenced", False: "workspace.unsilenced"}
    lined = {True: "workspace.first_line", False: "workspace.no_first_line"}
    return [
        *([] if name is None else ["workspace.named"]),
        *([] if silenced is None else [switched[silenced]]),
        *([] if default_autonomy is None else [f"workspace.{default_autonomy}"]),
        *([] if first_line is None else [lined[first_line]]),
    ]


def _check_key(what: str, value: str) -> None:
    if not _KEY.fullmatch(value):
        raise InvalidInput(
            f"A {what} is 1 to 63 lower-case letters, digits, - or _, beginning with a letter or digit; got {value!r}."
        )
