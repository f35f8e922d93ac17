"""What the database knows for handing tickets out: who has how many, who solved what, a customer's earlier ones, and what people said of
urgency. What follows from it is `track.triage`'s."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select

from vigil.domain.conversation import Role
from vigil.domain.ticket import OVER, Ticket
from vigil.domain.triage import Urgency, Urgent
from vigil.store.conversations import ticket_of
from vigil.store.store import Session
from vigil.store.tables import messages, tickets, urgencies
from vigil.store.upsert import upsert

_OVER = [state.value for state in OVER]


class Handing:
    """For the tickets of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._w = session.workspace

    async def load(self) -> Mapping[str, int]:
        """Open tickets by whose they are."""
        rows = await self._session.execute(
            select(tickets.c.assignee_id, func.count().label("open"))
            .where(tickets.c.workspace_id == self._w, tickets.c.assignee_id.is_not(None), tickets.c.state.not_in(_OVER))
            .group_by(tickets.c.assignee_id)
        )
        return {row.assignee_id: row.open for row in rows}

    async def solved(self, topic: str) -> Mapping[str, int]:
        """Tickets on a topic that are over, by the analysts who wrote in them."""
        rows = await self._session.execute(
            select(messages.c.author_id, func.count(messages.c.ticket_id.distinct()).label("tickets"))
            .where(
                messages.c.workspace_id == self._w,
                tickets.c.workspace_id == self._w,
                messages.c.ticket_id == tickets.c.id,
                messages.c.author_role == Role.ANALYST.value,
                messages.c.by_vigil.is_(False),
                tickets.c.topic == topic,
                tickets.c.state.in_(_OVER),
            )
            .group_by(messages.c.author_id)
        )
        return {row.author_id: row.tickets for row in rows}

    async def earlier(self, ticket: Ticket, *, limit: int) -> list[Ticket]:
        """The customer's tickets that were opened before this one, the latest first."""
        rows = await self._session.execute(
            select(tickets)
            .where(
                tickets.c.workspace_id == self._w,
                tickets.c.customer_id == ticket.customer_id,
                tickets.c.id != ticket.id,
                tickets.c.opened_at <= ticket.opened_at,
            )
            .order_by(tickets.c.opened_at.desc(), tickets.c.id.desc())
            .limit(limit)
        )
        return [ticket_of(row) for row in rows]

    async def urgency(self, ticket_id: str) -> Urgent | None:
        """What a person said; None where nobody did."""
        mine = urgencies.c.workspace_id == self._w
        row = (
            await self._session.execute(select(urgencies).where(mine, urgencies.c.ticket_id == ticket_id))
        ).one_or_none()
        return None if row is None else Urgent(urgency=Urgency(row.urgency), reason="a person said so", by=row.by)

    async def set_urgency(self, ticket_id: str, urgency: Urgency | None, *, by: str, at: datetime) -> None:
        """A person's word on it; None takes it back."""
        mine = urgencies.c.workspace_id == self._w
        if urgency is None:
            await self._session.execute(delete(urgencies).where(mine, urgencies.c.ticket_id == ticket_id))
            return
        key = {"workspace_id": self._w, "ticket_id": ticket_id}
        await upsert(self._session, urgencies, key, {"urgency": urgency.value, "by": by, "at": at})
