"""What an answer says letter by letter must stand in its evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.knowledge.claims import find, particulars, unsupported

PAGE = (
    "Open  “Settings”, then click\nReset password. It's free – a link is mailed to help@example.com within 15 minutes. "
    "Run `tool reset --now`."
)


@pytest.mark.parametrize(
    ("quoted", "words"),
    [
        ("Reset password.", "Reset password."),
        ('Open "Settings", then click Reset', "Open  “Settings”, then click\nReset"),
        ("It’s free - a link", "It's free – a link"),
        ("  a link\tis mailed ", "a link is mailed"),
    ],
)
def test_quoted_words_are_found_whatever_the_spaces_and_quotation_marks(quoted: str, words: str) -> None:
    span = find(quoted, PAGE)
    assert span is not None
    assert PAGE[slice(*span)] == words


@pytest.mark.parametrize(
    "quoted", ["", "  ", "reset password", "Reset the password", "within 5 minutes", "eset passwor"]
)
def test_words_that_do_not_stand_there_are_not_found(quoted: str) -> None:
    assert find(quoted, PAGE) is None


def test_a_word_inside_another_one_is_not_that_word() -> None:
    assert find("no", "now is not the time") is None
    assert find("no", "now or no more") == (7, 9)


@given(st.text(min_size=1, max_size=80), st.data())
def test_any_stretch_between_spaces_is_found_in_its_text(text: str, data: st.DataObject) -> None:
    spans = [index for index, char in enumerate(text) if char.isspace()]
    start = data.draw(st.sampled_from([0, *(index + 1 for index in spans)]))
    end = data.draw(st.sampled_from([*(index for index in spans if index > start), len(text)]))
    if text[start:end].strip():
        span = find(text[start:end], text)
        assert span is not None
        assert text[slice(*span)].split() == text[start:end].split()


@pytest.mark.parametrize(
    "answer",
    [
        "A link comes within 15 minutes.",
        "1. Open Settings.\n2. Click Reset password.",
        "Write to help@example.com.",
        "Run `tool reset --now` and wait.",
        "Use --now.",
    ],
)
def test_what_the_evidence_says_may_be_said(answer: str) -> None:
    assert unsupported(answer, PAGE) == []


@pytest.mark.parametrize(
    ("answer", "made_up"),
    [
        ("It takes 5 minutes.", ["5"]),
        ("It takes 1 minute, at most 15.", ["1"]),
        ("See https://evil.example/reset.", ["https://evil.example/reset"]),
        ("Write to boss@example.com", ["boss@example.com"]),
        ("Run `rm -rf`", ["rm -rf"]),
        ("Run it with --force", ["--force"]),
        ("Edit /etc/passwd first", ["/etc/passwd"]),
        ("```\ntool reset --now\ntool wipe\n```", ["tool wipe"]),
    ],
)
def test_what_was_made_up_is_told(answer: str, made_up: list[str]) -> None:
    assert unsupported(answer, PAGE) == made_up


def test_two_texts_with_other_numbers_or_denials_do_not_say_the_same() -> None:
    assert particulars("It costs $5 a month.") != particulars("It costs $7 a month.")
    assert particulars("You can do this.") != particulars("You cannot do this.")
    assert particulars("See https://a.example") != particulars("See https://b.example")
    assert particulars("It costs $5 a month.") == particulars("The price is $5 monthly.")
