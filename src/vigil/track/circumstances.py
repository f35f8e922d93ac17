"""Who speaks in a message, and to whom: what `advance` has to know besides the words. Pure."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from vigil.domain.conversation import ConversationKind, Message
from vigil.domain.parts import part_of
from vigil.domain.ticket import Ticket
from vigil.language.people import spoken_to
from vigil.track.heard import Heard


def heard_of(
    message: Message, ticket: Ticket, kind: ConversationKind, recent: Iterable[Message], *, zone: tzinfo = UTC
) -> Heard:
    """The circumstances of `message`, after the `recent` messages of its conversation."""
    to = spoken_to(message, recent)
    return Heard(
        part=part_of(message, ticket, kind),
        to_customer=ticket.customer_id in to,
        to_others=bool(to) and ticket.customer_id not in to,
        zone=zone,
    )
