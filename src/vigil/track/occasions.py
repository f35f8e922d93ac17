"""When a ticket is told without anybody asking: somebody else takes over, or it is over. A durable timer, set in the commit of what brought
it about; what is told is `summaries`'s."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vigil.clock import Ids
from vigil.domain.summary import Occasion
from vigil.domain.ticket import OVER, Ticket, TicketState
from vigil.domain.timer import Timer
from vigil.store.store import Session
from vigil.store.timers import Timers

KIND: Final = "track.summary"


def occasion_of(before: Ticket | None, after: Ticket) -> Occasion | None:
    """Why a ticket is to be told now; None where what changed is no reason."""
    state = None if before is None else before.state
    if after.state in OVER:
        return Occasion.CLOSING if state not in OVER else None
    if after.state is TicketState.ESCALATED and state is not TicketState.ESCALATED:
        return Occasion.ESCALATION
    if before is not None and after.assignee_id and after.assignee_id != before.assignee_id:
        return Occasion.HANDOVER
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryTimes:
    """Sets the timers."""

    ids: Ids

    async def changed(self, session: Session, before: Ticket | None, after: Ticket, *, at: datetime) -> None:
        """A ticket changed, or is new (`before` is None)."""
        occasion = occasion_of(before, after)
        if occasion is not None:
            payload = {"occasion": occasion.value}
            timer = Timer(id=self.ids.new("tmr"), kind=KIND, subject=after.id, due=at, payload=payload)
            await Timers(session).set(timer, at=at)
