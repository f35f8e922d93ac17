"""Answers in a chat show no raw Markdown, and no word of them changes."""

import pytest

from vigil.knowledge.plain import plain


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Open *Billing → Company data*.", "Open Billing → Company data."),
        ("**Never** do this, _really_.", "Never do this, really."),
        ("***All*** of it; **the *inner* words**.", "All of it; the inner words."),
        ("(*see there*) and “**here**”", "(see there) and “here”"),
        ("## Before you begin\n\nRead on.", "Before you begin\n\nRead on."),
    ],
)
def test_marks_of_emphasis_go(written: str, said: str) -> None:
    assert plain(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 is 24",
        "rm *.log and *.txt",
        "a_b_c, __init__.py and snake_case_name",
        "f(*args, **kwargs)",
        "Type `*bold*` or ```\n_x_ # y\n```",
        "* one\n* two",
        "- one\n- _",
        "SELECT * FROM t WHERE a = 1 * 2",
        "#channel and # alone",
        r"a \*star\* is kept",
        "",
    ],
)
def test_what_only_looks_like_emphasis_stays(text: str) -> None:
    assert plain(text) == text


def test_it_takes_no_longer_on_hostile_text() -> None:
    assert plain("*" * 20_000 + "a" + "_*" * 20_000)
    assert plain("*a" * 20_000)
