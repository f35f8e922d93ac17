"""What is a promise, and what only looks like one; the definition is in docs/explanation/tracking-guideline.md."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from vigil.domain.conversation import Message, Person, Role
from vigil.track.advance import advance
from vigil.track.heard import Heard
from vigil.track.promising import promises_in

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 4, 14, 5, tzinfo=BERLIN)

BY_ANALYSTS = {
    "I'll get back to you in an hour.": ["04 15:05"],
    "The fix goes out on Tuesday": ["10"],
    "I'll ask billing and get back to you in an hour. You'll have the money by Friday.": ["04 15:05", "06"],
    "And I'll look into why it took so long.": [None],
    "Let me check with billing and get back to you": [None],
    "It should be live by 3pm": ["04 15:00"],
    "should be live by three": ["04 15:00"],
    "We'll release a patch this week": ["06"],
    "Somebody will call you by 5pm": ["04 17:00"],
    "give me ten minutes": ["04 14:15"],
    "ETA is 16:00": ["04 16:00"],
    "I will refund it today and send you the confirmation tomorrow morning": ["04", "05"],
    "Our engineers will have a look at it first thing Monday": ["09"],
    "I'm escalating this to engineering, you'll hear from them by EOD": ["04"],
    "You should see the money on your account by Thursday": ["05"],
    "Back in 20 minutes with an answer": ["04 14:25"],
    "As soon as I know more I'll update you": [None],
    "I'll keep you posted": [None],
    "They will contact you within 24 hours": ["05 14:05"],
    "I'm going to file a bug for this": [None],
    "the replacement ships tomorrow": ["05"],
    "Expect an answer by noon": ["05 12:00"],
}

NONE_BY_ANALYSTS = (
    "one moment please",
    "let me check",
    "hang on a minute",
    "You will need to restart the server",
    "you'll have to reinstall",
    "Shall I call you tomorrow?",
    "I can call you at 4?",
    "If you send me the log I'll look at it",
    "I won't be able to look at it today",
    "I said I'd call",
    "I've sent it already",
    "the job runs at five",
    "Hopefully it's fixed tomorrow",
    "it will work if you restart",
    "that will delete your files",
    "apt will install it",
    "I'll be honest, no clue",
    "we'll see",
    "I'll paste it: https://example.com/log",
)

BY_CUSTOMERS = {
    "I'll send the logs tomorrow": ["05"],
    "I'll restart it and let you know": [None],
    "We'll pay the invoice on Friday": ["06"],
}
NONE_BY_CUSTOMERS = (
    "I'll try that",
    "ok, will restart it and see",
    "I'll go with the other one",
    "I need it by Friday",
)


def found(text: str, part: Role, *, asked_when: bool = False) -> list[str | None]:
    return [
        None if each.due is None else each.due.at.astimezone(BERLIN).strftime("%d" if each.due.day else "%d %H:%M")
        for each in promises_in(text, part, NOW, BERLIN, asked_when=asked_when)
    ]


@pytest.mark.parametrize("text", BY_ANALYSTS)
def test_what_analysts_promise(text: str) -> None:
    assert found(text, Role.ANALYST) == BY_ANALYSTS[text]


@pytest.mark.parametrize("text", NONE_BY_ANALYSTS)
def test_what_analysts_say_without_promising(text: str) -> None:
    assert found(text, Role.ANALYST) == []


@pytest.mark.parametrize("text", BY_CUSTOMERS)
def test_customers_promise_what_they_do_for_the_other(text: str) -> None:
    assert found(text, Role.CUSTOMER) == BY_CUSTOMERS[text]


@pytest.mark.parametrize("text", NONE_BY_CUSTOMERS)
def test_what_customers_do_for_themselves_is_no_promise(text: str) -> None:
    assert found(text, Role.CUSTOMER) == []


def test_a_time_alone_is_a_promise_where_one_was_asked_for() -> None:
    assert found("by five", Role.ANALYST) == []
    assert found("by five", Role.ANALYST, asked_when=True) == ["04 17:00"]
    assert found("no idea, sorry", Role.ANALYST, asked_when=True) == []


def test_a_very_long_message_is_looked_through_only_at_its_beginning() -> None:
    assert found("word " * 100_000 + "I'll call you tomorrow", Role.ANALYST) == []


@pytest.mark.parametrize("piece", ["(", "- ", "a ", "hi ", "in 1 ", "I'll also ", "error: ", "the team ", "1.1."])
def test_a_message_that_repeats_itself_is_read_like_any_other(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    message = Message(
        id="m",
        external_id="m",
        conversation_id="c",
        seq=1,
        author=Person(id="mia", name="Mia", role=Role.CUSTOMER),
        text=text,
        sent_at=NOW,
        received_at=NOW,
    )
    assert advance(None, message, Heard(part=Role.CUSTOMER), ticket_id="t").seq == 1
