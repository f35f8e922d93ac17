"""Opening the database and keeping every statement inside one workspace. The repositories beside this file say what is read and written."""

import asyncio
import errno
import time
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self, TypeVar, cast

from sqlalchemy import ColumnElement, Executable, Table, bindparam, event, make_url
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.schema import Column

from vigil.errors import Misconfigured
from vigil.store import direct

StatementT = TypeVar("StatementT", bound=Executable)

IDLE_S: Final = 5.0
"""Seconds that a connection to PostgreSQL may lie idle before it is asked whether it still lives. One that breaks sooner costs its user an
error, and the pool throws the others away with it; asking each time would be one more round trip for each transaction."""
THREADS: Final = 16
"""Threads for SQLite: one for each connection that the pool may open, 5 and 10 more."""


KEPT: Final = 24
"""Connections to PostgreSQL that a process keeps open: as many as a worker has conversations side by side. Those beyond are opened for one
transaction and closed after it, which at SQLAlchemy's own 5 came to one new connection for each message."""
BEYOND: Final = 8
"""How many those may be."""


NO_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE})
"""What the machine says when it has no disk, or no handle on it, to give."""


AWAY: Final = (OperationalError, InterfaceError, NoConnection, DisconnectionError)
"""What SQLAlchemy raises then."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database or the disk is not to be had just now: nothing that the work at hand did."""
    if isinstance(error, AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    return isinstance(error, OSError) and error.errno in NO_DISK


class UnscopedQuery(AssertionError):
    """A statement touches a table without naming the workspace: a fault in the code, never in the input."""


class Session:
    """One transaction inside one workspace."""

    def __init__(self, connection: AsyncConnection, workspace: str) -> None:
        self.connection = connection
        self.workspace = workspace

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement that names its workspace for every table that it touches.

        A statement that `scoped` has made gets the workspace as a parameter by itself.

        Raises:
            UnscopedQuery: it doesn't.
        """
        if statement in _SCOPED:
            parameters = {"workspace": self.workspace, **cast("Mapping[str, Any]", parameters or {})}
        else:
            _check_scope(statement)
        return await self.connection.execute(statement, parameters)

    @property
    def on_postgresql(self) -> bool:
        return self.connection.dialect.name == "postgresql"


class Store:
    """The database of an installation."""

    def __init__(self, engine: AsyncEngine, threads: ThreadPoolExecutor | None = None) -> None:
        self._engine = engine
        self._threads = threads
        # SQLite takes one writer at a time: queueing here is fair and costs no polling.
        self._writer = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        # A read is one statement, or several that need not see the same instant: without BEGIN and ROLLBACK it is two round trips less.
        self._reader = engine if self._writer is not None else engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    async def open(cls, url: str, *, durable: bool = True, migrate: bool = True) -> Self:
        """Connect to ``sqlite:///path`` or ``postgresql://...`` and bring the tables up to date.

        `durable` False lets SQLite skip waiting for the disk and do everything on the spot: only for files that serve one task alone and
        are thrown away, such as a replay's.

        Raises:
            Misconfigured: the URL is of no known kind, or nothing answers there.
        """
        target = _async_url(url)
        options: dict[str, Any] = {"hide_parameters": True}  # errors are logged, and parameters are people's words
        threads: ThreadPoolExecutor | None = None
        if target.get_backend_name() == "sqlite" and target.database:
            threads = ThreadPoolExecutor(THREADS, thread_name_prefix="vigil-sqlite") if durable else None
            options["connect_args"] = {"async_creator_fn": direct.creator(target.database, threads)}
        if target.get_backend_name() == "postgresql":
            options |= {"pool_size": KEPT, "max_overflow": BEYOND, "pool_use_lifo": True}
        engine = create_async_engine(target, **options)
        if engine.dialect.name == "sqlite":
            _tune_sqlite(engine, durable=durable)
        else:
            _tune_postgresql(engine)
        store = cls(engine, threads)
        try:
            if engine.dialect.name == "sqlite" and target.database:
                Path(target.database).parent.mkdir(parents=True, exist_ok=True)
            if migrate:
                await store._migrate()
        except (SQLAlchemyError, OSError) as error:
            await engine.dispose()
            where = target.render_as_string(hide_password=True)
            raise Misconfigured(
                f"The database at {where} can't be opened ({type(error).__name__}). Check VIGIL_DATABASE_URL, and that the server runs."
            ) from error
        return store

    async def close(self) -> None:
        await self._engine.dispose()
        if self._threads is not None:
            self._threads.shutdown(wait=False)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @asynccontextmanager
    async def read(self, workspace: str, *, short: bool = False) -> AsyncGenerator[Session]:
        """For reading; each statement sees the state of its own instant.

        `short` promises rows by their keys, some dozens at most: SQLite then answers on the spot, without a hop to a thread.
        """
        async with self._reader.connect() as connection, _short(connection, short):
            yield Session(connection, workspace)

    @asynccontextmanager
    async def write(self, workspace: str, *, short: bool = False) -> AsyncGenerator[Session]:
        """A transaction that commits when the block ends and is undone when it raises. `short` as in `read`."""
        async with AsyncExitStack() as stack:
            if self._writer is not None:
                await stack.enter_async_context(self._writer)
            connection = await stack.enter_async_context(self._engine.connect())
            await stack.enter_async_context(_short(connection, short))
            if self._writer is not None:
                await connection.exec_driver_sql(direct.BEGIN)
            async with connection.begin() if self._writer is None else _committed(connection):
                yield Session(connection, workspace)

    @asynccontextmanager
    async def stroke(self, workspace: str, *, short: bool = False) -> AsyncGenerator[Session]:
        """For writing one row: what is executed is committed at once, statement by statement, so that PostgreSQL is not asked to begin and
        to commit. On SQLite it is `write`, which lets writers queue. `short` as in `read`."""
        if self._writer is not None:
            async with self.write(workspace, short=short) as session:
                yield session
        else:
            async with self.read(workspace) as session:
                yield session

    @asynccontextmanager
    async def across_workspaces(self, *, short: bool = False) -> AsyncGenerator[AsyncConnection]:
        """A bare reading connection for the few questions that no workspace owns: which workspaces there are, whose token this is,
        where work is waiting. Only `store` uses it."""
        async with self._reader.connect() as connection, _short(connection, short):
            yield connection

    async def _migrate(self) -> None:
        from vigil.store.migrate import upgrade

        async with self._engine.connect() as connection:
            await connection.run_sync(upgrade)


_SCOPED: set[Executable] = set()


def scoped(statement: StatementT) -> StatementT:
    """A statement that is made once, when its module is loaded, and run often. It compares workspace columns with `WORKSPACE`.

    Raises:
        UnscopedQuery: it touches a table without naming the workspace.
    """
    _check_scope(statement)
    _SCOPED.add(statement)
    return statement


WORKSPACE: Final[ColumnElement[str]] = bindparam("workspace")
"""The session's workspace, in a statement that is made once."""


@asynccontextmanager
async def _short(connection: AsyncConnection, short: bool) -> AsyncGenerator[None]:
    """Let SQLite answer on the spot while the block runs."""
    if not short or connection.dialect.name != "sqlite":
        yield
        return
    local = cast("direct.LocalConnection", (await connection.get_raw_connection()).driver_connection)
    before, local.short = local.short, True
    try:
        yield
    finally:
        local.short = before


@asynccontextmanager
async def _committed(connection: AsyncConnection) -> AsyncGenerator[None]:
    try:
        yield
    except BaseException:
        await connection.rollback()
        raise
    await connection.commit()


def _async_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise Misconfigured(
            "VIGIL_DATABASE_URL is no URL; write sqlite:///path/to/file or postgresql://user@host/name."
        ) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise Misconfigured(f"VIGIL_DATABASE_URL names {kind!r}; Vigil keeps its data in sqlite or postgresql.")


def _tune_sqlite(engine: AsyncEngine, *, durable: bool) -> None:
    def connected(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # Transactions are begun by Store.write, not by the driver.
        connection.isolation_level = None  # pyright: ignore[reportAttributeAccessIssue]
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "busy_timeout=10000",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", connected)


def _tune_postgresql(engine: AsyncEngine) -> None:
    def returned(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["returned"] = time.monotonic()

    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("returned", time.monotonic()) < IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the connection was closed while it lay idle") from error

    event.listen(engine.sync_engine, "checkin", returned)
    event.listen(engine.sync_engine, "checkout", taken)


def _check_scope(statement: Executable) -> None:
    """Every table in the statement needs a comparison of its workspace column (or, for an insert, a value for it)."""
    touched: set[Table[Any]] = set()
    scoped: set[Table[Any]] = set()
    if isinstance(statement, Insert):
        return  # the primary key begins with the workspace, so that a row without one can't be inserted
    for element in visitors.iterate(statement):  # pyright: ignore[reportArgumentType]
        if isinstance(element, Table):
            touched.add(cast("Table[Any]", element))
        elif isinstance(element, BinaryExpression) and element.operator is operators.eq:
            for side in (element.left, element.right):
                column = _workspace_column(side)
                if column is not None:
                    scoped.add(column)
    for table in touched - scoped:
        if "workspace_id" in table.c:
            raise UnscopedQuery(f"A statement reads or changes {table.name} without naming its workspace.")


def _workspace_column(side: ColumnElement[Any]) -> Table[Any] | None:
    return side.table if isinstance(side, Column) and side.name == "workspace_id" else None
