"""The whole audit trail looked through at once: whether every record of every chain still links to the one before it. How one is linked
is `audit`'s."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from vigil.store.audit import START, record_hash
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
    records, position, previous = 0, 0, START
    chain: tuple[str, str] | None = None
    whole = True
    key = (audit.c.workspace_id, audit.c.chain, audit.c.position)
    async for rows in pages(connection, select(audit), key, size=_ROWS):
        for row in rows:
            records += 1
            if (row.workspace_id, row.chain) != chain:
                chain, position, previous, whole = (row.workspace_id, row.chain), 0, START, True
                counts[row.workspace_id] += 1
            position += 1
            if not whole:
                continue
            expected = record_hash(
                previous, row.chain, position, row.at, row.actor, row.action, row.subject, row.digest
            )
            if row.position != position or row.hash != expected:
                broken.append(Broken(workspace=row.workspace_id, chain=row.chain, position=position))
                whole = False
            previous = row.hash
    return Chains(chains=dict(counts), records=records, broken=tuple(broken))
