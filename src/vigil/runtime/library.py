"""The knowledge as people leaf through it: lists, how often an entry helped, what stands behind it, what a rollback would change. Searching
and changing it is the knowledge base's."""

from collections.abc import Collection
from typing import Final

from vigil.domain.conversation import Message
from vigil.domain.knowledge import Draft, EvidenceKind, Revision
from vigil.errors import NotFound
from vigil.store.browsing import BrowseFilter, Browsing, Comparison, Helped, Helping
from vigil.store.conversations import Conversations
from vigil.store.entries import Entries
from vigil.store.store import Store

SHOWN: Final = 40
"""Changed entries whose words are shown at once: more are counted."""
LATEST: Final = 12
"""Answers of an entry that are listed."""


class Library:
    """Leafs through the knowledge of all workspaces."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def entries(self, workspace: str, wanted: BrowseFilter) -> list[Revision]:
        """Latest revisions; what changed last comes first."""
        async with self._store.read(workspace) as session:
            return await Browsing(session).entries(wanted)

    async def helped(self, workspace: str, entry_ids: Collection[str]) -> dict[str, Helped]:
        """How often these entries helped; one that never did is left out."""
        async with self._store.read(workspace) as session:
            return await Browsing(session).helped(entry_ids)

    async def helpings(self, workspace: str, entry_id: str) -> list[Helping]:
        """The latest answers that it gave and of which somebody said something."""
        async with self._store.read(workspace) as session:
            return await Browsing(session).helpings(entry_id, limit=LATEST)

    async def behind(self, workspace: str, draft: Draft) -> dict[str, Message]:
        """The messages that an entry rests on and that there still are, by id."""
        ids = [each.reference for each in draft.evidence if each.kind is EvidenceKind.MESSAGE]
        if not ids:
            return {}
        async with self._store.read(workspace) as session:
            return {message.id: message for message in await Conversations(session).messages(ids)}

    async def compare(self, workspace: str, first: int, second: int) -> Comparison:
        """What a step from one version to another changes.

        Raises:
            NotFound: there is no such version.
        """
        async with self._store.read(workspace) as session:
            newest = await Entries(session).version()
            for version in (first, second):
                if not 0 <= version <= newest:
                    raise NotFound(f"There is no knowledge version {version}; the present one is {newest}.")
            return await Browsing(session).compare(first, second, limit=SHOWN)
