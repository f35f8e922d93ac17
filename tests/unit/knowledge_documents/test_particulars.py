"""What documents and rows say about themselves."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.domain.knowledge import Scope
from vigil.errors import InvalidInput
from vigil.knowledge.particulars import NOTHING_SAID, front_matter, particulars


def test_front_matter_is_taken_off_the_top() -> None:
    fields, rest = front_matter(
        "---\ntitle: 'Push and pull'\nProduct: registry\nvalid-until: 2026-12-31\n# a note\n---\n# Hello\n"
    )
    assert fields == {"title": "Push and pull", "product": "registry", "valid_until": "2026-12-31"}
    assert rest == "# Hello\n"


@pytest.mark.parametrize("value", ["a, b c", "a; b c", "[a, 'b c']", '\n  - a\n  - "b c"', "\n- a\n- b c"])
def test_names_are_listed_in_any_of_the_usual_ways(value: str) -> None:
    fields, _ = front_matter(f"---\naliases: {value}\n---\n")
    assert particulars(fields).aliases == ("a", "b c")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Hello",
        "---",
        "---\ntitle: x",
        "---\nSome prose between rules.\n---\n",
        "----\na: b\n----\n",
        "\n---\na: b\n---\n",
    ],
)
def test_a_text_without_front_matter_stays_whole(text: str) -> None:
    assert front_matter(text) == ({}, text)


def test_a_time_in_the_text_is_no_pair_of_key_and_value() -> None:
    assert front_matter("---\nWe open at 9:30 and close\nat 17:00.\n---\n")[0] == {}


def test_everything_that_holds_for_a_document_is_read() -> None:
    said = particulars(
        {
            "title": "  Two\n words ",
            "product": "registry",
            "audience": "Internal",
            "language": "pt_BR",
            "valid_from": "2026-01-01T08:00:00+02:00",
            "valid_until": "2026-12-31",
            "author": "somebody",
        }
    )
    assert said.title == "Two words"
    assert said.scope == Scope(product="registry", audience="internal", language="pt-BR")
    assert said.valid_from == datetime(2026, 1, 1, 6, tzinfo=UTC)
    assert said.valid_until == datetime(2027, 1, 1, tzinfo=UTC), "the last day counts whole"


def test_for_ever_is_no_date() -> None:
    assert particulars({"valid_until": "9999-12-31"}).valid_until is None


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("audience", "staff", "public"),
        ("language", "American English", "en"),
        ("valid_until", "next year", "2026-12-31"),
        ("valid_from", "0001-01-01T00:00:00+14:00", "2026-12-31"),
        ("aliases", {"a": 1}, "list"),
        ("product", ["a"], "text"),
    ],
)
def test_a_value_that_would_be_misunderstood_is_refused_with_the_fix(name: str, value: object, fix: str) -> None:
    with pytest.raises(InvalidInput, match=name) as refusal:
        particulars({name: value})
    assert fix in str(refusal.value)


def test_saying_nothing_is_fine() -> None:
    assert particulars({}) == NOTHING_SAID
    assert particulars({"audience": "", "aliases": None, "valid_until": " "}) == NOTHING_SAID


@settings(deadline=None)
@given(st.text(alphabet="-\n:[],;# ab'\"\t", max_size=80).map("---\n".__add__))
def test_any_top_is_front_matter_or_not(text: str) -> None:
    fields, rest = front_matter(text)
    assert text.endswith(rest)
    assert all(fields), "no field is without a name"
