"""Whatever is not quiet is working time: it alone counts, and nothing falls outside it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from vigil.domain.hours import QuietHours, free, worked

OFFICE = QuietHours(zone="Europe/Berlin", start=time(17), end=time(9), days=frozenset({5, 6}))
NIGHT = QuietHours(zone="UTC", start=time(20), end=time(7))
SUNDAYS = QuietHours(zone="UTC", start=time(0), end=time(0), days=frozenset({6}))
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026, whose second day is a Monday; Berlin is an hour ahead until the 29th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "start", "length", "then"),
    [
        (None, at(2, 23), 3 * HOUR, at(3, 2)),
        (OFFICE, at(2, 8), 2 * HOUR, at(2, 10)),
        (OFFICE, at(2, 8), 8 * HOUR, at(2, 16)),
        (OFFICE, at(2, 15), 2 * HOUR, at(3, 9)),
        (OFFICE, at(6, 15), 2 * HOUR, at(9, 9)),
        (OFFICE, at(7, 12), HOUR, at(9, 9)),
        (OFFICE, at(27, 15), 2 * HOUR, at(30, 8)),  # clocks went forward on the 29th
        (NIGHT, at(2, 3), HOUR, at(2, 8)),
        (SUNDAYS, at(7, 23), 2 * HOUR, at(9, 1)),
    ],
)
def test_time_passes_while_the_desk_works(
    quiet: QuietHours | None, start: datetime, length: timedelta, then: datetime
) -> None:
    assert worked(quiet, start, length) == then


def test_nothing_falls_into_the_peace() -> None:
    assert free(None, at(2, 3)) == at(2, 3)
    assert free(NIGHT, at(2, 3)) == at(2, 7)
    assert free(NIGHT, at(2, 12)) == at(2, 12)
