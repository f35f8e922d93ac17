"""A ticket's progress, one message further: a pure function of how it stood and what was said. It never looks at earlier messages, so that
a message costs the same in a ticket of ten and of a thousand."""

from dataclasses import replace

from vigil.domain.conversation import Message, Role
from vigil.domain.progress import Progress, Turn
from vigil.track.heard import Heard


def advance(progress: Progress | None, message: Message, heard: Heard, *, ticket_id: str) -> Progress:
    """How the ticket stands after `message`. None is a ticket of which nothing was read yet; a message that is in it already, deleted, or
    by Vigil or another bot moves nothing but the place."""
    before = progress or Progress(ticket_id=ticket_id, seq=0)
    if message.seq <= before.seq:
        return before
    if message.deleted_at is not None or heard.part not in (Role.CUSTOMER, Role.ANALYST):
        return replace(before, seq=message.seq)
    turn = Turn.ANALYST if heard.part is Role.CUSTOMER else Turn.CUSTOMER
    return replace(before, seq=message.seq, turn=turn, turn_in=message.id, turn_since=message.sent_at)
