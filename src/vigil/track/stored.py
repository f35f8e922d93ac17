"""How tickets stand, as the database has it: the port behind which the rest of `track` reads."""

from collections.abc import Collection, Mapping

from vigil.domain.progress import Progress
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Store


class StoredProgress:
    """Reads progress; each call sees one moment of the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, workspace: str, ticket_id: str) -> Progress | None:
        """How a ticket stands; None where nothing was read of it yet."""
        async with self._store.read(workspace, short=True) as session:
            return await ProgressOfTickets(session).of(ticket_id)

    async def of_all(self, workspace: str, ticket_ids: Collection[str]) -> Mapping[str, Progress]:
        """How these tickets stand, by id, those of which something was read."""
        async with self._store.read(workspace) as session:
            return await ProgressOfTickets(session).of_all(ticket_ids)
