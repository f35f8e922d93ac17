"""Insert, or change what is there: the one statement that SQLite and PostgreSQL spell alike and SQLAlchemy doesn't."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from vigil.store.store import Session


async def upsert(
    session: Session, table: Table[Any], key: dict[str, Any], values: dict[str, Any], *, add: bool = False
) -> None:
    """Write a row under `key`; where there is one, set its `values`, or with `add` raise them."""
    make = postgresql.insert if session.on_postgresql else sqlite.insert
    statement = make(table).values({**key, **values})
    changed = {name: table.c[name] + statement.excluded[name] if add else statement.excluded[name] for name in values}
    await session.execute(statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=changed))


async def insert_new(session: Session, table: Table[Any], values: dict[str, Any], *, unique: tuple[str, ...]) -> bool:
    """Write a row unless one with the same `unique` columns is there; says whether it was written."""
    make = postgresql.insert if session.on_postgresql else sqlite.insert
    statement = make(table).values(values).on_conflict_do_nothing(index_elements=[table.c[name] for name in unique])
    return (await session.execute(statement)).rowcount == 1
