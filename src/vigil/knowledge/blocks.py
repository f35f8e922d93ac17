"""The pieces that a text is made of: headings, paragraphs, list items, code and tables, read from Markdown or from plain text. Which pieces
make a passage is decided in `chunks`."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from vigil.knowledge.webpage import to_markdown


class BlockKind(StrEnum):
    HEADING = "heading"
    PROSE = "prose"
    ITEM = "item"
    """One item of a list, with all that is nested in it."""
    CODE = "code"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a text, in the order of reading."""

    kind: BlockKind
    text: str
    """As Markdown; a heading's bare words."""
    level: int = 0
    """1 for the highest headings, 6 for the lowest; 0 for all else."""
    anchor: str = ""
    """A heading's name within its page, as in ``page.html#anchor``."""
    page: int | None = None
    """Where it begins, counting from 1; None where there are no pages."""
    close: bool = False
    """It stands right below the block before, without a blank line: the next item of the same list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A part of a document that could not be taken, while the others were."""

    number: int
    """The line of a table, or the page of a PDF, counting from 1."""
    why: str
    """What is wrong with it and what to do, in one sentence."""


_ANCHOR = re.compile(r"\{#([^\s{}]+)\}\s*$")
_IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_BADGE = re.compile(r"\[!\[[^\[\]\n]*\]\([^()\s]*\)\]\([^()\s]*\)")
_WITHIN = re.compile(r"\[([^\[\]\n]+)\]\(#[^()\s]*\)")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_REFERENCE = re.compile(r"\[([^\[\]\n]+)\]\[([^\[\]\n]*)\]")
_SOFT_BREAK = re.compile(r"(?<! {2})(?<!\\)\n[ \t]*")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")
_UNDERLINE = re.compile(r"(=|-|~|\^|\*)\1{2,}\s*")
_LEVELS = {"=": 1, "*": 1, "-": 2, "~": 3, "^": 4}
_LONGEST_SHOUT = 60
"""Characters of a line in capitals that may still be a heading, as in manual pages."""


def from_markdown(text: str, *, html: bool = True) -> list[Block]:
    """The blocks of a Markdown text (CommonMark and tables). Images become their descriptions, lines wrapped by an editor are joined.

    Args:
        html: whether HTML in between is to be read as such; False for Markdown that was made from HTML.
    """
    reader = MarkdownIt("commonmark", {"html": html}).enable("table").disable("inline")
    env: dict[str, dict[str, dict[str, str]]] = {}
    tokens = reader.parse(text, env)
    source = _Source(
        lines=text.split("\n"),
        references={name: target["href"] for name, target in env.get("references", {}).items()},
        inline=MarkdownIt("commonmark", {"html": False}),
    )
    return _anchored([block for token, inside in _top(tokens) for block in _read(token, inside, source)])


def from_plain(text: str) -> list[Block]:
    """The blocks of a text without markup: paragraphs between blank lines; headings are underlined, or one short line in capitals."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n(?:[ \t]*\n)+", text.replace("\f", "\n\n")):
        lines = paragraph.strip("\n").split("\n")
        if len(lines) > 2 and _UNDERLINE.fullmatch(lines[0]) and lines[0].strip() == lines[2].strip():
            lines = lines[1:]  # a line above the heading as well
        if (
            len(lines) > 1
            and lines[0].strip()
            and _UNDERLINE.fullmatch(lines[1])
            and not _UNDERLINE.fullmatch(lines[0])
        ):
            level = _LEVELS[lines[1][0]]
            blocks.append(Block(kind=BlockKind.HEADING, text=" ".join(lines[0].split()), level=level))
            lines = lines[2:]
        elif len(lines) == 1 and _is_shout(lines[0]):
            blocks.append(Block(kind=BlockKind.HEADING, text=" ".join(lines[0].split()), level=1))
            lines = []
        if body := dedent("\n".join(lines)).strip():
            blocks.append(Block(kind=BlockKind.PROSE, text=body))
    return _anchored(blocks)


def _is_shout(line: str) -> bool:
    return line.isupper() and len(line) <= _LONGEST_SHOUT and line[0].isalpha() and line.rstrip()[-1].isalnum()


def _top(tokens: Sequence[Token]) -> Iterator[tuple[Token, Sequence[Token]]]:
    """Each token at the top level with the tokens inside it."""
    start = 0
    for position, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start], tokens[start + 1 : position]
            start = position + 1


@dataclass(frozen=True, slots=True)
class _Source:
    """A Markdown text that is being read."""

    lines: Sequence[str]
    references: Mapping[str, str]
    """Targets of links that are written apart from them, by name."""
    inline: MarkdownIt

    def of(self, token: Token) -> str:
        """The lines that `token` was made of, tidied."""
        first, end = token.map or (0, 0)
        return self.tidy("\n".join(self.lines[first:end]).rstrip())

    def tidy(self, text: str) -> str:
        """Take out of prose what only makes sense on its page: pictures, badges, comments, links within it; and give links their targets
        that stand elsewhere."""
        text = _IMAGE.sub(r"\1", _BADGE.sub("", _uncommented(text)))
        text = _WITHIN.sub(r"\1", text)
        return _REFERENCE.sub(self._target, text) if self.references and "][" in text else text

    def _target(self, link: re.Match[str]) -> str:
        href = self.references.get(normalizeReference(link[2] or link[1]))
        return f"[{link[1]}]({href})" if href else link[0]

    def words(self, heading: str) -> tuple[str, str]:
        """A heading's bare words, and the anchor that it names for itself as ``{#anchor}``."""
        named = _ANCHOR.search(heading)
        parsed = self.inline.parseInline(heading[: named.start()] if named else heading)
        words = "".join(child.content for token in parsed for child in token.children or ())
        return " ".join(words.split()), named[1] if named else ""


def _read(token: Token, inside: Sequence[Token], source: _Source) -> Iterator[Block]:
    match token.type:
        case "heading_open":
            words, anchor = source.words(inside[0].content)
            if words:
                yield Block(kind=BlockKind.HEADING, text=words, level=int(token.tag[1:]), anchor=anchor)
        case "fence" | "code_block":
            yield Block(kind=BlockKind.CODE, text=fenced(token.content, token.info.strip(), token.markup))
        case "bullet_list_open" | "ordered_list_open":
            yield from _items(inside, source)
        case "table_open":
            yield Block(kind=BlockKind.TABLE, text=_BREAK.sub(" ", source.of(token)))
        case "paragraph_open":
            if text := _SOFT_BREAK.sub(" ", _BREAK.sub("  \n", source.tidy(inside[0].content))).strip():
                yield Block(kind=BlockKind.PROSE, text=text)
        case "blockquote_open":
            yield Block(kind=BlockKind.PROSE, text=source.of(token))
        case "html_block":
            yield from from_markdown(to_markdown(token.content), html=False)
        case _:
            pass  # a rule across the page


def _items(inside: Sequence[Token], source: _Source) -> Iterator[Block]:
    before = opened = -1
    for position, token in enumerate(inside):
        if token.type == "list_item_open" and token.level == 1:
            opened = position
        elif token.type == "list_item_close" and token.level == 1:
            text = dedent(source.of(inside[opened]))
            if [part.type for part in inside[opened + 1 : position]] == ["paragraph_open", "inline", "paragraph_close"]:
                text = _SOFT_BREAK.sub(" ", text)
            first, end = inside[opened].map or (0, 0)
            if text.strip("-*+ "):
                yield Block(kind=BlockKind.ITEM, text=text, close=first == before)
            before = end if source.lines[end - 1].strip() else -1


def fenced(code: str, language: str = "", fence: str = "") -> str:
    """`code` as a Markdown block; `fence` is longer than the usual three marks where the code itself holds such marks."""
    fence = fence or "```"
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def _anchored(blocks: Sequence[Block]) -> list[Block]:
    """Give headings without an anchor the one that GitHub, GitLab and most site builders give them."""
    seen: Counter[str] = Counter()
    anchored: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING and not block.anchor:
            anchor = _NOT_IN_ANCHORS.sub("", block.text.casefold()).replace(" ", "-")
            seen[anchor] += 1
            block = replace(block, anchor=anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor] - 1}")
        anchored.append(block)
    return anchored


def _uncommented(text: str) -> str:
    """`text` without ``<!-- comments -->``; one that is never closed is no comment.
    Split, since a pattern would look for the end over and over."""
    first, *others = text.split("<!--")
    kept = [first]
    for part in others:
        _, end, after = part.partition("-->")
        kept.append(after if end else f"<!--{part}")
    return "".join(kept)
