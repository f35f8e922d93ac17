"""What entries have answered before, as signals for the ranker: how like those questions a new one is, and how much an entry is used.
Keeping the questions is `store.uses`', bringing them into memory `remembered`'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vigil.knowledge.vectors import cosines
from vigil.language.embedder import Vectors

WIDTH, FROM = 0.05, 0.2
"""Likeness of a question to those that an entry answered is ``log(1 + sum exp((cosine - FROM) / WIDTH))``: above `FROM` nearly the largest
cosine, and somewhat more where several are alike; below it nothing, so that an entry with little history stands where it stood without.
Widths of .03 to .1 and starts of .2 to .3 rank `factoid_dev` the same to .006 P@1."""
HALF_AGE_DAYS = 365.0
"""A use of so long ago counts half as much as one of now, one of three times as long ago a quarter."""
_DAY = 86_400.0


@dataclass(frozen=True)
class History:
    """Questions that were answered, and by which entry; one a row."""

    entry_ids: Sequence[str]
    vectors: Vectors
    """Of the questions, each of length 1."""
    at: NDArray[np.float64]
    """When, in seconds since 1970."""
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """How much each counts; as a rule 1."""

    @classmethod
    def none(cls, dimensions: int) -> "History":
        return cls((), np.zeros((0, dimensions), np.float32), np.zeros(0), np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self.entry_ids)

    @cached_property
    def entries(self) -> Mapping[str, int]:
        """The entries that ever answered, each with its column in what `signals` gives."""
        return {entry_id: number for number, entry_id in enumerate(dict.fromkeys(self.entry_ids))}

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows by entry, and where each entry's begin."""
        columns = np.array([self.entries[entry_id] for entry_id in self.entry_ids], np.intp)
        order = np.argsort(columns, kind="stable")
        return order, np.searchsorted(columns[order], np.arange(len(self.entries)))

    def signals(
        self, questions: Vectors, at: NDArray[np.float64], usable: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """For each question and each of `entries`: how like it is to what the entry answered, and how much the entry is used; 0 where
        there is nothing.

        Args:
            questions: one vector a row.
            at: when each was asked, in seconds since 1970.
            usable: for each question which rows of the history it may know; None for all.
        """
        if not len(self):
            none = np.zeros((len(questions), 0), np.float32)
            return none, none
        order, starts = self._sorted
        age = np.abs(at[:, None] - self.at[None, order]) / (_DAY * HALF_AGE_DAYS)
        counts = (self.weights[order] / (1.0 + age)).astype(np.float32)
        if usable is not None:
            counts *= usable[:, order]
        ordered = self.vectors[order]
        near = cosines(ordered, questions[0])[None, :] if len(questions) == 1 else questions @ ordered.T
        likeness = np.exp((near - FROM) / WIDTH) * counts
        return (
            np.log1p(np.add.reduceat(likeness, starts, axis=1)),
            np.log1p(np.add.reduceat(counts, starts, axis=1)),
        )
