"""A knowledge base in memory, without a database: finds, ranks and judges as the production search does, for thousands of questions with
a history of their own each. Scores of what it brings up are made in `scoring`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigil.domain.knowledge import Candidate, Draft, Scope
from vigil.knowledge.confidence import AMONG, distinct
from vigil.knowledge.history import History
from vigil.knowledge.laid import Laid, LaidRow
from vigil.knowledge.learned import Learned
from vigil.knowledge.ranking import SIGNALS, Asked, Ranker, Signals, entry_names, entry_words
from vigil.knowledge.search import HISTORY_POOL, MAX_QUESTION, POOL, rank
from vigil.knowledge.vectors import embed_drafts
from vigil.language.embedder import Embedder, Vectors

CHUNK = 256
"""Questions that are compared with the history at once: some megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Questions that were answered, and in which stream each was asked."""

    history: History
    streams: NDArray[np.str_]

    def usable(self, streams: NDArray[np.str_], at: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each question (a row) what it may know of the past: other streams whatever their date, its own only strictly before."""
        return (streams[:, None] != self.streams[None, :]) | (self.history.at[None, :] < at[:, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The candidates of one question, as they went to the ranker."""

    numbers: NDArray[np.intp]
    """Which entries."""
    table: Signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The candidates of one question, best first."""

    numbers: list[int]
    """Which entries; all candidates."""
    candidates: list[Candidate]
    """The first `AMONG`, without those that say the same as a better one."""


class Bench:
    """Some entries, ready to be searched.

    Args:
        vectors: one row an entry, as `embed_drafts` makes them.
    """

    def __init__(self, drafts: Sequence[Draft], vectors: Vectors) -> None:
        self.drafts = drafts
        self.keys = [draft.key for draft in drafts]
        self._number = {key: number for number, key in enumerate(self.keys)}
        self._laid = Laid([row_of(draft) for draft in drafts], vectors)

    @classmethod
    async def of(cls, embedder: Embedder, drafts: Sequence[Draft]) -> "Bench":
        """Embeds the entries."""
        return cls(drafts, await embed_drafts(embedder, drafts))

    def find(
        self,
        texts: Sequence[str],
        views: Vectors,
        at: NDArray[np.float64],
        *,
        past: History | None = None,
        usable: NDArray[np.bool_] | None = None,
    ) -> Iterator[Found]:
        """What the search brings up for each question.

        Args:
            views: of shape (questions, 3, dimensions); `embed_views`.
            at: when each was asked, in seconds since 1970.
            usable: for each question which rows of the past it may know; None for all.
        """
        history = past if past is not None and len(past) else None
        columns = [] if history is None else [self._number.get(entry_id, -1) for entry_id in history.entries]
        known = np.array([column for column in columns if column >= 0], np.intp)
        kept = np.array([number for number, column in enumerate(columns) if column >= 0], np.intp)
        for start in range(0, len(texts), CHUNK):
            some = slice(start, start + CHUNK)
            told = np.zeros((len(texts[some]), len(self.keys), 2), np.float32)
            if history is not None:
                asked, used = history.signals(views[some, 0], at[some], None if usable is None else usable[some])
                told[:, known, 0], told[:, known, 1] = asked[:, kept], used[:, kept]
            for text, mine, before in zip(texts[some], views[some], told, strict=True):
                yield self._find(Asked.of(text[-MAX_QUESTION:]), mine, None if history is None else before)

    def judge(self, found: Found, ranker: Ranker, *, without: frozenset[str] = frozenset()) -> Judged:
        """Rank what was found, as if the entries `without` were not in the knowledge."""
        scores = ranker.scores(found.table)
        order: list[int] = np.argsort(-scores, kind="stable").tolist()
        order = [place for place in order if self.keys[found.numbers[place]] not in without]
        best = order[:AMONG]
        candidates = [
            candidate_of(self.drafts[int(found.numbers[place])], float(scores[place]), found.table[place])
            for place in best
        ]
        kept = distinct(candidates, self._laid.vectors[found.numbers[best]])
        return Judged(
            numbers=[int(found.numbers[place]) for place in order],
            candidates=[candidates[number] for number in kept],
        )

    def confidence(self, judged: Judged, learned: Learned) -> float:
        """How sure the first of the candidates is the right one."""
        return learned.confidence.of(judged.candidates)

    def _find(self, asked: Asked, views: Vectors, told: NDArray[np.float32] | None) -> Found:
        cosines = self._laid.vectors @ views[0]
        numbers = self._laid.numbers(cosines, asked.words, wanted=_ANY, limit=POOL)
        if told is not None:
            like: list[int] = np.argsort(-told[:, 0], kind="stable")[:HISTORY_POOL].tolist()
            numbers = sorted({*numbers, *(number for number in like if told[number, 0] > 0)})
        hits = self._laid.hits(numbers)
        ranked = rank(asked, views, hits, _NOTHING, None if told is None else told[numbers])
        return Found(numbers=np.array(numbers, np.intp), table=ranked.table)


_ANY = Scope()
_NOTHING = Ranker(weights=np.zeros(len(SIGNALS)))


async def embed_views(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """The vectors of each question's views (`Asked.views`), of shape (questions, 3, dimensions)."""
    views = [view for text in texts for view in Asked.of(text[-MAX_QUESTION:]).views]
    vectors = await embedder.embed(views)
    return vectors.reshape(len(texts), 3, -1)


def row_of(draft: Draft) -> LaidRow:
    """A draft as the search lays entries out, under its own key."""
    return LaidRow(
        entry_id=draft.key,
        revision_id=draft.key,
        scope=draft.scope,
        words=" ".join(entry_words(draft)),
        names="\n".join(entry_names(draft)),
    )


def candidate_of(draft: Draft, score: float, signals: NDArray[np.float64]) -> Candidate:
    """A draft as a candidate, under its own key."""
    return Candidate(
        revision_id=draft.key,
        entry_id=draft.key,
        title=draft.title,
        text=draft.answer,
        question=draft.question,
        evidence=draft.evidence,
        score=score,
        scores=tuple(zip(SIGNALS, signals.tolist(), strict=True)),
    )
