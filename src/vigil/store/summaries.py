"""The latest summary of each ticket for each reader, in the database. How a ticket is told is `track`'s."""

from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, select

from vigil.domain.summary import Audience, Line, Occasion, Summary
from vigil.store.entries import batches
from vigil.store.store import Session
from vigil.store.tables import summaries
from vigil.store.upsert import upsert

_LINES = TypeAdapter(tuple[Line, ...])


class Summaries:
    """The summaries of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = summaries.c.workspace_id == session.workspace

    async def of(self, ticket_id: str) -> dict[Audience, Summary]:
        """What was told of a ticket last, by reader."""
        wanted = select(summaries).where(self._mine, summaries.c.ticket_id == ticket_id)
        found = [_summary(row) for row in await self._session.execute(wanted)]
        return {each.audience: each for each in found}

    async def save(self, summary: Summary) -> None:
        """In place of the one before for the same reader."""
        await upsert(
            self._session,
            summaries,
            {
                "workspace_id": self._session.workspace,
                "ticket_id": summary.ticket_id,
                "audience": summary.audience.value,
            },
            {
                "through": summary.through,
                "occasion": summary.occasion.value,
                "body": {"by_model": summary.by_model, "lines": _LINES.dump_python(summary.lines, mode="json")},
                "at": summary.at,
            },
        )

    async def drop(self, ticket_ids: Collection[str]) -> None:
        """Forget what was told of these tickets."""
        for some in batches(ticket_ids):
            await self._session.execute(delete(summaries).where(self._mine, summaries.c.ticket_id.in_(some)))


def _summary(row: Row[Any]) -> Summary:
    return Summary(
        ticket_id=row.ticket_id,
        audience=Audience(row.audience),
        lines=_LINES.validate_python(row.body["lines"]),
        through=row.through,
        occasion=Occasion(row.occasion),
        by_model=row.body["by_model"],
        at=row.at,
    )
