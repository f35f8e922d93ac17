"""The vector of an entry: which of its words are embedded, and how the vector is kept. Embedding itself is `language`'s."""

from collections.abc import Sequence

import numpy as np

from vigil.domain.knowledge import Draft
from vigil.language.embedder import Embedder, Vectors

NAMES_WEIGHT = 0.5
"""How much the names of an entry that has several weigh beside its text. Measured with the bundled embedder alone, P@1 and hit@5 on
`factoid_dev`: text .283 / .578, names and text in one .307 / .593, names added to that with this weight .374 / .630 (1.0: .379 / .624).
For passages of documents the title is part of the text and no more: averaging it in costs `grounded_dev` .02 to .05 P@1."""

MAX_TEXT = 8_000
"""Characters of an entry that are given to the embedder: far more than the bundled one reads."""


async def embed_drafts(embedder: Embedder, drafts: Sequence[Draft]) -> Vectors:
    """A vector of length 1 for each draft.

    Raises:
        ModelUnavailable: a remote embedder gave no usable answer.
    """
    texts = [_whole(draft) for draft in drafts]
    named = [number for number, draft in enumerate(drafts) if draft.aliases]
    vectors = await embedder.embed([*texts, *(_names(drafts[number]) for number in named)])
    whole = np.array(vectors[: len(texts)], dtype=np.float32)
    whole[named] += NAMES_WEIGHT * vectors[len(texts) :]
    return unit(whole)


def unit(vectors: Vectors) -> Vectors:
    """Each row brought to length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def cosines(vectors: Vectors, vector: Vectors) -> Vectors:
    """Of each row with one vector, all of length 1. Not by BLAS: for a live question its threads wait for one another, and for everything
    else on the machine. On two busy processors a search among 10,000 entries took 46 ms with them and 11 without."""
    return np.einsum("ij,j->i", vectors, vector)


def pack(vector: Vectors) -> bytes:
    """As SQL keeps it: float16, little-endian, two bytes a dimension."""
    return vector.astype("<f2").tobytes()


def unpack(packed: Sequence[bytes]) -> Vectors:
    """What `pack` packed, one row each, of length 1 again."""
    halves = np.frombuffer(b"".join(packed), dtype="<f2").reshape(len(packed), -1)
    return unit(halves.astype(np.float32))


def _whole(draft: Draft) -> str:
    parts = (_names(draft), draft.question, draft.answer)
    return "\n".join(part for part in parts if part)[:MAX_TEXT]


def _names(draft: Draft) -> str:
    return "; ".join(name for name in (draft.title, *draft.aliases) if name)
