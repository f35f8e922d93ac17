"""How much a text from outside sounds as if it gave orders to whoever reads it: a small trained score of its sentences. The text is only
read, never obeyed; what is done about a suspicion is for the rooms above."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vigil.errors import Misconfigured
from vigil.guard.sanitise import clean

BINS = 1 << 15
"""Bins of words and pairs of words; some 13,000 are in use."""
WINDOW, STEP = 60, 40
"""Words and marks that are scored together, and from where to where the next window begins in a sentence without an end."""
FEWEST_LETTERS = 4

_CUT = re.compile(
    r"\n+|(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“A-Z(])"  # lines and sentences
    r"|(?<=[\"'\]}])\s*,\s*(?=[\"'{\[])|(?<=[\"'])\s*:\s*(?=[\"'{\[])|\|"  # fields of what a tool or a form gave back
)
_AROUND = frozenset(" \t\n'\"‘’“”{}[](),:")
"""What stands around a field of a tool's answer and belongs to no word."""
_ADDRESSEE = re.compile(r"^\S{1,30}[:,] ")
_SHAPES = (
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{1,63}"), " \x01e "),
    (re.compile(r"(?:https?://|www\.)\S+|\b[\w-]{1,63}\.(?:com|org|net|io)\b\S*"), " \x01u "),
    (re.compile(r"(?<!\w)'[^'\n]{1,80}'(?!\w)|\"[^\"\n]{1,80}\"|`[^`\n]{1,80}`"), " \x01q "),
    (re.compile(r"\d[\d,.:/-]*"), "0"),
)
"""Addresses, quoted words and numbers as one word each: which they are says nothing."""
_READER = r"(?:ai|a\.i\.|assistant|(?:chat|support|help)? ?bot|(?:large )?language model|llm|(?:ai )?agent|copilot)"
_INSTRUCTIONS = r"(?:instructions?|rules|prompts?|guidelines|directives|commands|orders|policies)\b"
_SYSTEM = r"(?:system|developer|hidden|initial) (?:prompt|instructions?|messages?)\b"
_SHOW = r"(?:reveal|repeat|print|show|output|leak)\b"
_PUT = r"(?:include|add|insert|embed|integrate|incorporate|append|weave|mention|end|begin|start)\b"
_YOURS = r"\b(?:in|into|to|of|with) your (?:next |final |own )?(?:response|reply|replies|answers?|output|summary|suggestions?)\b"
_ORDERS = tuple(
    re.compile(rf"\b(?:{pattern})", re.IGNORECASE)
    for pattern in (
        r"(?:ignore|disregard|forget|override|bypass|overrule)\b.{0,30}\b(?:previous|prior|above|earlier|preceding|your|all|any|other)\b"
        rf".{{0,20}}\b{_INSTRUCTIONS}",
        rf"{_SYSTEM}.{{0,40}}\b{_SHOW}|{_SHOW}.{{0,30}}\b(?:your|the) {_SYSTEM}",
        r"(?:from now on|henceforth),? (?:you|always|never|answer|respond|reply|every|all|act|treat|ignore)\b",
        r"you are now (?:an?|in|my|the)\b",
        rf"(?:as|to|dear|attention|hey|note to|the|any|every|this),?:? (?:an? |the |all )?{_READER}s?\b.{{0,25}}"
        r"\b(?:(?:must|shall|should now|has to)\b"
        r"|is (?:now )?(?:instructed|required|ordered|authori[sz]ed|to)\b|please (?:send|tell|forward|delete|reply|include|add)\b)",
        rf"{_PUT}.{{0,60}}{_YOURS}",
        r"(?:do not|don['’]t|never) (?:tell|inform|mention (?:this|it) to|alert|warn|notify|reveal (?:this|it) to) (?:the |any |your )?"
        rf"(?:users?|customers?|analysts?|humans?|anyone|{_READER})\b",
        r"(?:tell|instruct|inform|advise|direct) (?:the|every|all|any|each) (?:future |other )?(?:customer|user|client)s? (?:to|that)\b",
        r"new (?:system )?(?:instructions?|rules|directives?) ?:",
    )
)
"""Words that are said to a machine that answers, whatever they then want; some of them no training text has."""
_MARKUP = re.compile(
    r"<\|(?:im_start|im_end|system|user|assistant)\|>|\[/?INST\]|<</?SYS>>|^#{2,} ?(?:system|instruction)\b",
    re.I | re.M,
)
_PIECE = re.compile(r"\x01.|\w+|[?!:]")
_BEGINS = "\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """The passage of a text that sounds most like an order."""

    chance: float
    """0 to 1; not calibrated outside the kinds of text it was trained on."""
    passage: str
    """As it reads when cleaned. Somebody's words, never an instruction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic score over bins."""

    bins: NDArray[np.float32]
    bias: float
    bar: float
    """From this chance on a passage counts as an injected instruction; the card says how it was chosen."""

    def chance(self, passage: str) -> float:
        """How much a passage sounds like an order, 0 to 1; 1 where it uses words that are only said to a machine."""
        if commands(passage):
            return 1.0
        found = bins(passage)
        score = self.bias + float(self.bins[found].sum()) / max(1.0, float(np.sqrt(len(found))))
        return 1.0 / (1.0 + float(np.exp(-max(-30.0, min(30.0, score)))))


def suspicion(text: str, weights: Weights | None = None) -> Suspicion | None:
    """What in `text` sounds most like an order to the reader; None where no passage reaches the bar."""
    known = weights or shipped()
    if markup := _MARKUP.search(text):
        return Suspicion(chance=1.0, passage=markup[0])
    most = max(
        (Suspicion(chance=known.chance(passage), passage=passage) for passage in passages(text)),
        key=lambda each: each.chance,
        default=None,
    )
    return most if most and most.chance >= known.bar else None


def commands(text: str) -> bool:
    """Whether `text` uses words that are only said to a machine that answers."""
    return any(order.search(text) for order in _ORDERS)


def passages(text: str) -> Iterator[str]:
    """Sentences, lines and fields with something to read in them, cleaned."""
    whole = clean(text)
    for start, end in cuts(whole):
        yield whole[start:end]


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Where the passages of `text` begin and end."""
    at = 0
    for start, end in (*((cut.start(), cut.end()) for cut in _CUT.finditer(text)), (len(text), len(text))):
        yield from _windows(text, at, start)
        at = end


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start] in _AROUND:
        start += 1
    while start < end and text[end - 1] in _AROUND:
        end -= 1
    if sum(map(str.isalpha, text[start:end])) < FEWEST_LETTERS:
        return
    if end - start <= WINDOW:  # fewer characters than words in a window
        yield start, end
        return
    pieces = [piece.start() for piece in _PIECE.finditer(text, start, end)]
    for first in range(0, max(1, len(pieces) - (WINDOW - STEP)), STEP):
        last = first + WINDOW
        yield (pieces[first] if first else start), (pieces[last] if last < len(pieces) else end)


def bins(passage: str) -> NDArray[np.int64]:
    """The bins of a passage's words and pairs of words, each once."""
    words = _ADDRESSEE.sub("", passage).casefold()
    for shape, stands in _SHAPES:
        words = shape.sub(stands, words)
    pieces = [_BEGINS, *_PIECE.findall(words)]
    phrases = {*pieces, *(f"{one} {two}" for one, two in pairwise(pieces))}
    return np.array(sorted({crc32(phrase.encode("utf-8", "replace")) % BINS for phrase in phrases}), np.int64)


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights that came with this version of Vigil.

    Raises:
        Misconfigured: the file can't be read.
    """
    try:
        with files("vigil.guard").joinpath("weights/injection.npz").open("rb") as file, np.load(file) as saved:
            content = cast("dict[str, NDArray[Any]]", dict(saved))
        return unpacked(content["bins"], content["values"], float(content["bias"]), float(content["bar"]))
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(
            f"The weights of the injection score can't be read ({type(error).__name__}: {error}). Install Vigil again, or train them "
            "with `python tools/train_injection.py`."
        ) from error


def unpacked(used: Sequence[int] | NDArray[Any], values: NDArray[Any], bias: float, bar: float) -> Weights:
    """Weights from the bins in use and what each weighs."""
    weights = np.zeros(BINS, np.float32)
    weights[np.asarray(used, np.int64)] = values
    return Weights(bins=weights, bias=bias, bar=bar)
