"""Conversations, the people in them and what they write. How a message finds its ticket is decided in `assist.thread`, not here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConversationKind(StrEnum):
    """How messages in a conversation relate to tickets."""

    ROOM = "room"
    """One ticket: every message belongs to it."""
    CHANNEL = "channel"
    """Many interleaved tickets, and talk that belongs to none."""
    PRIVATE = "private"
    """One person with Vigil: every question is put to Vigil itself."""


class Role(StrEnum):
    """What somebody is in a workspace, by verified id, never by display name."""

    CUSTOMER = "customer"
    ANALYST = "analyst"
    BOT = "bot"
    BYSTANDER = "bystander"
    """Unknown: may be read, has no authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody known to a workspace on one channel."""

    id: str
    """The channel's own, verified id of the person; unique within (workspace, channel)."""
    name: str
    """Display name: shown, never trusted."""
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A place where people write: a ticket's room, a shared channel, or a private chat with Vigil."""

    id: str
    channel: str
    """Name of the channel adapter that it lives on, such as ``console`` or ``webhook:acme``."""
    external_id: str
    kind: ConversationKind
    muted: bool = False


class MessageEvent(StrEnum):
    """What happened to a message on its channel."""

    POSTED = "posted"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One event as a channel delivers it: the content of an inbox row, before it is put on a ticket.

    `external_id` names the event and makes redelivery harmless; `message_id` names the message that it is about. The two are equal
    for a posted message; an edit or a deletion is a new event about an old message.
    """

    channel: str
    conversation: str
    """The conversation's external id on that channel."""
    external_id: str
    message_id: str
    event: MessageEvent = MessageEvent.POSTED
    author: Person | None = None
    """None only for a deletion whose author the channel doesn't tell."""
    text: str = ""
    sent_at: datetime | None = None
    """When the channel says it was written (its clock may be wrong); None where it doesn't say."""
    kind: ConversationKind = ConversationKind.ROOM
    ticket: str | None = None
    """An explicit ticket id given by the channel (its own external id of the ticket), if it has one."""
    thread: str | None = None
    """The channel's thread id, if it has threads."""
    reply_to: tuple[str, ...] = ()
    """External message ids that this one answers."""
    mentions_vigil: bool = False
    """The channel verified that Vigil itself is addressed (a mention or a private chat)."""
    past: bool = False
    """Brought in after the fact: its conversation begins muted, so that it is kept and put on tickets, and never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it stands in the store, after its edits."""

    id: str
    """Vigil's own id."""
    external_id: str
    """The channel's id of the message."""
    conversation_id: str
    seq: int
    """Position in its conversation: the order in which the inbox took it. The truth about order."""
    author: Person
    text: str
    sent_at: datetime
    """When it was written: the channel's word where it is plausible, else when it was received. Never later than received."""
    received_at: datetime
    ticket_id: str | None = None
    thread: str | None = None
    reply_to: tuple[str, ...] = ()
    """External message ids that this one answers."""
    mentions_vigil: bool = False
    by_vigil: bool = False
    """Vigil wrote this itself."""
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
