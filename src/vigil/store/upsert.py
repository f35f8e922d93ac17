"""Insert, or change what is there: the one statement that SQLite and PostgreSQL spell alike and SQLAlchemy doesn't."""

from functools import cache
from typing import Any

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from vigil.store.store import Session


async def upsert(
    session: Session, table: Table[Any], key: dict[str, Any], values: dict[str, Any], *, add: bool = False
) -> None:
    """Write a row under `key`; where there is one, set its `values`, or with `add` raise them."""
    statement = _upsert(table, tuple(key), tuple(values), add=add, on_postgresql=session.on_postgresql)
    await session.execute(statement, {**key, **values})


async def insert_new(session: Session, table: Table[Any], values: dict[str, Any], *, unique: tuple[str, ...]) -> bool:
    """Write a row unless one with the same `unique` columns is there; says whether it was written."""
    statement = _insert_new(table, unique, on_postgresql=session.on_postgresql)
    return (await session.execute(statement, values)).rowcount == 1


@cache
def _upsert(
    table: Table[Any], key: tuple[str, ...], values: tuple[str, ...], *, add: bool, on_postgresql: bool
) -> Executable:
    statement = (postgresql.insert if on_postgresql else sqlite.insert)(table)
    changed = {name: table.c[name] + statement.excluded[name] if add else statement.excluded[name] for name in values}
    return statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=changed)


@cache
def _insert_new(table: Table[Any], unique: tuple[str, ...], *, on_postgresql: bool) -> Executable:
    statement = (postgresql.insert if on_postgresql else sqlite.insert)(table)
    return statement.on_conflict_do_nothing(index_elements=[table.c[name] for name in unique])
