"""Reads recordings from neutral JSON lines, plain or gzip: tickets, or interleaved channels as streams. What a recording is stands in
`recording`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from vigil.domain.conversation import ConversationKind, Role
from vigil.errors import InvalidInput
from vigil.evaluate.lines import Row, lines, rows
from vigil.evaluate.recording import Gold, RecordedMessage, Recording, Shape

SYNTHETIC_START = datetime(2000, 1, 1, tzinfo=UTC)
"""Where the made-up clock of a recording without times begins."""

SYNTHETIC_STEP = timedelta(seconds=30)
"""Made-up time between two messages: longer than a post waits, shorter than the window of a burst, so that both happen as in life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of a file to take."""

    limit: int | None = None
    """At most so many messages: whole conversations in the file's order; a stream is cut where the limit falls, a ticket is left out."""
    streams: int | tuple[str, ...] | None = None
    """So many conversations, chosen by a hash of their names (the choice of 10 is part of the choice of 20), or these by name."""


class _Labels(Row):
    opens_answered: bool = False
    near_end: bool = False


class _StreamRow(Row):
    id: str = Field(min_length=1)
    stream: str = Field(min_length=1)
    author: str = Field(min_length=1)
    text: str
    ts: datetime | None = None
    bot: bool = False
    annotated: bool = False
    conv: str | None = None
    reply_to: tuple[str, ...] = ()
    labels: _Labels = _Labels()


class _TicketMessage(Row):
    id: str | None = None
    author: str = Field(min_length=1)
    role: Literal["customer", "analyst", "other", "bot", "bystander"] = "other"
    text: str
    ts: datetime | None = None
    bot: bool = False
    reply_to: tuple[str, ...] = ()


class _TicketRow(Row):
    ticket_id: str = Field(min_length=1)
    topic: str | None = None
    opened_at: datetime | None = None
    messages: tuple[_TicketMessage, ...]


_ROLES = {
    "customer": Role.CUSTOMER,
    "analyst": Role.ANALYST,
    "bot": Role.BOT,
    "other": Role.BYSTANDER,
    "bystander": Role.BYSTANDER,
}


def shape_of(path: Path) -> Shape:
    """What a file holds, by its first line.

    Raises:
        InvalidInput: neither tickets nor streams, empty, or unreadable.
    """
    for number, line in lines(path):
        if _fits(_TicketRow, line):
            return Shape.TICKETS
        if _fits(_StreamRow, line):
            return Shape.STREAM
        raise InvalidInput(
            f"{path.name}, line {number}: a recording has one ticket a line (`ticket_id`, `messages`) or one message a line "
            "(`id`, `stream`, `author`, `text`); this is neither."
        )
    raise InvalidInput(f"{path.name} holds no lines; give a recording in JSON lines.")


def load(path: Path, *, shape: Shape | None = None, selection: Selection | None = None) -> Recording:
    """Read a recording; blocking, so call it in a thread.

    Fields that aren't known are left alone. Times without a zone count as UTC. A time that runs backwards within a conversation is held
    at the one before. Messages without a time get a made-up one, and the recording's notes say so.

    Raises:
        InvalidInput: the file can't be read, a line is not what it should be (the message names line and field), or a wanted stream
            isn't in it.
    """
    shape = shape or shape_of(path)
    builder = _Builder(path.name, shape)
    if shape is Shape.STREAM:
        for number, row in rows(path, _StreamRow):
            builder.add_stream_row(number, row)
    else:
        for number, row in rows(path, _TicketRow):
            builder.add_ticket_row(number, row)
    return builder.finish(selection or Selection())


class _Builder:
    """Collects rows into a recording."""

    def __init__(self, name: str, shape: Shape) -> None:
        self._name = name
        self._shape = shape
        self._conversations: dict[str, list[RecordedMessage]] = {}
        self._topics: dict[str, str] = {}
        self._gold: dict[str, Gold] = {}
        self._ids: set[str] = set()
        self._without_time = 0
        self._backwards = 0
        self._without_zone = False

    def add_stream_row(self, number: int, row: _StreamRow) -> None:
        messages = self._conversations.setdefault(row.stream, [])
        if not messages:
            self._topics[row.stream] = row.stream.split("/", 1)[0]
        message = RecordedMessage(
            id=self._fresh(number, row.id),
            conversation=row.stream,
            kind=ConversationKind.CHANNEL,
            position=len(messages),
            author=row.author,
            role=Role.BOT if row.bot else Role.BYSTANDER,
            text=row.text,
            at=self._time(number, row.ts, messages, opened=None),
        )
        messages.append(message)
        if row.annotated or row.conv is not None:
            self._gold[row.id] = Gold(
                linked=row.annotated,
                reply_to=row.reply_to,
                thread=row.conv,
                opens_answered=row.labels.opens_answered,
                near_end=row.labels.near_end,
            )

    def add_ticket_row(self, number: int, row: _TicketRow) -> None:
        if row.ticket_id in self._conversations:
            raise InvalidInput(f"{self._name}, line {number}: ticket {row.ticket_id!r} stands twice; keep one of them.")
        messages = self._conversations.setdefault(row.ticket_id, [])
        self._topics[row.ticket_id] = row.topic or ""
        for position, said in enumerate(row.messages):
            message_id = said.id or f"{row.ticket_id}#{position}"
            messages.append(
                RecordedMessage(
                    id=self._fresh(number, message_id),
                    conversation=row.ticket_id,
                    kind=ConversationKind.ROOM,
                    position=position,
                    author=said.author,
                    role=Role.BOT if said.bot else _ROLES[said.role],
                    text=said.text,
                    at=self._time(number, said.ts, messages, opened=row.opened_at),
                )
            )
            if said.reply_to:
                self._gold[message_id] = Gold(reply_to=said.reply_to, thread=row.ticket_id)

    def finish(self, selection: Selection) -> Recording:
        chosen = self._choose(selection)
        ids = {message.id for messages in chosen.values() for message in messages}
        notes: list[str] = []
        if self._without_zone:
            notes.append("Times in the file name no time zone and are read as UTC.")
        if self._without_time:
            notes.append(
                f"{self._without_time:,} messages carry no time: they got one from their order, {SYNTHETIC_STEP.seconds} seconds apart, "
                "so lead times among them mean little."
            )
        if self._backwards:
            notes.append(f"{self._backwards:,} times run backwards and are held at the one before.")
        return Recording(
            name=self._name,
            shape=self._shape,
            conversations=chosen,
            topics={name: self._topics[name] for name in chosen},
            gold={message: gold for message, gold in self._gold.items() if message in ids},
            notes=tuple(notes),
        )

    def _fresh(self, number: int, message_id: str) -> str:
        if message_id in self._ids:
            raise InvalidInput(f"{self._name}, line {number}: message id {message_id!r} stands twice; ids must differ.")
        self._ids.add(message_id)
        return message_id

    def _time(
        self, number: int, given: datetime | None, before: Sequence[RecordedMessage], *, opened: datetime | None
    ) -> datetime:
        last = before[-1].at if before else None
        if given is None:
            self._without_time += 1
            if last is not None:
                return last + SYNTHETIC_STEP
            # Conversations without any time open one after the other, so that they overlap as they do on a busy desk.
            return (
                self._utc(number, opened) if opened else SYNTHETIC_START + 4 * SYNTHETIC_STEP * len(self._conversations)
            )
        at = self._utc(number, given)
        if last is not None and at < last:
            self._backwards += 1
            return last
        return at

    def _utc(self, number: int, given: datetime) -> datetime:
        if not 1970 <= given.year < 2200:
            raise InvalidInput(
                f"{self._name}, line {number}: the year {given.year} can't be right; leave the time out."
            )
        if given.tzinfo is None:
            self._without_zone = True
            return given.replace(tzinfo=UTC)
        return given.astimezone(UTC)

    def _choose(self, selection: Selection) -> dict[str, tuple[RecordedMessage, ...]]:
        names = _chosen_names(list(self._conversations), selection.streams, file=self._name)
        chosen: dict[str, tuple[RecordedMessage, ...]] = {}
        room = selection.limit
        for name in names:
            messages = tuple(self._conversations[name])
            if room is not None:
                if len(messages) > room and self._shape is Shape.TICKETS:
                    break
                messages = messages[:room]
                room -= len(messages)
            if messages:
                chosen[name] = messages
        return chosen


def _chosen_names(names: list[str], wanted: int | tuple[str, ...] | None, *, file: str) -> list[str]:
    if wanted is None:
        return names
    if isinstance(wanted, int):
        ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
        keep = set(ranked[: max(0, wanted)])
    else:
        keep = set(wanted)
        missing = keep.difference(names)
        if missing:
            raise InvalidInput(
                f"{file} has no stream {', '.join(sorted(missing))}; it has {len(names)}, such as {', '.join(names[:3])}."
            )
    return [name for name in names if name in keep]


def _fits(model: type[Row], line: bytes) -> bool:
    try:
        model.model_validate_json(line)
    except ValidationError:
        return False
    return True
