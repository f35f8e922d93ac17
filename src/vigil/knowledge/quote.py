"""Answering without a model: of the passage that answers best, the stretch that answers, word for word. How a passage falls into pieces is
in `passage`; whether the quotation is given at all is `ask`'s."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigil.knowledge.passage import Piece, PieceKind, pieces
from vigil.knowledge.words import words
from vigil.language.embedder import Embedder, Vectors

MOST_WORDS = 80
"""Words that a quotation has at most, unless it is one list of steps, one table or one block of code, which are never cut."""
MOST_PIECES = 40
"""Pieces of one passage that are embedded, those that share most words with the question: passages of documents have some 20."""
WORDS_WEIGHT = 0.25
"""How much the share of the question's words weighs beside the cosine."""
ORDINARY = 0.7
"""A piece whose score is less than this share of the passage's mean says nothing to the point, and makes a stretch worse. With both
numbers a quotation of 71 words holds .49 of the words of `grounded_dev`'s reference answers; the passage's first 80 words hold .41, the
whole passage of 259 words .67 (tools/measure_retrieval.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A stretch of a passage."""

    start: int
    end: int
    words: int


async def quote(
    embedder: Embedder, passage: str, question: str, vector: Vectors | None, *, most: int = MOST_WORDS
) -> Quotation:
    """The stretch of `passage` that answers `question`: all of it where it is short.

    Args:
        vector: the question's, of shape (1, dimensions); without one only words are compared.
        most: words that it may have, unless one piece alone has more.

    Raises:
        ModelUnavailable: a remote embedder gave no usable answer.
    """
    found = pieces(passage)
    if not found:
        return Quotation(start=0, end=len(passage), words=0)
    if _words(passage, found, 0, len(found) - 1) <= most:
        return _quotation(passage, found, 0, len(found) - 1)
    texts = [passage[piece.start : piece.end] for piece in found]
    overlap = _overlap(texts, question)
    cosines = np.zeros(len(found))
    if vector is not None:
        compared: list[int] = np.argsort(-overlap, kind="stable")[:MOST_PIECES].tolist()
        near = (await embedder.embed([texts[number] for number in compared])) @ vector[0]
        cosines[:] = near.min()
        cosines[compared] = near
    scores = cosines + WORDS_WEIGHT * overlap
    return _quotation(passage, found, *window(passage, found, scores, most))


def window(passage: str, found: Sequence[Piece], scores: NDArray[np.float64], most: int) -> tuple[int, int]:
    """First and last of the pieces to quote: the stretch whose pieces stand out most, the longer ones counting more.

    A stretch never crosses a heading, and what announces something stays with what it announces.
    """
    lengths = np.array([len(passage[piece.start : piece.end].split()) for piece in found])
    worth = (scores - ORDINARY * scores.mean()) * np.sqrt(lengths)
    best, chosen = -math.inf, (0, len(found) - 1)
    for first in range(len(found)):
        if first > 0 and _announces(found[first - 1]):
            continue
        for last in range(first, len(found)):
            if found[last].kind is PieceKind.HEADING:
                break
            said = sum(not piece.leads for piece in found[first : last + 1])
            if said > 1 and _words(passage, found, first, last) > most:
                break
            if _announces(found[last]) and last + 1 < len(found):
                continue
            if (total := float(worth[first : last + 1].sum())) > best:
                best, chosen = total, (first, last)
    return chosen


def _announces(piece: Piece) -> bool:
    return piece.leads and piece.kind is not PieceKind.HEADING


def _words(passage: str, found: Sequence[Piece], first: int, last: int) -> int:
    return _length(passage[found[first].start : found[last].end])


def _length(text: str) -> int:
    """Words, or for scripts without spaces what would be as long in English."""
    return max(len(text.split()), len(text) // 8)


def _quotation(passage: str, found: Sequence[Piece], first: int, last: int) -> Quotation:
    start, end = found[first].start, found[last].end
    return Quotation(start=start, end=end, words=len(passage[start:end].split()))


def _overlap(texts: Sequence[str], question: str) -> NDArray[np.float64]:
    """For each piece the share of the question's words that stand in it; words that stand in fewer pieces count more."""
    asked = set(words(question))
    held = [asked.intersection(words(text)) for text in texts]
    weights = {word: 1.0 / spread for word in asked if (spread := sum(word in some for some in held))}
    whole = sum(weights.values()) or 1.0
    return np.array([sum(weights[word] for word in some) / whole for some in held])
