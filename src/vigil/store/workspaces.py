"""Workspaces, their people, topics and budgets. Tokens and integrations, which hold secrets, live in `access`."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, insert, null, select, update

from vigil.domain.conversation import Person, Role
from vigil.domain.followup import FollowUpReason, FollowUpRules
from vigil.domain.hours import QuietHours
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import ModelRules, Workspace
from vigil.errors import Conflict, NotFound
from vigil.store.store import WORKSPACE, Session, Store, scoped
from vigil.store.tables import budgets, conversations, people, topics, workspaces
from vigil.store.upsert import upsert


async def all_workspaces(store: Store) -> list[Workspace]:
    """Every workspace of the installation, by id."""
    async with store.across_workspaces() as connection:
        rows = await connection.execute(select(workspaces).order_by(workspaces.c.workspace_id))
        return [_workspace(row) for row in rows]


_ROW = scoped(select(workspaces).where(workspaces.c.workspace_id == WORKSPACE))


def no_workspace(name: str) -> NotFound:
    """What to raise where there is none of this name."""
    return NotFound(f"There is no workspace {name!r}; `vigil workspace list` shows those there are.")


class Workspaces:
    """The workspace of a session, and what it knows of itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def create(self, workspace: Workspace, *, at: datetime) -> None:
        """Raises Conflict where the id is taken."""
        if await self._row() is not None:
            raise Conflict(f"There is a workspace {workspace.id!r} already; choose another id.")
        await self._session.execute(
            insert(workspaces).values(
                workspace_id=self._session.workspace,
                name=workspace.name,
                silenced=workspace.silenced,
                default_autonomy=workspace.default_autonomy.value,
                first_line=workspace.first_line,
                created_at=at,
            )
        )

    async def get(self) -> Workspace:
        """Raises NotFound."""
        row = await self._row()
        if row is None:
            raise no_workspace(self._session.workspace)
        return _workspace(row)

    async def change(
        self,
        *,
        name: str | None = None,
        silenced: bool | None = None,
        default_autonomy: Autonomy | None = None,
        first_line: bool | None = None,
    ) -> Workspace:
        wanted: dict[str, Any] = {
            "name": name,
            "silenced": silenced,
            "default_autonomy": default_autonomy.value if default_autonomy else None,
            "first_line": first_line,
        }
        values = {column: value for column, value in wanted.items() if value is not None}
        if values:
            await self._set(values)
        return await self.get()

    async def set_quiet(self, hours: QuietHours | None) -> None:
        await self._set({"quiet": null() if hours is None else _hours_out(hours)})

    async def set_silent_on(self, channels: Collection[str]) -> None:
        await self._set({"silent_on": sorted(channels)})

    async def set_model(self, rules: ModelRules) -> None:
        told = {"on": rules.on, "daily_tokens": rules.daily_tokens, "daily_money": rules.daily_money}
        await self._set({"model": told})

    async def set_follow_ups(self, rules: FollowUpRules) -> None:
        told = asdict(rules) | {"paused": sorted(each.value for each in rules.paused)}
        await self._set({"follow_ups": told})

    async def model_rules(self) -> ModelRules:
        """What the workspace allows; the delivered rules where there is none of this id."""
        row = await self._row()
        return ModelRules() if row is None else _workspace(row).model

    async def channels(self) -> list[str]:
        """Those on which anybody has ever written."""
        rows = await self._session.execute(
            select(conversations.c.channel)
            .where(conversations.c.workspace_id == self._session.workspace)
            .distinct()
            .order_by(conversations.c.channel)
        )
        return [row.channel for row in rows]

    async def people(self) -> list[tuple[str, Person]]:
        """Everybody known, each with the channel."""
        rows = await self._session.execute(
            select(people)
            .where(people.c.workspace_id == self._session.workspace)
            .order_by(people.c.channel, people.c.person_id)
        )
        return [(row.channel, Person(id=row.person_id, name=row.name, role=Role(row.role))) for row in rows]

    async def set_person(self, channel: str, person: Person, *, at: datetime) -> None:
        await upsert(
            self._session,
            people,
            {"workspace_id": self._session.workspace, "channel": channel, "person_id": person.id},
            {"name": person.name, "role": person.role.value, "updated_at": at},
        )

    async def topics(self, version: int | None = None) -> tuple[Topic, ...]:
        """The topic list in force, in its order; empty before the first. Whoever knows the version in force saves a look."""
        version = (await self.get()).topics_version if version is None else version
        if version == 0:
            return ()
        rows = await self._session.execute(
            select(topics)
            .where(topics.c.workspace_id == self._session.workspace, topics.c.version == version)
            .order_by(topics.c.position)
        )
        return tuple(_topic(row) for row in rows)

    async def topics_to_change(self) -> tuple[Topic, ...]:
        """The same for whoever is about to put another list in force: nobody else does until this transaction is over."""
        statement = select(workspaces.c.topics_version).where(workspaces.c.workspace_id == self._session.workspace)
        return await self.topics((await self._session.execute(statement.with_for_update())).scalar_one())

    async def set_topics(self, wanted: Sequence[Topic]) -> int:
        """Put a new list in force and return its version."""
        version: int = (
            await self._session.execute(
                update(workspaces)
                .where(workspaces.c.workspace_id == self._session.workspace)
                .values(topics_version=workspaces.c.topics_version + 1)
                .returning(workspaces.c.topics_version)
            )
        ).scalar_one()
        for position, topic in enumerate(wanted):
            body = {
                "name": topic.name,
                "description": topic.description,
                "examples": list(topic.examples),
                "owner": topic.owner,
                "autonomy": topic.autonomy.value,
            }
            await self._session.execute(
                insert(topics).values(
                    workspace_id=self._session.workspace, version=version, key=topic.key, position=position, body=body
                )
            )
        return version

    async def spent(self, day: str) -> tuple[int, float]:
        """Tokens and US dollars that went to models on that day (``2026-11-20``, UTC)."""
        row = (
            await self._session.execute(
                select(budgets.c.tokens, budgets.c.money).where(
                    budgets.c.workspace_id == self._session.workspace, budgets.c.day == day
                )
            )
        ).one_or_none()
        return (0, 0.0) if row is None else (row.tokens, row.money)

    async def spend(self, day: str, *, tokens: int, money: float) -> None:
        await upsert(
            self._session,
            budgets,
            {"workspace_id": self._session.workspace, "day": day},
            {"tokens": tokens, "money": money},
            add=True,
        )

    async def _set(self, values: dict[str, Any]) -> None:
        await self._session.execute(
            update(workspaces).where(workspaces.c.workspace_id == self._session.workspace).values(values)
        )

    async def _row(self) -> Row[Any] | None:
        return (await self._session.execute(_ROW)).one_or_none()


def _workspace(row: Row[Any]) -> Workspace:
    return Workspace(
        id=row.workspace_id,
        name=row.name,
        silenced=row.silenced,
        default_autonomy=Autonomy(row.default_autonomy),
        first_line=row.first_line,
        quiet=_hours_in(row.quiet) if row.quiet else None,
        silent_on=frozenset(row.silent_on or ()),
        model=ModelRules(**row.model) if row.model else ModelRules(),
        follow_ups=_rules_in(row.follow_ups) if row.follow_ups else FollowUpRules(),
        knowledge_version=row.knowledge_version,
        topics_version=row.topics_version,
    )


def _hours_out(hours: QuietHours) -> dict[str, Any]:
    return {
        "zone": hours.zone,
        "start": hours.start.isoformat("minutes"),
        "end": hours.end.isoformat("minutes"),
        "days": sorted(hours.days),
    }


def _hours_in(stored: dict[str, Any]) -> QuietHours:
    return QuietHours(
        zone=stored["zone"],
        start=time.fromisoformat(stored["start"]),
        end=time.fromisoformat(stored["end"]),
        days=frozenset(stored["days"]),
    )


def _rules_in(stored: dict[str, Any]) -> FollowUpRules:
    times = {name: value for name, value in stored.items() if name != "paused"}
    return FollowUpRules(**times, paused=frozenset(FollowUpReason(each) for each in stored["paused"]))


def _topic(row: Row[Any]) -> Topic:
    body = row.body
    return Topic(
        key=row.key,
        name=body["name"],
        description=body["description"],
        examples=tuple(body["examples"]),
        owner=body["owner"],
        autonomy=Autonomy(body["autonomy"]),
    )
