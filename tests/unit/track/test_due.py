"""Times as people say them, said on Wednesday 4 March 2026 at 14:05 in Berlin."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vigil.track.due import due_in

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 4, 14, 5, tzinfo=BERLIN)

INSTANTS = {
    "in an hour": "04 15:05",
    "in half an hour": "04 14:35",
    "in 20 minutes": "04 14:25",
    "in 5 mins": "04 14:10",
    "in ten minutes or so": "04 14:15",
    "in 2 hours": "04 16:05",
    "in 2.5 hours": "04 16:35",
    "in an hour and a half": "04 15:35",
    "in three quarters of an hour": "04 14:50",
    "in a couple of hours": "04 16:05",
    "in a few hours": "04 17:05",
    "in an hour or two": "04 16:05",
    "in 2-3 hours": "04 17:05",
    "in one or two hours": "04 16:05",
    "within the hour": "04 15:05",
    "within 24 hours": "05 14:05",
    "within 48h": "06 14:05",
    "2 hours from now": "04 16:05",
    "give me ten minutes": "04 14:15",
    "that should take about 20 minutes": "04 14:25",
    "we need two more hours": "04 16:05",
    "in 2 days": "06 14:05",
    "in a week": "11 14:05",
    "in 3 weeks": "25 14:05",
    "at 3pm": "04 15:00",
    "3 pm": "04 15:00",
    "15:30": "04 15:30",
    "by 17:30": "04 17:30",
    "at 4.30pm": "04 16:30",
    "by five": "04 17:00",
    "by 5": "04 17:00",
    "by 3 o'clock": "04 15:00",
    "half past four": "04 16:30",
    "quarter to five": "04 16:45",
    "17 Uhr": "04 17:00",
    "by noon": "05 12:00",
    "by midnight": "05 00:00",
    "at 1pm": "05 13:00",
    "at 15:30 UTC": "04 16:30",
    "tomorrow 9am": "05 09:00",
    "tomorrow at nine": "05 09:00",
    "tomorrow 9am CET": "05 09:00",
    "tomorrow at 9am EST": "05 15:00",
    "9am ET tomorrow": "05 15:00",
    "tomorrow 14h": "05 14:00",
    "at noon tomorrow": "05 12:00",
    "Thursday at 10am": "05 10:00",
    "10am Thursday PT": "05 19:00",
    "Thursday, 10:00 London time": "05 11:00",
    "no later than Friday noon": "06 12:00",
    "on 10 March at 10:00 UTC+2": "10 09:00",
}
"""Day of March and clock time in Berlin."""

DAYS = {
    "today": "2026-03-04",
    "later today": "2026-03-04",
    "tonight": "2026-03-04",
    "this afternoon": "2026-03-04",
    "by EOD": "2026-03-04",
    "by the end of the day": "2026-03-04",
    "by close of business": "2026-03-04",
    "tomorrow": "2026-03-05",
    "tomorrow morning": "2026-03-05",
    "first thing tomorrow": "2026-03-05",
    "by end of business tomorrow": "2026-03-05",
    "the day after tomorrow": "2026-03-06",
    "on Friday": "2026-03-06",
    "by EOD Friday": "2026-03-06",
    "this Friday": "2026-03-06",
    "next Friday": "2026-03-13",
    "Wednesday": "2026-03-11",
    "next Tuesday": "2026-03-10",
    "Tuesday next week": "2026-03-10",
    "Monday morning": "2026-03-09",
    "this week": "2026-03-06",
    "by the end of the week": "2026-03-06",
    "next week": "2026-03-13",
    "over the weekend": "2026-03-08",
    "by the end of the month": "2026-03-31",
    "in two business days": "2026-03-06",
    "in 3 working days": "2026-03-09",
    "on the 12th": "2026-03-12",
    "on the 2nd": "2026-04-02",
    "on 3 May": "2026-05-03",
    "May 3rd": "2026-05-03",
    "on 2026-03-10": "2026-03-10",
}

NO_TIMES = (
    "soon",
    "as soon as I can",
    "2 hours ago",
    "yesterday at 5pm",
    "last Friday",
    "for 2 hours",
    "since 9am",
    "version 3.5",
    "on port 8080",
    "with 2 of 3 nodes",
    "a second one",
    "at 95% of the quota",
    "I sat there and the sun shone",
)


@pytest.mark.parametrize("words", INSTANTS)
def test_an_hour_or_a_length_is_an_instant(words: str) -> None:
    due = due_in(f"I'll have it {words}.", NOW, BERLIN)
    assert due is not None
    assert not due.day
    assert due.at.astimezone(BERLIN).strftime("%d %H:%M") == INSTANTS[words]


@pytest.mark.parametrize("words", DAYS)
def test_a_day_without_an_hour_is_that_day(words: str) -> None:
    due = due_in(f"I'll have it {words}.", NOW, BERLIN)
    assert due is not None
    assert due.day
    assert due.at.astimezone(BERLIN).date().isoformat() == DAYS[words]


@pytest.mark.parametrize("words", NO_TIMES)
def test_what_is_past_or_vague_or_no_time_is_none(words: str) -> None:
    assert due_in(words, NOW, BERLIN) is None


@pytest.mark.parametrize(
    ("words", "minutes"), [("ten minutes", 10), ("an hour", 60), ("an hour or two", 120), ("45 mins", 45)]
)
def test_alone_a_length_is_a_time_only_as_an_answer(words: str, minutes: int) -> None:
    assert due_in(words, NOW, BERLIN) is None
    due = due_in(words, NOW, BERLIN, answer=True)
    assert due is not None
    assert due.at - NOW == timedelta(minutes=minutes)


def test_the_speakers_zone_says_what_nine_means() -> None:
    in_tokyo = due_in("tomorrow at 9am", NOW, ZoneInfo("Asia/Tokyo"))
    in_berlin = due_in("tomorrow at 9am", NOW, BERLIN)
    assert in_tokyo is not None
    assert in_berlin is not None
    assert in_berlin.at - in_tokyo.at == timedelta(hours=8)


def test_days_with_a_change_of_clocks_end_when_they_end_there() -> None:
    before = datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN)
    due = due_in("tomorrow at 9am", before, BERLIN)
    assert due is not None
    assert due.at.astimezone(BERLIN).hour == 9


def test_after_work_today_is_the_rest_of_the_day() -> None:
    late = NOW.replace(hour=19)
    due = due_in("I'll do it today", late, BERLIN)
    assert due is not None
    assert due.at.astimezone(BERLIN).strftime("%d %H:%M") == "04 23:59"
