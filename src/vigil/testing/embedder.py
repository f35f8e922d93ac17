"""An embedder for tests: words hashed into a few dimensions, so that texts that share words are near each other. No weights, no wait."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from vigil.language.embedder import Vectors


class HashEmbedder:
    """Bag of words by feature hashing: each word adds +1 or -1 to one dimension. The same text has the same vector for ever.

    Args:
        dimensions: of the vectors; fewer than about 32 make unlike words collide.
        version: part of the id, for tests of an index that was made by another embedder.
    """

    def __init__(self, *, dimensions: int = 64, version: int = 1) -> None:
        self._dimensions = dimensions
        self._version = version
        self.embedded = 0
        """Texts that were embedded so far."""

    @property
    def id(self) -> str:
        return f"hash-{self._dimensions}-{self._version}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return self.embed_now(texts)

    def embed_now(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                digest = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "big")
                vector[(digest >> 1) % self._dimensions] += 1 if digest & 1 else -1
            if not vector.any():  # words of opposite sign cancelled each other
                vector[0] = 1
            vector /= np.linalg.norm(vector)
        return vectors
