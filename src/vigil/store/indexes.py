"""How far a workspace's search index has caught up with its knowledge, and who may write to it. The index itself is elsewhere."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update

from vigil.errors import LeaseLost, NotFound
from vigil.store.store import Session, Store, scoped
from vigil.store.tables import indexes, uses, workspaces
from vigil.store.upsert import insert_new


async def workspaces_to_index(store: Store, embedder_id: str) -> dict[str, int]:
    """Workspaces that have knowledge past the watermark of their index, each with its present version."""
    async with store.across_workspaces() as connection:
        ours = and_(indexes.c.workspace_id == workspaces.c.workspace_id, indexes.c.embedder_id == embedder_id)
        rows = await connection.execute(
            select(workspaces.c.workspace_id, workspaces.c.knowledge_version)
            .outerjoin(indexes, ours)
            .where(workspaces.c.knowledge_version > func.coalesce(indexes.c.watermark, 0))
            .order_by(workspaces.c.workspace_id)
        )
        return {row.workspace_id: row.knowledge_version for row in rows}


_USED = select(func.max(uses.c.number)).where(uses.c.workspace_id == bindparam("workspace")).scalar_subquery()
_PROGRESS = scoped(
    select(workspaces.c.knowledge_version, indexes.c.watermark, indexes.c.lease_epoch, _USED.label("used"))
    .outerjoin(
        indexes,
        and_(indexes.c.workspace_id == bindparam("workspace"), indexes.c.embedder_id == bindparam("embedder")),
    )
    .where(workspaces.c.workspace_id == bindparam("workspace"))
)
"""Asked in each search, and made once."""


async def embedders_of(session: Session) -> set[str]:
    """Whose vectors this workspace has, or had, an index of."""
    mine = indexes.c.workspace_id == session.workspace
    return {row.embedder_id for row in await session.execute(select(indexes.c.embedder_id).where(mine))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the knowledge stands and where the index does."""

    version: int
    watermark: int
    """The index holds everything up to this version; 0 where it holds nothing."""
    epoch: int
    """Rises whenever the index is taken over or begun anew."""
    used: int = field(default=0, compare=False)
    """The number of the latest change of the uses (`uses`), which no index holds."""


class Indexes:
    """The index of a session's workspace for one embedder."""

    def __init__(self, session: Session, embedder_id: str) -> None:
        self._session = session
        self._embedder_id = embedder_id

    @cached_property
    def _mine(self) -> ColumnElement[bool]:
        return and_(indexes.c.workspace_id == self._session.workspace, indexes.c.embedder_id == self._embedder_id)

    async def progress(self) -> Progress:
        """Raises:
        NotFound: there is no such workspace.
        """
        workspace = self._session.workspace
        wanted = {"workspace": workspace, "embedder": self._embedder_id}
        row = (await self._session.execute(_PROGRESS, wanted)).one_or_none()
        if row is None:
            raise NotFound(f"There is no workspace {workspace!r}; `vigil workspace list` shows those there are.")
        return Progress(
            version=row.knowledge_version,
            watermark=row.watermark or 0,
            epoch=row.lease_epoch or 0,
            used=row.used or 0,
        )

    async def claim(self, owner: str, *, at: datetime, seconds: float) -> int | None:
        """Become the one that may write to the index: the lease's epoch, or None where another holds it."""
        key = {"workspace_id": self._session.workspace, "embedder_id": self._embedder_id}
        await insert_new(self._session, indexes, {**key, "watermark": 0, "lease_epoch": 0}, unique=tuple(key))
        free = or_(indexes.c.lease_until.is_(None), indexes.c.lease_until <= at, indexes.c.lease_owner == owner)
        statement = (
            update(indexes)
            .where(self._mine, free)
            .values(
                lease_owner=owner, lease_epoch=indexes.c.lease_epoch + 1, lease_until=at + timedelta(seconds=seconds)
            )
            .returning(indexes.c.lease_epoch)
        )
        return (await self._session.execute(statement)).scalar_one_or_none()

    async def advance(self, epoch: int, watermark: int, *, at: datetime, seconds: float) -> None:
        """Say how far the index is now, and hold the lease for longer.

        Raises:
            LeaseLost: somebody else took the index over.
        """
        statement = (
            update(indexes)
            .where(self._mine, indexes.c.lease_epoch == epoch)
            .values(watermark=watermark, lease_until=at + timedelta(seconds=seconds))
        )
        if (await self._session.execute(statement)).rowcount != 1:
            raise LeaseLost("Another process took over the search index of this workspace; it will finish the work.")

    async def release(self, epoch: int) -> None:
        """Let others have the lease."""
        statement = update(indexes).where(self._mine, indexes.c.lease_epoch == epoch)
        await self._session.execute(statement.values(lease_until=None))

    async def drop(self) -> None:
        """There is no index of this embedder any more."""
        await self._session.execute(
            delete(indexes).where(
                indexes.c.workspace_id == self._session.workspace, indexes.c.embedder_id == self._embedder_id
            )
        )
