"""What following a ticket needs of the rest of the house."""

from collections.abc import Collection, Mapping
from typing import Protocol

from vigil.domain.progress import Progress


class ReadsProgress(Protocol):
    """Knows how tickets stand. `vigil.track.stored.StoredProgress` reads it from the database."""

    async def of(self, workspace: str, ticket_id: str) -> Progress | None:
        """How a ticket stands; None where nothing was read of it yet."""
        ...

    async def of_all(self, workspace: str, ticket_ids: Collection[str]) -> Mapping[str, Progress]:
        """How these tickets stand, by id, those of which something was read."""
        ...
