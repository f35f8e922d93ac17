"""Code in what is said is set off, and nothing that anybody writes becomes a tag."""

import re

import pytest

from tests.browser.payloads import PAYLOADS
from vigil.web.console.prose import prose, said

OURS = re.compile(r'</?code(?: class="block")?>')


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Run `vigil serve` now.", "Run <code>vigil serve</code> now."),
        ("So:\n```sh\nvigil serve\n```\nThen wait.", 'So:<code class="block">vigil serve</code>Then wait.'),
        ("```vigil serve```", '<code class="block">vigil serve</code>'),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("`<b>` & <b>", "<code>&lt;b&gt;</code> &amp; &lt;b&gt;"),
        ("a ` alone, `` and ```", "a ` alone, `` and ```"),
        ("`over\nlines`", "`over\nlines`"),
        ("**not** _marks_ [here](javascript:x)", "**not** _marks_ [here](javascript:x)"),
        ("", ""),
    ],
)
def test_code_is_set_off_and_all_else_stands_as_it_was_written(written: str, shown: str) -> None:
    assert said(written) == shown


@pytest.mark.parametrize(
    "shape", ["{}", "`{}`", "```\n{}\n```", "```{}\nx\n```", "`a` {} ``` `", "`<code>`{}`</code>`"]
)
def test_nothing_hostile_becomes_a_tag(shape: str) -> None:
    for payload in PAYLOADS:
        assert not re.search("[<>]", OURS.sub("", said(shape.format(payload)))), payload
        assert not re.search(r"<(script|img|svg|iframe|style|[^>]*\son\w+=)", prose(shape.format(payload)), re.I), (
            payload
        )
