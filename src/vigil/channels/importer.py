"""Brings recorded tickets onto the desk: which column is what, a preview before anything happens, and one arrival a message, never twice.
What columns mean stands in `columns`, reading files is `tables`' affair, reading dates `dates`'."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Final

from vigil.channels.columns import NEEDED, ROLES, map_columns
from vigil.channels.dates import Dates, zone_called
from vigil.channels.tables import Refusal, Row, Table, read_table
from vigil.domain.conversation import ConversationKind, Incoming, Person, Role
from vigil.runtime.desk import MAX_ID_LENGTH
from vigil.runtime.ports import Arrival

CHANNEL: Final = "import"
"""Name of the channel that imported messages arrive on."""

LONGEST_TEXT = 1_000_000
"""Characters of one message; a longer one is a quote that was never closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One message as it would be imported."""

    line: int
    ticket: str
    author: str
    role: Role
    text: str
    at: datetime | None
    """In UTC; None where the row has no date: then it counts as written now, after the one before it."""
    id: str
    """The event's id: the file's own where it has one, else made from what the row says, so that the same row is the same event."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How a file is understood, before anything is imported."""

    form: str
    rows: int
    """Messages that can be imported."""
    tickets: int
    refused: tuple[Refusal, ...]
    """(line, reason) of every row that can't."""
    mapping: dict[str, str]
    """Column of each field, as guessed or as told."""
    columns: tuple[str, ...]
    """All columns of the file."""
    roles: dict[str, int]
    """How many messages come from whom."""
    notes: tuple[str, ...]
    """What was taken for granted, in sentences."""
    sample: tuple[Understood, ...]
    """The first few."""


def preview(
    file: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    zone: str = "UTC",
    day_first: bool | None = None,
    sample: int = 5,
) -> Preview:
    """Look at a file; blocking.

    Args:
        mapping: column by field, for those that the guess gets wrong; see `columns.FIELDS`.
        zone: time zone of dates that name none.
        day_first: whether 03/04/2024 is the 3rd of April; None: as the column itself shows.

    Raises:
        InvalidInput: the file can't be read, a field or a column doesn't exist, or a needed column isn't recognised.
    """
    reading = _Reading(read_table(file), mapping or {}, zone=zone, day_first=day_first)
    return Preview(
        form=reading.table.form,
        rows=len(reading.messages),
        tickets=len({message.ticket for message in reading.messages}),
        refused=tuple(sorted(reading.refused)),
        mapping=reading.mapping,
        columns=reading.table.columns,
        roles=dict(Counter(message.role.value for message in reading.messages).most_common()),
        notes=tuple(reading.notes()),
        sample=tuple(reading.messages[:sample]),
    )


async def arrivals(
    file: Path, mapping: Mapping[str, str] | None = None, *, zone: str = "UTC", day_first: bool | None = None
) -> AsyncIterator[Arrival]:
    """Every message that can be imported, ticket by ticket in the file's order, each ticket's by time. Takes and raises what `preview`
    does. Whoever imports a file vouches for the roles in it."""
    table = await asyncio.to_thread(read_table, file)
    reading = await asyncio.to_thread(_Reading, table, mapping or {}, zone=zone, day_first=day_first)
    for message in reading.by_ticket():
        yield Arrival(
            incoming=Incoming(
                channel=CHANNEL,
                conversation=message.ticket,
                external_id=message.id,
                message_id=message.id,
                author=Person(id=message.author, name=message.name, role=message.role),
                text=message.text,
                sent_at=message.at,
                kind=ConversationKind.ROOM,
                ticket=message.ticket,
                past=True,
            ),
            trust_role=True,
        )


class _Reading:
    """One file, understood."""

    def __init__(self, table: Table, wanted: Mapping[str, str], *, zone: str, day_first: bool | None) -> None:
        self.table = table
        self.mapping = map_columns(table.columns, wanted)
        self.refused: list[Refusal] = list(table.refused)
        self.messages: list[Understood] = []
        self._zone = zone
        column = self.mapping.get("at", "")
        self._dates = Dates(
            zone=zone_called(zone),
            day_first=day_first,
            column=(row.cells[column] for row in table.rows if column in row.cells),
        )
        self._customers: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._copies: Counter[str] = Counter()
        self._unknown_roles: set[str] = set()
        self._undated = 0
        for row in table.rows:
            self._take(row)

    def by_ticket(self) -> Sequence[Understood]:
        """Tickets in the order of their first rows; an undated message stays behind the one before it."""
        tickets: dict[str, list[tuple[float, Understood]]] = {}
        for message in self.messages:
            mine = tickets.setdefault(message.ticket, [])
            before = mine[-1][0] if mine else 0.0
            mine.append((before if message.at is None else message.at.timestamp(), message))
        return [message for mine in tickets.values() for _, message in sorted(mine, key=itemgetter(0))]

    def notes(self) -> list[str]:
        notes: list[str] = []
        if "role" not in self.mapping:
            notes.append(
                "No column says who is what: whoever writes first in a ticket counts as its customer, all others as bystanders. "
                "Map one with role=COLUMN."
            )
        if self._unknown_roles:
            shown = ", ".join(repr(role) for role in sorted(self._unknown_roles)[:5])
            notes.append(f"Roles not known here count as bystanders: {shown}.")
        if "at" not in self.mapping:
            notes.append(
                "No column says when: messages keep the file's order and count as written now. Map one with at=COLUMN."
            )
        elif self._undated:
            notes.append(f"{self._undated:,} rows without a date stay behind the row before them.")
        if self._dates.ambiguous:
            notes.append(
                "Dates such as 03/04/2024 are read with the month first; nothing in the column says otherwise."
            )
        if "at" in self.mapping:
            notes.append(f"Dates that name no time zone are read as {self._zone}.")
        return notes

    def _take(self, row: Row) -> None:
        problem = self._problem(row)
        if problem is not None:
            self._refuse(row, problem)
            return
        ticket, author, text = (self._cell(row, field).strip() for field in NEEDED)
        try:
            at = self._at(row)
        except (ValueError, OverflowError):
            self._refuse(
                row, f"the date {self._cell(row, 'at')[:40]!r} can't be read; write it as 2024-03-01T14:05:00Z"
            )
            return
        event_id = self._event_id(row, ticket, author, at, text)
        if event_id in self._lines:
            self._refuse(row, f"the same message id stands in line {self._lines[event_id]}")
            return
        self._lines[event_id] = row.line
        self._customers.setdefault(ticket, author)
        self.messages.append(
            Understood(
                line=row.line,
                ticket=ticket,
                author=author,
                role=self._role(row, ticket, author),
                text=text,
                at=at,
                id=event_id,
                name=self._cell(row, "name").strip() or author,
            )
        )

    def _problem(self, row: Row) -> str | None:
        for field in NEEDED:
            if not self._cell(row, field).strip():
                return f"no {field}: the column {self.mapping[field]!r} is empty"
        for field in ("ticket", "author"):
            value = self._cell(row, field).strip()
            if len(value) > MAX_ID_LENGTH or not value.isprintable():
                return f"the {field} must be at most {MAX_ID_LENGTH} printable characters"
        if len(self._cell(row, "text")) > LONGEST_TEXT:
            return f"the text is longer than {LONGEST_TEXT:,} characters; is a quote missing?"
        return None

    def _at(self, row: Row) -> datetime | None:
        value = self._cell(row, "at")
        if not value:
            self._undated += 1
            return None
        return self._dates.read(value)

    def _role(self, row: Row, ticket: str, author: str) -> Role:
        word = self._cell(row, "role").strip().casefold()
        if not word:
            return Role.CUSTOMER if self._customers[ticket] == author else Role.BYSTANDER
        role = ROLES.get(word.replace("_", "-").replace(" ", "-"))
        if role is None:
            self._unknown_roles.add(word[:40])
            return Role.BYSTANDER
        return role

    def _event_id(self, row: Row, ticket: str, author: str, at: datetime | None, text: str) -> str:
        given = self._cell(row, "id").strip()
        if given:
            named = f"{ticket}/{given}"
            if len(named) <= MAX_ID_LENGTH and named.isprintable():
                return named
            return _digest([ticket, given])
        content = _digest([ticket, author, None if at is None else at.isoformat(), text])
        self._copies[content] += 1
        copies = self._copies[content]
        return content if copies == 1 else f"{content}-{copies}"

    def _cell(self, row: Row, field: str) -> str:
        return row.cells.get(self.mapping.get(field, ""), "")

    def _refuse(self, row: Row, reason: str) -> None:
        self.refused.append((row.line, f"{row.place}: {reason}" if row.place else reason))


def _digest(parts: list[str | None]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:40]
