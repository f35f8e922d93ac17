"""Recorded channels in which people called for entries of a knowledge base, and what each customer had said until then. Nothing here looks
ahead: a turn knows only what stands before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vigil.assist.scene import LOOK_BACK, Heard
from vigil.domain.conversation import Message, Role
from vigil.errors import InvalidInput
from vigil.evaluate.lines import Row, rows
from vigil.evaluate.streams import StreamLine, in_utc, line_at, spread

TURN_MESSAGES = 4
"""Messages of a customer that are asked about together."""
TURN_S = 900.0
"""Seconds that the first of them may lie back, and that a suggestion may be ahead of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody called an entry for a customer."""

    seq: int
    """Where in the channel."""
    at: float
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One recorded channel."""

    name: str
    messages: tuple[Message, ...]
    calls: dict[str, tuple[Call, ...]]
    """By customer."""

    @property
    def by_people(self) -> int:
        return sum(message.author.role is not Role.BOT for message in self.messages)

    def heard(self, message: Message) -> Heard:
        """A message with what stands before it, and no vectors."""
        return Heard(message=message, recent=self.messages[max(0, message.seq - LOOK_BACK) : message.seq])

    def turns(self) -> Iterator[tuple[Message, tuple[Message, ...]]]:
        """Each message of a person, with the last messages of the same author up to it."""
        said: dict[str, list[Message]] = {}
        for message in self.messages:
            if message.author.role is Role.BOT:
                continue
            own = said.setdefault(message.author.id, [])
            own.append(message)
            late = [one for one in own[-TURN_MESSAGES:] if seconds(message) - seconds(one) <= TURN_S]
            yield message, tuple(late)

    def called_after(self, message: Message) -> list[tuple[int, Call]]:
        """The calls for a message's author soon after it, with their places among the author's calls."""
        return [
            (place, call)
            for place, call in enumerate(self.calls.get(message.author.id, ()))
            if call.seq > message.seq and 0.0 <= call.at - seconds(message) <= TURN_S
        ]


class _Trigger(Row):
    stream: str
    trigger: str
    customer: str
    ts: datetime
    relevant: tuple[str, ...]


def seconds(message: Message) -> float:
    """When it was sent, in seconds since 1970."""
    return message.sent_at.timestamp()


def read_channels(stream: Path, triggers: Path, *, streams: int | None = None) -> list[Channel]:
    """Channels with the calls in them; blocking, so call it in a thread.

    Args:
        stream: rows as in ``irc_stream_dev.jsonl.gz``.
        triggers: rows as in ``factoid_dev.jsonl.gz``.
        streams: only so many, evenly spread.

    Raises:
        InvalidInput: a file can't be read, or no call is of a message in the channels.
    """
    by_stream: dict[str, list[StreamLine]] = {}
    for _, line in rows(stream, StreamLine):
        by_stream.setdefault(line.stream, []).append(line)
    names = spread(sorted(by_stream), streams)
    called: dict[str, list[_Trigger]] = {}
    for _, row in rows(triggers, _Trigger):
        called.setdefault(row.stream, []).append(row)
    found = [_channel(name, by_stream[name], called.get(name, [])) for name in names]
    if not any(channel.calls for channel in found):
        raise InvalidInput(
            f"No call of {triggers.name} is of a message in {stream.name}: give the files of the same channels."
        )
    return found


def _channel(name: str, lines: list[StreamLine], triggers: list[_Trigger]) -> Channel:
    place = {line.id: seq for seq, line in enumerate(lines)}
    calls: dict[str, list[Call]] = {}
    for row in triggers:
        seq = place.get(row.trigger)
        if seq is not None:
            at = in_utc(row.ts).timestamp()
            calls.setdefault(row.customer, []).append(Call(seq=seq, at=at, relevant=frozenset(row.relevant)))
    return Channel(
        name=name,
        messages=tuple(line_at(seq, line) for seq, line in enumerate(lines)),
        calls={customer: tuple(some) for customer, some in calls.items()},
    )
