"""Quiet hours end when the clock on the wall says so, over nights, weekends and the days on which clocks are changed."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.hours import QuietHours

NIGHTS = QuietHours(zone="Europe/Berlin", start=time(18), end=time(8), days=frozenset({5, 6}))
NOON = QuietHours(zone="UTC", start=time(12), end=time(13))


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (NIGHTS, "2026-03-03T10:00+01:00", None),
        (NIGHTS, "2026-03-03T18:00+01:00", "2026-03-04T08:00+01:00"),
        (NIGHTS, "2026-03-04T07:59+01:00", "2026-03-04T08:00+01:00"),
        (NIGHTS, "2026-03-04T08:00+01:00", None),
        (NIGHTS, "2026-03-06T20:00+01:00", "2026-03-09T08:00+01:00"),  # Friday night to Monday morning
        (NIGHTS, "2026-03-08T12:00+01:00", "2026-03-09T08:00+01:00"),
        (NIGHTS, "2026-03-28T23:00+01:00", "2026-03-30T08:00+02:00"),  # clocks go forward on the 29th
        (NIGHTS, "2026-03-03T05:00+00:00", "2026-03-03T08:00+01:00"),  # asked in another zone
        (NOON, "2026-03-03T12:30+00:00", "2026-03-03T13:00+00:00"),
        (NOON, "2026-03-03T13:00+00:00", None),
    ],
)
def test_when_the_peace_is_over(hours: QuietHours, at: str, until: str | None) -> None:
    wanted = None if until is None else datetime.fromisoformat(until)
    assert hours.until(datetime.fromisoformat(at)) == wanted


@given(
    at=st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001  # made aware below
    start=st.times(),
    end=st.times(),
    days=st.frozensets(st.integers(0, 6), max_size=6),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_whatever_the_hours_peace_ends_within_a_week_and_a_day(
    at: datetime, start: time, end: time, days: frozenset[int], zone: str
) -> None:
    hours = QuietHours(zone=zone, start=start, end=end, days=days)
    over = hours.until(at.replace(tzinfo=UTC))
    if over is not None:
        assert timedelta(hours=-1) <= over - at.replace(tzinfo=UTC) <= timedelta(days=8)


def test_no_hours_at_all_and_only_days() -> None:
    sundays = QuietHours(zone="UTC", start=time(0), end=time(0), days=frozenset({6}))
    assert sundays.until(datetime(2026, 3, 3, 3, tzinfo=UTC)) is None
    assert sundays.until(datetime(2026, 3, 8, 3, tzinfo=UTC)) == datetime(2026, 3, 9, tzinfo=UTC)


def test_what_can_not_be_is_told() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        QuietHours(zone="Mars/Base", start=time(1), end=time(2))
    with pytest.raises(ValueError, match="has to be left"):
        QuietHours(zone="UTC", start=time(1), end=time(2), days=frozenset(range(7)))
