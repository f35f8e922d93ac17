"""The version before goes on reading and writing with the columns that it knows, in tables that the new one has brought further: steps of
the migrations only add. That the new one works on what the old one wrote is in `runtime/test_two_versions.py`."""

import ast
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    Float,
    Integer,
    LargeBinary,
    Table,
    delete,
    insert,
    inspect,
    select,
    update,
)

from tests.integration.store.revisions import VERSIONS, reflected, revisions, tables_at
from vigil.store import migrate
from vigil.store.store import Store

ADDING = {"create_table", "add_column", "create_index", "drop_index"}
"""What a step may do. It may drop an index, which no statement names."""


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_a_step_only_adds(path: Path) -> None:
    tree = ast.parse(path.read_text())
    made: set[str] = set()
    """Tables that the version before knows nothing of, so that they may want of themselves what they like."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        called = node.func
        if called.attr == "create_table":
            made.add(ast.literal_eval(node.args[0]))
        if isinstance(called.value, ast.Name) and called.value.id == "op" and called.attr != "f":
            assert called.attr in ADDING, (
                f"{path.name}:{node.lineno} does op.{called.attr}, which the version before can't live with"
            )
        if called.attr == "create_index" and isinstance(called.value, ast.Name) and _table(node) not in made:
            assert not any(word.arg == "unique" and ast.literal_eval(word.value) for word in node.keywords)


def _table(create_index: ast.Call) -> str:
    table = create_index.args[1]
    return ast.literal_eval(table) if isinstance(table, ast.Constant) else ""


def a_value(table: Table, name: str, number: int) -> Any:
    column = table.c[name]
    if column.nullable and number == 0:
        return None
    values: list[tuple[type[Any], Any]] = [
        (JSON, {"number": number}),
        (Boolean, number > 0),
        (LargeBinary, bytes([number])),
        (BigInteger, number + 1),
        (Integer, number + 1),
        (Float, number + 0.5),
    ]
    return next((value for kind, value in values if isinstance(column.type, kind)), f"{number}")


@pytest.mark.parametrize("revision", revisions())
async def test_the_statements_of_the_version_before_go_on_working(database_url: str, revision: str) -> None:
    store = await Store.open(database_url, migrate=False)
    async with store.across_workspaces() as connection:
        await connection.execution_options(isolation_level="SERIALIZABLE")
        before = await tables_at(connection, revision)
        await connection.run_sync(migrate.begin)
        await connection.run_sync(migrate.apply, "head")
        await connection.commit()
        after = await reflected(connection)
        for table in before.sorted_tables:
            if table.name == "alembic_version":
                continue
            there = after.tables[table.name]
            for column in table.columns:
                assert column.name in there.c, f"{table.name}.{column.name} is gone"
                assert str(there.c[column.name].type) == str(column.type), (
                    f"{table.name}.{column.name} has another type"
                )
                assert there.c[column.name].nullable or not column.nullable, (
                    f"{table.name}.{column.name} must not be NULL now"
                )
            if store.dialect == "sqlite":
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            names = [column.name for column in table.columns]
            rows = [{name: a_value(table, name, number) for name in names} for number in range(2)]
            await connection.execute(insert(table), rows)
            assert len((await connection.execute(select(table))).all()) == 2
            changed = {name: a_value(table, name, 1) for name in names if not table.c[name].primary_key}
            await connection.execute(
                update(table).where(table.c.workspace_id == rows[1]["workspace_id"]).values(changed or rows[1])
            )
            await connection.execute(
                delete(table).where(table.c.workspace_id.in_([row["workspace_id"] for row in rows]))
            )
            await connection.commit()
    await store.close()


@pytest.mark.parametrize("revision", revisions())
async def test_no_step_makes_more_things_unique(database_url: str, revision: str) -> None:
    store = await Store.open(database_url, migrate=False)

    def unique(sync: Connection) -> dict[str, set[tuple[str, ...]]]:
        looked = inspect(sync)
        return {
            name: {tuple(each["column_names"]) for each in looked.get_unique_constraints(name)}
            | {tuple(looked.get_pk_constraint(name)["constrained_columns"])}
            for name in looked.get_table_names()
        }

    async with store.across_workspaces() as connection:
        await connection.execution_options(isolation_level="SERIALIZABLE")
        await tables_at(connection, revision)
        before = await connection.run_sync(unique)
        await connection.run_sync(migrate.begin)
        await connection.run_sync(migrate.apply, "head")
        await connection.commit()
        after = await connection.run_sync(unique)
    await store.close()
    assert {name: after[name] for name in before} == before
