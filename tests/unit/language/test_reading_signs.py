"""What a message shows on its face."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.language.reading import addressed, read


@pytest.mark.parametrize(
    "text",
    [
        "how do I mount an ISO?",
        "Is there a way to resize a volume",
        "does anybody know why nginx gives 404",
        "oh no :( what's the cheapest then",
        "Wie kann ich das Passwort ändern?",
        "¿Cómo puedo cambiar el plan?",
        "どうすればいいですか？",
    ],
)
def test_a_question_is_seen_in_any_of_its_forms(text: str) -> None:
    assert read(text).question
    assert not read(text).small_talk


@pytest.mark.parametrize("text", ["I did that yesterday", "the node is Ready now", "see https://example.com/?a=b&c=d"])
def test_a_statement_is_no_question(text: str) -> None:
    assert not read(text).question


@pytest.mark.parametrize(
    "text", ["thanks!", "ok", "Hello everybody", "great, that worked", "np", "Vielen Dank!", "hi @vigil", "merci :)"]
)
def test_small_talk_asks_nothing(text: str) -> None:
    assert read(text).small_talk


@pytest.mark.parametrize(
    "text",
    [
        "thanks, but it still doesn't work",
        "ok, how do I undo it?",
        "no luck, same error",
        "great, now it fails: error 5",
        "works now, but the second node is missing",
    ],
)
def test_politeness_does_not_hide_a_problem(text: str) -> None:
    assert not read(text).small_talk


def test_a_greeting_is_not_counted_as_words() -> None:
    assert (read("Hi there, my disk is full").length, read("good morning team!").length) == (4, 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna: look", "anna"),
        ("anna, look", "anna"),
        ("@anna look", "anna"),
        ("anna -> look", "anna"),
        ("anna - look", "anna"),
    ],
)
def test_a_name_in_front_is_whom_it_speaks_to(text: str, name: str) -> None:
    assert addressed(read(text), {"anna", "bert"}) == (name,)
    assert read(text).body == "look"


@pytest.mark.parametrize(
    "text", ["ok, look", "Hello, look", "error: look", "https://anna.example.com", "mail anna@bert.example"]
)
def test_ordinary_openings_are_nobodys_name(text: str) -> None:
    assert addressed(read(text), {"anna", "bert"}) == ()


def test_names_behind_an_at_count_anywhere() -> None:
    assert addressed(read("could @bert or @anna look?"), {"anna", "bert"}) == ("bert", "anna")


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a real person",
        "let me speak to a manager",
        "are you a bot?",
        "Ich möchte mit einem Menschen sprechen",
    ],
)
def test_a_call_for_a_human_is_heard(text: str) -> None:
    assert read(text).wants_human


@pytest.mark.parametrize(
    "text", ["do I need an agent on the node?", "the operator pod crashed", "how do I add a person to my team?"]
)
def test_software_and_colleagues_are_no_call_for_a_human(text: str) -> None:
    assert not read(text).wants_human


@pytest.mark.parametrize(
    "text", ["This is unacceptable!", "WHY IS THIS STILL NOT WORKING!!", "we had enough, I'll call my lawyer"]
)
def test_fury_is_heard(text: str) -> None:
    assert read(text).furious


def test_an_acronym_is_not_shouting() -> None:
    assert not read("TLS SNI DNS A AAAA records!!").furious or read("TLS").furious is False


@pytest.mark.parametrize(
    "text",
    [
        'it says "connection reset by peer"',
        "exit code 137",
        "NullPointerException",
        "503 Service Unavailable",
    ],
)
def test_an_error_message_is_recognised(text: str) -> None:
    assert read(text).pasted


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    reading = read(text)
    assert reading.length >= 0


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "." * 20_000, "-" * 20_000, "! " * 10_000, '"' * 20_000, "@" * 20_000, "`" * 20_000]
)
def test_monotonous_text_is_read_at_once(text: str) -> None:
    assert not read(text).anybody
