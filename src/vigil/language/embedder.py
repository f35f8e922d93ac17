"""The port through which texts become vectors. The bundled and the remote adapters live in files of their own."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Shape (number of texts, dimensions), each row of unit length: a dot product is a cosine."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def id(self) -> str:
        """Names the model and its version. Vectors of two ids must never be compared; an index refuses a query from another id."""
        ...

    @property
    def dimensions(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in order; an empty text gets a row too. Off the event loop.

        Raises:
            ModelUnavailable: a remote endpoint gave no usable answer.
        """
        ...
