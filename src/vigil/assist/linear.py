"""A small trained score: a weighted sum of named numbers, squeezed to 0..1, read from a JSON file that ships with Vigil. Which numbers go
in is in `links`; how it is trained is in `tools/train_gate.py`."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias, TypedDict, cast

from vigil.errors import Misconfigured

Figures: TypeAlias = list[tuple[str, float]]
"""Named numbers, always in the same order."""


class _HeadFile(TypedDict):
    bias: float
    threshold: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One trained score."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    """From here on the score counts as yes; the weights file says how it was chosen."""

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read a weights file.

        Raises:
            Misconfigured: it isn't one.
        """
        try:
            content = cast("_HeadFile", json.loads(text))
            return cls(
                names=tuple(content["weights"]),
                weights=tuple(float(weight) for weight in content["weights"].values()),
                bias=float(content["bias"]),
                threshold=float(content["threshold"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Misconfigured(
                f"The trained weights can't be read ({type(error).__name__}: {error}). Install Vigil again, or train them with "
                "`python tools/train_gate.py`."
            ) from error

    def score(self, figures: Figures) -> float:
        """Probability, 0 to 1. `figures` must be those that it was trained on, which `check` makes sure of once."""
        total = self.bias
        for weight, (_, value) in zip(self.weights, figures, strict=True):
            total += weight * value
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def check(self, figures: Figures) -> None:
        """Refuse weights that were trained on other figures.

        Raises:
            Misconfigured: names the first difference.
        """
        wanted = [name for name, _ in figures]
        if wanted != list(self.names):
            other = sorted(set(wanted) ^ set(self.names))
            raise Misconfigured(
                f"The trained weights don't fit this version's figures ({', '.join(other[:3]) or 'their order'}). "
                "Train them again with `python tools/train_gate.py`."
            )


@lru_cache(maxsize=1)
def shipped() -> Head:
    """Does a channel message belong to a ticket? The score over `links` that came with this version of Vigil."""
    return Head.parse(files("vigil.assist").joinpath("weights/belongs.json").read_text(encoding="utf-8"))
