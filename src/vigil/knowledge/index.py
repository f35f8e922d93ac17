"""The port of a search index over one workspace's entries: a cache that finds candidates by meaning and by words. The one on disk is in
`lance`; what is true stands in SQL, and who keeps the index up to date is `indexer`."""

import asyncio
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from vigil.domain.knowledge import Scope
from vigil.language.embedder import Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """An entry as the index holds it."""

    entry_id: str
    revision_id: str
    vector: bytes
    """float32, little-endian, of the index's dimensions."""
    words: str
    """Of everything that the entry may be found by (`ranking.entry_words`), with spaces between."""
    names: str
    """Its names (`ranking.entry_names`), one a line."""
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Candidates of one search, each once, in no order that means anything."""

    entry_ids: tuple[str, ...]
    revision_ids: tuple[str, ...]
    words: tuple[str, ...]
    names: tuple[str, ...]
    vectors: Vectors
    """One row a hit."""

    @classmethod
    def none(cls, dimensions: int) -> Self:
        return cls(entry_ids=(), revision_ids=(), words=(), names=(), vectors=np.zeros((0, dimensions), np.float32))

    def __add__(self, other: "Hits") -> "Hits":
        """These, and of the other ones those that are not among them."""
        seen = set(self.revision_ids)
        new = [number for number, revision in enumerate(other.revision_ids) if revision not in seen]
        return Hits(
            entry_ids=(*self.entry_ids, *(other.entry_ids[number] for number in new)),
            revision_ids=(*self.revision_ids, *(other.revision_ids[number] for number in new)),
            words=(*self.words, *(other.words[number] for number in new)),
            names=(*self.names, *(other.names[number] for number in new)),
            vectors=np.concatenate([self.vectors, other.vectors[new]]),
        )


Sought = Vectors | asyncio.Future[Vectors | None] | None
"""A question's vector, of shape (1, dimensions), or one that is being computed; None where there is none."""


async def arrived(vector: Sought) -> Vectors | None:
    """The vector, once it is there."""
    return await vector if isinstance(vector, asyncio.Future) else vector


class EntryIndex(Protocol):
    """The index of one workspace. A missing, broken or half-written index is no error: it answers None until it is filled again."""

    @property
    def embedder_id(self) -> str:
        """Whose vectors it holds."""
        ...

    async def fill(self, pages: AsyncIterable[Sequence[IndexRow]]) -> None:
        """Throw away what is there, and hold exactly these rows."""
        ...

    async def change(self, rows: Sequence[IndexRow], gone: Sequence[str]) -> bool:
        """Add rows or replace those of the same entries, and take out the entries `gone`; False where the index is missing or broken."""
        ...

    async def search(
        self, vector: Sought, words: Sequence[str], *, embedder_id: str, wanted: Scope, limit: int
    ) -> Hits | None:
        """The `limit` rows nearest to `vector` (of shape (1, dimensions)) and the `limit` best for `words`, of a scope that admits
        `wanted`; one of the two alone where there are no words or no vector. None where the index is missing or broken. Words are looked
        up while the vector is still on its way.

        Raises:
            Misconfigured: `embedder_id` is not the index's own.
        """
        ...

    async def refresh(self) -> None:
        """See what other processes wrote."""
        ...

    async def tidy(self) -> None:
        """Spend some seconds on staying fast: fold small pieces together, forget old versions."""
        ...

    async def clear(self) -> None:
        """Hold nothing, and leave nothing behind where it stood."""
        ...

    async def count(self) -> int | None:
        """Rows that it holds; None where it is missing or broken."""
        ...


class IndexShelf(Protocol):
    """Where the indexes of all workspaces stand."""

    async def index(self, workspace: str, embedder_id: str, dimensions: int) -> EntryIndex:
        """The index of a workspace for one embedder, which may hold nothing yet."""
        ...
