"""Recorded messages with what became of them: what a listener could hear at that moment, and apart from it what is to be told. Labels,
`conv` and `reply_to` never go into a message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vigil.assist.scene import LOOK_BACK
from vigil.domain.conversation import Message
from vigil.errors import InvalidInput
from vigil.evaluate.lines import Row, rows
from vigil.evaluate.streams import StreamLine, line_at, message_at, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A message, what stood before it, and what became of it."""

    message: Message
    recent: tuple[Message, ...]
    group: str
    """The stream it is from; never split between folds."""
    wanted: bool
    """Somebody answered: in a channel, what opens a conversation; in a ticket, by an analyst and directly."""
    opens: bool = False
    """It begins a conversation of its own."""


class _Labels(Row):
    opens_thread: bool = False
    opens_answered: bool | None = None
    near_end: bool = False


class _Line(StreamLine):
    annotated: bool = False
    labels: _Labels | None = None


class _Said(Row):
    id: str
    ts: datetime | None = None
    author: str
    role: str
    text: str
    reply_to: tuple[str, ...] | None = None
    bot: bool | None = None


class _Ticket(Row):
    ticket_id: str
    messages: tuple[_Said, ...]


def read_channels(path: Path, *, streams: int | None = None) -> list[Example]:
    """The annotated messages of people in an interleaved channel, those near its end left out (their answers may be cut off).

    Args:
        path: rows as in ``irc_stream_dev.jsonl.gz``, each stream in order.
        streams: only so many, spread evenly over their names, the same ones each time.

    Raises:
        InvalidInput: the file can't be read, or holds no labelled message.
    """
    by_stream: dict[str, list[_Line]] = {}
    for _, line in rows(path, _Line):
        by_stream.setdefault(line.stream, []).append(line)
    found: list[Example] = []
    for name in spread(sorted(by_stream), streams):
        messages: list[Message] = []
        for line in by_stream[name]:
            message = line_at(len(messages), line)
            labels = line.labels
            if line.annotated and not line.bot and labels is not None and not labels.near_end:
                found.append(
                    Example(
                        message=message,
                        recent=tuple(messages[-LOOK_BACK:]),
                        group=name,
                        wanted=bool(labels.opens_answered),
                        opens=labels.opens_thread,
                    )
                )
            messages.append(message)
    return _some(found, path)


def read_tickets(path: Path, *, streams: int | None = None) -> list[Example]:
    """The messages of each ticket's customer after the first.

    Args:
        path: rows as in ``tickets_irc_dev.jsonl.gz``.
        streams: only the tickets of so many streams, the same ones each time.

    Raises:
        InvalidInput: the file can't be read, or holds no such message.
    """
    by_stream: dict[str, list[_Ticket]] = {}
    for _, ticket in rows(path, _Ticket):
        by_stream.setdefault(ticket.ticket_id.split("#")[0], []).append(ticket)
    found: list[Example] = []
    for name in spread(sorted(by_stream), streams):
        for ticket in by_stream[name]:
            found += _further(ticket, name)
    return _some(found, path)


def _further(ticket: _Ticket, group: str) -> Iterator[Example]:
    """The customer's messages after the first."""
    answered = {parent for said in ticket.messages if said.role == "analyst" for parent in said.reply_to or ()}
    messages: list[Message] = []
    asked = False
    for said in ticket.messages:
        at = said.ts or datetime(1970, 1, 1, tzinfo=UTC)
        message = message_at(
            len(messages),
            ticket.ticket_id,
            external_id=said.id,
            author=said.author,
            text=said.text,
            at=at,
            bot=bool(said.bot),
        )
        if said.role == "customer":
            if asked:
                recent = tuple(messages[-LOOK_BACK:])
                yield Example(message=message, recent=recent, group=group, wanted=said.id in answered)
            asked = True
        messages.append(message)


def _some(found: Sequence[Example], path: Path) -> list[Example]:
    if not any(example.wanted for example in found) or all(example.wanted for example in found):
        raise InvalidInput(f"{path} holds no labelled messages of both kinds, answered and not; nothing can be scored.")
    return list(found)
