"""A recording: conversations as they were written then, and apart from them what annotators said afterwards. Reading one from a file is
`recorded`'s, feeding it to a running system `replay`'s."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from vigil.domain.conversation import ConversationKind, Incoming, Person, Role

CHANNEL = "replay"
"""Name of the channel that recorded messages arrive on."""


class Shape(StrEnum):
    """What a file holds."""

    TICKETS = "tickets"
    """One ticket a line, with its messages."""
    STREAM = "stream"
    """One message a line; the messages of a stream are an interleaved channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMessage:
    """One message as it was written then. Holds nothing that wasn't known at its moment."""

    id: str
    conversation: str
    """The ticket's id or the stream's name."""
    kind: ConversationKind
    position: int
    """Place in its conversation, from 0."""
    author: str
    role: Role
    text: str
    at: datetime
    """When it was written, in UTC; never earlier than the message before it in its conversation."""

    def incoming(self) -> Incoming:
        """The event as a channel would have delivered it: no reply links, no labels."""
        return Incoming(
            channel=CHANNEL,
            conversation=self.conversation,
            external_id=self.id,
            message_id=self.id,
            author=Person(id=self.author, name=self.author, role=self.role),
            text=self.text,
            sent_at=self.at,
            kind=self.kind,
            ticket=self.conversation if self.kind is ConversationKind.ROOM else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What annotators said about a message afterwards. For the judge only: it looks into the future."""

    linked: bool = True
    """Annotators looked at whom this message answers; without a link it answers nobody. False: only its thread is known."""
    reply_to: tuple[str, ...] = ()
    thread: str | None = None
    """The annotators' id of the conversation that it belongs to."""
    opens_answered: bool = False
    """Opens a thread in which at least one other human answered the opener."""
    near_end: bool = False
    """So close to the end of the annotated part that its replies may be cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Everything that is to be replayed, with what the judge may know and the system may not."""

    name: str
    shape: Shape
    conversations: Mapping[str, tuple[RecordedMessage, ...]]
    """Messages by conversation, each in its own order."""
    topics: Mapping[str, str]
    """What each conversation is broadly about: the ticket file's topic, or the part of a stream's name before the slash."""
    gold: Mapping[str, Gold] = field(default_factory=dict[str, Gold])
    """By message id; only annotated messages stand here."""
    notes: tuple[str, ...] = ()
    """What a reader of the report should know about the file, such as made-up times."""

    @property
    def size(self) -> int:
        """Number of messages."""
        return sum(map(len, self.conversations.values()))

    def in_order(self) -> Iterator[RecordedMessage]:
        """All messages by time; at the same instant the order of the conversations in the file, and within one its own order."""
        return heapq.merge(*self.conversations.values(), key=attrgetter("at"))
