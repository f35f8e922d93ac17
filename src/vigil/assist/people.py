"""Which messages make one turn. Pure; nothing is decided here."""

from dataclasses import dataclass
from datetime import timedelta

from vigil.assist.situation import Situation
from vigil.domain.conversation import ConversationKind, Message
from vigil.domain.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What somebody said in one go, and what stood in the ticket before."""

    messages: tuple[Message, ...]
    """Oldest first; the last is the one to decide about."""
    history: tuple[Message, ...]
    """The ticket's messages before the turn, oldest first."""

    @property
    def covers(self) -> tuple[str, ...]:
        return tuple(message.id for message in self.messages)


def turn_of(situation: Situation, ticket: Ticket | None, window_s: float) -> Turn:
    """The burst that ends with `situation.message`: messages by one author with nobody between them in the same ticket, each at most
    `window_s` seconds after the one before. In a channel, what belongs to other tickets doesn't count as between."""
    message = situation.message
    me = message.author.id
    lines = situation.recent
    if situation.conversation.kind is ConversationKind.CHANNEL:
        mine = ticket.id if ticket is not None else None
        lines = tuple(
            m
            for m in lines
            if (mine is not None and m.ticket_id == mine) or (m.ticket_id is None and m.author.id == me)
        )
    start = len(lines)
    after = message
    while start > 0:
        earlier = lines[start - 1]
        if earlier.author.id != me or earlier.by_vigil or after.sent_at - earlier.sent_at > timedelta(seconds=window_s):
            break
        after = earlier
        start -= 1
    return Turn(messages=(*lines[start:], message), history=lines[:start])
