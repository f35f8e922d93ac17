"""SQLite without a thread in between, for databases that serve one task alone, such as a replay's: each statement runs where it is asked
for. What everybody else uses is aiosqlite, which takes four hops between threads a statement and blocks nobody."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


class DirectCursor:
    """What SQLAlchemy's adapter for aiosqlite asks of a cursor."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()

    async def __aenter__(self) -> "DirectCursor":
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

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "DirectCursor":
        self._cursor.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "DirectCursor":
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _AtOnce:
    """Stands where aiosqlite has the queue to its thread."""

    def put_nowait(self, work: tuple[Any, Callable[[], Any]]) -> None:
        future, function = work
        future.set_result(function())


class DirectConnection:
    """What SQLAlchemy's adapter for aiosqlite asks of a connection."""

    def __init__(self, path: str) -> None:
        self._conn = self._connection = sqlite3.connect(path)
        self._tx = _AtOnce()

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def cursor(self) -> DirectCursor:
        return DirectCursor(self._conn)

    async def create_function(self, *arguments: Any, **named: Any) -> None:
        self._conn.create_function(*arguments, **named)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self._conn.close()

    def stop(self) -> None:
        self._conn.close()


def creator(path: str) -> Callable[..., Awaitable[DirectConnection]]:
    """What SQLAlchemy calls for a new connection to the file at `path`."""

    async def create(*_arguments: object, **_named: object) -> DirectConnection:
        return DirectConnection(path)

    return create
