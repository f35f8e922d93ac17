"""From the blocks of a document to passages: pieces that are small enough to be found and large enough to be quoted. Headings guide the
cuts. Where blocks come from is in `blocks` and `pdf`; what becomes of passages is `documents`'."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vigil.knowledge.blocks import Block, BlockKind

TokenCounter: TypeAlias = Callable[[str], int]
"""How many tokens the embedder makes of a text."""

PASSAGE_TOKENS = 200
"""Most tokens of a passage's own words. The bundled embedder reads 256, and the title (document and headings) comes first: the longest
of the demo's 400 has 31 tokens."""
SMALL_TOKENS = 40
"""A section below this is a line or two, and joins its neighbours: on its own it is found by its title, and says next to nothing."""
WHOLE_TOKENS = 600
"""Up to here code and tables stay whole although the embedder reads only their beginning: half a script answers nothing."""

_CHARACTERS_A_TOKEN = 12
"""A token never counts for more characters: tokenizers make one "unknown" of a word without an end, such as base64. Prose has 4 to 5."""

_SENTENCE = re.compile(r"[.!?…][\"')\]»”]*\s|[。！？]")
_FENCE = re.compile(r"(`{3,}|~{3,})([^\n]*)\n(.*?)\n?\1", re.DOTALL)
_SLUG = re.compile(r"[^\w]+")
_LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What would be quoted in one go."""

    path: str
    """Names the section within its document, such as ``restore/from-a-snapshot``; no two sections of a document share one."""
    ordinal: int
    """1 for the section's first passage."""
    headings: tuple[str, ...]
    """From the document's topic down to the section; empty above the first heading."""
    text: str
    """As Markdown. Sections that were joined have their headings in bold."""
    anchor: str = ""
    page: int | None = None
    asks: bool = False
    """The last of the headings is a question, and this is all that stands below it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    block: Block
    tokens: int


@dataclass(slots=True)
class _Section:
    """A heading and what stands between it and the next heading."""

    headings: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    anchor: str = ""
    pieces: list[_Piece] = field(default_factory=list[_Piece])

    @property
    def tokens(self) -> int:
        return sum(piece.tokens for piece in self.pieces)

    @property
    def asks(self) -> bool:
        return bool(self.headings) and self.headings[-1].endswith(("?", "？", "؟"))


@dataclass(slots=True)
class _Group:
    """Small neighbouring sections that become one passage."""

    sections: list[_Section]
    headings: tuple[str, ...]
    tokens: int

    def takes(self, section: _Section, limit: int) -> bool:
        """Whether `section` is a small neighbour: below the same heading, or right below this one's introduction. Topics stay apart,
        and so do questions with their answers."""
        parent = section.headings[:-1]
        return (
            bool(parent)
            and parent in (self.headings[:-1], self.headings)
            and min(self.tokens, section.tokens) < SMALL_TOKENS
            and self.tokens + section.tokens <= limit
            and not section.asks
            and not self.sections[-1].asks
        )

    def take(self, section: _Section) -> None:
        self.sections.append(section)
        self.headings = section.headings[:-1]
        self.tokens += section.tokens


def passages(blocks: Sequence[Block], count: TokenCounter, *, limit: int = PASSAGE_TOKENS) -> list[Passage]:
    """Cut a document into passages of about `limit` tokens at most. Code and tables stay whole up to three times that."""

    def weigh(text: str) -> int:
        return max(1, count(text), len(text) // _CHARACTERS_A_TOKEN)

    groups: list[_Group] = []
    for section in _sections(blocks, weigh):
        if not section.pieces:
            continue
        if groups and groups[-1].takes(section, limit):
            groups[-1].take(section)
        else:
            groups.append(_Group([section], section.headings, section.tokens))
    return [passage for group in groups for passage in _written(group, weigh, limit)]


def _sections(blocks: Sequence[Block], count: TokenCounter) -> list[_Section]:
    sections = [_Section()]
    levels: list[int] = []
    taken: dict[tuple[str, ...], int] = {}
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            sections[-1].pieces.append(_Piece(block, count(block.text)))
            continue
        while levels and levels[-1] >= block.level:
            levels.pop()
        above = len(levels)
        levels.append(block.level)
        slug = _SLUG.sub("-", block.text.casefold()).strip("-")[:_LONGEST_SLUG]
        path = _untaken((*sections[-1].path[:above], slug), taken)
        sections.append(_Section(headings=(*sections[-1].headings[:above], block.text), path=path, anchor=block.anchor))
    return sections


def _untaken(path: tuple[str, ...], taken: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """`path`, or where it is taken already the first of ``path-2``, ``path-3`` ... that is not. Remembers what it gives."""
    free = path
    while free in taken:
        taken[path] += 1
        free = (*path[:-1], f"{path[-1]}-{taken[path]}")
    taken[free] = 1
    return free


def _written(group: _Group, count: TokenCounter, limit: int) -> Iterator[Passage]:
    first = group.sections[0]
    if len(group.sections) == 1:
        parts = _packed(first.pieces, count, limit)
        for ordinal, part in enumerate(parts, start=1):
            yield Passage(
                path="/".join(first.path),
                ordinal=ordinal,
                headings=first.headings,
                text=_joined([piece.block for piece in part]),
                anchor=first.anchor,
                page=part[0].block.page,
                asks=first.asks and len(parts) == 1,
            )
        return
    texts: list[str] = []
    for section in group.sections:
        if below := section.headings[len(group.headings) :]:
            texts.append(f"**{' › '.join(below)}**")
        texts.append(_joined([piece.block for piece in section.pieces]))
    # Named by what is introduced: it keeps its name when the introduction grows and becomes a passage of its own.
    named = group.sections[first.headings == group.headings]
    yield Passage(
        path="/".join(named.path),
        ordinal=1,
        headings=group.headings,
        text="\n\n".join(texts),
        anchor=first.anchor,
        page=first.pieces[0].block.page,
    )


def _joined(blocks: Sequence[Block]) -> str:
    text = blocks[0].text
    for block in blocks[1:]:
        text += ("\n" if block.close else "\n\n") + block.text
    return text


def _packed(pieces: Sequence[_Piece], count: TokenCounter, limit: int) -> list[list[_Piece]]:
    """The pieces in order, in parts of at most `limit` tokens and of much the same size. What announces a list, a table or code
    ("Run this:") goes along with it."""
    small = [part for piece in pieces for part in _cut(piece, count, limit)]
    total = sum(piece.tokens for piece in small)
    goal = total / max(1, math.ceil(total / limit))
    parts: list[list[_Piece]] = [[]]
    filled = 0
    for piece in small:
        part = parts[-1]
        if part and (filled + piece.tokens > limit or filled >= goal):
            announced = [part.pop()] if len(part) > 1 and part[-1].block.text.endswith(":") else []
            parts.append(announced)
            filled = sum(each.tokens for each in announced)
        parts[-1].append(piece)
        filled += piece.tokens
    return [part for part in parts if part]


def _cut(piece: _Piece, count: TokenCounter, limit: int) -> list[_Piece]:
    """A block that is too long for one passage, in several."""
    kind = piece.block.kind
    whole = kind in (BlockKind.CODE, BlockKind.TABLE)
    if piece.tokens <= (limit * WHOLE_TOKENS // PASSAGE_TOKENS if whole else limit):
        return [piece]
    before, body, after = "", piece.block.text, ""
    if kind is BlockKind.TABLE:
        before = "\n".join(body.split("\n")[:2]) + "\n"
        body = body[len(before) :]
    elif kind is BlockKind.CODE and (code := _FENCE.fullmatch(body)):
        before, body, after = f"{code[1]}{code[2]}\n", code[3], f"\n{code[1]}"
    room = max(limit // 4, limit - count(before))
    cut: list[_Piece] = []
    for number, text in enumerate(_slices(body, count, room, by_line=whole)):
        block = Block(
            kind=kind, text=f"{before}{text}{after}", page=piece.block.page, close=piece.block.close and not number
        )
        cut.append(_Piece(block, count(block.text)))
    return cut


def _slices(text: str, count: TokenCounter, limit: int, *, by_line: bool) -> Iterator[str]:
    """`text` in slices of about `limit` tokens, cut at lines, or at the end of sentences, else between words, else anywhere."""
    number = max(1, math.ceil(count(text) / limit))
    length = max(1, math.ceil(len(text) / number))
    start = 0
    while start < len(text):
        end = start + length
        if end < len(text):
            end = _cut_place(text, start, end, by_line=by_line)
        part = text[start:end].strip("\n") if by_line else text[start:end].strip()
        start = end
        if not part.strip():
            continue
        if len(part) < len(text) and count(part) > limit * 5 // 4:  # denser than the text as a whole
            yield from _slices(part, count, limit, by_line=by_line)
        else:
            yield part


def _cut_place(text: str, start: int, end: int, *, by_line: bool) -> int:
    """The best place to cut in the last third before `end`, or a little after it."""
    early, late = start + (end - start) * 2 // 3, end + (end - start) // 8
    line = text.rfind("\n", early, late)
    if by_line and line > 0:
        return line + 1
    sentences = [found.end() for found in _SENTENCE.finditer(text, early, late)]
    if sentences:
        return sentences[-1]
    space = max(line, text.rfind(" ", early, late))
    return space + 1 if space > 0 else end
