"""Rows of a file that somebody exported from elsewhere, JSON lines or CSV, each as words by column with the line that it began on.
What the columns mean is `importer`'s affair."""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from vigil.errors import InvalidInput, TooLarge
from vigil.knowledge.encoding import decode

MOST_BYTES = 500_000_000
"""Largest file, unpacked: it is held in memory while it is read."""

DELIMITERS = (",", ";", "\t", "|")

Refusal: TypeAlias = tuple[int, str]
"""A line's number, from 1, and why it can't be taken."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it stands in the file."""

    line: int
    cells: Mapping[str, str]
    """Words by column; an empty cell is left out."""
    place: str = ""
    """Where in the line, such as ``message 3``; empty where the row is the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole file."""

    form: str
    """``JSON lines``, or ``CSV`` with its delimiter."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    refused: tuple[Refusal, ...] = field(default=())


def read_table(path: Path) -> Table:
    """Read a file; blocking.

    JSON lines: one object a row, or one ticket a row with its messages in `messages`, which become rows of their own.
    CSV: the first row names the columns; comma, semicolon, tab or bar; quoted cells may hold line breaks.

    Raises:
        InvalidInput: the file can't be read, or is neither.
        TooLarge: it is larger than `MOST_BYTES`.
        UnreadableDocument: it is no text.
    """
    text = _text(_content(path), path.name)
    start = text.lstrip()[:1]
    if start == "{":
        return _json_lines(text)
    if start == "[":
        raise InvalidInput(f"{path.name} is one JSON array; write one object a line (`jq -c '.[]' {path.name}` does).")
    if not start:
        raise InvalidInput(f"{path.name} is empty.")
    return _csv(text)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path} can't be read ({error}); give a CSV or JSON lines file, plain or gzip.") from error
    if len(content) > MOST_BYTES:
        raise TooLarge(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB; split it.")
    return content


def _text(content: bytes, name: str) -> str:
    """As it stands where it is UTF-8: a JSON line may hold what other readers take for the end of a line."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode(content, name=name)


def _json_lines(text: str) -> Table:
    rows: list[Row] = []
    refused: list[Refusal] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError):
            refused.append((number, "this is no JSON; each line must hold one object"))
            continue
        if not isinstance(value, dict):
            refused.append((number, "this is no JSON object; each line must hold one"))
            continue
        for row in _objects(number, cast("dict[str, Any]", value)):
            if isinstance(row, Row):
                rows.append(row)
            else:
                refused.append(row)
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    return Table(form="JSON lines", columns=tuple(columns), rows=tuple(rows), refused=tuple(refused))


def _objects(number: int, value: dict[str, Any]) -> Iterator[Row | Refusal]:
    messages: object = value.get("messages")
    if not isinstance(messages, list):
        yield _object(number, value, "")
        return
    whole = {name: each for name, each in value.items() if name == "ticket_id"}
    for count, message in enumerate(cast("list[object]", messages), start=1):
        if not isinstance(message, dict):
            yield number, f"message {count} is no object"
            continue
        parts = cast("dict[str, Any]", message)
        role = {"role": "bot"} if parts.get("bot") is True else {}
        yield _object(number, {**parts, **role, **whole}, f"message {count}")


def _object(number: int, value: dict[str, Any], place: str) -> Row:
    """Words of an object; what is neither words nor a number is left out, so that a column of lists is no column."""
    cells: dict[str, str] = {}
    for name, each in value.items():
        if isinstance(each, str):
            if each.strip():
                cells[name] = each
        elif isinstance(each, int | float) and not isinstance(each, bool):
            cells[name] = str(each)
    return Row(line=number, cells=cells, place=place)


def _csv(text: str) -> Table:
    header_line = text.lstrip().split("\n", 1)[0]
    bare = _QUOTED.sub("", header_line)
    delimiter = max(DELIMITERS, key=bare.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] | None = None
    rows: list[Row] = []
    refused: list[Refusal] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            refused.append((line, f"this row can't be read ({error}); is a quote missing?"))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            continue
        if len(cells) > len(header):
            refused.append((line, f"{len(cells)} cells where the header has {len(header)}; is a quote missing?"))
            continue
        named = zip(header, cells, strict=False)
        rows.append(Row(line=line, cells={name: cell for name, cell in named if name and cell.strip()}))
    named_delimiter = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
    columns = tuple(dict.fromkeys(name for name in header or () if name))
    return Table(form=f"CSV with {named_delimiter}", columns=columns, rows=tuple(rows), refused=tuple(refused))
