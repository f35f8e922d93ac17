"""Tables of questions and answers, as CSV, TSV, JSON or one JSON object a line: each row becomes one draft, whole. A row that can't be
taken is refused by its line, and the others go on. Documents of prose are read in `documents`."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias, cast

from vigil.domain.knowledge import Draft, Evidence, EvidenceKind
from vigil.errors import InvalidInput, UnreadableDocument
from vigil.guard.sanitise import has_words, one_line
from vigil.knowledge.blocks import Refused
from vigil.knowledge.encoding import tidy
from vigil.knowledge.kinds import CSV, JSON, TSV
from vigil.knowledge.particulars import field_name, particulars
from vigil.knowledge.webpage import to_markdown

_IDS = ("id", "doc_id", "docid", "article_id", "entry_id", "key")
_QUESTIONS = ("question", "q", "prompt", "symptom", "issue", "problem", "query")
_ANSWERS = ("answer", "a", "response", "resolution", "solution", "reply", "text", "body", "content")
_TITLES = ("title", "subject", "heading", "name")
_ABOVE = ("entity", "category", "section")
"""What the row is about, or the heading that it stands under: "Can I bring a pet?" alone says not where to."""
_CONDITIONS = ("conditions", "condition", "applies_to")

_LONGEST_TITLE = 120
_OPENING = 60
"""Characters of an answer that stand in for its title, where there is nothing else to call it by."""
_LONGEST_CELL = 1_000_000
"""Characters of one field of a CSV file; a quotation mark that is never closed would otherwise swallow the rest of the file in silence."""
_PAGE = re.compile(r"\s*<(?:p|div|ul|ol|h[1-6]|table|section|article)\b[^>]*>.*>\s*", re.IGNORECASE | re.DOTALL)
"""Help centres export their articles as HTML within a field."""

_Row: TypeAlias = tuple[int, "Mapping[str, object] | str"]
"""A line's number, and its fields or why they could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    drafts: tuple[Draft, ...]
    refused: tuple[Refused, ...]


def read_rows(text: str, kind: str, *, address: str, title: str) -> Rows:
    """The rows of a table as drafts; each one's key is `address`, ``#`` and the row's own id.

    A row has at least an answer (also called ``a``, ``response``, ``resolution``, ``text``, ``body`` ...), mostly with a ``question``
    (``q``, ``prompt``, ``symptom`` ...) or a ``title``. Case doesn't matter. See `particulars` for what else it may say.

    Raises:
        UnreadableDocument: there are no rows, or no column that could hold answers.
    """
    drafts: list[Draft] = []
    refused: list[Refused] = []
    lines: dict[str, int] = {}
    for number, fields in _rows(text, kind, address):
        try:
            if isinstance(fields, str):
                raise InvalidInput(fields)
            draft = _draft(fields, address, title)
            if draft.key in lines:
                if _first(fields, _IDS):
                    raise InvalidInput(f"Its id stands in line {lines[draft.key]} already. Give it one of its own.")
                raise InvalidInput(
                    f"It asks the same as line {lines[draft.key]}. Put both into one, or give each an id."
                )
        except InvalidInput as error:
            refused.append(Refused(number=number, why=str(error)))
        else:
            lines[draft.key] = number
            drafts.append(draft)
    if not drafts and not refused:
        raise UnreadableDocument(f"{address} has no rows. A row needs at least an answer, and should have a question.")
    return Rows(drafts=tuple(drafts), refused=tuple(refused))


def _draft(fields: Mapping[str, object], address: str, document: str) -> Draft:
    answer = _first(fields, _ANSWERS)
    if _PAGE.fullmatch(answer):
        answer = to_markdown(answer)
    if not has_words(answer):
        raise InvalidInput("It has no answer. Fill the field answer (or text, body, response, resolution).")
    said = particulars({name: value for name, value in fields.items() if name != "title"})
    title = one_line(_first(fields, _TITLES), _LONGEST_TITLE)
    question = _first(fields, _QUESTIONS) or (title if title.endswith(("?", "？", "؟")) else "")
    title = title or one_line(question or next(iter(said.aliases), ""), _LONGEST_TITLE) or one_line(answer, _OPENING)
    if above := one_line(_first(fields, _ABOVE), _LONGEST_TITLE):
        title = f"{above} › {title}"
    key = f"{address}#{one_line(_first(fields, _IDS), _LONGEST_TITLE) or _own_name(question or title, answer)}"
    return Draft(
        key=key,
        title=title,
        question=question,
        answer=answer,
        aliases=said.aliases,
        conditions=_first(fields, _CONDITIONS),
        scope=said.scope,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        evidence=(Evidence(kind=EvidenceKind.DOCUMENT, reference=key, title=f"{document} › {title}"),),
        source=address,
    )


def _own_name(question: str, answer: str) -> str:
    """A name for a row that has no id: by its question, so that a new answer is a new revision; the place in the file says nothing."""
    return sha256(" ".join((question or answer).casefold().split()).encode()).hexdigest()[:16]


def _first(fields: Mapping[str, object], names: tuple[str, ...]) -> str:
    """The first of the fields that holds something, as clean text."""
    for name in names:
        value = fields.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise InvalidInput(f"{name} must be text.")
        if text := str(value).strip():
            return text
    return ""


def _rows(text: str, kind: str, address: str) -> Iterator[_Row]:
    if kind in (CSV, TSV):
        return _separated(text, address)
    if kind == JSON:
        listed = _listed(text, address)
        if listed is not None:
            return ((number, _fields(value)) for number, value in enumerate(listed, start=1))
    return _lines(text)


def _lines(text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, _fields(json.loads(line))
            except (ValueError, RecursionError) as error:
                yield number, f"It is no JSON ({error}). Put one object on one line."


def _listed(text: str, address: str) -> list[object] | None:
    """The rows of a JSON file: a list, or the only list of objects in an object; None where it holds one object a line after all."""
    try:
        value: object = json.loads(text)
    except RecursionError as error:
        raise UnreadableDocument(
            f"{address} is nested too deeply. Write a list of objects with question and answer."
        ) from error
    except ValueError as error:
        if str(error).startswith("Extra data"):
            return None
        raise UnreadableDocument(f"{address} is no JSON: {error}. Correct it there and add it again.") from error
    if isinstance(value, dict):
        inner = cast("dict[str, object]", value)
        if _first_name(inner, _ANSWERS):
            return [inner]
        lists = [cast("object", part) for part in inner.values() if isinstance(part, list)]
        value = lists[0] if len(lists) == 1 else None
    if not isinstance(value, list):
        raise UnreadableDocument(f'{address} holds no list of rows. Write [{{"question": ..., "answer": ...}}, ...].')
    return cast("list[object]", value)


def _fields(value: Any) -> Mapping[str, object] | str:
    if not isinstance(value, dict):
        return 'It is no object. Write {"question": ..., "answer": ...}.'
    return {field_name(tidy(name)): _tidied(part) for name, part in cast("dict[str, object]", value).items()}


def _tidied(value: object) -> object:
    """JSON can escape what no text holds: halves of characters, control characters."""
    if isinstance(value, list):
        return [_tidied(part) for part in cast("list[object]", value)]
    return tidy(value) if isinstance(value, str) else value


def _first_name(fields: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    return next((name for name in map(field_name, fields) if name in names), None)


def _separated(text: str, address: str) -> Iterator[_Row]:
    csv.field_size_limit(_LONGEST_CELL)
    header, separator = _header(text, address)
    reader = csv.reader(io.StringIO(text.lstrip("\n"), newline=""), delimiter=separator)
    skipped = len(text) - len(text.lstrip("\n"))
    next(reader)
    while True:
        number = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"It can't be read ({error}). Look for a quotation mark that is never closed."
            continue
        while cells and not cells[-1].strip():
            cells.pop()
        if len(cells) > len(header):
            yield (
                number,
                f"It has {len(cells)} fields, the header {len(header)}. Put fields that hold the separator into quotation marks.",
            )
        elif cells:
            yield number, dict(zip(header, cells, strict=False))


def _header(text: str, address: str) -> tuple[list[str], str]:
    """The columns' names, and the separator that makes most sense of them."""
    first = text.lstrip("\n").split("\n", 1)[0]
    best: tuple[list[str], str] = ([], "")
    for separator in (",", ";", "\t", "|"):
        try:
            names = [field_name(name) for name in next(csv.reader([first], delimiter=separator), list[str]())]
        except csv.Error:
            continue
        if any(name in _ANSWERS for name in names) and len(names) > len(best[0]):
            best = names, separator
    if not best[0]:
        shown = one_line(first, 80)
        raise UnreadableDocument(
            f"{address} has no column for answers. Name one answer in the first line, which is: {shown}"
        )
    return best
