"""A cursor leads back to the place that it was made for, and nothing else is one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.errors import InvalidInput
from vigil.web.api.cursors import cursor_of, cut, place_of

instants = st.datetimes(timezones=st.just(UTC))
identities = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=128)


@given(instant=instants, identity=identities)
def test_it_leads_back(instant: datetime, identity: str) -> None:
    cursor = cursor_of("tickets", instant, identity)
    assert place_of("tickets", cursor) == (instant, identity)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    with pytest.raises(InvalidInput):
        place_of("decisions", cursor)


@given(instant=instants, identity=identities, position=st.integers(min_value=0), letter=st.sampled_from("aZ9_"))
def test_one_wrong_letter_is_noticed(instant: datetime, identity: str, position: int, letter: str) -> None:
    cursor = cursor_of("tickets", instant, identity)
    position %= len(cursor)
    wrong = cursor[:position] + letter + cursor[position + 1 :]
    try:
        assert place_of("tickets", wrong) == (instant, identity)  # the same letter, or spare bits at the end
    except InvalidInput:
        assert wrong != cursor


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_other_word_is_one(word: str) -> None:
    with pytest.raises(InvalidInput):
        place_of("tickets", word)


def test_a_page_ends_with_a_cursor_only_where_more_follows() -> None:
    assert cut([1, 2, 3], 2, str) == ([1, 2], "2")
    assert cut([1, 2], 2, str) == ([1, 2], None)
    assert cut([], 2, str) == ([], None)
    assert place_of("tickets", None) is None
