"""One workspace's uses in memory, and the entries that were used, so that a search asks the database only for what is new. What follows
from them is `history`'s."""

import asyncio
from collections.abc import Collection

import numpy as np

from vigil.knowledge.history import History
from vigil.knowledge.index import Hits
from vigil.knowledge.laid import LaidRow, hits_of, laid_row
from vigil.knowledge.vectors import cosines, unpack
from vigil.language.embedder import Vectors
from vigil.store.entries import Entries, Standing
from vigil.store.store import Store
from vigil.store.uses import Use, Uses

MOST = 10_000
"""Uses that a search looks at, the latest: a millisecond, and 15 MB."""
PAGE = 1_000


class Remembered:
    """What entries of one workspace have answered, by one embedder's vectors."""

    def __init__(self, store: Store, workspace: str, embedder_id: str, dimensions: int) -> None:
        self._store = store
        self._workspace = workspace
        self._embedder_id = embedder_id
        self._dimensions = dimensions
        self._uses: dict[tuple[str, str], Use] = {}
        self._to = 0
        """Everything up to this number is in memory."""
        self._history = History.none(dimensions)
        self._standing: dict[str, tuple[LaidRow, Vectors] | None] = {}
        """Entries that were looked up, at the version `_version`; None for one that is no longer in force."""
        self._version = 0
        self._lock = asyncio.Lock()

    async def history(self, newest: int) -> History:
        """What was answered, up to the change of this number."""
        if newest != self._to:
            async with self._lock:
                if newest > self._to:
                    await self._read(newest)
        return self._history

    async def nearest(self, vector: Vectors, newest: int, limit: int) -> list[tuple[str, str]]:
        """References and entries of the answered questions that are most like `vector`, the most like one first."""
        history = await self.history(newest)
        near = cosines(history.vectors, vector)
        keys = list(self._uses)
        return [keys[number] for number in np.argsort(-near, kind="stable")[:limit].tolist()]

    async def hits(self, entry_ids: Collection[str], version: int) -> Hits:
        """These entries as a search brings them up, as they stand at `version`; those in force that have a vector."""
        if version != self._version:
            self._standing, self._version = {}, version
        missing = [entry_id for entry_id in entry_ids if entry_id not in self._standing]
        if missing:
            async with self._store.read(self._workspace) as session:
                found = await Entries(session).standing(missing)
            self._standing |= {entry_id: self._laid(found.get(entry_id)) for entry_id in missing}
        kept = [found for entry_id in entry_ids if (found := self._standing.get(entry_id)) is not None]
        if not kept:
            return Hits.none(self._dimensions)
        return hits_of([row for row, _ in kept], np.stack([vector for _, vector in kept]))

    def _laid(self, standing: Standing | None) -> tuple[LaidRow, Vectors] | None:
        if standing is None or not standing.in_force or standing.embedding is None:
            return None
        if standing.embedding.embedder_id != self._embedder_id:
            return None
        return laid_row(standing.revision), unpack([standing.embedding.vector])[0]

    async def _read(self, newest: int) -> None:
        async with self._store.read(self._workspace) as session:
            while self._to < newest and (page := await Uses(session).after(self._to, limit=PAGE)):
                for use in page:
                    self._uses.pop((use.reference, use.entry_id), None)
                    if use.weight > 0 and use.question.embedder_id == self._embedder_id:
                        self._uses[use.reference, use.entry_id] = use
                self._to = page[-1].number
        for key in list(self._uses)[: max(0, len(self._uses) - MOST)]:
            del self._uses[key]
        self._history = await asyncio.to_thread(_history_of, list(self._uses.values()), self._dimensions)


def _history_of(some: list[Use], dimensions: int) -> History:
    if not some:
        return History.none(dimensions)
    return History(
        entry_ids=[use.entry_id for use in some],
        vectors=unpack([use.question.vector for use in some]),
        at=np.array([use.at.timestamp() for use in some], np.float64),
        weights=np.array([use.weight for use in some], np.float32),
    )
