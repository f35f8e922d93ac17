"""What a message, and what Vigil does about it, make of a ticket: opened, whose turn it is, a human joined, escalated, reopened. Every move
goes through the table in `domain.ticket`."""

from collections.abc import Sequence
from dataclasses import replace

from vigil.domain.conversation import Message, Role
from vigil.domain.ticket import OVER, Ticket, TicketState, check_transition, subject_of

_S = TicketState


def opened(message: Message, *, ticket_id: str, before: Sequence[Message] = ()) -> Ticket:
    """A new ticket whose customer is the author of `message`. `before` is what already stood in its room: an analyst who greeted first has
    joined."""
    greeted = [earlier.sent_at for earlier in before if earlier.author.role is Role.ANALYST and not earlier.by_vigil]
    return Ticket(
        id=ticket_id,
        external_id=ticket_id,
        conversation_id=message.conversation_id,
        state=_S.PENDING_ANALYST if greeted else _S.OPEN,
        subject=subject_of(message.text),
        customer_id=message.author.id,
        opened_at=message.sent_at,
        updated_at=message.received_at,
        human_joined_at=min(greeted, default=None),
    )


def customer_wrote(ticket: Ticket, *, asks: bool, reopens: bool, small_talk: bool) -> Ticket:
    """It is the analyst's turn now.

    A ticket that nobody has taken stays open, one where a human is wanted stays escalated, and thanks or an "ok" make it nobody's turn.
    Vigil as the first line keeps its ticket while nothing is asked.
    """
    if ticket.state in OVER:
        return replace(_to(ticket, _S.REOPENED), resolved_at=None) if reopens else ticket
    if small_talk or ticket.state in (_S.OPEN, _S.ESCALATED) or (ticket.state is _S.FIRST_LINE and not asks):
        return ticket
    return _to(ticket, _S.PENDING_ANALYST)


def human_wrote(ticket: Ticket, message: Message, *, to_vigil: bool) -> Ticket:
    """A human has joined; unless they only asked Vigil something, it is the customer's turn now."""
    joined = ticket if ticket.human_joined_at else replace(ticket, human_joined_at=message.sent_at)
    if to_vigil or ticket.state in OVER:
        return joined
    return _to(joined, _S.PENDING_CUSTOMER)


def touched(ticket: Ticket, message: Message) -> Ticket:
    """`updated_at` never runs backwards."""
    return replace(ticket, updated_at=max(ticket.updated_at, message.received_at))


def answered_by_vigil(ticket: Ticket) -> Ticket:
    """Vigil replied to the customer, and nobody else has."""
    if ticket.state is _S.OPEN and ticket.human_joined_at is None:
        return _to(ticket, _S.FIRST_LINE)
    return ticket


def handed_off(ticket: Ticket) -> Ticket:
    """A human is wanted."""
    return _to(ticket, _S.ESCALATED)


def is_humans(ticket: Ticket | None) -> bool:
    """Whether a human has the ticket: one wrote in it, or it was assigned to one."""
    return ticket is not None and (ticket.human_joined_at is not None or ticket.assignee_id is not None)


def waits_for_human(ticket: Ticket | None) -> bool:
    """A human was called, and none has come yet."""
    return ticket is not None and ticket.state is _S.ESCALATED and not is_humans(ticket)


def after(
    ticket: Ticket, message: Message, part: Role, *, asks: bool, reopens: bool, small_talk: bool, to_vigil: bool
) -> Ticket:
    """The ticket once `message` stands in it."""
    if part is Role.CUSTOMER:
        over = ticket.state in OVER
        ticket = customer_wrote(ticket, asks=asks, reopens=reopens, small_talk=small_talk)
        if over and ticket.state is _S.REOPENED:
            ticket = replace(ticket, reopened_at=message.received_at)
    elif part is Role.ANALYST:
        ticket = human_wrote(ticket, message, to_vigil=to_vigil)
    return touched(ticket, message)


def _to(ticket: Ticket, state: TicketState) -> Ticket:
    if ticket.state is state:
        return ticket
    check_transition(ticket.state, state)
    return replace(ticket, state=state)
