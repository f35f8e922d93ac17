"""Examples as arrays, ready to be trained on and scored: figures, phrases and meaning of each. How that is done is in `training`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.assist.figures import figures, ticket_figures
from vigil.assist.phrases import BINS, phrases
from vigil.assist.scene import Heard, Scene, Vector, compared
from vigil.evaluate.gate.examples import Example
from vigil.language.bundled import BundledEmbedder
from vigil.language.embedder import Vectors

Floats: TypeAlias = NDArray[np.float64]
Progress: TypeAlias = Callable[[str, int, int], None]
"""Told (what is done, how many are, how many there are)."""
SEED = 20240
PAGE = 1024
EVERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One row an example."""

    figures: NDArray[np.float32]
    phrases: Any
    """A sparse matrix of shape (examples, bins); each row has length 1."""
    meaning: Vectors
    wanted: NDArray[np.bool_]
    opens: NDArray[np.bool_]
    groups: NDArray[np.str_]

    def folds(self, count: int) -> NDArray[np.int64]:
        """A fold for each example, by its group."""
        names = sorted(set(self.groups.tolist()))
        order = np.random.default_rng(SEED).permutation(len(names))
        fold = {name: int(place) % count for name, place in zip(names, order, strict=True)}
        return np.array([fold[name] for name in self.groups.tolist()], np.int64)


class Meanings:
    """Vectors of the texts that are compared, each embedded once."""

    def __init__(self, examples: Sequence[Example], embedder: BundledEmbedder, progress: Progress) -> None:
        needed = (each.text for example in examples for each in compared(example.message, example.recent))
        texts = sorted(dict.fromkeys(needed), key=len)
        self._place = {text: number for number, text in enumerate(texts)}
        self._vectors = np.zeros((len(texts), embedder.dimensions), np.float32)
        for start in range(0, len(texts), PAGE):
            self._vectors[start : start + PAGE] = embedder.embed_now(texts[start : start + PAGE])
            progress("embedding", min(start + PAGE, len(texts)), len(texts))

    def of(self, text: str) -> Vector:
        return self._vectors[self._place[text]]

    def heard(self, example: Example) -> Heard:
        """An example with its vectors, and without what became of it."""
        chosen = compared(example.message, example.recent)
        return Heard(
            message=example.message, recent=example.recent, vectors={each.id: self.of(each.text) for each in chosen}
        )


def tabulate(examples: Sequence[Example], meanings: Meanings, progress: Progress, *, in_tickets: bool) -> Table:
    """Look at each example once."""
    found: list[list[float]] = []
    bins: list[NDArray[np.int64]] = []
    for number, example in enumerate(examples):
        scene = Scene(meanings.heard(example))
        found.append([*figures(scene), *(ticket_figures(scene) if in_tickets else ())])
        bins.append(phrases(scene.reading))
        if number % EVERY == 0:
            progress("listening", number, len(examples))
    progress("listening", len(examples), len(examples))
    return Table(
        figures=np.array(found, np.float32),
        phrases=sparse(bins),
        meaning=np.stack([meanings.of(example.message.text) for example in examples]),
        wanted=np.array([example.wanted for example in examples]),
        opens=np.array([example.opens for example in examples]),
        groups=np.array([example.group for example in examples]),
    )


def sparse(bins: Sequence[NDArray[np.int64]]) -> Any:
    """Bins of texts as rows of a sparse matrix, each of length 1."""
    matrices: Any = import_module("scipy.sparse")
    sizes = np.array([len(one) for one in bins])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    values = np.repeat(1.0 / np.sqrt(np.maximum(1, sizes)), sizes)
    return matrices.csr_matrix((values, np.concatenate(bins), starts), shape=(len(bins), BINS))
