"""From a question to ranked candidates: embed, look up by meaning and by words, add what the index does not hold yet, check against SQL,
rank. What is answered from the candidates is `ask`'s."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vigil.clock import Clock
from vigil.domain.decision import Stage
from vigil.domain.knowledge import Candidate, Revision, Scope
from vigil.errors import ModelUnavailable
from vigil.knowledge.index import Hits
from vigil.knowledge.indexer import Indexer
from vigil.knowledge.laid import hits_of, laid_row
from vigil.knowledge.ranking import SIGNALS, Asked, Ranker, Signals, signals, why
from vigil.knowledge.recent import Recent
from vigil.knowledge.remembered import Remembered
from vigil.language.embedder import Embedder, Vectors
from vigil.store.entries import Entries
from vigil.store.indexes import Indexes, Progress
from vigil.store.store import Store

POOL = 24
"""Entries that each of the two ways of looking up brings to the ranker. With 40 each nothing is ranked better (`factoid_dev` P@1 and hit@5
are the same to .003), and a search takes 2 ms more."""
HISTORY_POOL = 12
"""Entries that answered the most similar questions before and go to the ranker as well, however little their own words fit."""
CHECK_AHEAD = 10
"""Entries beyond the wanted ones that are checked at once, since some may have been retired or replaced since they were indexed."""
MAX_QUESTION = 4_000
"""Characters of a question that are searched for: its end, where the latest words are. The embedder reads about 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search brought up."""

    candidates: tuple[Candidate, ...]
    """Best first; only entries in force, of a scope that admits the wanted one."""
    version: int
    """The knowledge version that was searched."""
    reasons: tuple[str, ...] = ()
    """For each candidate, in a few words, what speaks for it."""
    note: str = ""
    """One sentence for a person where something was not as it should be."""
    stages: tuple[Stage, ...] = ()
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """One row a candidate."""
    question: Vectors | None = None
    """The question's vector, of shape (1, dimensions); None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Hits in order."""

    order: list[int]
    """Their numbers, best first."""
    scores: NDArray[np.float64]
    """One a hit."""
    table: Signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An entry that is not published, to be searched as if it were."""

    revision: Revision
    vector: Vectors
    """Of shape (1, dimensions)."""
    instead_of: str | None = None
    """The entry whose place it would take."""


Embedding = asyncio.Future[tuple[Vectors | None, str, float]]
"""What `Search` makes of a question's views while it looks up the words."""


class Search:
    """Searches the knowledge of all workspaces."""

    def __init__(self, store: Store, embedder: Embedder, indexer: Indexer, clock: Clock, ranker: Ranker) -> None:
        self._store = store
        self._embedder = embedder
        self._indexer = indexer
        self._clock = clock
        self._ranker = ranker
        self._recent: dict[str, Recent] = {}
        self._remembered: dict[str, Remembered] = {}

    async def search(
        self, workspace: str, text: str, *, scope: Scope | None = None, limit: int = 10, staged: Staged | None = None
    ) -> SearchResult:
        """The `limit` entries that answer `text` best; with `staged` as if that were published.

        Raises:
            NotFound: there is no such workspace.
        """
        wanted, started = scope or Scope(), time.perf_counter()
        asked = Asked.of(text[-MAX_QUESTION:])
        embedding = asyncio.ensure_future(self._embed(asked))
        try:
            progress = await self._progress(workspace)
            hits, missing = await self._look_up(workspace, progress, embedding, asked, wanted)
        finally:
            await asyncio.wait({embedding})
        views, note, embedded = embedding.result()
        vector = None if views is None else views[:1]
        if (progress.version == 0 and staged is None) or (vector is None and not asked.words):
            return SearchResult(candidates=(), version=progress.version, note=note)
        if staged is not None:
            hits = _with_staged(hits, staged)
        hits, history = await self._with_history(workspace, progress, views, hits)
        found = time.perf_counter()
        ranked_hits = rank(asked, views, hits, self._ranker, history)
        order, scores, table = ranked_hits.order, ranked_hits.scores, ranked_hits.table
        ranked = time.perf_counter()
        current = await self._in_force(workspace, [hits.revision_ids[number] for number in order], wanted, limit)
        if staged is not None:
            current = _standing_with(current, staged, wanted)
        kept = [number for number in order if hits.revision_ids[number] in current][:limit]
        checked = time.perf_counter()
        stages = (
            _stage("embed", "the question as a vector" if vector is not None else "no vector", embedded),
            _stage(
                "look up", f"{len(hits.revision_ids)} candidates by meaning and by words", found - started - embedded
            ),
            _stage("rank", f"{len(SIGNALS)} signals each", ranked - found),
            _stage("check", f"{len(kept)} in force and in scope", checked - ranked),
        )
        candidates = tuple(
            _candidate(current[hits.revision_ids[number]], float(scores[number]), table[number].tolist())
            for number in kept
        )
        return SearchResult(
            candidates=candidates,
            version=progress.version,
            reasons=tuple(why(candidate.scores) for candidate in candidates),
            note=note or missing,
            stages=stages,
            vectors=hits.vectors[kept],
            question=vector,
        )

    async def answered_like(self, workspace: str, vector: Vectors, *, limit: int) -> list[tuple[str, str]]:
        """The questions most like `vector` (of length 1) that an entry answered: what each is known by, and the entry."""
        progress = await self._progress(workspace)
        if not progress.used:
            return []
        return await self._remembering(workspace).nearest(vector, progress.used, limit)

    def _remembering(self, workspace: str) -> Remembered:
        if workspace not in self._remembered:
            self._remembered[workspace] = Remembered(
                self._store, workspace, self._embedder.id, self._embedder.dimensions
            )
        return self._remembered[workspace]

    async def _embed(self, asked: Asked) -> tuple[Vectors | None, str, float]:
        """A vector for each of the question's views; what a person should know where there is none; and the seconds that it took."""
        if not asked.text.strip():
            return None, "The question has no words.", 0.0
        started, different = time.perf_counter(), list(dict.fromkeys(asked.views))
        try:
            vectors = await self._embedder.embed(different)
        except ModelUnavailable as error:
            note = f"Searched by words alone, because the embedder failed ({type(error).__name__})."
            return None, note, time.perf_counter() - started
        return vectors[[different.index(view) for view in asked.views]], "", time.perf_counter() - started

    async def _progress(self, workspace: str) -> Progress:
        async with self._store.read(workspace, short=True) as session:
            return await Indexes(session, self._embedder.id).progress()

    async def _look_up(
        self, workspace: str, progress: Progress, embedding: Embedding, asked: Asked, wanted: Scope
    ) -> tuple[Hits, str]:
        """What there is by words, by meaning, and past the index, each once; and what a person should know of it."""
        sought = asyncio.ensure_future(_first(embedding))
        words, held = sorted(asked.words), None
        try:
            if progress.watermark:
                index = await self._indexer.index(workspace, progress)
                held = await index.search(sought, words, embedder_id=self._embedder.id, wanted=wanted, limit=POOL)
        finally:
            await asyncio.wait({sought})
        if held is None and progress.watermark:
            self._indexer.report_broken(workspace)
        recent = self._recent.get(workspace)
        if recent is None:
            recent = Recent(self._store, workspace, self._embedder.id, self._embedder.dimensions)
            self._recent[workspace] = recent
        late = await recent.search(
            sought.result(),
            words,
            after=progress.watermark if held is not None else 0,
            version=progress.version,
            wanted=wanted,
            limit=POOL,
        )
        note = (
            ""
            if late is not None
            else "The search index is being built; until it is, not all of the knowledge is found."
        )
        none = Hits.none(self._embedder.dimensions)
        return none + (held or none) + (late or none), note

    async def _with_history(
        self, workspace: str, progress: Progress, views: Vectors | None, hits: Hits
    ) -> tuple[Hits, NDArray[np.float32] | None]:
        """The hits and the entries that answered like questions before, with ``asked`` and ``used`` of each; None without a history."""
        if views is None or not progress.used:
            return hits, None
        remembered = self._remembering(workspace)
        history = await remembered.history(progress.used)
        if not len(history):
            return hits, None
        now = np.array([self._clock.now().timestamp()])
        asked, used = await asyncio.to_thread(history.signals, views[:1], now)
        like: list[int] = np.argsort(-asked[0], kind="stable")[:HISTORY_POOL].tolist()
        known = list(history.entries)
        hits = hits + await remembered.hits(
            [known[number] for number in like if asked[0, number] > 0], progress.version
        )
        columns = np.array([history.entries.get(entry_id, -1) for entry_id in hits.entry_ids], np.intp)
        return hits, np.where(
            columns[:, None] < 0, 0.0, np.stack([asked[0, columns], used[0, columns]], axis=1)
        ).astype(np.float32)

    async def _in_force(
        self, workspace: str, revision_ids: Sequence[str], wanted: Scope, limit: int
    ) -> dict[str, Revision]:
        """At least the first `limit` of them that are in force and in scope: nothing is used on the word of an index."""
        current: dict[str, Revision] = {}
        ahead = limit + CHECK_AHEAD
        async with self._store.read(workspace, short=True) as session:
            for start in range(0, len(revision_ids), ahead):
                some = await Entries(session).in_force(revision_ids[start : start + ahead], at=self._clock.now())
                current |= {key: found for key, found in some.items() if found.draft.scope.admits(wanted)}
                if len(current) >= limit:
                    break
        return current


async def _first(embedding: Embedding) -> Vectors | None:
    views = (await embedding)[0]
    return None if views is None else views[:1]


def rank(
    asked: Asked, views: Vectors | None, hits: Hits, ranker: Ranker, history: NDArray[np.float32] | None = None
) -> Ranked:
    """Rank what was found.

    Args:
        views: a vector for each of the question's views; None where there is none.
        history: ``asked`` and ``used`` of each hit, two to a row; None where nothing was answered yet.
    """
    entries = [found.split() for found in hits.words]
    names = [found.split("\n") if found else [] for found in hits.names]
    cosines = np.zeros((len(entries), 3), np.float32) if views is None else hits.vectors @ views.T
    table = signals(asked, entries, names, cosines, history)
    scores = ranker.scores(table)
    return Ranked(order=np.argsort(-scores, kind="stable").tolist(), scores=scores, table=table)


def _with_staged(hits: Hits, staged: Staged) -> Hits:
    kept = [number for number, entry_id in enumerate(hits.entry_ids) if entry_id != staged.instead_of]
    without = Hits(
        entry_ids=tuple(hits.entry_ids[number] for number in kept),
        revision_ids=tuple(hits.revision_ids[number] for number in kept),
        words=tuple(hits.words[number] for number in kept),
        names=tuple(hits.names[number] for number in kept),
        vectors=hits.vectors[kept],
    )
    return hits_of([laid_row(staged.revision)], staged.vector) + without


def _standing_with(current: dict[str, Revision], staged: Staged, wanted: Scope) -> dict[str, Revision]:
    standing = {key: found for key, found in current.items() if found.entry_id != staged.instead_of}
    if staged.revision.draft.scope.admits(wanted):
        standing[staged.revision.id] = staged.revision
    return standing


def _candidate(revision: Revision, score: float, parts: Sequence[float]) -> Candidate:
    return Candidate(
        revision_id=revision.id,
        entry_id=revision.entry_id,
        title=revision.draft.title,
        text=revision.draft.answer,
        question=revision.draft.question,
        evidence=revision.draft.evidence,
        score=score,
        scores=tuple((name, round(float(part), 6)) for name, part in zip(SIGNALS, parts, strict=True)),
    )


def _stage(name: str, outcome: str, seconds: float) -> Stage:
    return Stage(name=name, outcome=outcome, milliseconds=round(seconds * 1000, 3))
