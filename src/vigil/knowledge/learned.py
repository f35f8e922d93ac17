"""The numbers that were learned from data and ship with Vigil: the ranker's and the confidence's. They are made, and their card is
written, by `tools/measure_retrieval.py`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from vigil.knowledge.confidence import TRAITS, Confidence
from vigil.knowledge.ranking import SIGNALS, Ranker

PATH = Path(__file__).parent / "learned.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What one training gave."""

    ranker: Ranker
    confidence: Confidence
    threshold: float
    """The confidence from which what was said was right in seven of ten, and at most one in seven missing entries was answered anyway, over
    the data that it was learned from. What an installation goes by are its settings and its own outcomes."""
    floor: float
    """A confidence below which asking a model is a waste: its evidence doesn't hold the answer."""

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Learned":
        ranker, confidence = body["ranker"], body["confidence"]
        return cls(
            ranker=Ranker(weights=np.array([float(ranker.get(name, 0.0)) for name in SIGNALS])),
            confidence=Confidence(
                intercept=float(confidence["intercept"]),
                weights=tuple(float(confidence.get(name, 0.0)) for name in TRAITS),
                nothing=float(confidence["nothing"]),
            ),
            threshold=float(confidence["threshold"]),
            floor=float(confidence["floor"]),
        )


@cache
def shipped() -> Learned:
    """What came with this version of Vigil."""
    return Learned.from_json(json.loads(PATH.read_text("utf-8")))
