"""What spoke for and against each entry, in the database. What a word weighs, and what all of them come to, is `trust.standing`'s."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from vigil.store.entries import batches
from vigil.store.store import Session
from vigil.store.tables import votes


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One word for or against an entry."""

    id: str
    entry_id: str
    reference: str
    """What it is known by: an outcome, a ticket, a lesson. Once for each entry; the later word counts."""
    kind: str
    """What happened, such as ``adopted``."""
    good: float
    bad: float
    at: datetime


class Votes:
    """The votes of a session's workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = votes.c.workspace_id == session.workspace

    async def add(self, some: Sequence[Vote]) -> None:
        """Keep them, each in the place of an earlier one about the same."""
        for each in some:
            await self._session.execute(
                delete(votes).where(self._mine, votes.c.entry_id == each.entry_id, votes.c.reference == each.reference)
            )
            await self._session.execute(
                votes.insert().values(
                    workspace_id=self._session.workspace,
                    id=each.id,
                    entry_id=each.entry_id,
                    reference=each.reference,
                    kind=each.kind,
                    good=each.good,
                    bad=each.bad,
                    at=each.at,
                )
            )

    async def withdraw(self, reference: str) -> None:
        """What is known by this reference no longer counts."""
        await self._session.execute(delete(votes).where(self._mine, votes.c.reference == reference))

    async def of(self, entry_ids: Collection[str], *, since: datetime) -> dict[str, list[Vote]]:
        """The votes on these entries from then on, the oldest first; each entry has a list."""
        found: dict[str, list[Vote]] = {each: [] for each in entry_ids}
        for some in batches(found):
            rows = await self._session.execute(
                select(votes)
                .where(self._mine, votes.c.entry_id.in_(some), votes.c.at >= since)
                .order_by(votes.c.at, votes.c.id)
            )
            for row in rows:
                found[row.entry_id].append(
                    Vote(
                        id=row.id,
                        entry_id=row.entry_id,
                        reference=row.reference,
                        kind=row.kind,
                        good=row.good,
                        bad=row.bad,
                        at=row.at,
                    )
                )
        return found

    async def against(self, *, since: datetime) -> set[str]:
        """Entries that something spoke against from then on."""
        rows = await self._session.execute(
            select(votes.c.entry_id).where(self._mine, votes.c.at >= since, votes.c.bad > 0).distinct()
        )
        return {row.entry_id for row in rows}
