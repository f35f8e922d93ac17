"""Keeps how tickets stand, message by message, in the commits of whoever works a conversation off. What a message makes of a ticket is
`advance`'s."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Final

from vigil.domain.conversation import ConversationKind, Message
from vigil.domain.progress import Progress
from vigil.domain.ticket import Ticket
from vigil.store.conversations import Conversations
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Session
from vigil.track.advance import advance
from vigil.track.circumstances import heard_of

log = logging.getLogger(__name__)

REMEMBERED: Final = 500
"""Tickets whose progress is at hand: some KB each."""
READ_ANEW: Final = 200
"""Messages that are read where nothing is known of a ticket that isn't new: after an update, an edit, an erasure. Once, not each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message as it is being committed, and where."""

    ticket: Ticket
    new: bool
    """The ticket begins with it."""
    message: Message
    kind: ConversationKind
    recent: Sequence[Message]
    """The messages of the conversation before it."""
    epoch: int
    """Of the lease under which it is written."""


class Follower:
    """Follows the tickets of all workspaces.

    Args:
        zone: the time zone of people of whom no other is known.
    """

    def __init__(self, *, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._at_hand: OrderedDict[tuple[str, str], tuple[int, Progress]] = OrderedDict()

    async def written(self, session: Session, written: Written) -> Progress:
        """Write how the ticket stands after a message, in the caller's commit; then say `kept`."""
        ticket, message = written.ticket, written.message
        before = None if written.new else await self._before(session, ticket, written.epoch)
        if before is None and not written.new:
            return await self.read_anew(session, ticket, written.kind)
        after = self._read(before, message, ticket, written.kind, written.recent)
        await ProgressOfTickets(session).save(after)
        return after

    def kept(self, workspace: str, progress: Progress, *, epoch: int) -> None:
        """The commit held."""
        self._at_hand[workspace, progress.ticket_id] = (epoch, progress)
        self._at_hand.move_to_end((workspace, progress.ticket_id))
        if len(self._at_hand) > REMEMBERED:
            self._at_hand.popitem(last=False)

    async def read_anew(self, session: Session, ticket: Ticket, kind: ConversationKind) -> Progress:
        """Read a ticket's last messages again: one of them was changed, or nothing is known of it."""
        self._at_hand.pop((session.workspace, ticket.id), None)
        messages = await Conversations(session).of_ticket(ticket.id, limit=READ_ANEW)
        progress = Progress(ticket_id=ticket.id, seq=0)
        for place, message in enumerate(messages):
            progress = self._read(progress, message, ticket, kind, messages[:place])
        await ProgressOfTickets(session).save(progress)
        return progress

    def _read(
        self,
        before: Progress | None,
        message: Message,
        ticket: Ticket,
        kind: ConversationKind,
        recent: Sequence[Message],
    ) -> Progress:
        """The ticket after a message, or as it was before one that can't be read."""
        try:
            heard = heard_of(message, ticket, kind, recent, zone=self._zone)
            return advance(before, message, heard, ticket_id=ticket.id)
        except Exception as error:  # noqa: BLE001 - logged without its words; a fault in reading must not hold up the message
            ids = {"ticket": ticket.id, "message_id": message.id, "error": type(error).__name__}
            log.error("a message could not be read for its ticket's progress", extra=ids)
            return replace(before or Progress(ticket_id=ticket.id, seq=0), seq=message.seq)

    async def _before(self, session: Session, ticket: Ticket, epoch: int) -> Progress | None:
        """How it stood. What is at hand holds under the next lease too: then nobody was in between."""
        found = self._at_hand.get((session.workspace, ticket.id))
        if found is not None and found[0] in (epoch, epoch - 1):
            return found[1]
        return await ProgressOfTickets(session).of(ticket.id)
