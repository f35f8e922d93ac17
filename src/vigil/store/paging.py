"""Going on where a page of rows ended: for lists the latest first, and for a whole table in the order of its key."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Column


def earlier(time: Column[Any], row_id: Column[Any], place: tuple[datetime, str]) -> ColumnElement[bool]:
    """Rows that come after `place`, the (instant, id) of a page's last row."""
    instant, last = place
    return or_(time < instant, (time == instant) & (row_id < last))


async def pages(
    connection: AsyncConnection, statement: Select[Any], key: Sequence[ColumnElement[Any]], *, size: int
) -> AsyncIterator[Sequence[Row[Any]]]:
    """All rows of a statement in the order of `key`, which is among its columns, `size` at a time. Each page is a statement of its own: no
    cursor stays open, so that rows may be changed in between."""
    ordered = statement.order_by(*key).limit(size)
    rows = (await connection.execute(ordered)).all()
    while rows:
        yield rows
        if len(rows) < size:
            return
        last = [getattr(rows[-1], str(column.key)) for column in key]
        rows = (await connection.execute(ordered.where(tuple_(*key) > tuple_(*last)))).all()
