"""The pieces that texts are made of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.knowledge.blocks import Block, BlockKind, from_markdown, from_plain


def kinds_and_texts(blocks: list[Block]) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in blocks]


def test_markdown_falls_into_headings_prose_items_code_and_tables() -> None:
    blocks = from_markdown(
        "# The *title*\n\nA paragraph that an editor\nwrapped.\n\n- one\n  goes on\n- two\n\n  ```sh\n  ls\n  ```\n\n"
        "| a | b |\n|---|---|\n| 1<br>2 | 3 |\n\n    indented code\n\n> quoted\n\nSetext\n------\n\n***\n"
    )
    assert kinds_and_texts(blocks) == [
        ("heading", "The title"),
        ("prose", "A paragraph that an editor wrapped."),
        ("item", "- one goes on"),
        ("item", "- two\n\n  ```sh\n  ls\n  ```"),
        ("table", "| a | b |\n|---|---|\n| 1 2 | 3 |"),
        ("code", "```\nindented code\n```"),
        ("prose", "> quoted"),
        ("heading", "Setext"),
    ]
    assert [block.level for block in blocks if block.kind is BlockKind.HEADING] == [1, 2]
    assert [block.close for block in blocks if block.kind is BlockKind.ITEM] == [False, True]


def test_headings_have_the_anchor_that_they_name_or_the_usual_one() -> None:
    anchors = [
        block.anchor
        for block in from_markdown("# What's *new*? {#news}\n\n## Log in\n\n## Log in\n\n## `lark db` & more\n")
    ]
    assert anchors == ["news", "log-in", "log-in-1", "lark-db--more"]


def test_a_hash_within_code_is_no_heading() -> None:
    assert kinds_and_texts(from_markdown("```sh\n# not a heading\n```")) == [("code", "```sh\n# not a heading\n```")]


def test_code_that_nobody_closed_is_closed() -> None:
    assert kinds_and_texts(from_markdown("```\nls")) == [("code", "```\nls\n```")]


def test_pictures_comments_and_far_away_targets_are_resolved() -> None:
    text = "See ![the console](c.png) in [the guide][g] or [G][].<!-- todo -->\n\n[g]: https://docs.example.com/guide\n"
    link = "https://docs.example.com/guide"
    assert kinds_and_texts(from_markdown(text)) == [
        ("prose", f"See the console in [the guide]({link}) or [G]({link}).")
    ]


def test_badges_and_links_within_the_page_are_left_out() -> None:
    text = "[![build](https://x.example/b.svg)](https://x.example) [![docs](d.svg)](https://y.example)\n\nSee the [FAQ](#faq).\n"
    assert kinds_and_texts(from_markdown(text)) == [("prose", "See the FAQ.")]


def test_html_within_markdown_is_read_and_comments_are_dropped() -> None:
    text = "<!-- generated -->\n\n<details><summary>More?</summary><p>Yes.</p></details>\n\nAfter <!-- open\n"
    assert kinds_and_texts(from_markdown(text)) == [
        ("heading", "More?"),
        ("prose", "Yes."),
        ("prose", "After <!-- open"),
    ]


def test_what_was_escaped_on_a_page_is_not_html() -> None:
    assert kinds_and_texts(from_markdown("<Directory /srv>", html=False)) == [("prose", "<Directory /srv>")]


def test_plain_text_has_paragraphs_and_underlined_or_shouted_headings() -> None:
    text = (
        "=====\nGuide\n=====\n\nFirst line,\nsecond line.\n\nSteps\n-----\nRight below.\n \n    indented\n      more\n\n"
        "EXIT STATUS\n\n# not a heading\n\nSTOP!\n"
    )
    assert kinds_and_texts(from_plain(text)) == [
        ("heading", "Guide"),
        ("prose", "First line,\nsecond line."),
        ("heading", "Steps"),
        ("prose", "Right below."),
        ("prose", "indented\n  more"),
        ("heading", "EXIT STATUS"),
        ("prose", "# not a heading"),
        ("prose", "STOP!"),
    ]


def test_pages_of_plain_text_are_paragraphs() -> None:
    assert kinds_and_texts(from_plain("one\ftwo")) == [("prose", "one"), ("prose", "two")]


@settings(deadline=None)
@given(st.text(alphabet="#-*`~|>[]()!<:= \n\tab1.{}_\\&;\f", max_size=200))
def test_any_text_falls_into_blocks_that_hold_something(text: str) -> None:
    for block in (*from_markdown(text), *from_markdown(text, html=False), *from_plain(text)):
        assert block.text.strip()
        assert (block.level > 0) == (block.kind is BlockKind.HEADING)
