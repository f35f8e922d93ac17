"""How much waits and how much is stuck, over all workspaces: numbers for whoever watches an installation. Nothing here is changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from vigil.store.store import Store
from vigil.store.tables import inbox, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is not done."""

    events_waiting: int
    """Events in the inbox that nobody has decided about yet."""
    oldest_event_s: float
    """Seconds since the oldest of them came in; 0 where none waits."""
    events_parked: int
    """Events that failed too often and wait for a person."""
    posts_waiting: int
    """Posts in the outbox that are not sent yet, those that are put off included."""


async def backlog(store: Store, *, at: datetime) -> Backlog:
    """Count what is not done. Reads what waits and what is parked, whatever is stored beside it."""
    waiting, parked = text("state = 'waiting'"), text("state = 'parked'")  # as the partial indexes have it
    async with store.across_workspaces() as connection:
        events = (
            await connection.execute(
                select(func.count().label("number"), func.min(inbox.c.received_at).label("oldest"))
                .select_from(inbox)
                .where(waiting)
            )
        ).one()
        stuck = await connection.execute(select(func.count()).select_from(inbox).where(parked))
        posts = await connection.execute(select(func.count()).select_from(outbox).where(waiting))
        return Backlog(
            events_waiting=events.number,
            oldest_event_s=0.0 if events.oldest is None else max(0.0, (at - events.oldest).total_seconds()),
            events_parked=stuck.scalar_one(),
            posts_waiting=posts.scalar_one(),
        )


async def answers(store: Store) -> None:
    """Ask the database something small. Raises what the driver raises where it doesn't answer."""
    async with store.across_workspaces() as connection:
        await connection.execute(select(1))
