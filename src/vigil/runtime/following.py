"""How tickets stand and what they want later, written in the drain's commits: what of an event concerns which ticket. The reading itself is
`track`'s, and so is the planning."""

from datetime import datetime

from vigil.assist.situation import Situation
from vigil.domain.conversation import Message
from vigil.domain.progress import Progress
from vigil.domain.ticket import Ticket
from vigil.store.inbox import Lease
from vigil.store.store import Session
from vigil.track.follower import Follower, Written
from vigil.track.occasions import SummaryTimes
from vigil.track.schedule import FollowUpSchedule


class Following:
    """Between the drain and a follower with its schedule, or none."""

    def __init__(
        self,
        follower: Follower | None,
        schedule: FollowUpSchedule | None = None,
        summaries: SummaryTimes | None = None,
    ) -> None:
        self._follower = follower
        self._schedule = schedule
        self._summaries = summaries

    async def moved(
        self,
        session: Session,
        lease: Lease,
        situation: Situation,
        ticket: Ticket | None,
        new: Message | None,
        *,
        changed: bool,
        at: datetime,
    ) -> Progress | None:
        """How a ticket stands after an event that brought a `new` message to it, or changed an old one; None where it did neither."""
        if self._follower is None:
            return None
        known = {each.id: each for each in situation.tickets}
        kind = situation.conversation.kind
        if changed:
            on = known.get(situation.message.ticket_id or "")
            if on is None:
                return None
            on = ticket if ticket is not None and ticket.id == on.id else on
            progress = await self._follower.read_anew(session, on, kind)
        elif ticket is None or new is None:
            return None
        else:
            on = ticket
            written = Written(
                ticket=ticket,
                new=ticket.id not in known,
                message=new,
                kind=kind,
                recent=situation.recent,
                epoch=lease.epoch,
            )
            progress = await self._follower.written(session, written)
        if self._schedule is not None:
            await self._schedule.settle(session, situation.conversation, on, progress, situation.workspace, at=at)
        if self._summaries is not None and not situation.conversation.muted:
            await self._summaries.changed(session, known.get(on.id), on, at=at)
        return progress

    def committed(self, workspace: str, lease: Lease, progress: Progress | None) -> None:
        """The commit held."""
        if self._follower is not None and progress is not None:
            self._follower.kept(workspace, progress, epoch=lease.epoch)
