"""The desk's queue: tickets in the order in which they need somebody. What is done to a ticket is `desk`'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from vigil.domain.followup import AT_RISK, FollowUp, FollowUpReason
from vigil.domain.ticket import OVER, Ticket, TicketState
from vigil.store.followups import FollowUpFilter, FollowUps
from vigil.store.queue import Queue, QueueFilter, Standing
from vigil.store.store import Session, Store

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
    SETTLED = "settled"
    """By what was said it is solved, and it is still open."""
    OVER = "over"
    ALL = "all"


STATES: Final[Mapping[View, tuple[TicketState, ...]]] = {
    View.NEEDS: (_S.ESCALATED, _S.REOPENED, _S.PENDING_ANALYST, _S.OPEN),
    View.FIRST_LINE: (_S.FIRST_LINE,),
    View.CUSTOMER: (_S.PENDING_CUSTOMER,),
    View.SETTLED: (),
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
    look: FollowUpReason | None = None
    """Why it ought to be looked at again; the most pressing reason that is shown."""

    @property
    def at_risk(self) -> bool:
        """A customer is about to be let down."""
        return self.look in AT_RISK


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
        """Who waits for a person comes first: an escalation, then a ticket at risk (a promise, a question that waits too long), then a
        customer, of these the one for whom a suggestion lies ready, then the one who has waited longest. A ticket at risk needs somebody
        whoever's turn it is. The other views show what was touched last."""
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
            looks = await FollowUps(session).find(FollowUpFilter(limit=READ))
            listed = await self._listed(session, view, looks)
            found = await queue.tickets(wanted) if view is not View.SETTLED else []
            known = {ticket.id for ticket in found}
            found += [each for each in listed if each.id not in known and _fits(each, topic, assignee_id, words)]
            ids = [ticket.id for ticket in found]
            standing = await queue.standing(ids)
            ready = await queue.ready(ids)
            counted = await queue.counts()
        look = _looks(looks)
        places = [
            replace(_place(ticket, standing.get(ticket.id), ready.get(ticket.id)), look=look.get(ticket.id))
            for ticket in found
        ]
        if view is View.NEEDS:
            places.sort(key=_urgency)
        counts = {each: sum(counted.get(state, 0) for state in STATES[each]) for each in View}
        counts[View.ALL] = sum(counted.values())
        counts[View.SETTLED] = len({each.ticket_id for each in looks if each.reason is FollowUpReason.LOOKS_RESOLVED})
        return Queued(places=tuple(places[:SHOWN]), more=len(places) > SHOWN, counts=counts)

    async def _listed(self, session: Session, view: View, looks: Sequence[FollowUp]) -> list[Ticket]:
        """Tickets that are in a view for what is to be looked at, whatever their state."""
        if view is View.NEEDS:
            wanted = {each.ticket_id for each in looks if each.reason in AT_RISK}
        elif view is View.SETTLED:
            wanted = {each.ticket_id for each in looks if each.reason is FollowUpReason.LOOKS_RESOLVED}
        else:
            return []
        found = await Queue(session).of(wanted)
        return [ticket for ticket in found if ticket.state not in OVER]


def _fits(ticket: Ticket, topic: str | None, assignee_id: str | None, words: str) -> bool:
    """What a filter says, for a ticket that was not found by it."""
    named = not words or words.casefold() in ticket.subject.casefold() or ticket.external_id == words
    return named and topic in (None, ticket.topic) and assignee_id in (None, ticket.assignee_id)


def _looks(shown: Sequence[FollowUp]) -> dict[str, FollowUpReason]:
    """Of each ticket the most pressing reason, by `FollowUpReason`'s order."""
    order = list(FollowUpReason)
    found: dict[str, FollowUpReason] = {}
    for each in shown:
        before = found.get(each.ticket_id)
        pressing = (each.reason not in AT_RISK, order.index(each.reason))
        if before is None or pressing < (before not in AT_RISK, order.index(before)):
            found[each.ticket_id] = each.reason
    return found


def _place(ticket: Ticket, standing: Standing | None, ready_at: datetime | None) -> Place:
    answered = None if standing is None else standing.answered_at
    stale = ticket.state in OVER or (ready_at is not None and answered is not None and answered >= ready_at)
    return Place(ticket=ticket, standing=standing, ready_at=None if stale else ready_at)


def _urgency(place: Place) -> tuple[bool, bool, bool, bool, datetime, str]:
    since = None if place.standing is None else place.standing.waiting_since
    return (
        place.ticket.state is not _S.ESCALATED,
        not place.at_risk,
        since is None,
        place.ready_at is None,
        since or place.ticket.updated_at,
        place.ticket.id,
    )
