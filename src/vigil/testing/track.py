"""Progress without a database: tests put in how tickets stand."""

from collections.abc import Collection, Mapping

from vigil.domain.progress import Progress


class KnownProgress:
    """How tickets stand, as a test says; the same in each workspace."""

    def __init__(self, *stands: Progress) -> None:
        self._known = {each.ticket_id: each for each in stands}

    def put(self, stands: Progress) -> None:
        """From now on a ticket stands so."""
        self._known[stands.ticket_id] = stands

    async def of(self, workspace: str, ticket_id: str) -> Progress | None:
        return self._known.get(ticket_id)

    async def of_all(self, workspace: str, ticket_ids: Collection[str]) -> Mapping[str, Progress]:
        return {each: self._known[each] for each in ticket_ids if each in self._known}
