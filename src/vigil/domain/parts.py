"""The part that somebody plays in a ticket. What may be done in it is another matter, and is decided by verified roles alone."""

from vigil.domain.conversation import ConversationKind, Message, Role
from vigil.domain.ticket import Ticket


def part_of(message: Message, ticket: Ticket | None, kind: ConversationKind) -> Role:
    """The part that a message's author plays in this ticket.

    In a channel the ticket's opener is its customer, and whoever else writes in it counts as a human who helps. Anywhere else the verified
    role decides. Nobody gains authority by this: it only says who asks and who answers.
    """
    if message.by_vigil or message.author.role is Role.BOT:
        return Role.BOT
    if ticket is not None and message.author.id == ticket.customer_id:
        return Role.CUSTOMER
    if kind is ConversationKind.CHANNEL:
        return Role.ANALYST if ticket is not None else message.author.role
    return message.author.role
