"""Small trained scores: a weighted sum of named numbers, squeezed to 0..1, read from the JSON files that ship with Vigil. How they are
trained is in `tools/measure_gate.py`; which numbers go in is in `features` and `links`."""

import json
import math
from collections.abc import Sequence
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


class _WeightsFile(TypedDict):
    id: str
    heads: dict[str, _HeadFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One trained score."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    """From here on the score counts as yes; the weights file says how it was chosen."""

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
                "Train them again with `python tools/measure_gate.py train`."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The heads of one weights file."""

    id: str
    opens: Head
    """Does this channel message start a conversation of its own?"""
    answerable: Head
    """Does this channel message open a question that somebody will answer?"""
    follow_up: Head
    """Does this message of a ticket's customer get an answer?"""
    belongs: Head
    """Does this channel message belong to this ticket?"""

    @classmethod
    def parse(cls, text: str) -> "Weights":
        """Read a weights file.

        Raises:
            Misconfigured: it isn't one.
        """
        try:
            content = cast("_WeightsFile", json.loads(text))
            return cls(id=content["id"], **{name: _head(content["heads"][name]) for name in HEADS})
        except (ValueError, KeyError, TypeError) as error:
            raise Misconfigured(
                f"The trained weights can't be read ({type(error).__name__}: {error}). Install Vigil again, or train them with "
                "`python tools/measure_gate.py train`."
            ) from error


HEADS: Sequence[str] = ("opens", "answerable", "follow_up", "belongs")


def _head(content: _HeadFile) -> Head:
    return Head(
        names=tuple(content["weights"]),
        weights=tuple(float(weight) for weight in content["weights"].values()),
        bias=float(content["bias"]),
        threshold=float(content["threshold"]),
    )


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights that came with this version of Vigil."""
    return Weights.parse(files("vigil.assist").joinpath("weights/gate.json").read_text(encoding="utf-8"))
