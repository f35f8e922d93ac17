"""What was said with a customer before: their tickets' messages, this customer's alone. What of it is to the point is decided above."""

from sqlalchemy import select

from vigil.domain.conversation import Message
from vigil.domain.ticket import Ticket
from vigil.store.conversations import message_of
from vigil.store.store import Session
from vigil.store.tables import conversations, messages, tickets


async def said_with(session: Session, ticket: Ticket, *, limit: int) -> list[Message]:
    """The last messages of all tickets of a ticket's customer, oldest first. An id is somebody only on its channel."""
    here = session.workspace
    channel = (
        select(conversations.c.channel)
        .where(conversations.c.workspace_id == here, conversations.c.id == ticket.conversation_id)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(messages)
        .join(tickets, tickets.c.id == messages.c.ticket_id)
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(
            messages.c.workspace_id == here,
            tickets.c.workspace_id == here,
            conversations.c.workspace_id == here,
            tickets.c.customer_id == ticket.customer_id,
            conversations.c.channel == channel,
            messages.c.deleted_at.is_(None),
        )
        .order_by(messages.c.received_at.desc(), messages.c.id.desc())
        .limit(limit)
    )
    return [message_of(row) for row in reversed(rows.all())]
