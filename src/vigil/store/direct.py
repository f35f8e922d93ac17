"""SQLite with as few hops between threads as it takes: a statement goes to a thread once, and where it is known to be short, not at all.
What this replaces is aiosqlite's own connection, which takes four hops a statement; SQLAlchemy's dialect for it stays."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

T = TypeVar("T")

BEGIN: Final = "BEGIN IMMEDIATE"
BUSY_MS: Final = 10_000
"""Milliseconds to wait for another process that writes: more than any transaction of ours takes."""


class LocalCursor:
    """What SQLAlchemy's adapter for aiosqlite asks of a cursor. The rows are fetched together with the statement."""

    def __init__(self, connection: "LocalConnection") -> None:
        self._connection = connection
        self._cursor = connection.raw.cursor()
        self._rows: list[Any] = []

    async def __aenter__(self) -> "LocalCursor":
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "LocalCursor":
        if statement == BEGIN:
            await self._connection.begin()
            return self

        def run() -> list[Any]:
            self._cursor.execute(statement, parameters)
            return self._cursor.fetchall() if self._cursor.description else []

        self._rows = await self._connection.work(run)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "LocalCursor":
        await self._connection.work(lambda: self._cursor.executemany(statement, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._cursor.close()


class _AtOnce:
    """Stands where aiosqlite has the queue to its thread."""

    def put_nowait(self, work: tuple[Any, Callable[[], Any]]) -> None:
        future, function = work
        future.set_result(function())


class LocalConnection:
    """What SQLAlchemy's adapter for aiosqlite asks of a connection.

    Args:
        path: of the file.
        threads: where statements run; None for a file that serves one task alone and is thrown away: there everything is done on the spot.
    """

    def __init__(self, path: str, threads: ThreadPoolExecutor | None) -> None:
        self.raw = self._conn = self._connection = sqlite3.connect(
            path, check_same_thread=False, timeout=BUSY_MS / 1000
        )
        self._tx = _AtOnce()
        self._threads = threads
        self._last: asyncio.Future[Any] | None = None
        self.short = threads is None
        """Statements run on the spot for now: whoever sets this asks for rows by their keys, some dozens at most, which takes less
        time than a hop to a thread. A commit waits for the disk and goes to a thread all the same."""

    @property
    def isolation_level(self) -> str | None:
        return self.raw.isolation_level

    def cursor(self) -> LocalCursor:
        return LocalCursor(self)

    async def work(self, function: Callable[[], T], *, waits: bool = False) -> T:
        """Run a piece of work; one that `waits`, for the disk or for another process, never on the spot."""
        if self._last is not None and not self._last.done():  # its task was cancelled; what it began must end first
            await asyncio.wait({self._last})
        if self._threads is None or (self.short and not waits):
            return function()
        self._last = asyncio.get_running_loop().run_in_executor(self._threads, function)
        return await asyncio.shield(self._last)

    async def begin(self) -> None:
        """Become the one that writes: on the spot where nobody else does, else in a thread."""
        if self.short:
            try:
                self._begin(0)
            except sqlite3.OperationalError:
                pass  # somebody else writes just now
            else:
                return
        await self.work(lambda: self._begin(BUSY_MS), waits=True)

    def _begin(self, patience_ms: int) -> None:
        self.raw.execute(f"PRAGMA busy_timeout={patience_ms}")
        try:
            self.raw.execute(BEGIN)
        finally:
            self.raw.execute(f"PRAGMA busy_timeout={BUSY_MS}")

    async def create_function(self, *arguments: Any, **named: Any) -> None:
        self.raw.create_function(*arguments, **named)

    async def commit(self) -> None:
        if self.raw.in_transaction:
            await self.work(self.raw.commit, waits=True)

    async def rollback(self) -> None:
        if self.raw.in_transaction:
            await self.work(self.raw.rollback)

    async def close(self) -> None:
        self.raw.close()

    def stop(self) -> None:
        self.raw.close()


def creator(path: str, threads: ThreadPoolExecutor | None) -> Callable[..., Awaitable[LocalConnection]]:
    """What SQLAlchemy calls for a new connection to the file at `path`."""

    async def create(*_arguments: object, **_named: object) -> LocalConnection:
        return LocalConnection(path, threads)

    return create
