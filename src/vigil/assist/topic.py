"""Which of a workspace's topics a ticket is about, by likeness to their descriptions and examples, or honestly none. No model call; a
person's choice is never looked at again."""

import math
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.topic import Topic
from vigil.knowledge.words import words
from vigil.language.embedder import Embedder, Vectors
from vigil.language.sentences import sentences_of

NONE_BELOW = 0.45
"""Least likeness of a topic. Here and at `MARGIN`, nine in ten openings of the demo's desk that get a topic get the right one."""
MARGIN = 0.03
"""Least distance to the second: where two topics fit alike, none is taken."""
WORD_SHARE = 0.2
"""Weight of shared words beside the cosine: it brings product names that no embedder knows, and adds 2 to 9 points of accuracy on every
desk that `tools/measure_topics.py` looks at."""
KEPT = 64
"""Topic lists that are kept ready in memory."""
LONGEST = 600
"""Characters of an opening that are read for its topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a ticket is about."""

    topic: Topic | None
    """None where nothing is near enough, or two are alike."""
    likeness: float = 0.0
    second: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prototype:
    """A topic as its texts show it."""

    vectors: Vectors
    """A row for name and description, and one for each example."""
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A topic list, ready to be compared with."""

    prototypes: tuple[_Prototype, ...]
    rarity: dict[str, float]
    """How much a word says: much where few topics have it."""


class Topics:
    """Chooses topics; keeps each topic list ready for as long as it doesn't change."""

    def __init__(self, embedder: Embedder, *, none_below: float = NONE_BELOW, margin: float = MARGIN) -> None:
        self._embedder = embedder
        self._none_below = none_below
        self._margin = margin
        self._kept: OrderedDict[tuple[str, int, tuple[Topic, ...]], _Prepared] = OrderedDict()

    async def choose(self, workspace: str, version: int, topics: Sequence[Topic], texts: Sequence[str]) -> Choice:
        """The topic of a ticket that opens with `texts`; `version` is the topic list's.

        A topic's likeness is the mean of its best text's cosine and of the cosine to all of its texts together (the first knows rare
        wordings, the second keeps one odd example from catching everything), and on top the share of telling words that it has too.

        Raises:
            ModelUnavailable: a remote embedder gave no usable answer.
        """
        opening = " ".join(sentence for text in texts for sentence in sentences_of(text))[:LONGEST]
        if not topics or not opening:
            return Choice(topic=None)
        prepared = await self._prepared(workspace, version, tuple(topics))
        vector = (await self._embedder.embed([opening]))[0]
        said = set(words(opening))
        likenesses = [_likeness(vector, said, prototype, prepared.rarity) for prototype in prepared.prototypes]
        best, *rest = sorted(range(len(topics)), key=lambda place: (-likenesses[place], place))
        second = likenesses[rest[0]] if rest else 0.0
        near = likenesses[best] >= self._none_below and likenesses[best] - second >= self._margin
        return Choice(topic=topics[best] if near else None, likeness=likenesses[best], second=second)

    async def _prepared(self, workspace: str, version: int, topics: tuple[Topic, ...]) -> _Prepared:
        key = (workspace, version, topics)
        if key not in self._kept:
            texts = [_texts(topic) for topic in topics]
            vectors = await self._embedder.embed([text for some in texts for text in some])
            prototypes: list[_Prototype] = []
            start = 0
            for some in texts:
                told = frozenset(word for text in some for word in words(text))
                prototypes.append(_Prototype(vectors=vectors[start : start + len(some)], words=told))
                start += len(some)
            spread = Counter(word for prototype in prototypes for word in prototype.words)
            rarity = {word: math.log((len(topics) + count) / (2 * count)) + 0.1 for word, count in spread.items()}
            self._kept[key] = _Prepared(prototypes=tuple(prototypes), rarity=rarity)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def _texts(topic: Topic) -> list[str]:
    described = f"{topic.name}. {topic.description}" if topic.description else topic.name
    return [described, *topic.examples]


def _likeness(vector: Vectors, said: set[str], prototype: _Prototype, rarity: dict[str, float]) -> float:
    middle = prototype.vectors.mean(axis=0)
    length = float(np.linalg.norm(middle)) or 1.0
    cosine = 0.5 * float((prototype.vectors @ vector).max()) + 0.5 * float(middle @ vector) / length
    shared = sum(rarity[word] for word in said & prototype.words) / (1.0 + sum(rarity.get(word, 0.0) for word in said))
    return cosine + WORD_SHARE * shared
