"""Instants as tables of other systems write them: ISO 8601, seconds since 1970, 03/01/2024 2:05 PM, 1 Mar 2024, and their kin.
Which column holds them is `importer`'s affair."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from vigil.errors import InvalidInput

_TIME = (
    r"(?:[\s,T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,4}})(?P<mark>[./-])(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,4}}){_TIME}", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<month>[a-z]{3,9})\.?|(?P<month2>[a-z]{3,9})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?)"
    rf",?[\s-]+(?P<year>\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_EPOCH = re.compile(r"-?\d{9,10}(?:\.\d+)?|\d{12,13}")


def zone_called(name: str) -> tzinfo:
    """Raises InvalidInput for a name that the time zone database doesn't know."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInput(f"There is no time zone {name!r}; write it as UTC or Europe/Berlin.") from error


class Dates:
    """Reads the dates of one column.

    Args:
        zone: of dates that name none.
        day_first: whether 03/04/2024 is the 3rd of April; None: as the column itself shows, and month first where it doesn't.
        column: all values of the column, to see which comes first.
    """

    def __init__(self, *, zone: tzinfo, day_first: bool | None, column: Iterable[str]) -> None:
        self._zone = zone
        self.ambiguous = False
        """Some dates could be read either way and nothing in the column says which; they are read month first."""
        self._day_first = self._look(column) if day_first is None else day_first

    def read(self, text: str) -> datetime:
        """The instant in UTC. Raises ValueError for what is no date, or one before 1970 or after 2200."""
        found = self._read(" ".join(text.split()))
        if found.tzinfo is None:
            found = found.replace(tzinfo=self._zone)
        if not 1970 <= found.year < 2200:
            raise ValueError("the year can't be right")
        return found.astimezone(UTC)

    def _look(self, column: Iterable[str]) -> bool:
        open_question = False
        for value in column:
            match = _NUMERIC.fullmatch(" ".join(value.split()))
            if match is None or match["mark"] == "." or len(match["a"]) > 2:
                continue
            if int(match["a"]) > 12:
                return True
            if int(match["b"]) > 12:
                return False
            open_question = True
        self.ambiguous = open_question
        return False

    def _read(self, text: str) -> datetime:
        if _EPOCH.fullmatch(text):
            number = float(text)
            return datetime.fromtimestamp(number / 1000 if abs(number) >= 1e11 else number, UTC)
        with suppress(ValueError):
            return datetime.fromisoformat(text)
        match = _NUMERIC.fullmatch(text)
        if match is not None:
            return _built(*self._year_month_day(match), match)
        match = _NAMED.fullmatch(text)
        if match is not None:
            month = _MONTHS.get((match["month"] or match["month2"])[:3].lower(), 0)
            return _built(int(match["year"]), month, int(match["day"] or match["day2"]), match)
        raise ValueError("no date")

    def _year_month_day(self, match: re.Match[str]) -> tuple[int, int, int]:
        a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
        if len(match["a"]) == 4:
            return a, b, c
        year = c + 2000 if len(match["c"]) == 2 else c
        if match["mark"] == "." or self._day_first:
            return year, b, a
        return year, a, b


def _built(year: int, month: int, day: int, match: re.Match[str]) -> datetime:
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=_offset(match["zone"]))


def _offset(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    if name[0] not in "+-":
        return UTC
    minutes = int(name[1:3]) * 60 + int(name[-2:])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
