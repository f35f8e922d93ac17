"""How tickets stand, written in the drain's commits: what of an event concerns which ticket. The reading itself is `track`'s."""

from vigil.assist.situation import Situation
from vigil.domain.conversation import Message
from vigil.domain.progress import Progress
from vigil.domain.ticket import Ticket
from vigil.store.inbox import Lease
from vigil.store.store import Session
from vigil.track.follower import Follower, Written


class Following:
    """Between the drain and a follower, or none."""

    def __init__(self, follower: Follower | None) -> None:
        self._follower = follower

    async def moved(
        self,
        session: Session,
        lease: Lease,
        situation: Situation,
        ticket: Ticket | None,
        new: Message | None,
        *,
        changed: bool,
    ) -> Progress | None:
        """How a ticket stands after an event that brought a `new` message to it, or changed an old one; None where it did neither."""
        if self._follower is None:
            return None
        known = {each.id: each for each in situation.tickets}
        kind = situation.conversation.kind
        if changed:
            on = known.get(situation.message.ticket_id or "")
            return None if on is None else await self._follower.read_anew(session, on, kind)
        if ticket is None or new is None:
            return None
        written = Written(
            ticket=ticket,
            new=ticket.id not in known,
            message=new,
            kind=kind,
            recent=situation.recent,
            epoch=lease.epoch,
        )
        return await self._follower.written(session, written)

    def committed(self, workspace: str, lease: Lease, progress: Progress | None) -> None:
        """The commit held."""
        if self._follower is not None and progress is not None:
            self._follower.kept(workspace, progress, epoch=lease.epoch)
