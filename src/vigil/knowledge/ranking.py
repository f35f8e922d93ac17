"""Which of the candidates answers best: weak signals of each, and a small learned score over them. Finding the candidates is `search`'s;
whether the best one is good enough is `confidence`'s."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vigil.domain.knowledge import Draft
from vigil.knowledge.words import words

Signals = NDArray[np.float64]
"""Shape (candidates, signals), columns in the order of `SIGNALS`."""

SIGNALS = (
    "cosine",
    "turn",
    "line",
    "bm25",
    "overlap",
    "latest",
    "codes",
    "naming",
    "letters",
    "names",
    "asked",
    "used",
)
"""What is known of a candidate:

- ``cosine``: of question and entry, by the embedder.
- ``turn``, ``line``: the same for the last two lines of the question, and for the last line alone.
- ``bm25``: keyword score, as a share of the best candidate's.
- ``overlap``: share of the question's words, weighed by how rare they are, that stand in the entry.
- ``latest``: the same for the last line of the question alone: what was asked last counts most.
- ``codes``: the same for what looks like an error code, a version, a file, a setting or a command.
- ``naming``: the question holds all words of the title or of another name; by how rare those are, since to say ``ubuntu`` among
  Ubuntu's documents names nothing.
- ``letters``: share of a name's groups of three letters that stand in the question: misspellings and compounds; of the best name.
- ``names``: logarithm of the number of names: people name what is often wanted.
- ``asked``: how like the question is to those that the entry has answered before (`history`); 0 without any.
- ``used``: logarithm of how often it has answered, the longer ago the less; 0 without any.
"""
_CODE = re.compile(r"\d.*[^\W\d]|[^\W\d].*\d|\d{3}|\w[^\w']\w")
"""Letters with digits, numbers of three digits and more, or a mark inside: ``e1234``, ``413``, ``11.04``, ``/etc/fstab``, ``apt-get``."""
BM25_K1, BM25_B = 1.2, 0.75
"""BM25's usual saturation and length correction (Robertson and Zaragoza 2009, section 3.5)."""
_LETTERS = 4_000
"""Characters of a question, its end, that are compared by groups of letters."""
_COSINES, _WORDS, _HISTORY = slice(0, 3), slice(3, 10), slice(10, 12)
_KEYWORDS = SIGNALS.index("bm25")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, cut up once."""

    text: str
    words: frozenset[str]
    latest: frozenset[str]
    """Words of its last line that has any."""
    codes: frozenset[str]
    """Words that look like an error code, a version, a file, a setting or a command."""
    letters: frozenset[str]
    views: tuple[str, str, str]
    """What is embedded of it: all of it, its last two lines, its last line. The same text thrice where it has one line."""

    @classmethod
    def of(cls, text: str) -> Self:
        said = [line for line in text.splitlines() if line.strip()]
        lines = [found for line in said if (found := words(line))]
        every = frozenset(word for line in lines for word in line)
        return cls(
            text=text,
            words=every,
            codes=frozenset(word for word in every if _CODE.search(word)),
            latest=frozenset(lines[-1] if lines else ()),
            letters=frozenset(_letters(" ".join(text[-_LETTERS:].lower().split()))),
            views=(text, "\n".join(said[-2:]), said[-1]) if len(said) > 1 else (text, text, text),
        )


def entry_words(draft: Draft) -> list[str]:
    """Words of everything that an entry may be found by."""
    return words("\n".join((draft.title, *draft.aliases, draft.question, draft.answer)))


def entry_names(draft: Draft) -> list[str]:
    """What people may call it, the title and the other names: the words of each, and in lower case the name itself, as one line."""
    names = dict.fromkeys(" ".join(name.lower().split()) for name in (draft.title, *draft.aliases))
    return [f"{' '.join(words(name))}\t{name}" for name in names if name]


def signals(
    asked: Asked,
    entries: Sequence[Sequence[str]],
    names: Sequence[Sequence[str]],
    cosines: NDArray[np.float32],
    history: NDArray[np.float32] | None = None,
) -> Signals:
    """The signals of each candidate, one row each. How rare a word is, is judged among these candidates: no statistics to keep.

    Args:
        entries: the words of each (`entry_words`).
        names: the names of each (`entry_names`).
        cosines: with each of the question's `views`, three to a candidate.
        history: ``asked`` and ``used`` of each, two to a candidate; None where nothing was answered yet.
    """
    found = [Counter([word for word in entry if word in asked.words]) for entry in entries]
    spread = Counter([word for counts in found for word in counts])
    rarity = {word: math.log(1 + (len(entries) - spread[word] + 0.5) / (spread[word] + 0.5)) for word in asked.words}
    whole, latest, codes = (_sum(rarity, some) or 1.0 for some in (asked.words, asked.latest, asked.codes))
    usual = sum(len(entry) for entry in entries) / max(1, len(entries)) or 1.0
    table = np.zeros((len(entries), len(SIGNALS)))
    for row, entry, counts, called in zip(table, entries, found, names, strict=True):
        damping = BM25_K1 * (1 - BM25_B + BM25_B * len(entry) / usual)
        cut = [name.partition("\t") for name in called]
        said = [frozenset(found.split()) for found, _, _ in cut]
        naming = [_sum(rarity, name) for name in said if name and name <= asked.words]
        row[_WORDS] = (
            math.fsum(rarity[word] * times * (BM25_K1 + 1) / (times + damping) for word, times in counts.items()),
            _sum(rarity, counts) / whole,
            _sum(rarity, asked.latest & counts.keys()) / latest,
            _sum(rarity, asked.codes & counts.keys()) / codes,
            math.sqrt(max(naming, default=0.0)),
            max((_shared(asked.letters, name) for _, _, name in cut), default=0.0),
            math.log(max(1, len(called))),
        )
    if len(entries):
        table[:, _COSINES] = cosines
        table[:, _KEYWORDS] /= table[:, _KEYWORDS].max() or 1.0
        if history is not None:
            table[:, _HISTORY] = history
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


_LIKE = 8.0
"""``asked`` from which a person is told of it: one question with a cosine of .6."""


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
    if by_name.get("asked", 0.0) >= _LIKE:
        said.append("answered a question like it")
    return ", ".join(said)


def _sum(rarity: Mapping[str, float], chosen: Iterable[str]) -> float:
    return math.fsum(
        rarity[word] for word in chosen if word in rarity
    )  # exact, so that the order of a set plays no part


def _letters(text: str) -> list[str]:
    """Every three letters in a row, word ends counting as a space."""
    spaced = f" {text} "
    return [spaced[i : i + 3] for i in range(len(spaced) - 2)]


def _shared(letters: frozenset[str], name: str) -> float:
    groups = _letters(name)
    return sum(group in letters for group in groups) / len(groups)
