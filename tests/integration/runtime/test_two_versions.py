"""During a deploy the new version finds rows that the old one wrote, without the columns that came later, and works on them."""

from pathlib import Path

from sqlalchemy import MetaData, delete, insert, select

from tests.integration.runtime.house import House, W
from tests.integration.store.revisions import reflected, revisions, tables_at
from vigil.domain.decision import DecisionKind
from vigil.store.store import Store


async def columns_of_first_version(tmp_path: Path) -> MetaData:
    store = await Store.open(f"sqlite:///{tmp_path / 'first.sqlite3'}", migrate=False)
    async with store.across_workspaces() as connection:
        known = await tables_at(connection, revisions()[0])
    await store.close()
    return known


async def test_the_new_version_works_off_what_the_old_one_took_in(house: House, tmp_path: Path) -> None:
    old = await columns_of_first_version(tmp_path)
    house.answer_of = lambda _situation: "Have you tried turning it off and on again?"
    await house.write("my printer is on fire, what can I do?")
    async with house.store.across_workspaces() as connection:
        await connection.execution_options(isolation_level="SERIALIZABLE")
        if house.store.dialect == "sqlite":
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        for name in ("conversations", "inbox"):  # the same rows, as the old version would have written them
            table = (await reflected(connection)).tables[name]
            known = [table.c[column.name] for column in old.tables[name].columns]
            rows = [
                dict(row)
                for row in (await connection.execute(select(*known).where(table.c.workspace_id == W))).mappings()
            ]
            await connection.execute(delete(table).where(table.c.workspace_id == W))
            await connection.execute(insert(table), rows)
        await connection.commit()
    await house.worker.settle()
    assert [decision.kind for decision in await house.decisions()] == [DecisionKind.SUGGEST]
    assert len(house.channel.posted) == 1
