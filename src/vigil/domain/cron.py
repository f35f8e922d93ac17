"""Cron expressions: five fields (minute, hour, day of the month, month, day of the week) and perhaps a time zone. When they come next, and
nothing else."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_PART = re.compile(r"(?:(?P<any>\*)|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>\d+))?")
_HORIZON = timedelta(days=366 * 9)
"""The 29th of February can be eight years away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A parsed expression.

    As in cron itself, a day fits when it fits *either* of two day fields that are both limited. Where clocks are put forward, a time that
    doesn't exist comes when it would have; where they are put back, a time that comes twice counts once.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    zone: tzinfo

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """``30 7 * * 1-5`` in UTC, or with a zone after it: ``30 7 * * 1-5 Europe/Berlin``.

        Raises:
            ValueError: what is wrong with it, for a person.
        """
        words = text.split()
        if len(words) not in (5, 6):
            raise ValueError(
                f"{text!r} has {len(words)} fields; write minute, hour, day, month, weekday, and perhaps a zone"
            )
        minutes, hours, days, months, weekdays = (
            _values(word, name, low, high) for word, (name, low, high) in zip(words, _FIELDS, strict=False)
        )
        return cls(
            minutes=tuple(sorted(minutes)),
            hours=tuple(sorted(hours)),
            days=frozenset(days),
            months=frozenset(months),
            weekdays=frozenset(day % 7 for day in weekdays),
            either_day=not words[2].startswith("*") and not words[4].startswith("*"),
            zone=_zone(words[5]) if len(words) == 6 else UTC,
        )

    def after(self, instant: datetime) -> datetime:
        """The first instant after `instant` that fits, in UTC.

        Raises:
            ValueError: there is none, as for the 30th of February.
        """
        local = instant.astimezone(self.zone)
        day, end = local.date(), local.date() + _HORIZON
        while day <= end:
            if self._fits(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        found = datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)
                        if found > instant:
                            return found
            day += timedelta(days=1)
        raise ValueError("no day ever fits this expression")

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.either_day else of_month and of_week


def _values(word: str, name: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no {name}; write numbers, ranges (1-5), lists (1,3) or steps (*/15)")
        first = low if match["any"] else int(match["first"])
        last = high if match["any"] or (match["step"] and not match["last"]) else int(match["last"] or first)
        step = int(match["step"] or 1)
        if not low <= first <= last <= high or step == 0:
            raise ValueError(f"{part!r} is no {name}; those go from {low} to {high}")
        found.update(range(first, last + 1, step))
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"there is no time zone {name!r} here; write one such as Europe/Berlin") from error
