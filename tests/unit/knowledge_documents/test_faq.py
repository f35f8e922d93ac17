"""Tables of questions and answers."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.domain.knowledge import Draft, EvidenceKind, Scope
from vigil.errors import InvalidInput, UnreadableDocument
from vigil.knowledge.faq import Rows, read_rows
from vigil.knowledge.kinds import CSV, JSON, JSONL, TSV


def rows(text: str, kind: str = JSONL) -> Rows:
    return read_rows(text, kind, address="faq", title="Our FAQ")


def only(text: str, kind: str = JSONL) -> Draft:
    found = rows(text, kind)
    assert found.refused == ()
    assert len(found.drafts) == 1
    return found.drafts[0]


def test_a_full_row_says_everything() -> None:
    draft = only(
        json.dumps(
            {
                "ID": "pay-1",
                "Question": "Can I pay by card?",
                "Answer": "Yes.\n\nOr by transfer.",
                "Aliases": ["credit card", "Visa"],
                "Product": "billing",
                "Audience": "public",
                "Language": "en",
                "Conditions": "Business plans only",
                "Valid from": "2026-01-01",
                "valid_until": "2026-06-30",
                "reviewer": "somebody",
            }
        )
    )
    assert draft.key == "faq#pay-1"
    assert draft.title == draft.question == "Can I pay by card?"
    assert draft.answer == "Yes.\n\nOr by transfer."
    assert draft.aliases == ("credit card", "Visa")
    assert draft.scope == Scope(product="billing", audience="public", language="en")
    assert draft.conditions == "Business plans only"
    assert draft.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert draft.valid_until == datetime(2026, 7, 1, tzinfo=UTC)
    assert draft.source == "faq"
    (evidence,) = draft.evidence
    assert (evidence.kind, evidence.reference, evidence.title) == (
        EvidenceKind.DOCUMENT,
        "faq#pay-1",
        "Our FAQ › Can I pay by card?",
    )


@pytest.mark.parametrize(
    ("row", "title", "question"),
    [
        ({"q": "Why?", "a": "x"}, "Why?", "Why?"),
        ({"prompt": "It hangs", "response": "x"}, "It hangs", "It hangs"),
        ({"symptom": "It hangs", "resolution": "x"}, "It hangs", "It hangs"),
        ({"title": "Paying", "body": "x"}, "Paying", ""),
        ({"title": "\r\n\tHow  much?\r\n", "text": "x"}, "How much?", "How much?"),
        ({"entity": "GUEST HOUSE", "title": "Pets?", "text": "x"}, "GUEST HOUSE › Pets?", "Pets?"),
        ({"aliases": ["11.04", "natty"], "text": "x"}, "11.04", ""),
        ({"text": "x y z " * 50}, "x y z x y z x y z x y z x y z x y z x y z x y z x y z x y…", ""),
    ],
)
def test_fields_go_by_many_names(row: dict[str, object], title: str, question: str) -> None:
    draft = only(json.dumps(row))
    assert (draft.title, draft.question) == (title, question)


def test_a_row_is_never_cut() -> None:
    assert len(only(json.dumps({"doc_id": "long", "text": "word " * 5000})).answer) == 24_999


def test_help_centres_export_html() -> None:
    assert (
        only(json.dumps({"title": "Log in", "body": "<p>Press <b>Log in</b>.</p><script>x</script>"})).answer
        == "Press **Log in**."
    )
    assert only(json.dumps({"q": "What is <p>?", "a": "<p> is a paragraph."})).answer == "<p> is a paragraph."


def test_without_an_id_a_row_is_known_by_its_question() -> None:
    first = only('{"q": "Can I pay?", "a": "Yes."}')
    assert only('\n\n{"q": "can I  pay?", "a": "No longer."}').key == first.key
    assert only('{"q": "Can I pay late?", "a": "Yes."}').key != first.key


def test_broken_rows_are_refused_by_their_line_and_the_others_go_on() -> None:
    found = rows(
        "\n".join(
            (
                '{"id": 1, "q": "one?", "a": "1"}',
                "not json",
                "",
                '["a", "list"]',
                '{"id": 1, "q": "again?", "a": "2"}',
                '{"q": "no answer?"}',
                '{"q": "odd?", "a": ["x"]}',
                '{"q": "who?", "a": "x", "audience": "everyone"}',
                '{"q": "ONE?", "a": "x"}',
                '{"q": "one?", "a": "y"}',
                "[" * 100_000,
                '{"id": 2, "q": "two?", "a": "2"}',
            )
        )
    )
    assert [draft.key for draft in found.drafts][::2] == ["faq#1", "faq#2"]
    assert [refused.number for refused in found.refused] == [2, 4, 5, 6, 7, 8, 10, 11]
    whys = [refused.why for refused in found.refused]
    assert "line 1 already" in whys[2]
    assert "no answer" in whys[3]
    assert "must be text" in whys[4]
    assert "public" in whys[5]
    assert "same as line 9" in whys[6]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_is_read_with_the_separator_that_makes_sense_of_its_header(separator: str) -> None:
    text = f'Question{separator}Answer{separator}aliases\n"Can I; or, {separator} not?"{separator}"Yes,\nalways."{separator}a;b\n'
    if separator == ";":
        text = text.replace("a;b", '"a;b"')
    draft = only(text, TSV if separator == "\t" else CSV)
    assert draft.question == f"Can I; or, {separator} not?"
    assert draft.answer == "Yes,\nalways."
    assert draft.aliases == ("a", "b")


def test_rows_of_csv_are_refused_by_the_line_they_begin_on() -> None:
    found = rows('\nquestion,answer\n"one?","1\n1"\n,,\ntwo?,\nthree?,a,b\nfour?,4\n', CSV)
    assert [draft.question for draft in found.drafts] == ["one?", "four?"]
    assert [(refused.number, refused.why[:20]) for refused in found.refused] == [
        (6, "It has no answer. Fi"),
        (7, "It has 3 fields, the"),
    ]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_a_large_file_in_silence() -> None:
    found = rows('question,answer\nfirst?,1\nsecond?,"2\n' + "more?,3\n" * 200_000, CSV)
    assert found.drafts[0].question == "first?"
    assert "never closed" in found.refused[0].why


def test_json_may_be_a_list_an_object_around_one_a_single_row_or_lines_after_all() -> None:
    row = {"q": "Why?", "a": "So."}
    for text in (
        json.dumps([row]),
        json.dumps({"version": 1, "faq": [row]}, indent=2),
        json.dumps(row),
        json.dumps(row) + "\n",
    ):
        assert only(text, JSON).question == "Why?"
    assert len(rows('{"q": "a", "a": "1"}\n{"q": "b", "a": "2"}\n', JSON).drafts) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{}", JSON),
        ("3", JSON),
        ('{"topics": {"b": 1}}', JSON),
        ('{"old": [], "new": []}', JSON),
        ("[", JSON),
        ("[" * 100_000, JSON),
        ("[]", JSON),
        ("\n\n", JSONL),
        ("question,answer\n", CSV),
        ("name,phone\nA,1\n", CSV),
        ("\n", CSV),
        ('"', CSV),
    ],
)
def test_a_file_without_rows_says_what_a_row_needs(text: str, kind: str) -> None:
    with pytest.raises(UnreadableDocument, match="faq") as refusal:
        rows(text, kind)
    assert "answer" in str(refusal.value) or "Correct it" in str(refusal.value)


def test_half_characters_and_control_characters_do_not_get_through() -> None:
    draft = only(
        '{"id": "a\\u0000\\ud83d", "q": "x\\ud83d?", "a": "ok \\ud83d\\ude00\\u0007", "aliases": ["\\udc00"], "product": "\\udc00"}'
    )
    for text in (draft.key, draft.question, draft.answer, *draft.aliases, draft.scope.product or ""):
        text.encode()
        assert "\x00" not in text


@settings(deadline=None)
@given(
    st.sampled_from([CSV, TSV, JSON, JSONL]),
    st.text(alphabet='{}[]",:;|\t\n qa1\\u', max_size=120) | st.text(max_size=60),
)
def test_any_text_ends_in_rows_or_an_error_of_ours(kind: str, text: str) -> None:
    for whole in (text, f"q,a\n{text}", f'[{{"q": "x", "a": {text}}}]'):
        try:
            found = rows(whole, kind)
        except InvalidInput:
            continue
        assert found.drafts or found.refused
