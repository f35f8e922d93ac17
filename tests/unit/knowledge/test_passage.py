"""A passage falls into pieces that may be quoted, and what belongs together is one piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.knowledge.passage import Piece, PieceKind, pieces

GUIDE = """\
# Reset a password

To reset it, e.g. after a lock-out, do this:

1. Open Settings.
2. Click **Reset**.
   It asks twice.

   ```
   tool reset
   ```
3. Wait 5 min.

Afterwards you can log in. It takes v1.2 of the app!

- one
- two
  and more

Run:

```bash
tool check

tool start
```

| a | b |
|---|---|
| 1 | 2 |
"""


def _texts(passage: str) -> list[tuple[PieceKind, str]]:
    return [(piece.kind, passage[piece.start : piece.end]) for piece in pieces(passage)]


def test_sentences_bullets_steps_code_and_tables_are_pieces() -> None:
    assert _texts(GUIDE) == [
        (PieceKind.HEADING, "# Reset a password"),
        (PieceKind.SENTENCE, "To reset it, e.g. after a lock-out, do this:"),
        (
            PieceKind.STEPS,
            "1. Open Settings.\n2. Click **Reset**.\n   It asks twice.\n\n   ```\n   tool reset\n   ```\n3. Wait 5 min.",
        ),
        (PieceKind.SENTENCE, "Afterwards you can log in."),
        (PieceKind.SENTENCE, "It takes v1.2 of the app!"),
        (PieceKind.ITEM, "- one"),
        (PieceKind.ITEM, "- two\n  and more"),
        (PieceKind.SENTENCE, "Run:"),
        (PieceKind.CODE, "```bash\ntool check\n\ntool start\n```"),
        (PieceKind.TABLE, "| a | b |\n|---|---|\n| 1 | 2 |"),
    ]


def test_what_ends_in_a_colon_leads_to_what_follows() -> None:
    assert [GUIDE[piece.start : piece.end] for piece in pieces(GUIDE) if piece.leads] == [
        "# Reset a password",
        "To reset it, e.g. after a lock-out, do this:",
        "Run:",
    ]


def test_code_between_two_steps_belongs_to_the_steps() -> None:
    text = "1. Install it:\n\n```\napt install tool\n```\n\n2. Start it.\n\nThat is all."
    assert [kind for kind, _ in _texts(text)] == [PieceKind.STEPS, PieceKind.SENTENCE]


def test_indented_code_keeps_its_indentation() -> None:
    assert _texts("Type:\n\n    first line\n      second\n\nDone.")[1] == (
        PieceKind.CODE,
        "    first line\n      second",
    )


def test_a_fence_that_never_closes_reaches_to_the_end() -> None:
    assert _texts("Look:\n```\nrm a\n\nrm b") == [(PieceKind.SENTENCE, "Look:"), (PieceKind.CODE, "```\nrm a\n\nrm b")]


def test_lines_of_one_paragraph_are_one_text() -> None:
    assert [text for _, text in _texts("This goes\nover lines. And on.")] == ["This goes\nover lines.", "And on."]


def test_sentences_of_scripts_without_spaces_are_told_apart() -> None:
    assert [text for _, text in _texts("設定を開きます。保存します。")] == ["設定を開きます。", "保存します。"]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\n"])
def test_nothing_has_no_pieces(text: str) -> None:
    assert pieces(text) == []


_MARKDOWN = st.lists(
    st.sampled_from(
        ["Go on.", "See:", "1. one", "2. two", "- a", "```", "    x = 1", "| a |", "", "# H", "   ", "e.g. so", "x"]
    ),
    max_size=25,
).map("\n".join)


@given(st.one_of(st.text(max_size=200), _MARKDOWN))
def test_the_pieces_of_any_text_are_all_of_it_but_white_space(text: str) -> None:
    found: list[Piece] = pieces(text)
    at = 0
    for piece in found:
        assert not text[at : piece.start].strip()
        assert text[piece.start : piece.end].strip()
        at = piece.end
    assert not text[at:].strip()
