"""A text's words, pairs and triples of words as numbered bins, for scores that were trained on which of them say what. Hashing only: how
much each bin weighs is in `hearing`'s weights."""

import re
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vigil.language.reading import MAX_WORDS, Reading

BINS = 1 << 17
"""Bins; the phrases of 50,000 chat messages share few of them."""
_PIECE = re.compile(r"\w+|[?!:,]")
_DIGITS = re.compile(r"\d+")
_NAMED = "\x01"
"""Stands for the name that a message begins with: whose it is says nothing."""


def phrases(reading: Reading) -> NDArray[np.int64]:
    """The bins of a text, each once, in no particular order; empty for a text without words."""
    body = _DIGITS.sub("0", reading.body.casefold())
    pieces = [_NAMED, *_PIECE.findall(body)[:MAX_WORDS]] if reading.prefix else _PIECE.findall(body)[:MAX_WORDS]
    pairs = [f"{one} {two}" for one, two in pairwise(pieces)]
    triples = [f"{pair} {third}" for pair, third in zip(pairs, pieces[2:], strict=False)]
    bins = {crc32(phrase.encode("utf-8", "replace")) % BINS for phrase in (*pieces, *pairs, *triples)}
    return np.fromiter(bins, np.int64, len(bins))
