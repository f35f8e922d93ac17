"""Parked events as the API shows them."""

from datetime import datetime

from vigil.domain.conversation import MessageEvent
from vigil.store.events import Waiting
from vigil.web.api.schemas.common import Answer, Page


class ParkedOut(Answer):
    """An event that failed too often."""

    id: str
    channel: str
    conversation: str
    """Its channel's id of the conversation."""
    conversation_id: str
    """Vigil's own."""
    message_id: str
    """Its channel's id of the message."""
    event: MessageEvent
    received_at: datetime
    attempts: int
    reason: str
    """The class of the error that it failed with."""
    text: str
    """What was written."""


class ParkedPageOut(Page[ParkedOut]):
    """Parked events, the latest first."""


def parked_of(event: Waiting) -> ParkedOut:
    incoming = event.incoming
    return ParkedOut(
        id=event.id,
        channel=incoming.channel,
        conversation=incoming.conversation,
        conversation_id=event.conversation_id,
        message_id=incoming.message_id,
        event=incoming.event,
        received_at=event.received_at,
        attempts=event.attempts,
        reason=event.reason,
        text=incoming.text,
    )
