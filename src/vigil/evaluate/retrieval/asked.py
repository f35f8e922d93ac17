"""Questions of a file on the bench, with the history that each of them may know. Reading files is `files`', scores are `scoring`'s."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigil.evaluate.retrieval.bench import Bench, Found, Past, embed_views
from vigil.evaluate.retrieval.files import Query
from vigil.knowledge.history import History
from vigil.language.embedder import Embedder, Vectors

SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Questions that were embedded, and the knowledge that they are asked of."""

    bench: Bench
    queries: Sequence[Query]
    views: Vectors
    past: Past | None
    share: float = 1.0
    """How much each counts when learning."""

    def find(self, size: int | None = None) -> list[Found]:
        """What the search brings up for each, with at most `size` rows of the history, drawn at random of those that it may know; all by
        default."""
        streams = np.array([query.group for query in self.queries])
        at = np.array([query.at for query in self.queries])
        usable = None if self.past is None else self.past.usable(streams, at)
        if usable is not None and size is not None:
            order = np.random.default_rng(SEED).random(usable.shape)
            order[~usable] = 2.0
            places = order.argsort(axis=1).argsort(axis=1)
            usable = usable & (places < size)
        past = None if self.past is None or size == 0 else self.past.history
        return list(self.bench.find([query.text for query in self.queries], self.views, at, past=past, usable=usable))

    def right(self, found: Found, query: Query) -> NDArray[np.bool_]:
        """Which of the candidates are right."""
        keys = self.bench.keys
        return np.array([query.answerable and keys[number] in query.relevant for number in found.numbers], np.bool_)

    def folds(self, count: int) -> NDArray[np.intp]:
        """The fold of each question: a group stays together."""
        groups = sorted({query.group for query in self.queries})
        np.random.default_rng(SEED).shuffle(groups)
        fold = {group: number % count for number, group in enumerate(groups)}
        return np.array([fold[query.group] for query in self.queries], np.intp)


async def ask(
    embedder: Embedder, bench: Bench, queries: Sequence[Query], history: Sequence[Query] = (), *, share: float = 1.0
) -> Asked:
    """Embed the questions, and the history where there is one: questions with the entry that answered each."""
    views = await embed_views(embedder, [query.text for query in queries])
    if not history:
        return Asked(bench=bench, queries=queries, views=views, past=None, share=share)
    vectors = (await embed_views(embedder, [row.text for row in history]))[:, 0]
    rows = [(number, key) for number, row in enumerate(history) for key in sorted(row.relevant)]
    chosen = [number for number, _ in rows]
    past = History(
        entry_ids=[key for _, key in rows],
        vectors=vectors[chosen],
        at=np.array([history[number].at for number in chosen], np.float64),
        weights=np.ones(len(rows), np.float32),
    )
    streams = np.array([history[number].group for number in chosen])
    return Asked(bench=bench, queries=queries, views=views, past=Past(history=past, streams=streams), share=share)
