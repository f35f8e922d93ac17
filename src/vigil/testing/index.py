"""A search index for tests, in memory: exact, without files. It can be broken on purpose, as one on a disk breaks by itself."""

from collections.abc import AsyncIterable, Sequence

import numpy as np

from vigil.domain.knowledge import Scope
from vigil.errors import Misconfigured
from vigil.knowledge.index import Hits, IndexRow, Sought, arrived
from vigil.language.embedder import Vectors


class MemoryShelf:
    """Indexes of all workspaces, kept as long as the shelf."""

    def __init__(self) -> None:
        self.indexes: dict[tuple[str, str], MemoryIndex] = {}
        """By workspace and embedder id."""

    async def index(self, workspace: str, embedder_id: str, dimensions: int) -> "MemoryIndex":
        return self.indexes.setdefault((workspace, embedder_id), MemoryIndex(embedder_id, dimensions))


class MemoryIndex:
    """The index of one workspace."""

    def __init__(self, embedder_id: str, dimensions: int) -> None:
        self._embedder_id = embedder_id
        self._dimensions = dimensions
        self.rows: dict[str, IndexRow] | None = None
        """By entry; None is a missing or broken index."""
        self.fillings = 0
        """How often it was filled from nothing."""
        self.tidied = 0

    @property
    def embedder_id(self) -> str:
        return self._embedder_id

    async def fill(self, pages: AsyncIterable[Sequence[IndexRow]]) -> None:
        rows = {row.entry_id: row async for page in pages for row in page}
        self.rows = rows
        self.fillings += 1

    async def change(self, rows: Sequence[IndexRow], gone: Sequence[str]) -> bool:
        if self.rows is None:
            return False
        self.rows |= {row.entry_id: row for row in rows}
        for entry_id in gone:
            self.rows.pop(entry_id, None)
        return True

    async def search(
        self, vector: Sought, words: Sequence[str], *, embedder_id: str, wanted: Scope, limit: int
    ) -> Hits | None:
        if embedder_id != self._embedder_id:
            raise Misconfigured(f"This index holds vectors of {self._embedder_id!r}, not of {embedder_id!r}.")
        if self.rows is None:
            return None
        admitted = [row for row in self.rows.values() if row.scope.admits(wanted)]
        sought = await arrived(vector)
        near = [] if sought is None else sorted(admitted, key=lambda row: -_cosine(row, sought))[:limit]
        shared = {row.entry_id: len(set(words).intersection(row.words.split())) for row in admitted}
        worded = sorted((row for row in admitted if shared[row.entry_id]), key=lambda row: -shared[row.entry_id])[
            :limit
        ]
        found = list({row.entry_id: row for row in (*near, *worded)}.values())
        vectors = [np.frombuffer(row.vector, "<f4") for row in found]
        return Hits(
            entry_ids=tuple(row.entry_id for row in found),
            revision_ids=tuple(row.revision_id for row in found),
            words=tuple(row.words for row in found),
            names=tuple(row.names for row in found),
            vectors=np.stack(vectors).astype(np.float32) if found else np.zeros((0, self._dimensions), np.float32),
        )

    async def refresh(self) -> None:
        return None

    async def tidy(self) -> None:
        self.tidied += 1

    async def clear(self) -> None:
        self.rows = None

    async def count(self) -> int | None:
        return None if self.rows is None else len(self.rows)

    def lose(self) -> None:
        """As if its files were gone."""
        self.rows = None


def _cosine(row: IndexRow, vector: Vectors) -> float:
    return float(np.frombuffer(row.vector, "<f4") @ vector[0])
