"""Entries laid out in memory, to be looked through by meaning and by words without an index. Reading them from SQL is `recent`'s, ranking
what is found `ranking`'s."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.domain.knowledge import Revision, Scope
from vigil.knowledge.index import Hits
from vigil.knowledge.ranking import BM25_B, BM25_K1, entry_names, entry_words
from vigil.knowledge.vectors import cosines
from vigil.language.embedder import Vectors

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidRow:
    """An entry, ready to be compared."""

    entry_id: str
    revision_id: str
    scope: Scope
    words: str
    """Of everything that it may be found by (`ranking.entry_words`), with spaces between."""
    names: str
    """Its names (`ranking.entry_names`), one a line."""


def laid_row(revision: Revision) -> LaidRow:
    """A revision, cut up."""
    return LaidRow(
        entry_id=revision.entry_id,
        revision_id=revision.id,
        scope=revision.draft.scope,
        words=" ".join(entry_words(revision.draft)),
        names="\n".join(entry_names(revision.draft)),
    )


class Laid:
    """Some entries in a row, with a BM25 index over their words.

    Args:
        vectors: one row an entry; zeros where another embedder made it.
    """

    def __init__(self, rows: Sequence[LaidRow], vectors: Vectors) -> None:
        self.rows = rows
        self.vectors = vectors
        self._open = all(row.scope == Scope() for row in rows)
        counts = [Counter(row.words.split()) for row in rows]
        lengths = np.array([sum(count.values()) for count in counts], np.float32)
        usual = float(lengths.mean()) if len(rows) else 1.0
        damping = BM25_K1 * (1 - BM25_B + BM25_B * lengths / (usual or 1.0))
        standing: dict[str, list[tuple[int, int]]] = {}
        for number, count in enumerate(counts):
            for word, times in count.items():
                standing.setdefault(word, []).append((number, times))
        self._standing: dict[str, tuple[Numbers, Floats]] = {}
        """For each word the entries that hold it, and what it counts in each."""
        for word, places in standing.items():
            numbers = np.array([number for number, _ in places], np.int32)
            times = np.array([times for _, times in places], np.float32)
            rarity = math.log(1 + (len(rows) - len(places) + 0.5) / (len(places) + 0.5))
            counted = rarity * times * (BM25_K1 + 1) / (times + damping[numbers])
            self._standing[word] = numbers, counted.astype(np.float32)

    def search(self, vector: Vectors | None, words: Iterable[str], *, wanted: Scope, limit: int) -> Hits:
        """The `limit` nearest to `vector` (of shape (1, dimensions)) and the `limit` best for `words`, of a scope that admits `wanted`."""
        near = None if vector is None else cosines(self.vectors, vector[0])
        return self.hits(self.numbers(near, words, wanted=wanted, limit=limit))

    def numbers(self, near: Vectors | None, words: Iterable[str], *, wanted: Scope, limit: int) -> list[int]:
        """The same by number, from the cosine of each (`near`)."""
        admitted = None if self._open else np.array([row.scope.admits(wanted) for row in self.rows], np.bool_)
        chosen: set[int] = set()
        if near is not None:
            chosen.update(_best(near, admitted, limit))
        scores = np.zeros(len(self.rows), np.float32)
        for word in sorted(set(words)):
            if word in self._standing:
                numbers, counted = self._standing[word]
                scores[numbers] += counted
        chosen.update(number for number in _best(scores, admitted, limit) if scores[number] > 0)
        return sorted(chosen)

    def hits(self, numbers: Sequence[int]) -> Hits:
        """These entries, as a search brings them up."""
        return hits_of([self.rows[number] for number in numbers], self.vectors[list(numbers)])


def hits_of(rows: Sequence[LaidRow], vectors: Vectors) -> Hits:
    """Entries with a vector each, as a search brings them up."""
    return Hits(
        entry_ids=tuple(row.entry_id for row in rows),
        revision_ids=tuple(row.revision_id for row in rows),
        words=tuple(row.words for row in rows),
        names=tuple(row.names for row in rows),
        vectors=vectors,
    )


def _best(scores: Floats, admitted: NDArray[np.bool_] | None, limit: int) -> list[int]:
    """Numbers of the largest scores among the admitted, ties in their order."""
    if admitted is not None:
        scores = np.where(admitted, scores, -np.inf)
    if len(scores) > limit:
        least = np.partition(scores, -limit)[-limit]
        some = np.nonzero(scores >= least)[0]
    else:
        some = np.arange(len(scores))
    order: list[int] = some[np.argsort(-scores[some], kind="stable")][:limit].tolist()
    return [number for number in order if scores[number] > -np.inf]
