"""Dates as other systems write them come out as the instant that was meant, or are refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.channels.dates import Dates, zone_called
from vigil.errors import InvalidInput


def read(text: str, *, zone: str = "UTC", day_first: bool | None = None) -> datetime:
    return Dates(zone=zone_called(zone), day_first=day_first, column=[text]).read(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01T14:05:00Z",
        "2024-03-01 14:05",
        "2024-03-01T15:05:00+01:00",
        "2024-03-01 14:05:00 UTC",
        "2024/03/01 14:05:00",
        "1709301900",
        "1709301900000",
        "01.03.2024 14:05",
        "01.03.24, 14:05",
        "1 Mar 2024 14:05",
        "1 March 2024, 2:05 PM",
        "Mar 1, 2024, 2:05 pm",
        "March 1st, 2024 14:05:00",
        "Fri, 01 Mar 2024 14:05:00 +0000",
        "Fri, 01 Mar 2024 09:05:00 -0500",
        "01-Mar-2024 14:05",
        "  2024-03-01   14:05  ",
    ],
)
def test_common_forms_name_the_same_instant(text: str) -> None:
    assert read(text) == datetime(2024, 3, 1, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "31.02.2024",
        "2024-13-01",
        "13:00 PM 1 Mar 2024",
        "1 Foo 2024",
        "0001-01-01",
        "9999999999999999",
        "nan",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)


def test_a_zone_can_be_given_for_dates_that_name_none() -> None:
    assert read("2024-07-01 14:05", zone="Europe/Berlin").hour == 12
    assert read("2024-07-01 14:05Z", zone="Europe/Berlin").hour == 14


def test_an_unknown_zone_is_said() -> None:
    with pytest.raises(InvalidInput, match="Europe/Berlin"):
        zone_called("Middle/Earth")


def test_the_column_shows_whether_the_day_comes_first() -> None:
    column = ["03/04/2024", "25/04/2024", ""]
    dates = Dates(zone=UTC, day_first=None, column=column)

    assert dates.read("03/04/2024").month == 4
    assert not dates.ambiguous


def test_where_nothing_shows_it_the_month_comes_first_and_that_is_said() -> None:
    dates = Dates(zone=UTC, day_first=None, column=["03/04/2024"])

    assert dates.read("03/04/2024").month == 3
    assert dates.ambiguous


def test_whoever_knows_can_say_so() -> None:
    dates = Dates(zone=UTC, day_first=True, column=["03/04/2024"])

    assert dates.read("03/04/2024").month == 4
    assert not dates.ambiguous


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2190, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_iso_8601_comes_back_as_the_same_instant(instant: datetime) -> None:
    assert read(instant.isoformat()) == instant.astimezone(UTC)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except (ValueError, OverflowError):
        return
    assert found.tzinfo is UTC
