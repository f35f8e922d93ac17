"""Going on where a page of rows ended: the latest first, and by id among those of one instant."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.sql.schema import Column


def earlier(time: Column[Any], row_id: Column[Any], place: tuple[datetime, str]) -> ColumnElement[bool]:
    """Rows that come after `place`, the (instant, id) of a page's last row."""
    instant, last = place
    return or_(time < instant, (time == instant) & (row_id < last))
