"""What entries have answered, kept small: the questions as vectors, never as words. What they say about a new question is `knowledge`'s."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from vigil.store.entries import Embedding
from vigil.store.store import Session
from vigil.store.tables import uses, workspaces

KEPT = 50
"""Latest uses of an entry that are kept: what was asked lately is what is asked next, and fifty ways of asking are most there are."""

_NEWEST = select(func.max(uses.c.number)).where(uses.c.workspace_id == bindparam("workspace"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One question that an entry answered."""

    entry_id: str
    reference: str
    """What it is known by, such as the decision that gave the answer. Once for each entry."""
    question: Embedding
    at: datetime
    weight: float = 1.0
    """How much it counts; 0 where it was taken back."""
    number: int = 0
    """Set when it is kept."""


class Uses:
    """The uses of a session's workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = uses.c.workspace_id == session.workspace

    async def newest(self) -> int:
        """The number of the latest change; 0 where nothing was ever used."""
        return (await self._session.execute(_NEWEST, {"workspace": self._session.workspace})).scalar_one_or_none() or 0

    async def add(self, use: Use) -> int:
        """Keep a use; one with the same reference and entry is replaced. Returns its number."""
        number = await self._next()
        await self._session.execute(
            delete(uses).where(self._mine, uses.c.reference == use.reference, uses.c.entry_id == use.entry_id)
        )
        await self._session.execute(
            uses.insert().values(
                workspace_id=self._session.workspace,
                number=number,
                entry_id=use.entry_id,
                reference=use.reference,
                embedder_id=use.question.embedder_id,
                embedding=use.question.vector,
                weight=use.weight,
                at=use.at,
            )
        )
        oldest = (
            select(uses.c.number)
            .where(self._mine, uses.c.entry_id == use.entry_id)
            .order_by(uses.c.number.desc())
            .offset(KEPT - 1)
            .limit(1)
        )
        last = (await self._session.execute(oldest)).scalar_one_or_none()
        if last is not None:
            await self._session.execute(
                delete(uses).where(self._mine, uses.c.entry_id == use.entry_id, uses.c.number < last)
            )
        return number

    async def take_back(self, references: Collection[str]) -> int:
        """The uses with these references no longer count, and their vectors are gone; how many there were."""
        wanted = select(uses.c.number).where(self._mine, uses.c.reference.in_(list(references)), uses.c.weight > 0)
        numbers = [row.number for row in await self._session.execute(wanted.order_by(uses.c.number))]
        if numbers:
            following = await self._next()
            for offset, number in enumerate(numbers):
                await self._session.execute(
                    update(uses)
                    .where(self._mine, uses.c.number == number)
                    .values(number=following + offset, weight=0.0, embedding=b"")
                )
        return len(numbers)

    async def after(self, number: int, *, limit: int) -> list[Use]:
        """The changes past `number`, the oldest first."""
        rows = await self._session.execute(
            select(uses).where(self._mine, uses.c.number > number).order_by(uses.c.number).limit(limit)
        )
        return [
            Use(
                entry_id=row.entry_id,
                reference=row.reference,
                question=Embedding(embedder_id=row.embedder_id, vector=row.embedding),
                at=row.at,
                weight=row.weight,
                number=row.number,
            )
            for row in rows
        ]

    async def _next(self) -> int:
        """The next number; whoever asks holds the workspace until the transaction ends, so that no two get the same."""
        mine = workspaces.c.workspace_id == self._session.workspace
        await self._session.execute(select(workspaces.c.workspace_id).where(mine).with_for_update())
        return await self.newest() + 1
