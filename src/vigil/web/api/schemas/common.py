"""What the shapes of all routes have in common: strictness, and the types of ids, names and times."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict

MAX_PAGE: Final = 200
"""Items of a list in one answer at most."""

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

ItemT = TypeVar("ItemT")


class Wish(BaseModel):
    """Something that a caller sends: unknown members are refused, so that a typing error doesn't pass silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Answer(BaseModel):
    """Something that a caller gets. Made of a value of the house, it takes what it names and leaves the rest."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True, use_attribute_docstrings=True)


class Items(Answer, Generic[ItemT]):
    """A list, whole."""

    items: list[ItemT]


class Page(Answer, Generic[ItemT]):
    """A part of a list."""

    items: list[ItemT]
    next: str | None = None
    """Give this as `cursor` to get what follows; null at the end."""


def _written_out(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("A time must be written as RFC 3339 has it, such as 2026-11-20T09:30:00Z.")


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("A time must lie in the years 1 to 9999 in UTC.") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""A time as RFC 3339 has it, zone included."""


def _a_number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("This must be a number, without quotes.")
    return value


MAX_COUNT: Final = 2**53 - 1
"""The largest whole number that JSON carries exactly everywhere (RFC 8259, section 6)."""

Count = Annotated[int, Field(ge=0, le=MAX_COUNT), BeforeValidator(_a_number)]
"""A whole number from 0; 7.0 is one too, as JSON Schema has it."""

Seconds = Annotated[int, Field(ge=0, le=99_999_999), BeforeValidator(_a_number)]
"""Up to three years of them."""

Days = Annotated[int, Field(ge=0, le=3650), BeforeValidator(_a_number)]
"""Up to ten years of them."""

Flag = Annotated[bool, Strict()]
"""true or false, and nothing that resembles them."""

_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
_TRIMMED: Final = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"

Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=_TRIMMED)]
"""An id that another system gave: printable, without spaces around it."""

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_PRINTABLE)]
"""A name that people read: one line."""

Words = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")]
"""Text of any number of lines. Without NUL, which PostgreSQL can't hold."""

TopicKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A topic's key: 1 to 63 lower-case letters, digits, - or _."""
