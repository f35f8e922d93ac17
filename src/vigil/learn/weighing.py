"""How likely what an analyst said is an answer that somebody else can use: the traits of a question and of a saying, and their learned
weights. Which exchange becomes a lesson is `distil`'s; the weights are made by `tools/train_lessons.py`."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vigil.domain.conversation import Role
from vigil.knowledge.words import words
from vigil.learn.exchanges import Exchange, Said, Saying, helped
from vigil.learn.signs import Sign, sign

PATH = Path(__file__).parent / "weights.json"
MOST_SENTENCES = 6
"""Of one answer: what comes after is seldom the answer any more."""
LEAST_ANSWER = 2
"""Words of an answer; less is a "yes", or the name of a thing that only the ticket explains."""

CONFIRMED = 0.9
"""Chance of an answer that tells what to do and after which the customer said that it works now. Recorded chats hold too few for the
weights to learn it (one in forty), and desks live by it."""

BY_HAND = 2.6
"""Points at which an answer in whole sentences is as likely as not: one that directs and speaks of what was asked about."""
CAREFUL_WORDS = 10
"""Words from which whole sentences are told from a happy capital."""

_WHOLE = re.compile(r"(?s)^(?!Yes, |No, )\W*[^\W\d_a-z].*[.!:)`]$")
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|probably|prolly|i (?:think|guess|believe|suppose)|might|not sure|should be"
    r"|could be|seems?|afaik|iirc|imo|imho|i'?d say"
    r"|possibly)\b",
    re.IGNORECASE,
)
_MYSELF = re.compile(
    r"\b(?:i|i'm|i've|my|mine|me)\b(?! (?:think|believe|guess|would|suggest|recommend))", re.IGNORECASE
)
_CHATTER = re.compile(
    r"\b(?:lol|rofl|haha+|hehe+|heh|lmao|omg|wtf|sux|sucks?|dude|sorry|welcome|good luck)\b|[:;]-?[)DPp]"
)
_PUZZLED = re.compile(
    r"^\W*(?:(?:hm+|er+|um+|uh+|oh?|ok|well|yeah|yes|thanks)\W+)*(?:but|no+|nope|how|what|where|which|\?+$"
    r"|i (?:don'?t|can'?t|cannot|have no|already|did|tried)|it (?:says|said|doesn'?t|isn'?t))\b",
    re.IGNORECASE,
)
"""How a customer begins who hasn't been helped yet: a "but", a question back, what it said instead."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|<URL_\d+>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One saying as an answer."""

    saying: Saying
    chance: float
    """That a reader of the ticket would keep it, from 0 to 1."""
    kept: tuple[tuple[str, Said], ...]
    """The sentences that answer, each with its message."""
    confirmed: tuple[Said, ...]
    refused: bool
    blocked: bool
    """It speaks of an outage, and the customer didn't say that it helped."""


def kept_of(saying: Saying) -> list[tuple[str, Said]]:
    """The sentences of a saying that may be part of an answer."""
    kept = [
        (sentence, part)
        for part in saying.parts
        for sentence in part.sentences
        if sign(sentence).answers and not sign(sentence).reading.small_talk
    ]
    return kept[:MOST_SENTENCES]


def weigh(exchange: Exchange, question: Sequence[str], place: int) -> Weighed:
    """The saying at `place` as an answer to a question."""
    saying = exchange.sayings[place]
    kept = kept_of(saying)
    confirmed = tuple(said for said in saying.reactions if helped(said.reading))
    refused = not confirmed and any(said.reading.not_solved for said in saying.reactions)
    outage = any(sign(sentence).outage for part in saying.parts for sentence in part.sentences)
    enough = sum(len(sentence.split()) for sentence, _ in kept) >= LEAST_ANSWER
    chance = _weights().chance(list(traits(exchange, question, place).values())) if enough else 0.0
    signs = [sign(sentence) for sentence, _ in kept]
    if enough and confirmed and any(each.directs or each.concrete for each in signs):
        chance = max(chance, CONFIRMED)
    elif not exchange.by_name and _careful(kept):
        chance = max(chance, _by_hand(kept, signs, saying, exchange, refused=refused))
    return Weighed(
        saying=saying,
        chance=0.0 if outage and not confirmed else chance,
        kept=tuple(kept),
        confirmed=confirmed,
        refused=refused,
        blocked=outage and not confirmed,
    )


def _careful(kept: Sequence[tuple[str, Said]]) -> bool:
    """Written in whole sentences, as on a desk and seldom in the chats that the weights come from."""
    whole = sum(
        _WHOLE.match(sentence) is not None
        or (sentence == said.sentences[0] and len(said.sentences) > 1 and sentence.endswith("."))
        for sentence, said in kept
    )
    return 4 * whole >= 3 * len(kept) and sum(len(sentence.split()) for sentence, _ in kept) >= CAREFUL_WORDS


def _by_hand(
    kept: Sequence[tuple[str, Said]], signs: Sequence[Sign], saying: Saying, exchange: Exchange, *, refused: bool
) -> float:
    """The same in points that were set by hand: what can be acted on, what the customer took up, what the question was about."""
    count = sum(len(sentence.split()) for sentence, _ in kept)
    asked = {word for said in exchange.asked for word in said.topic_words}
    told = {word for sentence, _ in kept for word in words(sentence)}
    directs, concrete = any(each.directs for each in signs), any(each.concrete for each in signs)
    thanked = any(said.reading.thanks for said in saying.reactions)
    if not (directs or concrete) or not (asked & told or thanked):
        return 0.0
    points = (
        1.5 * directs
        + 1.0 * concrete
        + 0.5 * math.log2(min(count, 64) / CAREFUL_WORDS)
        + min(1.0, 0.5 * len(asked & told))
        + 1.0 * thanked
        - 3.0 * refused
    )
    return 1 / (1 + math.exp(BY_HAND - points))


def traits(exchange: Exchange, question: Sequence[str], place: int) -> dict[str, float]:
    """What a question and the saying at `place` show, by name."""
    saying = exchange.sayings[place]
    kept = kept_of(saying)
    signs = [sign(sentence) for sentence, _ in kept]
    told_text = " ".join(sentence for sentence, _ in kept)
    asked = {word for sentence in question for word in words(sentence)}
    told = {word for sentence, _ in kept for word in words(sentence)}
    count = len(told_text.split())
    confirmed = any(helped(said.reading) for said in saying.reactions)
    others = [
        {word for part in other.parts for word in part.topic_words} for other in exchange.sayings if other is not saying
    ]
    return {
        **_asked(exchange, question, asked),
        "directs": float(any(each.directs for each in signs)),
        "concrete": float(any(each.concrete for each in signs)),
        "only_address": float(len(_ADDRESS.sub("", told_text).split()) < 4 and bool(_ADDRESS.search(told_text))),
        "answer_short": float(count < 5),
        "answer_sentences": float(len(kept) > 3),
        "answer_topics": min(len(told), 12) / 4,
        "talk": math.log2(1 + len(exchange.sayings) + sum(len(each.reactions) for each in exchange.sayings)),
        "shared": float(min(3, len(asked & told))),
        "agreed": float(any(len(told & other - asked) >= 2 for other in others)),
        "first": float(place == 0),
        "late": float(min(place, 6)),
        "to_customer": float(saying.parts[0].to is Role.CUSTOMER),
        "thanked": float(confirmed or any(said.reading.thanks for said in saying.reactions)),
        "refused": float(not confirmed and any(said.reading.not_solved for said in saying.reactions)),
        "asked_on": float(any(said.reading.question for said in saying.reactions)),
        "puzzled": float(any(_PUZZLED.match(said.reading.body) for said in saying.reactions)),
        "troubled": float(any(said.reading.problem for said in saying.reactions)),
        "no_reaction": float(not saying.reactions),
        "hedged": float(bool(_HEDGE.search(told_text))),
        "of_myself": float(bool(_MYSELF.search(told_text))),
        "chatter": float(any(_CHATTER.search(part.message.text) for part in saying.parts)),
        "asks_too": float(any(each.asks for _, each in saying.signs)),
        "polar": float(told_text.startswith(("Yes,", "No,"))),
        "vague": float(any(each.vague for each in signs)),
        "refers_back": float(bool(signs) and _hangs(signs[0])),
    }


def _asked(exchange: Exchange, question: Sequence[str], asked: set[str]) -> dict[str, float]:
    readings = [sign(sentence).reading for sentence in question]
    text = " ".join(question)
    return {
        "question_topics": math.log2(1 + min(len(asked), 32)),
        "question_form": float(any(each.question for each in readings)),
        "how_to": float(any(each.how_to or each.wh for each in readings)),
        "problem": float(any(each.problem for each in readings)),
        "question_messages": float(min(len(exchange.asked), 6)),
        "question_long": float(len(text.split()) > 60),
    }


def _hangs(shown: Sign) -> bool:
    """Begins by pointing at something said before, and names little itself."""
    return shown.reading.refers_back and len(shown.reading.words) < 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    intercept: float
    weights: tuple[float, ...]
    bar: float

    def chance(self, values: Sequence[float]) -> float:
        total = self.intercept + sum(weight * value for weight, value in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def _weights() -> _Weights:
    body = json.loads(PATH.read_text("utf-8"))
    return _Weights(
        intercept=float(body["intercept"]),
        weights=tuple(float(each) for each in body["weights"].values()),
        bar=float(body["bar"]),
    )


def bar() -> float:
    """The chance from which a saying becomes a lesson."""
    return _weights().bar
