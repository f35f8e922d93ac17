"""Who is who in a ticket: the part that somebody plays, whom a name stands for, and which messages make one turn. Pure; nothing is decided
here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from vigil.assist.situation import Situation
from vigil.domain.conversation import ConversationKind, Message, Role
from vigil.domain.ticket import Ticket
from vigil.language.reading import addressed, read


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


def people_by_name(messages: Iterable[Message]) -> dict[str, str]:
    """Ids of the people who wrote, by display name in lower case, and by its first word where only one has it. Vigil is left out."""
    full: dict[str, str] = {}
    first: dict[str, set[str]] = {}
    for message in messages:
        if message.by_vigil:
            continue
        name = message.author.name.casefold()
        full[name] = message.author.id
        if " " in name:
            first.setdefault(name.split(maxsplit=1)[0], set()).add(message.author.id)
    for name, ids in first.items():
        if len(ids) == 1:
            full.setdefault(name, *ids)
    return full


def spoken_to(message: Message, recent: Iterable[Message]) -> tuple[str, ...]:
    """Ids of the people seen lately whom the message addresses by name, the one in front first."""
    reading = read(message.text)
    if not reading.prefix and not reading.at:
        return ()
    people = people_by_name(recent)
    ids = (people[name] for name in addressed(reading, people))
    return tuple(person for person in ids if person != message.author.id)


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
