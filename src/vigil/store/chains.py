"""The whole audit trail looked through at once: whether every record of every chain still links to the one before it. How one is linked
is `audit`'s."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from vigil.store.audit import ChainWalk, record_of
from vigil.store.paging import pages
from vigil.store.store import Store
from vigil.store.tables import audit

_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A chain that does not hold."""

    workspace: str
    chain: str
    position: int
    """The first record that is missing, out of place or not what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """The audit trail of an installation."""

    chains: dict[str, int]
    """By workspace."""
    records: int
    broken: tuple[Broken, ...]


async def verify(store: Store) -> Chains:
    """Look through all chains of all workspaces."""
    async with store.across_workspaces() as connection:
        return await verify_chains(connection)


async def verify_chains(connection: AsyncConnection) -> Chains:
    """The same over a connection, inside whatever transaction it is in."""
    counts: Counter[str] = Counter()
    broken: list[Broken] = []
    records, walk = 0, ChainWalk()
    chain: tuple[str, str] | None = None
    whole = True
    key = (audit.c.workspace_id, audit.c.chain, audit.c.position)
    async for rows in pages(connection, select(audit), key, size=_ROWS):
        for row in rows:
            records += 1
            if (row.workspace_id, row.chain) != chain:
                chain, walk, whole = (row.workspace_id, row.chain), ChainWalk(), True
                counts[row.workspace_id] += 1
            if whole and not walk.holds(record_of(row)):
                broken.append(Broken(workspace=row.workspace_id, chain=row.chain, position=walk.position))
                whole = False
    return Chains(chains=dict(counts), records=records, broken=tuple(broken))
