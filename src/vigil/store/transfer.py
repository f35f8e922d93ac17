"""Everything that a database holds, as rows that both databases understand: reading them all as of one instant, and filling a database
with them, all or nothing. How they lie in a file is `archive`'s."""

import base64
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    LargeBinary,
    Table,
    Text,
    column,
    func,
    insert,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from vigil.errors import Conflict
from vigil.store import migrate
from vigil.store.chains import Chains, verify_chains
from vigil.store.columns import Instant
from vigil.store.paging import pages
from vigil.store.store import Store
from vigil.store.tables import indexes, metadata

ROWS_AT_ONCE = 500
"""Rows that are read and written together: some MB where they hold vectors."""
PATIENCE_S = 10
"""Seconds to wait for others to let go of a PostgreSQL database that is to be filled; SQLite waits as long as for any writer."""
LEFT_OUT = frozenset({indexes.name})
"""Says how far a search index is, and an index does not travel: it is a cache, and is filled again."""

Kind = Literal["text", "whole", "number", "yes_no", "json", "bytes"]
Value = str | int | float | bool | None | list[Any] | dict[str, Any]
"""As JSON has it: an instant is whole microseconds since 1970, bytes are base64."""
WireRow = list[Value]
Progress = Callable[[str, int, int], None]
"""Is told the table, and how many of its rows of how many are done."""

_TYPES: dict[Kind, TypeEngine[Any]] = {
    "text": Text(),
    "whole": BigInteger(),
    "number": Float(),
    "yes_no": Boolean(),
    "json": JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    "bytes": LargeBinary(),
}


def untold(_table: str, _done: int, _total: int) -> None:
    """For who wants to hear of no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A table as it travels."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What came into a database."""

    rows: dict[str, int]
    """By table."""
    chains: Chains
    """The audit trail, as it stands on the far side."""


class Snapshot(Protocol):
    """All rows as of one instant, wherever they come from."""

    @property
    def revision(self) -> str:
        """Of the tables that they came from."""
        ...

    @property
    def shapes(self) -> Sequence[Shape]:
        """The tables."""
        ...

    def rows(self, shape: Shape) -> AsyncIterator[list[WireRow]]:
        """The rows of a table, some at a time."""
        ...


class Fingerprint:
    """The hash of a set of rows, whatever their order, and equal on both databases: a row that is missing, doubled or changed shows."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, rows: Sequence[WireRow]) -> None:
        for row in rows:
            canonical = json.dumps(_canonical(row), sort_keys=True, separators=(",", ":"))
            self._sum += int.from_bytes(hashlib.sha256(canonical.encode()).digest(), "big")
        self.count += len(rows)

    def hex(self) -> str:
        return f"{self._sum % (1 << 256):064x}"


def _canonical(value: Any) -> Any:
    """PostgreSQL gives a whole number in a JSON document back as an integer, however it was written."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list):
        return [_canonical(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in cast("dict[str, Any]", value).items()}
    return value


class DatabaseSnapshot:
    """An open database as of the instant of the first look, while others go on writing."""

    def __init__(self, connection: AsyncConnection, revision: str, shapes: Sequence[Shape]) -> None:
        self._connection = connection
        self.revision = revision
        self.shapes = shapes

    async def rows(self, shape: Shape) -> AsyncIterator[list[WireRow]]:
        async for batch in _read(self._connection, shape):
            yield batch


@asynccontextmanager
async def snapshot(store: Store) -> AsyncGenerator[DatabaseSnapshot]:
    """All tables of a database as of one instant. Nobody waits for it: SQLite's WAL and PostgreSQL's versions of rows keep what it sees.

    Raises:
        Conflict: the tables are not at the revision that this version of Vigil works with.
    """
    async with store.across_workspaces() as connection:
        if store.dialect == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            await connection.exec_driver_sql("BEGIN")
        revision = await connection.run_sync(migrate.revision_of)
        if revision is None or revision != migrate.head():
            raise Conflict(
                f"The tables are at revision {revision or 'none'} and this version of Vigil works with {migrate.head()}. "
                "Use the version that the installation runs, or bring the tables up to date first: `vigil migrate`."
            )
        shapes = [await _shape(connection, each) for each in metadata.sorted_tables if each.name not in LEFT_OUT]
        yield DatabaseSnapshot(connection, revision, shapes)
        await connection.rollback()


async def fill(store: Store, source: Snapshot, *, replace: bool = False, progress: Progress = untold) -> Filled:
    """Make a database hold what a snapshot holds, in one transaction: it is there as a whole, checked, or not at all.

    The tables are made as they were at the snapshot's revision, filled, and then brought up to date, so that whatever a step of the
    migrations does to rows it does to these as well. Each row is read back and compared before anything counts.

    Args:
        store: opened without migrating.
        replace: throw away what is in the database. Otherwise it has to be empty.

    Raises:
        Conflict: the database is not empty, is in use, or does not take a row; or what was read back differs. Nothing was changed.
    """
    done: dict[str, int] = {}
    async with store.across_workspaces() as connection:
        try:
            if store.dialect == "postgresql":
                await connection.execution_options(isolation_level="READ COMMITTED")
                await connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
            await connection.run_sync(migrate.begin)
            await _make_room(connection, replace=replace)
            await connection.run_sync(migrate.apply, source.revision)
            for shape in source.shapes:
                done[shape.name] = await _fill_table(connection, source, shape, progress)
            await connection.run_sync(migrate.apply, "head")
            chains = await verify_chains(connection)
            if chains.broken:
                raise Conflict(
                    f"The audit trail is broken in {len(chains.broken)} chains, the first of them {chains.broken[0].chain!r} "
                    f"at {chains.broken[0].position}; nothing was changed. `vigil audit verify` at the source says whether it was so there."
                )
            await connection.commit()
        except DBAPIError as error:
            raise Conflict(
                f"The database refused ({type(error.orig).__name__}: {str(error.orig).splitlines()[0]}); nothing was changed. "
                "If other processes of Vigil use it, stop them first."
            ) from error
    return Filled(rows=done, chains=chains)


async def is_empty(connection: AsyncConnection) -> bool:
    """Whether there is no row of Vigil's."""
    present = await present_tables(connection)
    for each in present:
        if (await connection.execute(select(func.count()).select_from(each))).scalar_one():
            return False
    return True


async def _make_room(connection: AsyncConnection, *, replace: bool) -> None:
    revision = await connection.run_sync(migrate.revision_of)
    if revision is not None and not migrate.is_known(revision):
        raise Conflict(
            f"The tables there are at revision {revision}, made by a newer version of Vigil; use that version, or an empty database."
        )
    if not replace and not await is_empty(connection):
        raise Conflict("The database is not empty. Name an empty one, or say --replace to throw away what is in it.")
    await connection.run_sync(metadata.drop_all)
    await connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


async def present_tables(connection: AsyncConnection) -> list[Table]:
    """Vigil's tables that are there."""
    names = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    return [each for each in metadata.sorted_tables if each.name in names]


async def _fill_table(connection: AsyncConnection, source: Snapshot, shape: Shape, tell: Progress) -> int:
    target = table(shape.name, *(column(name, _TYPES[kind]) for name, kind in shape.columns))
    names = [name for name, _ in shape.columns]
    packed = [number for number, (_, kind) in enumerate(shape.columns) if kind == "bytes"]
    wanted, got = Fingerprint(), Fingerprint()
    tell(shape.name, 0, shape.rows)
    async for rows in source.rows(shape):
        wanted.add(rows)
        await connection.execute(
            insert(target), [dict(zip(names, _unpacked(row, packed), strict=True)) for row in rows]
        )
        tell(shape.name, wanted.count, shape.rows)
    async for rows in _read(connection, shape):
        got.add(rows)
    if (got.count, got.hex()) != (wanted.count, wanted.hex()) or got.count != shape.rows:
        raise Conflict(
            f"Table {shape.name} was read back with {got.count} rows of {shape.rows}, or with other contents; nothing was changed."
        )
    return got.count


async def _shape(connection: AsyncConnection, each: Table) -> Shape:
    count: int = (await connection.execute(select(func.count()).select_from(each))).scalar_one()
    return Shape(name=each.name, columns=tuple((c.name, _kind(c)) for c in each.columns), rows=count)


def _kind(each: Column[Any]) -> Kind:
    kinds: list[tuple[type[Any], Kind]] = [
        (Instant, "whole"),
        (Boolean, "yes_no"),
        (Float, "number"),
        (JSON, "json"),
        (LargeBinary, "bytes"),
    ]
    for known, kind in kinds:
        if isinstance(each.type, known):
            return kind
    return "whole" if each.type.python_type is int else "text"


async def _read(connection: AsyncConnection, shape: Shape) -> AsyncIterator[list[WireRow]]:
    source = table(shape.name, *(column(name, _TYPES[kind]) for name, kind in shape.columns))
    packed = [number for number, (_, kind) in enumerate(shape.columns) if kind == "bytes"]
    key = [source.c[each.name] for each in metadata.tables[shape.name].primary_key]
    async for rows in pages(connection, select(source), key, size=ROWS_AT_ONCE):
        yield [_packed(list(row), packed) for row in rows]


def _packed(row: list[Any], places: Sequence[int]) -> WireRow:
    for place in places:
        if row[place] is not None:
            row[place] = base64.b64encode(row[place]).decode()
    return row


def _unpacked(row: WireRow, places: Sequence[int]) -> list[Any]:
    if not places:
        return row
    plain: list[Any] = list(row)
    for place in places:
        if plain[place] is not None:
            plain[place] = base64.b64decode(plain[place])
    return plain
