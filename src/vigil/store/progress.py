"""How tickets stand, in the database: one row a ticket, changed in the commit of each message. How it is read from messages is `track`'s
affair."""

from collections.abc import Collection
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, bindparam, delete, select

from vigil.domain.progress import Progress
from vigil.store.entries import batches
from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import progress
from vigil.store.upsert import upsert

_BODY = TypeAdapter(Progress)
_OF = scoped(
    select(progress.c.body).where(progress.c.workspace_id == WORKSPACE, progress.c.ticket_id == bindparam("ticket"))
)


class ProgressOfTickets:
    """The progress of a workspace's tickets."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _mine(self) -> ColumnElement[bool]:
        return progress.c.workspace_id == self._session.workspace

    async def of(self, ticket_id: str) -> Progress | None:
        """How a ticket stands; None where nothing was read of it yet."""
        row = (await self._session.execute(_OF, {"ticket": ticket_id})).one_or_none()
        return None if row is None else _progress(row)

    async def of_all(self, ticket_ids: Collection[str]) -> dict[str, Progress]:
        """How these tickets stand, by id, those of which something was read."""
        found: dict[str, Progress] = {}
        for some in batches(ticket_ids):
            wanted = select(progress.c.body).where(self._mine, progress.c.ticket_id.in_(some))
            found |= {each.ticket_id: each for each in map(_progress, await self._session.execute(wanted))}
        return found

    async def save(self, stands: Progress) -> None:
        """Write how a ticket stands from now on. The caller's commit checks that nobody else has the ticket's conversation."""
        await upsert(
            self._session,
            progress,
            {"workspace_id": self._session.workspace, "ticket_id": stands.ticket_id},
            {"seq": stands.seq, "body": _BODY.dump_python(stands, mode="json")},
        )

    async def drop(self, ticket_ids: Collection[str]) -> None:
        """Forget how these tickets stand; it is read again with their next message."""
        for some in batches(ticket_ids):
            await self._session.execute(delete(progress).where(self._mine, progress.c.ticket_id.in_(some)))


def _progress(row: Row[Any]) -> Progress:
    return _BODY.validate_python(row.body)
