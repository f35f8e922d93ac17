"""What two readers said about tickets, by docs/explanation/tracking-guideline.md: read from a file of ids and labels, checked, and how far
they agree. What Vigil says is `following`'s."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vigil.errors import InvalidInput


class Half(StrEnum):
    """Tickets by a hash of their ids."""

    TUNING = "tuning"
    """May be looked at."""
    KEPT_OUT = "kept-out"
    """Only their figures are looked at, never the errors."""
    ALL = "all"


class _Label(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PromiseLabel(_Label):
    """A promise that a reader found."""

    message: int = Field(ge=1)
    """Place of the message, from 1."""
    by: str
    due: str | None = None
    """A day, or an instant with its zone; None where no time is said."""


class Reading(_Label):
    """What one reader said about a ticket."""

    open: Annotated[str, Field(pattern=r"^[01]*$")]
    """1 or 0 for each message: a question of the customer's is open after it."""
    turn: Annotated[str, Field(pattern=r"^[acn]*$")]
    """For each message: the analyst's, the customer's, nobody's."""
    resolved: bool
    promises: tuple[PromiseLabel, ...] = ()


class LabelledTicket(_Label):
    """A ticket with what both readers said."""

    id: str
    first: Reading
    second: Reading

    @property
    def gold(self) -> Reading:
        """The reader whose turn it is: for tickets whose hash says so the first, else the second."""
        return self.first if _hash(self.id)[1] % 2 == 0 else self.second

    @property
    def half(self) -> Half:
        return Half.TUNING if _hash(self.id)[0] % 2 == 0 else Half.KEPT_OUT


class _File(_Label):
    tickets: tuple[LabelledTicket, ...]


def _hash(ticket_id: str) -> bytes:
    return hashlib.sha256(ticket_id.encode()).digest()


def read_labels(path: Path, half: Half = Half.ALL) -> list[LabelledTicket]:
    """The labelled tickets of a half.

    Raises:
        InvalidInput: the file can't be read or is no such file; the message says where.
    """
    try:
        found = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path} can't be read ({error}); give a file of labels.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path.name}, {where}: {first['msg']}.") from error
    return [ticket for ticket in found.tickets if half in (Half.ALL, ticket.half)]


def fold(readers: Sequence[Sequence[Path]]) -> dict[str, object]:
    """The two readers' answers (JSON lines) as one file of labels.

    Raises:
        InvalidInput: a line is no answer, or the readers didn't answer about the same tickets.
    """
    said: list[dict[str, Reading]] = []
    for paths in readers:
        mine: dict[str, Reading] = {}
        for path in paths:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                if line.strip():
                    name, reading = _answer(path, number, line)
                    mine[name] = reading
        said.append(mine)
    first, second = said
    both = sorted(first.keys() & second.keys())
    if not both:
        raise InvalidInput("The two readers have no ticket in common; give the files of the same sheets.")
    tickets = [LabelledTicket(id=name, first=first[name], second=second[name]) for name in both]
    return _File(tickets=tuple(tickets)).model_dump(mode="json")


def _answer(path: Path, number: int, line: str) -> tuple[str, Reading]:
    try:
        answer = json.loads(line)
        opened = "".join(str(int(each)) for each in answer["open"])
        return answer["id"], Reading.model_validate(
            {
                "open": opened,
                "turn": answer["turn"],
                "resolved": answer["resolved"],
                "promises": [
                    {"message": each["message"], "by": each["by"], "due": each.get("due")}
                    for each in answer["promises"]
                ],
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path.name}, line {number}: no answer as the sheet wants it ({type(error).__name__})."
        ) from error


def kappa(first: Sequence[object], second: Sequence[object]) -> float:
    """Cohen's kappa of two readers' labels of the same things."""
    if not first:
        return 0.0
    total = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / total
    one, two = Counter(first), Counter(second)
    chance = sum(one[label] * two[label] for label in one) / total**2
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)
