"""How urgent a ticket is and why, and who should have it."""

from datetime import UTC, datetime, timedelta

import pytest

from vigil.domain.conversation import Role
from vigil.domain.progress import Mood, Noted, Progress, Promise, Standing, Turn
from vigil.domain.triage import Urgency
from vigil.track.routing import fits
from vigil.track.urgency import urgency_of

NOW = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)


def wanting(text: str, **more: object) -> Progress:
    progress = Progress(ticket_id="t", seq=1, wants=Noted(text=text, message_id="m-1", at=NOW), turn=Turn.ANALYST)
    for name, value in more.items():
        object.__setattr__(progress, name, value)
    return progress


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Our shop is down since this morning", Urgency.CRITICAL),
        ("I dropped the invoices table by accident", Urgency.CRITICAL),
        ("My API key was leaked on GitHub", Urgency.CRITICAL),
        ("I was charged twice for March", Urgency.HIGH),
        ("I'm locked out of the console", Urgency.HIGH),
        ("The VAT return is due tomorrow", Urgency.HIGH),
        ("How do I add a second region?", Urgency.NORMAL),
    ],
)
def test_words_say_how_urgent_it_is_and_the_reason_names_the_message(text: str, urgency: Urgency) -> None:
    urgent = urgency_of(wanting(text), now=NOW)
    assert urgent.urgency is urgency
    assert urgent.reason
    assert urgent.message_id == (None if urgency is Urgency.NORMAL else "m-1")


def test_what_was_promised_and_is_late_is_urgent() -> None:
    late = Promise(
        person_id="tom",
        role=Role.ANALYST,
        text="back in an hour",
        message_id="m-2",
        made_at=NOW - timedelta(hours=2),
        due=NOW - timedelta(hours=1),
    )
    urgent = urgency_of(wanting("How do I add a region?", promises=(late,)), now=NOW)
    assert (urgent.urgency, urgent.message_id) == (Urgency.HIGH, "m-2")


def test_an_angry_customer_is_urgent_and_a_resolved_ticket_is_not() -> None:
    angry = wanting("How do I add a region?", mood=Mood.ANGRY, mood_in="m-3")
    assert urgency_of(angry, now=NOW).urgency is Urgency.HIGH
    settled = wanting("Our shop is down", standing=Standing.CONFIRMED, standing_in="m-4")
    assert urgency_of(settled, now=NOW).urgency is Urgency.LOW


def test_the_owner_comes_first_unless_their_desk_is_full() -> None:
    first, second = fits("grace", {"linus": 4, "grace": 2}, {"linus": 1})
    assert (first.person_id, second.person_id) == ("grace", "linus")
    assert fits("grace", {"linus": 4}, {"grace": 12})[0].person_id == "linus"


def test_without_an_owner_who_solved_most_and_has_least_to_do_comes_first() -> None:
    order = [fit.person_id for fit in fits(None, {"linus": 4, "ada": 4, "tom": 1}, {"linus": 3})]
    assert order == ["ada", "linus", "tom"]
    assert fits(None, {}, {"linus": 3}) == ()
