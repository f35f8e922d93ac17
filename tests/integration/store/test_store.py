"""The store keeps workspaces apart, and is the same on both databases."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, delete, func, select, text, update

from tests.conftest import MORNING
from vigil.clock import CountingIds, ManualClock
from vigil.domain.workspace import Workspace
from vigil.errors import Conflict, Misconfigured, NotFound
from vigil.runtime.administration import Administration
from vigil.store.audit import Audit
from vigil.store.store import Store, UnscopedQuery
from vigil.store.tables import audit, conversations, messages, metadata, tickets, workspaces
from vigil.store.workspaces import Workspaces


def test_every_table_belongs_to_a_workspace_and_its_key_begins_with_it() -> None:
    for table in metadata.tables.values():
        assert next(iter(table.primary_key.columns)).name == "workspace_id", table.name


UNSCOPED: list[Callable[[], Executable]] = [
    lambda: select(tickets),
    lambda: select(func.count()).select_from(messages),
    lambda: select(tickets.c.id, workspaces.c.name).where(tickets.c.workspace_id == "a"),
    lambda: select(tickets.c.id).where(tickets.c.workspace_id != "a"),
    lambda: update(conversations).values(muted=True),
    lambda: delete(messages).where(messages.c.id == "m"),
    lambda: select(tickets).where(tickets.c.workspace_id == "a", tickets.c.id.in_(select(messages.c.ticket_id))),
]


@pytest.mark.parametrize("statement", UNSCOPED)
async def test_a_statement_without_its_workspace_is_refused(store: Store, statement: Callable[[], Executable]) -> None:
    async with store.read("a") as session:
        with pytest.raises(UnscopedQuery, match="without naming its workspace"):
            await session.execute(statement())


async def test_the_migrations_make_the_tables_that_the_code_expects(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import Connection

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        return list(compare_metadata(context, metadata))

    async with store.across_workspaces() as connection:
        found = await connection.run_sync(differences)
    assert found == []


async def test_opening_twice_migrates_once(database_url: str) -> None:
    for _ in range(2):
        opened = await Store.open(database_url)
        await opened.close()


async def test_sqlite_is_durable_and_lets_readers_in(tmp_path: Path) -> None:
    opened = await Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    async with opened.across_workspaces() as connection:
        journal = (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()
        synchronous = (await connection.execute(text("PRAGMA synchronous"))).scalar_one()
    await opened.close()
    assert (journal, synchronous) == ("wal", 2)  # 2 is FULL


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://localhost/x", "sqlite or postgresql"),
        ("not a url", "no URL"),
        ("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", "can't be opened"),
        ("sqlite:////proc/nowhere/x.sqlite3", "can't be opened"),
    ],
)
async def test_a_database_that_cannot_be_opened_says_so(url: str, message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        await Store.open(url)


async def test_a_password_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        await Store.open("postgresql://someone:hunter2@127.0.0.1:1/none?connect_timeout=2")
    assert "hunter2" not in str(caught.value)


async def test_what_fails_half_way_leaves_nothing(store: Store) -> None:
    async def half_way() -> None:
        async with store.write("a") as session:
            await Workspaces(session).create(Workspace(id="a", name="A"), at=MORNING)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half_way()
    async with store.read("a") as session:
        with pytest.raises(NotFound):
            await Workspaces(session).get()


async def test_workspace_ids_are_taken_once(store: Store, clock: ManualClock, ids: CountingIds) -> None:
    administration = Administration(store=store, clock=clock, ids=ids)
    await administration.create_workspace(Workspace(id="a", name="A"), by="t")
    with pytest.raises(Conflict, match="already"):
        await administration.create_workspace(Workspace(id="a", name="B"), by="t")


async def test_a_changed_audit_record_is_noticed(store: Store) -> None:
    async with store.write("a") as session:
        for number in range(3):
            await Audit(session).add("c", at=MORNING, actor="x", action="did", subject=str(number), content="words")
    async with store.read("a") as session:
        assert await Audit(session).broken_at("c") is None
        assert "words" not in str(await Audit(session).chain("c"))
    async with store.write("a") as session:
        await session.execute(
            update(audit).where(audit.c.workspace_id == "a", audit.c.position == 2).values(subject="forged")
        )
    async with store.read("a") as session:
        assert await Audit(session).broken_at("c") == 2
