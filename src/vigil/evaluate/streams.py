"""Recorded channels line by line: what each line says, without what anybody later noted about it. What is made of them is in the rooms that
read them."""

from datetime import UTC, datetime

from vigil.domain.conversation import Message, Person, Role
from vigil.evaluate.lines import Row


class StreamLine(Row):
    """A line of an interleaved channel."""

    id: str
    stream: str
    ts: datetime
    author: str
    text: str
    bot: bool | None = None


def in_utc(instant: datetime) -> datetime:
    """A recording's instant; where it names no zone it is taken for UTC."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def message_at(seq: int, where: str, *, external_id: str, author: str, text: str, at: datetime, bot: bool) -> Message:
    """A recorded message at its place in a conversation. Its author has no role but that of a bot: a gold role would be a hint."""
    at = in_utc(at)
    return Message(
        id=f"{where}/{seq}",
        external_id=external_id,
        conversation_id=where,
        seq=seq,
        author=Person(id=author, name=author, role=Role.BOT if bot else Role.BYSTANDER),
        text=text,
        sent_at=at,
        received_at=at,
    )


def line_at(seq: int, line: StreamLine) -> Message:
    """A line as the message at its place in its channel."""
    return message_at(
        seq,
        line.stream,
        external_id=line.id,
        author=line.author,
        text=line.text,
        at=line.ts,
        bot=bool(line.bot),
    )


def spread(names: list[str], count: int | None) -> list[str]:
    """So many of the names, evenly spread and the same ones each time; all where that is not fewer."""
    if count is None or count >= len(names):
        return names
    return [names[number * len(names) // count] for number in range(count)]
