"""The desk's queue: tickets in the order in which they need somebody. What is done to a ticket is `desk`'s."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from vigil.domain.ticket import OVER, Ticket, TicketState
from vigil.store.queue import Queue, QueueFilter, Standing
from vigil.store.store import Store

_S = TicketState

READ: Final = 300
"""Tickets that are put in order: those of a busy day. Where more wait, the ones that were touched longest ago in the most urgent states."""
SHOWN: Final = 100
"""Tickets on a page: nobody scrolls further, they filter."""


class View(StrEnum):
    """Which part of the queue is looked at."""

    NEEDS = "needs"
    """Somebody has to do something."""
    FIRST_LINE = "first-line"
    """Vigil or another first line is helping; nobody has joined."""
    CUSTOMER = "customer"
    """It is the customer's turn."""
    OVER = "over"
    ALL = "all"


STATES: Final[Mapping[View, tuple[TicketState, ...]]] = {
    View.NEEDS: (_S.ESCALATED, _S.REOPENED, _S.PENDING_ANALYST, _S.OPEN),
    View.FIRST_LINE: (_S.FIRST_LINE,),
    View.CUSTOMER: (_S.PENDING_CUSTOMER,),
    View.OVER: tuple(sorted(OVER)),
    View.ALL: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A ticket in the queue."""

    ticket: Ticket
    standing: Standing | None
    ready_at: datetime | None
    """When a suggestion was made that lies ready, unjudged, for what the customer wrote last; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A look at the queue."""

    places: tuple[Place, ...]
    more: bool
    """There are more than are shown."""
    counts: Mapping[View, int]
    """Of the whole workspace, whatever is filtered."""


class DeskQueue:
    """Looks at the queues of all workspaces."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def look(
        self, workspace: str, view: View, *, topic: str | None = None, assignee_id: str | None = None, words: str = ""
    ) -> Queued:
        """Who waits for a person comes first: an escalation, then a customer, of these the one for whom a suggestion lies ready, then the
        one who has waited longest. The other views show what was touched last."""
        wanted = QueueFilter(
            states=STATES[view],
            topic=topic,
            assignee_id=assignee_id,
            words=words,
            oldest_first=view is View.NEEDS,
            limit=READ if view is View.NEEDS else SHOWN + 1,
        )
        async with self._store.read(workspace) as session:
            queue = Queue(session)
            found = await queue.tickets(wanted)
            ids = [ticket.id for ticket in found]
            standing = await queue.standing(ids)
            ready = await queue.ready(ids)
            counted = await queue.counts()
        places = [_place(ticket, standing.get(ticket.id), ready.get(ticket.id)) for ticket in found]
        if view is View.NEEDS:
            places.sort(key=_urgency)
        counts = {each: sum(counted.get(state, 0) for state in STATES[each]) for each in View}
        counts[View.ALL] = sum(counted.values())
        return Queued(places=tuple(places[:SHOWN]), more=len(places) > SHOWN, counts=counts)


def _place(ticket: Ticket, standing: Standing | None, ready_at: datetime | None) -> Place:
    answered = None if standing is None else standing.answered_at
    stale = ticket.state in OVER or (ready_at is not None and answered is not None and answered >= ready_at)
    return Place(ticket=ticket, standing=standing, ready_at=None if stale else ready_at)


def _urgency(place: Place) -> tuple[bool, bool, bool, datetime, str]:
    since = None if place.standing is None else place.standing.waiting_since
    return (
        place.ticket.state is not _S.ESCALATED,
        since is None,
        place.ready_at is None,
        since or place.ticket.updated_at,
        place.ticket.id,
    )
