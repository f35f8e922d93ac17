"""When something is due, by the words that say so: "in an hour", "by EOD", "tomorrow 9am CET", "next Tuesday". What of a message is a
promise is decided in `promising`; dates of the calendar and zones are dateparser's to know."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigil.track.times import (
    BETWEEN,
    CLOCK,
    DAY,
    LATER,
    LENGTH,
    NUMBERS,
    PAST,
    SECONDS,
    WEEKDAYS,
    WITHIN,
    ZONE_APART,
    ZONES,
)

EVENING: Final = time(17)
"""When a day's work ends: what is promised for a day, and no hour with it, is due then; for the rest of a later day, at its last minute."""
_LAST: Final = time(23, 59)
_PARTS: Final = {"morning": time(12), "tonight": _LAST, "evening": _LAST, "night": _LAST, "weekend": _LAST}
_HALF_DAY: Final = 12
_WORKING_DAYS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A time that a text names."""

    at: datetime
    """In UTC; where only a day was said, the end of that day's work."""
    day: bool
    """A day was said, and no hour."""
    words: str
    """As they stand in the text."""


def due_in(text: str, now: datetime, zone: tzinfo = UTC, *, answer: bool = False) -> Due | None:
    """The time that `text` names, said at `now` by somebody in `zone`; None where it names none, or one that is past.

    Args:
        answer: the text answers when, so that "ten minutes" or "five" alone is a time.
    """
    local = now.astimezone(zone)
    text = BETWEEN.sub(_later_end, text)
    bare = answer and DAY.search(text) is None
    found = _length(text, local, answer=bare) or _moment(text, local, answer=answer)
    return found if found is not None and found.at > now else None


def _later_end(match: re.Match[str]) -> str:
    low, high = int(match["low"]), int(match["high"])
    if match["half"] is None and high <= _HALF_DAY and (high <= low or high < 7):
        high += _HALF_DAY
    return f"by {high}:{match['minute'] or '00'}{match['half'] or ''}"


def _length(text: str, local: datetime, *, answer: bool) -> Due | None:
    for match in LENGTH.finditer(text):
        tail = (match["after"] or "").strip().casefold()
        if not (match["many"] or match["half"]) or tail in ("ago", "each", "per", "later"):
            continue
        short = match["unit"].casefold() in ("m", "h", "d", "w") and not (match["many"] or "").strip()[:1].isdigit()
        if short or not (match["lead"] or tail or answer) or (match["half"] == "the" and not WITHIN.search(match[0])):
            continue
        words = match[0].strip()
        amount = _amount(match)
        unit = match["unit"].casefold()
        if " " in unit:  # working days
            day = local.date()
            for _ in range(max(1, round(amount))):
                day += timedelta(days=1)
                while day.weekday() >= _WORKING_DAYS:
                    day += timedelta(days=1)
            return _on(day, local, words)
        seconds = next(value for name, value in SECONDS.items() if unit.startswith(name))
        return Due(at=(local + timedelta(seconds=amount * seconds)).astimezone(UTC), day=False, words=words)
    return None


def _amount(match: re.Match[str]) -> float:
    many = (match["many"] or "").casefold().removesuffix(" of").removeprefix("a ").strip()
    amount = 1.0 if not many else float(many.replace(",", ".")) if many[0].isdigit() else float(NUMBERS[many])
    half = (match["half"] or "").casefold()
    if half:
        amount = 1.0 if half == "the" else 0.5 if "quarter" not in half else 0.75 if "three" in half else 0.25
    tail = (match["tail"] or "").casefold()
    if tail == " and a half":
        amount += 0.5
    return max(amount, LATER.get(tail, 0))


def _moment(text: str, local: datetime, *, answer: bool) -> Due | None:
    days = [match for match in DAY.finditer(text) if not _month_word(text, match)]
    day = days[-1] if days else None
    clocks = [match for match in CLOCK.finditer(text) if _is_clock(match, day, answer=answer)]
    clock = clocks[-1] if clocks else None
    if (day is None and clock is None) or PAST.search(text):
        return None
    on = None if day is None else _date(day, local)
    if day is not None and on is None:
        return None
    words = " ".join(match[0].strip() for match in sorted(filter(None, (day, clock)), key=lambda each: each.start()))
    if clock is not None:
        return Due(
            at=_at(clock, on, _zone_of(text, clock) or local.tzinfo, local).astimezone(UTC), day=False, words=words
        )
    if day is None or on is None:
        return None
    part = (day["daypart"] or day[0].split()[-1]).casefold()
    if part == "noon":
        return Due(at=datetime.combine(on, time(12), local.tzinfo).astimezone(UTC), day=False, words=words)
    return _on(on, local, words, ends=_PARTS.get(part, EVENING))


def _zone_of(text: str, clock: re.Match[str]) -> tzinfo | None:
    """The zone behind the hour, or behind the day behind the hour."""
    name = clock["zone"]
    if name is None and (apart := ZONE_APART.search(text[clock.end() :])) is not None:
        name = apart["zone"]
    return None if name is None else _zone(name)


def _month_word(text: str, match: re.Match[str]) -> bool:
    """ "sat", "sun" and "wed" in lower case are mostly other words."""
    word = match["weekday"] or ""
    return word in ("sat", "sun", "mon", "wed") and not re.search(
        r"\b(?:on|by|next|this|until|till|before)\s+$", text[: match.start() + len(match["which"] or "")]
    )


def _is_clock(match: re.Match[str], day: re.Match[str] | None, *, answer: bool) -> bool:
    if day is not None and match.start() < day.end() and day.start() < match.end():
        return False
    lead = (match["lead"] or "").casefold()
    if (match["hour"] and int(match["hour"]) > 24) or lead in ("since", "was", "from"):
        return False
    if (match["half"] or "").casefold() == "h" and int(match["hour"]) <= _HALF_DAY and not lead:
        return False  # "1h" is a length
    if match["minute"] and "." in match[0] and not (lead or match["half"] or match["zone"]):
        return False  # "1.32" is a number
    sure = match["noon"] or match["part"] or match["minute"] or match["half"] or match["whalf"] or match["zone"]
    return (
        bool(sure)
        or lead in ("at", "by", "before", "until", "till", "around", "not later than", "no later than")
        or (answer and match["word"] != "one" and match.start() == 0)
    )


def _date(match: re.Match[str], local: datetime) -> date | None:
    today = local.date()
    if match["after"]:
        return today + timedelta(days=2)
    if match["tomorrow"]:
        return today + timedelta(days=1)
    if match["today"]:
        return today
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    if match["nextday"]:
        return _monday_after(today) + timedelta(days=_weekday(match["nextday"]))
    if match["weekday"]:
        wanted = _weekday(match["weekday"])
        if (match["which"] or "").strip().casefold() == "next":
            return _monday_after(today) + timedelta(days=wanted)
        return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    if match["week"]:
        return friday + timedelta(days=7) if "next" in match["week"].casefold() and today.weekday() < 5 else friday
    if match["weekend"]:
        sunday = today + timedelta(days=6 - today.weekday())
        return sunday + timedelta(days=7) if "next" in match["weekend"].casefold() else sunday
    if match["month"]:
        first = (
            (today.replace(day=1) + timedelta(days=32)).replace(day=1) if "next" in match["month"].casefold() else today
        )
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])
    if match["nth"]:
        return _nth(int(match["nth"]), today)
    return _parsed(match["date"], local)


def _nth(day: int, today: date) -> date | None:
    for ahead in range(3):
        month = (today.month - 1 + ahead) % 12 + 1
        year = today.year + (today.month - 1 + ahead) // 12
        if day <= calendar.monthrange(year, month)[1] and (found := date(year, month, day)) >= today:
            return found
    return None


def _weekday(name: str) -> int:
    return next(place for place, day in enumerate(WEEKDAYS) if day[:2] == name[:2].casefold())


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _on(day: date, local: datetime, words: str, *, ends: time = EVENING) -> Due:
    at = datetime.combine(day, ends, local.tzinfo)
    if at <= local:
        at = datetime.combine(day, _LAST, local.tzinfo)
    return Due(at=at.astimezone(UTC), day=True, words=words)


def _at(clock: re.Match[str], day: date | None, zone: tzinfo | None, local: datetime) -> datetime:
    there = local.astimezone(zone)
    hours = _hours(clock)
    minute = _minute(clock)
    if day is not None:
        hour = min(hours, key=lambda each: not 7 <= each <= 18) if len(hours) > 1 else hours[0]
        ahead = datetime.combine(day, time(hour % 24, minute), zone)
        if hour == 24 or (clock["noon"] and clock["noon"].casefold() == "midnight"):
            ahead += timedelta(days=1)
        if len(hours) > 1 and ahead <= local:  # "today at 8", said at noon
            ahead = max(datetime.combine(day, time(each % 24, minute), zone) for each in hours)
        return ahead
    ahead = [datetime.combine(there.date(), time(hour % 24, minute), zone) for hour in hours]
    return min(each if each > there else each + timedelta(days=1) for each in ahead)


def _hours(clock: re.Match[str]) -> list[int]:
    """The hours of the day that it may mean."""
    if clock["noon"]:
        return [0 if clock["noon"].casefold() == "midnight" else 12]
    told = clock["hour"] or clock["word"] or clock["past"]
    hour = int(told) if told.isdigit() else NUMBERS[told.casefold()]
    if (clock["part"] or "").casefold() == "quarter to":
        hour = (hour - 1) or 12
    half = (clock["half"] or clock["whalf"] or "").casefold().replace(".", "")
    if half in ("am", "pm"):
        return [hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)]
    if hour > _HALF_DAY or hour == 0 or half in ("uhr", "hrs", "h") or told.startswith("0"):
        return [hour]
    return [hour % _HALF_DAY, hour % _HALF_DAY + _HALF_DAY]


def _minute(clock: re.Match[str]) -> int:
    if clock["part"]:
        return {"half past": 30, "quarter past": 15, "quarter to": 45}[clock["part"].casefold()]
    return int(clock["minute"] or {"thirty": 30, "fifteen": 15}.get((clock["thirty"] or "").casefold(), 0))


def _zone(name: str) -> tzinfo | None:
    known = ZONES.get(name.casefold().removesuffix(" time"))
    if known is not None:
        return ZoneInfo(known)
    found = _dateparser().parse(f"2000-01-01 12:00 {name.upper()}", languages=["en"])
    return None if found is None else found.tzinfo


def _parsed(words: str, local: datetime) -> date | None:
    """A day of the calendar; without a year the next one."""
    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": local.replace(tzinfo=None),
        "DATE_ORDER": "DMY",
        "REQUIRE_PARTS": ["day", "month"],
    }
    found = _dateparser().parse(words.rstrip("."), languages=["en"], settings=settings)
    if found is None:
        return None
    day: date = found.date()
    return day


@cache
def _dateparser() -> Any:
    import dateparser  # takes a fifth of a second to import, and few messages name a date

    return dateparser
