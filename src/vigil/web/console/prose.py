"""What is written, as it was meant to look: Markdown of documents and entries made into HTML of which nothing can run, and code in what is
said in chats, where nothing else is a mark."""

import re
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS: Final = frozenset(
    {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}, "p": {"class"}}
_CODE: Final = re.compile(r"(```.*?```|(?<!`)`[^`\n]+`(?!`))", re.DOTALL)
_LANGUAGE: Final = re.compile(r"[\w+#-]*\s*")
_SCHEMES: Final = frozenset({"http", "https", "mailto"})


def prose(text: str) -> Markup:
    """A text as a fragment of HTML. Headings are paragraphs of their own kind, so that the page's own order of headings stays whole."""
    reader = _reader()
    tokens = reader.parse(text)
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("class", "heading")
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
    made: str = reader.renderer.render(tokens, reader.options, {})
    return Markup(  # noqa: S704  # what was cleaned, and nothing else
        nh3.clean(
            made,
            tags=set(_TAGS),
            attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
            url_schemes=set(_SCHEMES),
            link_rel="noopener noreferrer nofollow",
        )
    )


def said(text: str) -> Markup:
    """What is written in a chat: as it stands, with code set off instead of its ticks. Everything is escaped, in code and beside it."""
    parts = _CODE.split(text)
    for place in range(1, len(parts), 2):
        block = parts[place].startswith("```")
        code = parts[place][3:-3] if block else parts[place].strip("`")
        if block:
            first, line_end, rest = code.partition("\n")
            code = (rest if line_end and _LANGUAGE.fullmatch(first) else code).strip("\n")
        if not code.strip():
            continue
        if block:  # a line of its own already
            parts[place - 1] = parts[place - 1].removesuffix("\n")
            parts[place + 1] = parts[place + 1].removeprefix("\n")
        around = Markup('<code class="block">{}</code>') if block else Markup("<code>{}</code>")
        parts[place] = around.format(code)
    return Markup("").join(parts)


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
