"""When a cron expression comes next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.cron import Cron

MONDAY = datetime(2026, 3, 2, 9, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", "2026-03-02T09:08"),
        ("*/15 * * * *", "2026-03-02T09:15"),
        ("7 9 * * *", "2026-03-03T09:07"),
        ("0 7 * * 1-5", "2026-03-03T07:00"),
        ("0 7 * * 6,0", "2026-03-07T07:00"),
        ("0 7 * * 7", "2026-03-08T07:00"),
        ("30 6 1 * *", "2026-04-01T06:30"),
        ("0 0 29 2 *", "2028-02-29T00:00"),
        ("10-20/5 23 * * *", "2026-03-02T23:10"),
        ("5/20 9 * * *", "2026-03-02T09:25"),
        ("0 12 15 * 1", "2026-03-02T12:00"),  # either day: Mondays and the fifteenths
        ("0 7 * * * Europe/Berlin", "2026-03-03T06:00"),
        ("0 7 * * * America/New_York", "2026-03-02T12:00"),
    ],
)
def test_it_comes_next(text: str, expected: str) -> None:
    assert Cron.parse(text).after(MONDAY) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_where_clocks_go_forward_a_time_that_does_not_exist_comes_when_it_would_have() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    first = Cron.parse("30 2 * * * Europe/Berlin").after(before)
    assert first == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert Cron.parse("30 2 * * * Europe/Berlin").after(first) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_where_clocks_go_back_a_time_that_comes_twice_counts_once() -> None:
    cron = Cron.parse("30 2 * * * Europe/Berlin")
    first = cron.after(datetime(2026, 10, 24, 12, 0, tzinfo=UTC))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert cron.after(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("* * * *", "4 fields"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of the month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day of the week"),
        ("5-1 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("mon * * * *", "minute"),
        ("0 7 * * * Europe/Nowhere", "time zone"),
        ("0 7 * * * ../../etc/passwd", "time zone"),
    ],
)
def test_what_is_wrong_is_named(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Cron.parse(text)


def test_a_day_that_never_comes_is_told() -> None:
    with pytest.raises(ValueError, match="no day"):
        Cron.parse("0 0 30 2 *").after(MONDAY)


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
    offset=st.integers(0, 366 * 24 * 60),
)
def test_a_daily_time_always_comes_later_and_within_two_days(minute: int, hour: int, zone: str, offset: int) -> None:
    start = MONDAY + timedelta(minutes=offset)
    found = Cron.parse(f"{minute} {hour} * * * {zone}").after(start)
    assert start < found <= start + timedelta(days=2)
