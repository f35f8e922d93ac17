"""A backup holds everything as of one instant, comes back on either database, and is refused where it can't be trusted."""

import asyncio
import json
import os
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from tests.conftest import MORNING
from tests.integration.store.rows import fill_all_tables
from vigil.domain.workspace import Workspace
from vigil.errors import Conflict, InvalidInput
from vigil.store import migrate, transfer
from vigil.store.archive import MANIFEST, Archive, write_archive
from vigil.store.audit import Audit
from vigil.store.backup import backup, move, restore
from vigil.store.chains import verify
from vigil.store.store import Store
from vigil.store.tables import audit, indexes, messages, metadata
from vigil.store.transfer import Fingerprint, snapshot
from vigil.store.workspaces import Workspaces


class PlugPulled(Exception):
    """The end of a process, in the middle of its work."""


async def read_to_the_end(path: Path) -> None:
    archive = Archive.open(path)
    try:
        await archive.check()
    finally:
        archive.close()


async def contents(url: str) -> dict[str, tuple[int, str]]:
    """Every table's number of rows and fingerprint, but for the one that stays behind."""
    store = await Store.open(url, migrate=False)
    found: dict[str, tuple[int, str]] = {}
    async with snapshot(store) as source:
        for shape in source.shapes:
            fingerprint = Fingerprint()
            async for rows in source.rows(shape):
                fingerprint.add(rows)
            found[shape.name] = (fingerprint.count, fingerprint.hex())
    await store.close()
    return found


@pytest.fixture
async def full_url(store: Store, database_url: str) -> str:
    await fill_all_tables(store)
    return database_url


@pytest.fixture
async def full_sqlite(tmp_path: Path) -> str:
    """An SQLite file with rows in every table."""
    url = f"sqlite:///{tmp_path / 'full.sqlite3'}"
    store = await Store.open(url)
    await fill_all_tables(store)
    await store.close()
    return url


async def test_what_was_backed_up_comes_back_on_the_other_database(full_url: str, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    manifest = await backup(full_url, path, at=MORNING, vigil="9.9")
    target = f"sqlite:///{tmp_path / 'target.sqlite3'}"
    archive = Archive.open(path)
    await archive.check()
    filled, missing = await restore(target, archive)
    archive.close()
    assert await contents(target) == await contents(full_url)
    assert (filled.chains.broken, filled.chains.chains, missing) == ((), {"acme": 2}, [])
    assert {part.table for part in manifest.parts} == set(metadata.tables) - {indexes.name}
    assert all(part.rows for part in manifest.parts)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


async def test_moving_there_and_back_changes_nothing(database_url: str, full_sqlite: str, tmp_path: Path) -> None:
    before = await contents(full_sqlite)
    await move(full_sqlite, database_url)
    assert await contents(database_url) == before
    back = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    filled = await move(database_url, back)
    assert await contents(back) == before
    assert filled.rows["messages"] == 3


async def test_a_backup_is_of_one_instant_while_others_write(store: Store, database_url: str, tmp_path: Path) -> None:
    await fill_all_tables(store)
    async with snapshot(store) as source:
        await fill_all_tables(store, workspace="later")  # nobody waits for the backup
        await write_archive(source, tmp_path / "b.zip", taken_at=MORNING, taken_from="x", vigil="9.9")
    archive = Archive.open(tmp_path / "b.zip")
    target = f"sqlite:///{tmp_path / 'target.sqlite3'}"
    filled, _ = await restore(target, archive)
    archive.close()
    assert filled.rows["messages"] == 3
    assert (await contents(database_url))["messages"][0] == 6


async def test_a_backup_under_load_holds_whole_commits(store: Store, database_url: str, tmp_path: Path) -> None:
    """Each commit is a workspace and the audit record of it: a backup that saw half of one would have them in different numbers."""
    written, stop = 0, asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            name = f"w{written}"
            async with store.write(name) as session:
                await Workspaces(session).create(Workspace(id=name, name=name), at=MORNING)
                await Audit(session).add("workspace", at=MORNING, actor="x", action="workspace.created", subject=name)
            written += 1

    seen: list[tuple[int, int]] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        for number in range(4):
            before = written
            await backup(database_url, tmp_path / f"{number}.zip", at=MORNING, vigil="9.9")
            seen.append((before, written))
        stop.set()
    assert seen[-1][1] > seen[0][0], "nothing was written meanwhile"
    for number, (before, after) in enumerate(seen):
        archive = Archive.open(tmp_path / f"{number}.zip")
        filled, _ = await restore(f"sqlite:///{tmp_path / f'{number}.sqlite3'}", archive)
        archive.close()
        assert filled.rows["workspaces"] == filled.rows["audit"]
        assert before <= filled.rows["workspaces"] <= after + 1


async def test_a_database_in_use_is_not_replaced(
    full_url: str, full_sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not full_url.startswith("postgresql"):
        pytest.skip("SQLite lets readers read on and queues writers")
    monkeypatch.setattr(transfer, "PATIENCE_S", 1)
    before = await contents(full_url)
    busy = await Store.open(full_url)
    async with busy.write("acme") as session:
        await session.execute(select(messages.c.id).where(messages.c.workspace_id == "acme"))
        with pytest.raises(Conflict, match="stop them first"):
            await move(full_sqlite, full_url, replace=True)
    await busy.close()
    assert await contents(full_url) == before


async def test_a_database_that_is_not_empty_is_left_alone_unless_told(full_url: str, full_sqlite: str) -> None:
    before = await contents(full_url)
    with pytest.raises(Conflict, match="--replace"):
        await move(full_sqlite, full_url)
    assert await contents(full_url) == before
    await move(full_sqlite, full_url, replace=True)
    assert await contents(full_url) == await contents(full_sqlite)


async def test_a_move_that_is_cut_off_leaves_nothing_and_can_be_run_again(database_url: str, full_sqlite: str) -> None:
    def pull_the_plug(table: str, done: int, _total: int) -> None:
        if table == "messages" and done:
            raise PlugPulled

    with pytest.raises(PlugPulled):
        await move(full_sqlite, database_url, progress=pull_the_plug)
    opened = await Store.open(database_url, migrate=False)
    async with opened.across_workspaces() as connection:
        assert await connection.run_sync(migrate.revision_of) is None
    await opened.close()
    await move(full_sqlite, database_url)
    assert await contents(database_url) == await contents(full_sqlite)


async def test_a_row_that_the_target_cannot_hold_stops_the_move(full_sqlite: str, database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite takes a text of any length")
    opened = await Store.open(full_sqlite)
    async with opened.write("acme") as session:
        await session.execute(update(messages).where(messages.c.workspace_id == "acme").values(author_name="x" * 300))
    await opened.close()
    with pytest.raises(Conflict, match="value too long"):
        await move(full_sqlite, database_url)


async def test_a_broken_audit_trail_is_not_carried_over(full_sqlite: str, tmp_path: Path) -> None:
    opened = await Store.open(full_sqlite)
    async with opened.write("acme") as session:
        await session.execute(
            update(audit)
            .where(audit.c.workspace_id == "acme", audit.c.chain == "two", audit.c.position == 2)
            .values(actor="somebody else")
        )
    found = await verify(opened)
    await opened.close()
    assert [(each.chain, each.position) for each in found.broken] == [("two", 2)]
    with pytest.raises(Conflict, match="audit trail is broken"):
        await move(full_sqlite, f"sqlite:///{tmp_path / 't.sqlite3'}")


@pytest.mark.parametrize("damage", ["cut", "flipped", "swapped", "no manifest", "not a zip", "missing"])
async def test_a_damaged_backup_is_refused(full_sqlite: str, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "backup.zip"
    await backup(full_sqlite, path, at=MORNING, vigil="9.9")
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped":
        middle = whole.index(b"tables/messages.jsonl") + 60
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :])
    elif damage in ("swapped", "no manifest"):
        with zipfile.ZipFile(path) as old:
            members = {name: old.read(name) for name in old.namelist()}
        members["tables/messages.jsonl"] = members["tables/messages.jsonl"].replace(b"author_name-0", b"author_name-7")
        if damage == "no manifest":
            del members[MANIFEST]
        with zipfile.ZipFile(path, "w") as new:
            for name, content in members.items():
                new.writestr(name, content)
    elif damage == "not a zip":
        path.write_text("hello")
    else:
        path.unlink()
    with pytest.raises(InvalidInput, match=r"damaged|can't be restored"):
        await read_to_the_end(path)


@pytest.mark.parametrize(("field", "value"), [("format", 2), ("revision", "9999")])
async def test_a_backup_of_a_newer_version_is_refused(
    full_sqlite: str, tmp_path: Path, field: str, value: object
) -> None:
    path = tmp_path / "backup.zip"
    await backup(full_sqlite, path, at=MORNING, vigil="9.9")
    with zipfile.ZipFile(path) as old:
        said = json.loads(old.read(MANIFEST))
    with zipfile.ZipFile(path, "w") as new:
        new.writestr(MANIFEST, json.dumps({**said, field: value}))
    with pytest.raises(InvalidInput, match=r"made by Vigil 9\.9.*newer"):
        Archive.open(path)


async def test_tables_of_another_version_are_neither_read_nor_overwritten(full_sqlite: str, tmp_path: Path) -> None:
    opened = await Store.open(full_sqlite)
    async with opened.across_workspaces() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        await connection.commit()
    await opened.close()
    with pytest.raises(Conflict, match="revision 9999"):
        await backup(full_sqlite, tmp_path / "b.zip", at=MORNING, vigil="9.9")
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    await (await Store.open(other)).close()
    with pytest.raises(Conflict, match="newer version"):
        await move(other, full_sqlite, replace=True)


async def test_an_older_version_works_on_beside_newer_tables(database_url: str) -> None:
    first = await Store.open(database_url)
    async with first.across_workspaces() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.commit()
    await first.close()
    again = await Store.open(database_url)
    async with again.across_workspaces() as connection:
        assert (await connection.execute(select(func.count()).select_from(messages))).scalar_one() == 0
    await again.close()


async def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite3"
    with pytest.raises(InvalidInput, match="no database"):
        await backup(f"sqlite:///{missing}", tmp_path / "b.zip", at=MORNING, vigil="9.9")
    assert not missing.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_cannot_be_written_to_is_named(full_sqlite: str) -> None:
    with pytest.raises(InvalidInput, match="/proc"):
        await backup(full_sqlite, Path("/proc/b.zip"), at=MORNING, vigil="9.9")
