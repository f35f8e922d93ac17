"""Where a page of a list ended, as a word that callers hand back unread. It grants nothing: the token says what may be seen."""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Query

from vigil.errors import InvalidInput
from vigil.web.api.schemas.common import MAX_PAGE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9a-f]{8}) (([a-z]+) (-?\d{1,18}) ([\x21-\x7e]{1,128}))")

ItemT = TypeVar("ItemT")

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Items in one answer at most.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="`next` of the answer before; leave it out for the first.")
]


def cursor_of(kind: str, instant: datetime, identity: str) -> str:
    """The place after the item of this id in a list of this kind, sorted by time and id."""
    place = f"{kind} {(instant - _EPOCH) // timedelta(microseconds=1)} {identity}"
    place = f"{_check(place)} {place}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(kind: str, cursor: str | None) -> tuple[datetime, str] | None:
    """The (instant, id) that a cursor names; None for None.

    Raises:
        InvalidInput: it is none of ours, or another list's.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = _PLACE.fullmatch(base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode("ascii"))
        if place is not None and place[3] == kind and place[1] == _check(place[2]):
            return _EPOCH + timedelta(microseconds=int(place[4])), place[5]
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise InvalidInput("`cursor` must be the `next` of the page before, unchanged; leave it out to begin anew.")


def _check(place: str) -> str:
    """Tells a word that lost a letter on its way; it guards nothing, for there is nothing to guard."""
    return f"{zlib.crc32(place.encode()):08x}"


def cut(items: Sequence[ItemT], limit: int, cursor: Callable[[ItemT], str]) -> tuple[list[ItemT], str | None]:
    """Of up to `limit` + 1 items those that go into the page, and the cursor of the next page, if there is one."""
    page = list(items[:limit])
    return page, cursor(page[-1]) if len(items) > limit else None
