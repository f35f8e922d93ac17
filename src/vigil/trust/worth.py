"""Whether saying something unasked in a shared channel is worth the interruption: one number out of what was heard and what was found. What
follows from it is `policy`'s; how its weights are learned is in `vigil.evaluate.proactive`."""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TERMS = ("answerable", "turn", "confidence", "used", "asked")
"""What it is made of, each as `Offer` has it; the first three as logarithms."""
LEAST = 0.001
"""Added to chances before their logarithm is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that could be said about a message."""

    answerable: float
    """Chance that the message opens something that somebody answers."""
    turn: float
    """The best such chance among the author's last messages, this one included."""
    confidence: float
    """Chance that the answer is right."""
    used: float = 0.0
    """How often its entry was the answer before, as the search's signal of that name."""
    asked: float = 0.0
    """How like earlier questions of its entry this one is, as the search's signal of that name."""

    @property
    def terms(self) -> tuple[float, ...]:
        """In the order of `TERMS`."""
        logs = (math.log(chance + LEAST) for chance in (self.answerable, self.turn, self.confidence))
        return (*logs, self.used, self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """A weighted product: who wants an answer, times who has it. It orders offers; it is no probability."""

    weights: tuple[float, ...]
    """One a term."""
    bar: float
    """From here on it is worth it; the card says how many interruptions that made."""

    def of(self, offer: Offer) -> float:
        """Larger is better; 0 and up."""
        return math.exp(min(30.0, math.fsum(w * term for w, term in zip(self.weights, offer.terms, strict=True))))


@cache
def shipped() -> Worth:
    """What came with this version of Vigil."""
    body = json.loads((Path(__file__).parent / "worth.json").read_text("utf-8"))
    return Worth(weights=tuple(float(body["weights"][name]) for name in TERMS), bar=float(body["bar"]))
