"""Events as they stand in the inbox: an `Incoming` as a row and back. Taking them in and working them off is `inbox`'s."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from vigil.domain.conversation import ConversationKind, Incoming, MessageEvent, Person, Role
from vigil.store.columns import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an event at the door."""

    event_id: str
    conversation_id: str
    seq: int
    duplicate: bool
    """It had been delivered before; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One event that is still to be worked off, or that was parked."""

    id: str
    conversation_id: str
    seq: int
    incoming: Incoming
    received_at: datetime
    attempts: int
    reason: str = ""
    traceparent: str | None = None
    """The trace that it came in with, as the W3C writes it."""


def body_of(incoming: Incoming) -> Json:
    """What of an event has no column of its own."""
    author = incoming.author
    return {
        "conversation": incoming.conversation,
        "message_id": incoming.message_id,
        "event": incoming.event.value,
        "author": None if author is None else {"id": author.id, "name": author.name, "role": author.role.value},
        "text": incoming.text,
        "sent_at": None if incoming.sent_at is None else incoming.sent_at.isoformat(),
        "kind": incoming.kind.value,
        "ticket": incoming.ticket,
        "thread": incoming.thread,
        "reply_to": list(incoming.reply_to),
        "mentions_vigil": incoming.mentions_vigil,
    }


def waiting_of(row: Row[Any]) -> Waiting:
    event: Json = row.event
    author: Json | None = event["author"]
    incoming = Incoming(
        channel=row.channel,
        conversation=event["conversation"],
        external_id=row.external_id,
        message_id=event["message_id"],
        event=MessageEvent(event["event"]),
        author=None if author is None else Person(id=author["id"], name=author["name"], role=Role(author["role"])),
        text=event["text"],
        sent_at=None if event["sent_at"] is None else datetime.fromisoformat(event["sent_at"]),
        kind=ConversationKind(event["kind"]),
        ticket=event["ticket"],
        thread=event["thread"],
        reply_to=tuple(event["reply_to"]),
        mentions_vigil=event["mentions_vigil"],
    )
    return Waiting(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        incoming=incoming,
        received_at=row.received_at,
        attempts=row.attempts,
        reason=row.reason,
        traceparent=row.traceparent,
    )
