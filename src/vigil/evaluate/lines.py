"""Rows of JSON lines, plain or gzip, with a clear word on what is wrong with one. What the rows mean is for the rooms that read them."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from vigil.errors import InvalidInput


class Row(BaseModel):
    """A line; fields that it doesn't name are left alone."""

    model_config = ConfigDict(extra="ignore")


RowT = TypeVar("RowT", bound=Row)


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with something in them, and their numbers from 1."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                stripped = line.removeprefix(b"\xef\xbb\xbf").strip()
                if stripped:
                    yield number, stripped
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path} can't be read ({error}); give a JSON lines file, plain or gzip.") from error


def rows(path: Path, model: type[RowT]) -> Iterator[tuple[int, RowT]]:
    """Each line as a row of a kind, and its number from 1.

    Raises:
        InvalidInput: the file can't be read, or a line is not what it should be; the message names line and field.
    """
    for number, line in lines(path):
        try:
            yield number, model.model_validate_json(line)
        except ValidationError as error:
            raise InvalidInput(f"{path.name}, line {number}: {_complaint(error)}.") from error


def _complaint(error: ValidationError) -> str:
    """The first thing that is wrong, with the field's name and without the value: that is somebody's words."""
    first: Any = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"`{where}`: {first['msg']}" if where else str(first["msg"])
