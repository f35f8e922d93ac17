"""The desk's load for whoever leads it: what is open, stalled, promised and at risk, by person and by topic. One look at the tickets that
are not over; what is done about one is `desk`'s."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vigil.clock import Clock
from vigil.domain.conversation import Role
from vigil.domain.followup import AT_RISK, FollowUp, FollowUpReason, FollowUpState
from vigil.domain.progress import OVER as SETTLED
from vigil.domain.progress import Progress, Turn
from vigil.domain.ticket import OVER, Ticket, TicketState
from vigil.store.conversations import Conversations, TicketFilter
from vigil.store.followups import FollowUps
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Store

READ: Final = 5_000
"""Tickets that are counted, the most recently touched: more open ones no desk leads by a page."""
SHOWN: Final = 50
"""Tickets at risk that are named."""
_WAITS: Final = frozenset({FollowUpReason.STALLED, FollowUpReason.UNANSWERED_QUESTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One ticket and how it stands."""

    ticket: Ticket
    turn: Turn
    stalled: bool
    """It is the desk's turn, and nothing has happened for longer than the workspace wants."""
    promised: datetime | None
    """When the desk's next promise is due."""
    owes: bool
    """The desk has promised something that isn't done."""
    resolved: bool
    """It looks resolved."""
    risks: tuple[FollowUpReason, ...]
    """Why a customer is about to be let down."""

    @property
    def at_risk(self) -> bool:
        return bool(self.risks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much somebody has, or a topic is."""

    key: str
    """A person's id or a topic's key; empty for nobody's and for none."""
    open: int
    desks_turn: int
    stalled: int
    promised: int
    at_risk: int
    looks_resolved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A look at the desk."""

    total: Load
    by_person: tuple[Load, ...]
    """Who has most at risk comes first, then who has most."""
    by_topic: tuple[Load, ...]
    at_risk: tuple[Held, ...]
    """The tickets at risk, the one with the earliest promise first, then who waits longest."""
    at: datetime


class WorkloadView:
    """Looks at the desks of all workspaces."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def look(self, workspace: str) -> Workload:
        """The desk as it stands now."""
        now = self._clock.now()
        async with self._store.read(workspace) as session:
            states = tuple(state for state in TicketState if state not in OVER)
            tickets = await Conversations(session).tickets(TicketFilter(states=states, limit=READ))
            ids = [ticket.id for ticket in tickets]
            progress = await ProgressOfTickets(session).of_all(ids)
            follow_ups = await FollowUps(session).open_of(ids)
        held = [held_of(each, progress.get(each.id), follow_ups.get(each.id, ()), now=now) for each in tickets]
        risky = sorted((each for each in held if each.at_risk), key=_urgency)
        return Workload(
            total=_load("", held),
            by_person=_by(held, lambda each: each.ticket.assignee_id or ""),
            by_topic=_by(held, lambda each: each.ticket.topic or ""),
            at_risk=tuple(risky[:SHOWN]),
            at=now,
        )


def held_of(ticket: Ticket, progress: Progress | None, follow_ups: Sequence[FollowUp], *, now: datetime) -> Held:
    """How one ticket stands, by its progress and what is shown of it."""
    shown = [each.reason for each in follow_ups if each.state is FollowUpState.SHOWN]
    promises = [] if progress is None else [each for each in progress.open_promises if each.role is Role.ANALYST]
    due = min((each.due for each in promises if each.due is not None), default=None)
    risks = [reason for reason in FollowUpReason if reason in AT_RISK and reason in shown]
    if due is not None and due < now and FollowUpReason.PROMISE_OVERDUE not in risks:
        risks.append(FollowUpReason.PROMISE_OVERDUE)
    return Held(
        ticket=ticket,
        turn=Turn.NOBODY if progress is None else progress.turn,
        stalled=not _WAITS.isdisjoint(shown),
        promised=due,
        owes=bool(promises),
        resolved=progress is not None and progress.standing in SETTLED,
        risks=tuple(risks),
    )


def _by(held: Sequence[Held], key: Callable[[Held], str]) -> tuple[Load, ...]:
    groups: dict[str, list[Held]] = {}
    for each in held:
        groups.setdefault(key(each), []).append(each)
    loads = [_load(name, some) for name, some in groups.items()]
    return tuple(sorted(loads, key=lambda load: (-load.at_risk, -load.open, load.key)))


def _load(key: str, held: Sequence[Held]) -> Load:
    return Load(
        key=key,
        open=len(held),
        desks_turn=sum(each.turn is Turn.ANALYST for each in held),
        stalled=sum(each.stalled for each in held),
        promised=sum(each.owes for each in held),
        at_risk=sum(each.at_risk for each in held),
        looks_resolved=sum(each.resolved for each in held),
    )


def _urgency(each: Held) -> tuple[bool, datetime, str]:
    return (each.promised is None, each.promised or each.ticket.updated_at, each.ticket.id)
