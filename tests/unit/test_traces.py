"""What somebody wrote is found in what others wrote, and what nobody can claim is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.store.traces import ERASED, Kind, Traces, names_worth_looking_for, scrub_json

WROTE = "My node in Gelsenkirchen shows DiskPressure since the move on Friday, please help"


def traces(*, ids: tuple[str, ...] = (), names: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> Traces:
    return Traces.of(ids=ids, names=names, texts=texts, pseudonym="erased_1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"> {WROTE}\nHave you tried pruning?", Kind.WORDS),
        ("she says: SHOWS diskpressure -- since the move, on friday!", Kind.WORDS),
        ("my node shows DiskPressure", None),  # four words in a row are anybody's
        ("ask maria.k@example.com", Kind.ID),
        ("ask anna-maria.k@example.com", Kind.ID),
        ("ask maria.k@example.company", None),
        ("Dear Maria Klein, hello", Kind.NAME),
        ("Marias Kleinigkeit", None),
    ],
)
def test_finding(text: str, found: Kind | None) -> None:
    wanted = traces(ids=("maria.k@example.com",), names=("Maria Klein",), texts=(WROTE,))
    assert wanted.found_in(text) is found
    assert wanted.found_in(wanted.scrubbed(text)) is None


def test_the_rest_of_a_text_stays() -> None:
    wanted = traces(names=("Maria Klein",), texts=(WROTE,))
    assert (
        wanted.scrubbed(f"Maria Klein wrote: {WROTE}. Prune the images.")
        == f"{ERASED} wrote: {ERASED}. Prune the images."
    )


def test_a_short_id_counts_as_a_whole_value_only() -> None:
    wanted = traces(ids=("7",))
    assert wanted.found_in("version 7") is None
    assert wanted.found_in("7") is Kind.ID
    assert scrub_json({"author": {"id": "7"}, "n": 7}, wanted) == {"author": {"id": "erased_1"}, "n": 7}


def test_a_short_text_is_looked_for_as_a_whole_and_thanks_are_nobodys() -> None:
    wanted = traces(texts=("password: correct-horse-battery", "thanks", "ok, will do"))
    assert wanted.found_in("they said password: correct-horse-battery!") is Kind.WORDS
    assert wanted.found_in("thanks, ok, will do") is None


def test_a_first_name_is_only_looked_for_where_the_person_was() -> None:
    wanted = traces(names=("Maria", "Maria Klein"))
    assert wanted.found_in("hi Maria") is Kind.NAME
    assert wanted.wide.found_in("hi Maria") is None
    assert wanted.wide.found_in("hi Maria Klein") is Kind.NAME
    assert names_worth_looking_for({"Customer", "X", "Maria Klein"}) == {"Maria Klein", "Maria", "Klein"}


def test_what_a_document_says_is_nobodys() -> None:
    document = "When the node shows DiskPressure since the move on Friday, prune it."
    theirs = traces(texts=(WROTE,)).less([document])
    assert theirs.found_in(document) is None
    assert theirs.found_in(WROTE) is Kind.WORDS


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_is_found_in_what_was_scrubbed(wrote: str, around: str) -> None:
    wanted = traces(texts=(wrote,))
    assert wanted.found_in(wanted.scrubbed(f"{around} {wrote} {around}")) is None
