"""What a text is looked up by: its words, folded and without their endings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.knowledge.words import MAX_CHARS, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How do I reset my passwords?", ["reset", "password"]),
        ("printing printed printers", ["print", "print", "printer"]),
        ("policies, classes", ["policy", "class"]),
        ("the status of this bus", ["status", "bus"]),
        ("run apt-get update", ["run", "apt-get", "apt", "update"]),
        ("/etc/fstab", ["etc/fstab", "etc", "fstab"]),
        ("C++ and C#", ["c++", "c#"]),
        ("Café CAFÉ cafe\u0301", ["cafe", "cafe", "cafe"]),
        ("I can\u2019t, don't", []),
        ("the customer's rock'n'roll", ["customer", "rock'n'roll"]),
        ("Ubuntu 11.04", ["ubuntu", "11.04", "11", "04"]),
        ("東京都", ["東京", "京都"]),
        ("水", ["水"]),
        ("", []),
        ("?! … 🙂", []),
    ],
)
def test_a_text_gives_these_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_hash_or_a_token_is_no_word() -> None:
    assert words("x" * 65) == []


@given(st.text(max_size=300))
def test_any_text_gives_words_without_white_space(text: str) -> None:
    assert all(word and not any(char.isspace() for char in word) for word in words(text))


@given(st.text(alphabet="abc -.'\n", max_size=200))
def test_the_case_of_a_text_plays_no_part(text: str) -> None:
    assert words(text) == words(text.upper())


def test_a_text_of_megabytes_costs_no_more_than_its_beginning() -> None:
    assert len(words("word " * 1_000_000)) == MAX_CHARS // 5
