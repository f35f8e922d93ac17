"""A passage as the pieces that may be quoted: sentences, list items, and what must stay whole (code, numbered steps, tables). Which of them
answer a question is `quote`'s."""

import re
from dataclasses import dataclass
from enum import StrEnum


class PieceKind(StrEnum):
    SENTENCE = "sentence"
    ITEM = "item"
    """One bullet of a list."""
    STEPS = "steps"
    """A numbered list, all of it."""
    CODE = "code"
    TABLE = "table"
    HEADING = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a passage that is quoted whole or not at all."""

    kind: PieceKind
    start: int
    end: int
    """``passage[start:end]`` are its words."""
    leads: bool = False
    """It announces what follows ("Run this:"), and means nothing without."""


_FENCE = re.compile(r"[ \t]*(```|~~~)")
_NUMBERED = re.compile(
    r"[ \t]*(?:\d{1,3}|[a-zA-Z])[.)][ \t]+\S|[ \t]*(?:step|étape|schritt|paso)[ \t]+\d", re.IGNORECASE
)
_BULLET = re.compile(r"[ \t]*(?:[-*+•◦▪–]|\[[ xX]\])[ \t]+\S")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+\S")
_INDENTED = re.compile(r"(?: {4}|\t)[ \t]*\S")
_STOP = re.compile(r"""[.!?…]+["'”’)\]]*(?=\s)|[。！？]+["'”’」』）]*""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|no|nr|fig|st|mr|mrs|ms|dr|prof|inc|ltd|z\.B|bzw|usw|ca)|\b[A-Za-z])\.$",
    re.IGNORECASE,
)


def pieces(passage: str) -> list[Piece]:
    """The pieces of a passage in order; between them is only white space."""
    found: list[Piece] = []
    lines = _lines(passage)
    at = 0
    while at < len(lines):
        start, end = lines[at]
        line = passage[start:end]
        until = at + 1
        if not line.strip():
            at = until
            continue
        kind = _kind(line, after_blank=at == 0 or not passage[slice(*lines[at - 1])].strip())
        if kind is PieceKind.CODE:
            until = _end_of_code(passage, lines, at)
        elif kind is PieceKind.STEPS:
            until = _end_of_steps(passage, lines, at)
        elif kind is PieceKind.TABLE:
            while until < len(lines) and passage[slice(*lines[until])].lstrip().startswith("|"):
                until += 1
        elif kind is PieceKind.ITEM:
            while until < len(lines) and _continues(passage[slice(*lines[until])]):
                until += 1
        elif kind is PieceKind.SENTENCE:
            while until < len(lines) and _is_prose(passage[slice(*lines[until])]):
                until += 1
        stretch = _trimmed(passage, start, lines[until - 1][1])
        if kind is PieceKind.CODE:
            stretch = (start, stretch[1])  # its first line's indentation is part of it
        if kind is PieceKind.SENTENCE:
            found += _sentences(passage, *stretch)
        else:
            leads = kind is PieceKind.HEADING or passage[slice(*stretch)].endswith((":", "："))
            found.append(Piece(kind=kind, start=stretch[0], end=stretch[1], leads=leads))
        at = until
    return found


def _lines(text: str) -> list[tuple[int, int]]:
    """Start and end of each line, without its line break."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return [(start, following - 1) for start, following in zip(starts, [*starts[1:], len(text) + 1], strict=True)]


def _kind(line: str, *, after_blank: bool) -> PieceKind:
    if _FENCE.match(line):
        return PieceKind.CODE
    if _HEADING.match(line):
        return PieceKind.HEADING
    if _NUMBERED.match(line):
        return PieceKind.STEPS
    if _BULLET.match(line):
        return PieceKind.ITEM
    if line.lstrip().startswith("|"):
        return PieceKind.TABLE
    if after_blank and _INDENTED.match(line):
        return PieceKind.CODE
    return PieceKind.SENTENCE


def _end_of_code(passage: str, lines: list[tuple[int, int]], at: int) -> int:
    """The line after a fenced block, or after an indented one; a fence that never closes reaches to the end."""
    fence = _FENCE.match(passage[slice(*lines[at])])
    for number in range(at + 1, len(lines)):
        line = passage[slice(*lines[number])]
        if fence is not None and line.strip().startswith(fence[1]):
            return number + 1
        if fence is None and line.strip() and not _INDENTED.match(line):
            return number
    return len(lines)


def _end_of_steps(passage: str, lines: list[tuple[int, int]], at: int) -> int:
    """The line after the last step: steps may hold blank lines, bullets, code and further lines of their own."""
    until = number = at + 1
    while number < len(lines):
        line = passage[slice(*lines[number])]
        if _FENCE.match(line) and (
            line[:1] in " \t" or _step_follows(passage, lines, _end_of_code(passage, lines, number))
        ):
            until = number = _end_of_code(passage, lines, number)
        elif not line.strip():
            number += 1
        elif _NUMBERED.match(line) or line[:1] in " \t" or (until == number and not _HEADING.match(line)):
            until = number = number + 1
        else:
            break
    return until


def _step_follows(passage: str, lines: list[tuple[int, int]], number: int) -> bool:
    while number < len(lines) and not passage[slice(*lines[number])].strip():
        number += 1
    return number < len(lines) and _NUMBERED.match(passage[slice(*lines[number])]) is not None


def _continues(line: str) -> bool:
    """Whether a line belongs to the bullet above it."""
    return bool(line.strip()) and line[:1] in " \t" and not _BULLET.match(line) and not _FENCE.match(line)


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and _kind(line, after_blank=False) is PieceKind.SENTENCE


def _sentences(passage: str, start: int, end: int) -> list[Piece]:
    found: list[Piece] = []
    begin = start
    for match in _STOP.finditer(passage, start, end):
        if match.end() < end and (
            _ABBREVIATION.search(passage, max(begin, match.end() - 12), match.end())
            or passage[match.end() :].lstrip()[:1].islower()
        ):
            continue
        found.append(_sentence(passage, begin, match.end()))
        begin = match.end()
    if passage[begin:end].strip():
        found.append(_sentence(passage, begin, end))
    return found


def _sentence(passage: str, start: int, end: int) -> Piece:
    start, end = _trimmed(passage, start, end)
    return Piece(kind=PieceKind.SENTENCE, start=start, end=end, leads=passage[start:end].endswith((":", "：")))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), end - (len(stretch) - len(stretch.rstrip()))
