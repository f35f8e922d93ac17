"""What learning has to beat: the same past, searched raw. Each control knows what the lessons could know (tickets that had ended), offers
what the analysts said in what it finds, in as many offers of as many characters."""

import bisect
import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vigil.domain.conversation import Role
from vigil.evaluate.learning.course import BATCH, FINDS, Course, Offer, Progress, filled
from vigil.knowledge.ranking import BM25_B, BM25_K1
from vigil.knowledge.words import words
from vigil.language.embedder import Embedder, Vectors
from vigil.learn.lesson import Ended

EMBEDDED_CHARS = 600
"""Of a raw ticket, its beginning: question and first answers. The embedder reads some 1,000."""
_SPOKEN_TO = re.compile(r"^\S{1,30}[:,]\s+")
NEIGHBOURS = 10
"""The shuffle gives each question the offer of one of its nearest this many others."""


def bm25(course: Course) -> list[Offer | None]:
    """The ticket whose words fit best, by BM25."""
    counts = [Counter(words(" ".join(message.text for message in each.messages))) for each in course.tickets]
    lengths = np.array([sum(count.values()) for count in counts], np.float64)
    damping = BM25_K1 * (1 - BM25_B + BM25_B * lengths / max(1.0, float(lengths.mean())))
    places: dict[str, list[tuple[int, int]]] = {}
    for number, count in enumerate(counts):
        for word, times in count.items():
            places.setdefault(word, []).append((number, times))
    ends = [each.messages[-1].sent_at for each in course.tickets]
    made: list[Offer | None] = []
    for need in course.needs:
        known = bisect.bisect_left(ends, need.at)
        scores = np.zeros(len(counts))
        for word in set(words(need.question)):
            standing = places.get(word, [])
            upto = bisect.bisect_left(standing, (known, 0))
            rarity = math.log(1 + (known - upto + 0.5) / (upto + 0.5))
            for number, times in standing[:upto]:
                scores[number] += rarity * times * (BM25_K1 + 1) / (times + damping[number])
        made.append(_offer(course.tickets, scores[:known]))
    return made


async def nearest(course: Course, embedder: Embedder, progress: Progress) -> list[Offer | None]:
    """The ticket whose beginning is nearest by meaning."""
    texts = ["\n".join(message.text for message in each.messages)[:EMBEDDED_CHARS] for each in course.tickets]
    parts: list[Vectors] = []
    for start in range(0, len(texts), BATCH):
        parts.append(await embedder.embed(texts[start : start + BATCH]))
        progress("raw tickets", min(start + BATCH, len(texts)), len(texts))
    vectors = np.concatenate(parts) if parts else np.zeros((0, embedder.dimensions), np.float32)
    ends = [each.messages[-1].sent_at for each in course.tickets]
    made: list[Offer | None] = []
    for need, views in zip(course.needs, course.views, strict=True):
        known = bisect.bisect_left(ends, need.at)
        made.append(_offer(course.tickets, (vectors[:known] @ views[0]).astype(np.float64)))
    return made


def shuffled(course: Course, mine: Sequence[Offer | None], *, seed: int) -> list[Offer | None]:
    """The lessons' own offers, each given to a question on much the same topic."""
    drawn = np.random.default_rng(seed)
    spoken = np.array([number for number, offer in enumerate(mine) if offer is not None], np.intp)
    made: list[Offer | None] = []
    for number, offer in enumerate(mine):
        others = spoken[spoken != number]
        if offer is None or not len(others):
            made.append(None)
            continue
        near = course.views[others, 0] @ course.views[number, 0]
        chosen = others[np.argsort(-near, kind="stable")[:NEIGHBOURS]]
        other = mine[int(drawn.choice(chosen))]
        made.append(Offer(text=other.text if other is not None else "", sure=offer.sure))
    return made


def _offer(tickets: Sequence[Ended], scores: NDArray[np.float64]) -> Offer | None:
    if not len(scores) or float(scores.max()) <= 0:
        return None
    best = np.argsort(-scores, kind="stable")[:FINDS]
    return Offer(text=filled(_said(tickets[int(place)]) for place in best), sure=float(scores[best[0]]))


def _said(ended: Ended) -> str:
    """What the analysts said, without whom they spoke to: that fills nobody's two lines."""
    return " ".join(
        _SPOKEN_TO.sub("", message.text) for message in ended.messages if message.author.role is Role.ANALYST
    )
