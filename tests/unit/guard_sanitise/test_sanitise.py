"""Text as a person would see it: nothing hidden, reordered or disguised, and nothing of the sense lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.guard.sanitise import clean, has_words, one_line


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("plain text stays", "plain text stays"),
        ("two  spaces\tand a tab", "two spaces and a tab"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("ring\x07 and \x1b[31mcolour", "ring and [31mcolour"),
        ("\u202eevil.exe\u202c", "evil.exe"),
        ("pass\u200bword and soft\u00adhyphen", "password and softhyphen"),
        ("\ufeffstart", "start"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("ﬁle ①", "file 1"),
        ("hi\U000e0068\U000e0069 there", "hi there"),
        ("half \ud83d", "half \ufffd"),
        ("pa\u200dss", "pass"),
    ],
)
def test_what_hides_or_disguises_is_gone(sent: str, read: str) -> None:
    assert clean(sent) == read


@pytest.mark.parametrize("text", ["می‌خواهم", "👩‍💻 works", "❤️", "क्‍ष", "مرحبا كيف الحال", "日本語のテキスト", "Grüße"])
def test_what_scripts_and_emoji_need_stays(text: str) -> None:
    assert clean(text) == text


def test_one_letter_can_carry_only_so_many_marks() -> None:
    assert len(clean("z" + "\u0335" * 500 + "x")) <= 32


def test_runs_of_blank_lines_fold_into_one() -> None:
    assert clean("a\n\n\n\n\nb") == "a\n\nb"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.text())
def test_clean_text_can_always_be_stored_and_holds_no_controls(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not any(character < " " and character != "\n" for character in cleaned)


def test_a_line_is_cut_at_a_word_and_shows_it() -> None:
    assert one_line("one two\nthree", 40) == "one two three"
    assert one_line("a long line that goes on", 12) == "a long…"
    assert one_line("unbroken" * 5, 10) == "unbrokenu…"


def test_only_letters_and_digits_are_words() -> None:
    assert all(has_words(text) for text in ("é", "7", "漢"))
    assert not has_words("?! 🙂 …")
