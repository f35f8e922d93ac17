"""Whatever the bytes, whatever they are said to be: a document, or an error of ours that says what to do."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.knowledge_documents.pdfs import line, pdf
from vigil.errors import InvalidInput
from vigil.knowledge.documents import Limits, cut, read
from vigil.knowledge.kinds import SUFFIXES

SEEDS = [
    b"---\naudience: public\n---\n# A\n\n- b\n\n```\nc\n```\n\n| d |\n|---|\n| e |\n",
    b"<!doctype html><title>t</title><main><h1 id=x>A</h1><p>b <a href=c>d</a><table><tr><td>e</table>",
    pdf([[line("A heading", 20), line("Some words of the page.")], [line("code", 9, "mono")]], title="T"),
    b'question,answer\n"a?",b\n',
    json.dumps([{"q": "a?", "a": "b", "aliases": ["c"]}]).encode(),
    b'{"q": "a?", "a": "b"}\n{"q": "c?", "a": "d"}\n',
    "\ufeffтекст".encode("utf-16"),
]
hints = st.sampled_from(
    sorted({*SUFFIXES.values(), "", "text/html; charset=utf-7", "image/png", "\x00;;=", "text/plain; charset=hz"})
)
names = st.sampled_from(
    [f"a{suffix}{packed}" for suffix in SUFFIXES for packed in ("", ".gz")] + ["", "a", "http://[", "https://x/%ff"]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A document of one of the kinds with some of its bytes changed, put in or left out."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(content)))
        content[start : start + draw(st.integers(0, 5))] = draw(st.binary(max_size=5))
    return bytes(content)


contents = st.one_of(st.binary(max_size=400), damaged(), damaged().map(gzip.compress), st.text().map(str.encode))


@settings(deadline=None)
@given(names, hints, contents)
def test_any_bytes_become_drafts_or_an_error_of_ours(name: str, hint: str, content: bytes) -> None:
    try:
        found = cut(
            read(name, hint, content, limits=Limits(most_bytes=5_000, most_pages=20)), lambda text: len(text.split())
        )
    except InvalidInput as error:
        assert len(str(error)) > 20  # noqa: PT017
        return
    assert found.drafts or found.refused
    assert len({draft.key for draft in found.drafts}) == len(found.drafts)
    for draft in found.drafts:
        assert draft.answer.strip()
        assert draft.key.startswith(f"{name}#")
        for text in (draft.key, draft.title, draft.question, draft.answer, *draft.aliases, draft.evidence[0].reference):
            text.encode()
            assert "\x00" not in text


@pytest.mark.parametrize(
    "content",
    [
        b"# h\n" * 3_000 + b"x",
        b"- " * 20_000,
        b"> " * 20_000,
        b"![" * 20_000,
        b"[a](" * 20_000,
        b"<!--" * 20_000,
        b"`" * 40_000,
        b"|" * 40_000,
        b"a|b\n-|-\n" * 2_000,
        b"\n" * 40_000 + b"x",
        b"    " * 20_000 + b"x",
        b"[a]: b\n" * 5_000 + b"\n[a][a]",
        b"<div>" * 20_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'"' * 100_000,
        b"\\" * 100_000,
        b"=" * 100_000,
        "\u202e\u0301\U0001f469\u200d".encode() * 5_000,
    ],
)
@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt", "a.csv", "a.json", "a.jsonl"])
def test_a_great_deal_of_one_thing_ends_as_well(name: str, content: bytes) -> None:
    try:
        cut(read(name, "", content), len)
    except InvalidInput:
        return
