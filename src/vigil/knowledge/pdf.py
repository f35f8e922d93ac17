"""From PDF to blocks. A PDF only says which glyphs stand where: headings are told by their size, code by its typeface, paragraphs by
where lines end; page numbers and running heads are left out. Cutting blocks into passages is done in `chunks`."""

import io
import logging
import math
import re
import struct
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from vigil.errors import TooLarge, UnreadableDocument
from vigil.knowledge.blocks import Block, BlockKind, Refused, fenced
from vigil.knowledge.encoding import tidy

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with a file is said once, by our own error

_BROKEN = (
    *(PyPdfError, DependencyError, zlib.error, struct.error, ArithmeticError, AssertionError, AttributeError, EOFError),
    *(LookupError, MemoryError, OSError, RuntimeError, StopIteration, TypeError, ValueError),
)
"""What a damaged file raises out of pypdf: it reads leniently, and meets the wrong types and missing keys as it goes."""
_LARGEST_PAGE = 5_000_000
"""Bytes of drawing commands on one page. A dense page of text has 50,000; maps and plots have millions, and take a second for each."""

_BIG = 1.15
"""A line this much larger than the body is a heading: 12 points over 10."""
_LONGEST_HEADING = 120
_RUNNING_PAGES = 3
"""A line among the two first or last of so many pages, the same but for its digits, is a running head or foot; two are enough where it is
the outermost, or holds a number."""
_SHORT_LINE = 0.75
"""A line below this share of the usual length, and closed by a full stop, ends its paragraph."""
_VERY_SHORT_LINE = 0.6
"""A line below this share ends it anyhow: nobody wraps so early. It is a row of a table, or an entry of a list."""
_CELLS = " | "
_SAME_LINE = 0.4
"""Two baselines closer than this share of the letters' height are one line of the page; the next line is at least a whole height below."""

_MONOSPACED = re.compile(r"courier|mono|consol|menlo|cmtt|typewriter", re.IGNORECASE)
_BOLD = re.compile(r"bold|black|heavy|cmbx", re.IGNORECASE)
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*[\divxlc]*\s*$")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[\divxlc]+(?:\s*(?:/|of|von|de)\s*\d+)?", re.IGNORECASE)
_BULLET = re.compile(r"[•◦▪‣●■–*-]\s+")
_MARK_ALONE = re.compile(r"[•◦▪‣●■–*-]|(?:\d{1,2}|[a-z])[.)]?")
_NUMBERED = re.compile(r"(?:\d{1,2}|[a-z])[.)]\s+")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "\u00ad": "-", "\u00a0": " "})
_BAD_TITLE = re.compile(r"untitled|microsoft word|\.(?:docx?|tex|dvi|indd|pptx?|xlsx?|odt)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdf:
    title: str
    """What the file calls itself; empty where it doesn't, or only names the program that made it."""
    blocks: tuple[Block, ...]
    refused: tuple[Refused, ...]
    """Pages without text, by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    page: int
    size: float
    """Height of its letters, in points."""
    baseline: float
    """Where its first letters stand above the foot of the page, in points; not a number where that isn't known."""
    code: bool
    bold: bool


def read_pdf(content: bytes, *, name: str, most_pages: int, most_seconds: float) -> Pdf:
    """The text of a PDF.

    Raises:
        UnreadableDocument: it is damaged or locked by a password, or there is no text in it, as in a scan.
        TooLarge: it has more than `most_pages`, or reading it takes longer than `most_seconds` (looked at after each page).
    """
    end = time.monotonic() + most_seconds
    try:
        reader = _open(content, name)
        number_of_pages = len(reader.pages)
        title = tidy(str(reader.metadata.title or "")) if reader.metadata else ""
    except _BROKEN as error:
        raise UnreadableDocument(f"{name} is damaged or is no PDF. Export it again and add the new file.") from error
    if number_of_pages > most_pages:
        raise TooLarge(f"{name} has {number_of_pages:,} pages, and {most_pages:,} are read at most. Split it.")
    lines: list[list[_Line]] = []
    refused: list[Refused] = []
    for number in range(1, number_of_pages + 1):
        if time.monotonic() > end:
            raise TooLarge(
                f"{name} takes longer than {most_seconds:g} seconds to read. Split it, or export it anew as text."
            )
        try:
            lines.append(_lines(reader.pages[number - 1], number))
        except _BROKEN:
            refused.append(Refused(number=number, why="The page is damaged. Export the file again."))
        except TooLarge as error:
            refused.append(Refused(number=number, why=str(error)))
        else:
            if not lines[-1] and _has_picture(reader.pages[number - 1]):
                refused.append(Refused(number=number, why="The page is a picture without text. Run OCR over the file."))
    if not any(lines):
        raise UnreadableDocument(
            f"{name} holds no text; it seems to be a scan. Run OCR over it (ocrmypdf does) and add the result."
        )
    body = _body_size(line for page in lines for line in page)
    blocks = tuple(_blocks(_without_furniture(lines, body), body))
    usable = title.strip() if not _BAD_TITLE.search(title) else ""
    return Pdf(title=" ".join(usable.split()), blocks=blocks, refused=tuple(refused))


@dataclass(frozen=True, slots=True)
class _Run:
    """Some words that were drawn in one go."""

    words: str
    size: float
    baseline: float
    font: str


def _open(content: bytes, name: str) -> pypdf.PdfReader:
    reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        try:
            opened = reader.decrypt("")  # many files only forbid printing, and open without a password
        except DependencyError:
            opened = False
        if not opened:
            raise UnreadableDocument(f"{name} is locked by a password. Save a copy without one and add that.")
    return reader


def _lines(page: pypdf.PageObject, number: int) -> list[_Line]:
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) > _LARGEST_PAGE:
        raise TooLarge("The page is one huge drawing. Export the file without it.")
    runs: list[_Run] = []

    def see(text: str, cm: Sequence[float], tm: Sequence[float], font: dict[str, Any] | None, size: float) -> None:
        scale = max(abs(tm[1]), abs(tm[3])) * max(abs(cm[1]), abs(cm[3]))
        baseline = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        for words in text.split("\n"):
            if words := words.strip():
                runs.append(_Run(words, float(size) * scale, baseline, str((font or {}).get("/BaseFont", ""))))

    text = page.extract_text(visitor_text=see)
    lines: list[_Line] = []
    waiting = iter(runs)
    run = next(waiting, None)
    for raw in text.split("\n"):
        within: list[_Run] = []
        cursor = 0
        # Runs come in the order of the text: those that stand in this line say what it looks like.
        while run and (place := raw.find(run.words, cursor)) >= 0:
            cursor = place + len(run.words)
            within.append(run)
            run = next(waiting, None)
        if clean := tidy(raw).translate(_LIGATURES).strip():
            line = _line(clean, number, within)
            before = lines[-1] if lines else None
            if before and abs(before.baseline - line.baseline) < line.size * _SAME_LINE:
                lines[-1] = replace(line, text=_side_by_side(before.text, clean))
            else:
                lines.append(line)
    return lines


def _line(text: str, page: int, runs: Sequence[_Run]) -> _Line:
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[round(run.size, 1)] += len(run.words)
    return _Line(
        text=text,
        page=page,
        size=sizes.most_common(1)[0][0] if sizes else 0.0,
        baseline=runs[0].baseline if runs else math.nan,
        code=bool(runs) and all(_MONOSPACED.search(run.font) for run in runs),
        bold=bool(runs) and all(_BOLD.search(run.font) for run in runs),
    )


def _side_by_side(left: str, right: str) -> str:
    """What stands on one line of the page, and was drawn in two: an item and its mark, or two cells of a table."""
    if _MARK_ALONE.fullmatch(left):
        return f"{left}. {right}" if left.isdigit() else f"{left} {right}"
    return f"{left}{_CELLS}{right}"


def _has_picture(page: pypdf.PageObject) -> bool:
    try:
        return len(page.images) > 0
    except _BROKEN:
        return False


def _without_furniture(pages: Sequence[Sequence[_Line]], body: float) -> list[_Line]:
    """All lines but running heads and feet, page numbers and tables of contents."""

    def shape(line: _Line) -> str:
        return re.sub(r"\d+", "0", line.text)

    edges = Counter(edge for page in pages for edge in {shape(line) for line in (*page[:2], *page[-2:])})
    kept: list[_Line] = []
    for page in pages:
        for place, line in enumerate(page):
            edge = place < 2 or place >= len(page) - 2
            outermost = place == 0 or place == len(page) - 1
            certain = outermost or shape(line) != line.text
            running = edge and edges[shape(line)] >= _RUNNING_PAGES - certain and not _is_large(line, body)
            number = outermost and _PAGE_NUMBER.fullmatch(line.text)
            if not running and not number and not _LEADERS.search(line.text):
                kept.append(line)
    return kept


def _body_size(lines: Iterable[_Line]) -> float:
    """The size that most letters have."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _blocks(lines: Sequence[_Line], body: float) -> Iterator[Block]:
    lengths = sorted(len(line.text) for line in lines if line.size == body)
    usual = lengths[len(lengths) * 9 // 10] if lengths else 0
    sizes = sorted({line.size for line in lines if _is_large(line, body)}, reverse=True)
    levels = {size: min(level, 5) for level, size in enumerate(sizes, start=1)}
    blocks: list[Block] = []
    part: list[_Line] = []
    for line in lines:
        if part and not _continues(part, line, body, usual):
            blocks.append(_block(part, body, levels))
            part = []
        part.append(line)
    if part:
        blocks.append(_block(part, body, levels))
    for block, before in zip(blocks, [None, *blocks], strict=False):
        yield replace(block, close=before is not None and _is_next(before, block))


def _is_next(before: Block, block: Block) -> bool:
    """Whether both are items of one list, or rows of one table."""
    return block.kind is before.kind and (
        block.kind is BlockKind.ITEM or (_CELLS in before.text and _CELLS in block.text)
    )


def _is_large(line: _Line, body: float) -> bool:
    return line.size > body * _BIG and len(line.text) <= _LONGEST_HEADING and any(map(str.isalpha, line.text))


def _is_heading(line: _Line, body: float) -> bool:
    bold = line.bold and line.size >= body and len(line.text) <= _LONGEST_HEADING and line.text[-1] not in ".,;:"
    return _is_large(line, body) or (bold and any(map(str.isalpha, line.text)))


def _continues(part: Sequence[_Line], line: _Line, body: float, usual: int) -> bool:
    """Whether `line` belongs to the block that `part` has begun."""
    before = part[-1]
    if _is_heading(line, body) or _is_heading(before, body):
        alike = _is_heading(before, body) and line.size == before.size and line.bold == before.bold
        return alike and line.page == before.page and len(part) < 3
    if line.code or before.code:
        return line.code and before.code and line.page == before.page
    if _BULLET.match(line.text) or _NUMBERED.match(line.text) or _CELLS in line.text or _CELLS in before.text:
        return False
    ended = before.text[-1] in ".!?:"
    if line.page != before.page:
        return not ended and line.text[0].islower()
    return len(before.text) >= usual * (_SHORT_LINE if ended else _VERY_SHORT_LINE)


def _block(part: Sequence[_Line], body: float, levels: dict[float, int]) -> Block:
    first = part[0]
    if first.code:
        return Block(kind=BlockKind.CODE, text=fenced("\n".join(line.text for line in part)), page=first.page)
    text = _reflowed(part)
    if _is_heading(first, body):
        level = levels[first.size] if _is_large(first, body) else 6
        return Block(kind=BlockKind.HEADING, text=text, level=level, page=first.page)
    if marker := _BULLET.match(text):
        return Block(kind=BlockKind.ITEM, text=f"- {text[marker.end() :]}", page=first.page)
    if _NUMBERED.match(text):
        return Block(kind=BlockKind.ITEM, text=text, page=first.page)
    return Block(kind=BlockKind.PROSE, text=text, page=first.page)


def _reflowed(part: Sequence[_Line]) -> str:
    """The lines as one, words that were divided at their ends put together."""
    text = part[0].text
    for line in part[1:]:
        divided = text.endswith("-") and text[-2:-1].isalpha() and line.text[0].islower()
        text = text[:-1] + line.text if divided else f"{text} {line.text}"
    return text
