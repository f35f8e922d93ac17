"""How sure the best candidate of a search is the right one: a small calibrated score over how it stands out and how it fits. Which is
the best is `ranking`'s; what follows from how sure it is, `ask`'s."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.knowledge import Candidate, EvidenceKind
from vigil.knowledge.claims import particulars
from vigil.language.embedder import Vectors

TRAITS = ("lead", "ahead", "cosine", "turn", "line", "bm25", "latest", "naming", "letters", "asked", "used")
"""What the confidence is made of; more of any is never less sure.

- ``lead``: the share of the best candidate's page in the odds among the first `AMONG` and one that nobody wrote, by the ranker. It falls
  when another page nearly ties; sections of one page stand by one another.
- ``ahead``: by how much its cosine is above that of every other page; 0 where one is nearer.
- the others: the best candidate's signals of these names (`ranking.SIGNALS`).
"""
AMONG = 10
SAME = 0.95
"""Cosine from which two entries say the same, if their numbers, addresses, commands and denials agree as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """A logistic curve over the traits."""

    intercept: float
    weights: tuple[float, ...]
    """One a trait, none below zero."""
    nothing: float
    """Score of the entry that nobody wrote: without it, the best of two entries would always stand out."""

    def of(self, candidates: Sequence[Candidate]) -> float:
        """0 to 1, for distinct candidates, best first: how often the best one of such a search is right. 0 where there is none."""
        if not candidates:
            return 0.0
        score = self.intercept + sum(
            weight * trait for weight, trait in zip(self.weights, traits(candidates, self.nothing), strict=True)
        )
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def traits(candidates: Sequence[Candidate], nothing: float) -> tuple[float, ...]:
    """The traits of distinct candidates, best first, in the order of `TRAITS`; `nothing` as in `Confidence`."""
    best = candidates[0]
    odds = [math.exp(min(30.0, candidate.score - best.score)) for candidate in candidates[:AMONG]]
    page = _page(best)
    same = math.fsum(each for each, candidate in zip(odds, candidates, strict=False) if _page(candidate) == page)
    by_name = dict(best.scores)
    lead = same / (math.fsum(odds) + math.exp(min(30.0, nothing - best.score)))
    nearest = max((_cosine(candidate) for candidate in candidates[:AMONG] if _page(candidate) != page), default=0.0)
    ahead = max(0.0, _cosine(best) - nearest)
    return (lead, ahead, *(by_name.get(name, 0.0) for name in TRAITS[2:]))


def _cosine(candidate: Candidate) -> float:
    return next((value for name, value in candidate.scores if name == "cosine"), 0.0)


def _page(candidate: Candidate) -> tuple[str, str]:
    """The page that a section is of: a document, and the title up to the first heading. What is of no document is a page of its own."""
    for evidence in candidate.evidence:
        if evidence.kind is EvidenceKind.DOCUMENT:
            return evidence.reference.partition("#")[0], candidate.title.partition(" › ")[0]
    return candidate.entry_id, ""


def distinct(candidates: Sequence[Candidate], vectors: Vectors) -> list[int]:
    """Numbers of the candidates without those that say the same as a better one."""
    kept: list[int] = []
    for number, candidate in enumerate(candidates):
        alike = [other for other in kept if _alike(candidate.text, candidates[other].text, vectors, number, other)]
        if not alike:
            kept.append(number)
    return kept


def _alike(text: str, other: str, vectors: Vectors, one: int, two: int) -> bool:
    if text.split() == other.split():
        return True
    return float(np.dot(vectors[one], vectors[two])) >= SAME and particulars(text) == particulars(other)
