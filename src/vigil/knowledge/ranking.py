"""Which of the candidates answers best: weak signals of each, and a small learned score over them. Finding the candidates is `search`'s;
whether the best one is good enough is `confidence`'s."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vigil.domain.knowledge import Draft
from vigil.knowledge.words import words

Signals = NDArray[np.float64]
"""Shape (candidates, signals), columns in the order of `SIGNALS`."""

SIGNALS = ("cosine", "bm25", "overlap", "latest", "naming", "letters", "names")
"""What is known of a candidate:

- ``cosine``: of question and entry, by the embedder.
- ``bm25``: keyword score, as a share of the best candidate's.
- ``overlap``: share of the question's words, weighed by how rare they are, that stand in the entry.
- ``latest``: the same for the last line of the question alone: what was asked last counts most.
- ``naming``: the question holds all words of the title or of another name; by how rare those are, since to say ``ubuntu`` among
  Ubuntu's documents names nothing.
- ``letters``: share of a name's groups of three letters that stand in the question: misspellings and compounds; of the best name.
- ``names``: logarithm of the number of names: people name what is often wanted.
"""
_K1, _B = 1.2, 0.75
"""BM25's usual saturation and length correction (Robertson and Zaragoza 2009, section 3.5)."""
_LETTERS = 4_000
"""Characters of a text that are compared by groups of letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, cut up once."""

    text: str
    words: frozenset[str]
    latest: frozenset[str]
    """Words of its last line that has any."""
    letters: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Self:
        lines = [found for line in text.splitlines() if (found := words(line))]
        return cls(
            text=text,
            words=frozenset(word for line in lines for word in line),
            latest=frozenset(lines[-1] if lines else ()),
            letters=_letters(text),
        )


def entry_words(draft: Draft) -> list[str]:
    """Words of everything that an entry may be found by."""
    return words("\n".join((draft.title, *draft.aliases, draft.question, draft.answer)))


def entry_names(draft: Draft) -> tuple[str, ...]:
    """What people may call it: the title and the other names, each on one line, each once."""
    names = (" ".join(name.split()) for name in (draft.title, *draft.aliases))
    return tuple(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entry, cut up once."""

    words: frozenset[str]
    letters: frozenset[str]

    @classmethod
    @lru_cache(maxsize=20_000)
    def of(cls, text: str) -> "Name":
        return cls(frozenset(words(text)), _letters(text))


def signals(
    asked: Asked,
    entries: Sequence[Sequence[str]],
    names: Sequence[Sequence[str]],
    cosines: NDArray[np.float32],
) -> Signals:
    """The signals of each candidate, one row each, from its words (`entry_words`), its names (`entry_names`) and its cosine with the
    question. How rare a word is, is judged among these candidates: no statistics to keep."""
    found = [Counter([word for word in entry if word in asked.words]) for entry in entries]
    spread = Counter([word for counts in found for word in counts])
    rarity = {word: math.log(1 + (len(entries) - spread[word] + 0.5) / (spread[word] + 0.5)) for word in asked.words}
    whole, latest = _sum(rarity, asked.words) or 1.0, _sum(rarity, asked.latest) or 1.0
    usual = sum(len(entry) for entry in entries) / max(1, len(entries)) or 1.0
    table = np.zeros((len(entries), len(SIGNALS)))
    for row, entry, counts, called, cosine in zip(table, entries, found, names, cosines, strict=True):
        damping = _K1 * (1 - _B + _B * len(entry) / usual)
        cut = [Name.of(name) for name in called]
        naming = [_sum(rarity, name.words) for name in cut if name.words and name.words <= asked.words]
        row[:] = (
            cosine,
            math.fsum(rarity[word] * times * (_K1 + 1) / (times + damping) for word, times in counts.items()),
            _sum(rarity, counts) / whole,
            _sum(rarity, asked.latest & counts.keys()) / latest,
            math.sqrt(max(naming, default=0.0)),
            max((len(name.letters & asked.letters) / len(name.letters) for name in cut if name.letters), default=0.0),
            math.log(max(1, len(called))),
        )
    if len(entries):
        table[:, 1] /= table[:, 1].max() or 1.0
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """A linear score over the signals, learned as a conditional logit (McFadden 1974): what `scores` differ by is log-odds of being
    the one that is wanted."""

    weights: NDArray[np.float64]
    """One a signal."""

    def scores(self, table: Signals) -> NDArray[np.float64]:
        """One score a candidate; larger is better."""
        return table @ self.weights


def why(scores: Sequence[tuple[str, float]]) -> str:
    """In a few words for a person, what speaks for a candidate; from its `scores`."""
    by_name = dict(scores)
    said = [f"meaning {by_name.get('cosine', 0.0):.2f}"]
    if (overlap := by_name.get("overlap", 0.0)) >= 0.005:
        said.append(f"{overlap:.0%} of the question's words")
    if by_name.get("naming", 0.0) > 0:
        said.append("named in the question")
    if by_name.get("bm25", 0.0) >= 0.995:
        said.append("best by keywords")
    return ", ".join(said)


def _sum(rarity: Mapping[str, float], chosen: Iterable[str]) -> float:
    return math.fsum(
        rarity[word] for word in chosen if word in rarity
    )  # exact, so that the order of a set plays no part


def _letters(text: str) -> frozenset[str]:
    spaced = f" {' '.join(text[:_LETTERS].lower().split())} "
    return frozenset(spaced[i : i + 3] for i in range(len(spaced) - 2))
