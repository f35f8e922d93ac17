"""Entries that the search index does not hold yet, straight from SQL, so that what was published is found at once. Kept in memory between
searches; the index itself is `index`, and who fills it `indexer`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.knowledge import Scope
from vigil.knowledge.index import Hits
from vigil.knowledge.laid import Laid, LaidRow, laid_row
from vigil.knowledge.vectors import unpack
from vigil.language.embedder import Vectors
from vigil.store.entries import Embedding, Entries, Standing
from vigil.store.store import Store

MOST = 5_000
"""Entries that are looked through without an index: some milliseconds a search, and half a second once to read them. Beyond that only the
index answers, and what it lacks is not found until it has caught up."""
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An entry that was read."""

    version: int
    row: LaidRow
    vector: Vectors | None
    """None where another embedder made it."""


class Recent:
    """One workspace's entries past a watermark."""

    def __init__(self, store: Store, workspace: str, embedder_id: str, dimensions: int) -> None:
        self._store = store
        self._workspace = workspace
        self._embedder_id = embedder_id
        self._dimensions = dimensions
        self._entries: dict[str, _Read] = {}
        self._from = 0
        """Everything past this version ..."""
        self._to = 0
        """... and up to this one is in memory."""
        self._laid: Laid | None = None
        """The entries in a row, once they are searched."""
        self._lock = asyncio.Lock()

    async def search(
        self, vector: Vectors | None, words: Sequence[str], *, after: int, version: int, wanted: Scope, limit: int
    ) -> Hits | None:
        """The nearest and the best by words among the entries past the version `after`, each looked at; None where they are too many."""
        if after >= version:
            return Hits.none(self._dimensions)
        if not await self._read(after, version):
            return None
        laid = self._laid
        if laid is None:
            entries, state = list(self._entries.values()), (self._from, self._to)
            laid = await asyncio.to_thread(_laid_out, entries, self._dimensions)
            if state == (self._from, self._to):
                self._laid = laid
        return await asyncio.to_thread(laid.search, vector, words, wanted=wanted, limit=limit)

    async def _read(self, after: int, version: int) -> bool:
        """Have exactly the entries between these versions in memory; False where they are too many."""
        async with self._lock:
            if not self._from <= after <= self._to:
                self._entries, self._to = {}, after
            self._from = after
            held = [key for key, entry in self._entries.items() if entry.version <= after]
            if held or self._to < version:
                self._laid = None
            for entry_id in held:
                del self._entries[entry_id]
            if self._to >= version:
                return True
            async with self._store.read(self._workspace) as session:
                known = Entries(session)
                if len(self._entries) + await known.count_after(self._to) > MOST:
                    self._entries, self._to = {}, after
                    return False
                start = (0, "")
                while page := await known.after(self._to, until=version, start=start, limit=PAGE):
                    read = await asyncio.to_thread(self._prepare, page)
                    for standing, entry in zip(page, read, strict=True):
                        self._entries.pop(standing.revision.entry_id, None)
                        if entry is not None:
                            self._entries[standing.revision.entry_id] = entry
                    start = (page[-1].revision.version, page[-1].revision.entry_id)
            self._to = version
            return True

    def _prepare(self, page: Sequence[Standing]) -> list[_Read | None]:
        return [self._entry(standing) if standing.in_force else None for standing in page]

    def _entry(self, standing: Standing) -> _Read:
        return _Read(
            version=standing.revision.version,
            row=laid_row(standing.revision),
            vector=self._vector(standing.embedding),
        )

    def _vector(self, embedding: Embedding | None) -> Vectors | None:
        if embedding is None or embedding.embedder_id != self._embedder_id:
            return None
        return unpack([embedding.vector])[0]


def _laid_out(entries: Sequence[_Read], dimensions: int) -> Laid:
    vectors = np.zeros((len(entries), dimensions), np.float32)
    for row, entry in zip(vectors, entries, strict=True):
        if entry.vector is not None:
            row[:] = entry.vector
    return Laid([entry.row for entry in entries], vectors)
