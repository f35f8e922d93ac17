"""Tickets as a queue: who needs somebody, since when, and what lies ready for them. In which order they are shown is `runtime.queue`'s."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from vigil.domain.conversation import Role
from vigil.domain.decision import DecisionKind, Reason
from vigil.domain.post import PostState, Visibility
from vigil.domain.ticket import Ticket, TicketState
from vigil.store.conversations import ticket_of
from vigil.store.entries import batches
from vigil.store.store import Session
from vigil.store.tables import audit, decisions, follow_ups, messages, outbox, outcomes, tickets

EVERYWHERE: Final = "*"
"""Instead of a conversation: it changed for all of them, such as the big switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which tickets; an unset field admits all."""

    states: tuple[TicketState, ...] = ()
    """In the order in which they are taken: where more tickets wait than are read, those of the first state are."""
    topic: str | None = None
    assignee_id: str | None = None
    words: str = ""
    """Must stand in the subject or be the external id."""
    oldest_first: bool = True
    limit: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands in a ticket at this moment."""

    waiting_since: datetime | None
    """When the customer wrote what no analyst has answered yet; None where nothing waits."""
    answered_at: datetime | None
    """When an analyst last wrote."""
    customer: str
    """The customer's name, as they wrote last."""
    last_author: str
    last_role: Role
    last_text: str
    last_at: datetime


class Queue:
    """The queue of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._workspace = session.workspace

    async def tickets(self, wanted: QueueFilter) -> list[Ticket]:
        """By state in the given order, and of one state those that were touched longest ago, or latest."""
        query = select(tickets).where(tickets.c.workspace_id == self._workspace)
        order: list[ColumnElement[Any]] = [tickets.c.updated_at, tickets.c.id]
        if not wanted.oldest_first:
            order = [tickets.c.updated_at.desc(), tickets.c.id.desc()]
        elif wanted.states:
            places = {state.value: place for place, state in enumerate(wanted.states)}
            order.insert(0, case(places, value=tickets.c.state))
        if wanted.states:
            query = query.where(tickets.c.state.in_([state.value for state in wanted.states]))
        if wanted.topic is not None:
            query = query.where(tickets.c.topic == wanted.topic)
        if wanted.assignee_id is not None:
            query = query.where(tickets.c.assignee_id == wanted.assignee_id)
        if wanted.words:
            query = query.where(
                or_(tickets.c.subject.icontains(wanted.words, autoescape=True), tickets.c.external_id == wanted.words)
            )
        return [ticket_of(row) for row in await self._session.execute(query.order_by(*order).limit(wanted.limit))]

    async def of(self, ticket_ids: Collection[str]) -> list[Ticket]:
        """These tickets, as far as they are there."""
        found: list[Ticket] = []
        for some in batches(ticket_ids):
            mine = and_(tickets.c.workspace_id == self._workspace, tickets.c.id.in_(some))
            found += [ticket_of(row) for row in await self._session.execute(select(tickets).where(mine))]
        return found

    async def counts(self) -> dict[TicketState, int]:
        """How many tickets stand where."""
        rows = await self._session.execute(
            select(tickets.c.state, func.count().label("number"))
            .where(tickets.c.workspace_id == self._workspace)
            .group_by(tickets.c.state)
        )
        return {TicketState(row.state): row.number for row in rows}

    async def standing(self, ticket_ids: Collection[str]) -> dict[str, Standing]:
        """How these tickets stand; one without a message is left out."""
        mine = and_(
            messages.c.workspace_id == self._workspace,
            messages.c.ticket_id.in_(ticket_ids),
            messages.c.deleted_at.is_(None),
        )
        by_analyst = and_(messages.c.author_role == Role.ANALYST.value, messages.c.by_vigil.is_(False))
        by_customer = messages.c.author_role == Role.CUSTOMER.value
        ends = (
            select(
                messages.c.ticket_id,
                func.max(messages.c.seq).label("last"),
                func.max(case((by_analyst, messages.c.seq))).label("answered"),
                func.max(case((by_customer, messages.c.seq))).label("by_customer"),
            )
            .where(mine)
            .group_by(messages.c.ticket_id)
            .subquery()
        )
        unanswered = and_(by_customer, messages.c.seq > func.coalesce(ends.c.answered, 0))
        since = (
            select(
                messages.c.ticket_id,
                func.min(case((unanswered, messages.c.received_at))).label("since"),
                func.max(case((messages.c.seq == ends.c.answered, messages.c.received_at))).label("answered_at"),
                func.max(case((messages.c.seq == ends.c.by_customer, messages.c.author_name))).label("customer"),
                func.max(ends.c.last).label("last"),
            )
            .join(ends, ends.c.ticket_id == messages.c.ticket_id)
            .where(mine)
            .group_by(messages.c.ticket_id)
            .subquery()
        )
        rows = await self._session.execute(
            select(messages, since.c.since, since.c.answered_at, since.c.customer)
            .join(since, and_(since.c.ticket_id == messages.c.ticket_id, since.c.last == messages.c.seq))
            .where(mine)
        )
        return {
            row.ticket_id: Standing(
                waiting_since=row.since,
                answered_at=row.answered_at,
                customer=row.customer or "",
                last_author=row.author_name,
                last_role=Role(row.author_role),
                last_text=row.text,
                last_at=row.received_at,
            )
            for row in rows
        }

    async def ready(self, ticket_ids: Collection[str]) -> dict[str, datetime]:
        """Of these tickets those with a suggestion that nobody has judged, and when the latest was made."""
        judged = exists().where(outcomes.c.workspace_id == self._workspace, outcomes.c.decision_id == decisions.c.id)
        shown = exists().where(
            outbox.c.workspace_id == self._workspace,
            outbox.c.decision_id == decisions.c.id,
            outbox.c.visibility == Visibility.PRIVATE.value,
            outbox.c.state == PostState.SENT.value,
        )
        rows = await self._session.execute(
            select(decisions.c.ticket_id, func.max(decisions.c.decided_at).label("at"))
            .where(
                decisions.c.workspace_id == self._workspace,
                decisions.c.ticket_id.in_(ticket_ids),
                decisions.c.kind == DecisionKind.SUGGEST.value,
                decisions.c.reason != Reason.FOLLOW_UP.value,
                shown,
                ~judged,
            )
            .group_by(decisions.c.ticket_id)
        )
        return {row.ticket_id: row.at for row in rows}

    async def changed(self, since: datetime) -> Sequence[tuple[str, str, datetime]]:
        """What changed at `since` or later: a name for what it is, its conversation, and when."""
        here = self._workspace
        found: list[tuple[str, str, datetime]] = []
        for table, at in (
            (tickets, tickets.c.updated_at),
            (decisions, decisions.c.decided_at),
            (outbox, outbox.c.changed_at),
            (follow_ups, follow_ups.c.changed_at),
        ):
            rows = await self._session.execute(
                select(table.c.id, table.c.conversation_id, at.label("at")).where(
                    table.c.workspace_id == here, at >= since
                )
            )
            found += [(f"{table.name}:{row.id}", row.conversation_id, row.at) for row in rows]
        judged = await self._session.execute(
            select(outcomes.c.id, decisions.c.conversation_id, outcomes.c.at)
            .join(decisions, decisions.c.id == outcomes.c.decision_id)
            .where(outcomes.c.workspace_id == here, decisions.c.workspace_id == here, outcomes.c.at >= since)
        )
        found += [(f"outcomes:{row.id}", row.conversation_id, row.at) for row in judged]
        setup = await self._session.execute(
            select(audit.c.position, audit.c.at)
            .where(audit.c.workspace_id == here, audit.c.chain == "workspace")
            .order_by(audit.c.position.desc())
            .limit(1)
        )
        found += [(f"setup:{row.position}", EVERYWHERE, row.at) for row in setup if row.at >= since]
        return found
