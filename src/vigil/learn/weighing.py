"""How likely what an analyst said is an answer that somebody else can use: the traits of a question and of a saying, and their learned
weights. Which exchange becomes a lesson is `distil`'s; the weights are made by `tools/train_lessons.py`."""

import json
import math
import re
from collections.abc import Mapping, Sequence
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

BY_HAND = 3.0
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
_LEANS = re.compile(
    r"^\W*(?:so|and|but|then|or|because|in fact|just|which one|that|it|its|it's|this|these|those|they|what about|how about)\b",
    re.IGNORECASE,
)
"""How a question begins that goes on from something said before."""
_BROKEN = re.compile(
    r"^\W*(?:then|or|and|so|because|cause|but|which|that|its|it's|it|they|these|those|he|she|if (?:yes|so|not)|depends|s/)\b"
    r"|(?:\.\.|[,;(-]|\b(?:and|or|the|a|to|with|for|of|but|because|if))$",
    re.IGNORECASE,
)
"""How an answer begins or ends of which a half is missing."""
_TAKEN_BACK = re.compile(
    r"^\W*(?:oops|ach|d'?oh|wait|err+|er|scratch|correction|my bad|nevermind|never mind|nvm|ugh)\b|^\*\w|\w\*$"
    r"|\bi (?:mean|meant|was wrong|misread|misunderstood)\b|\bignore (?:that|me)\b|\bsorry\b",
    re.IGNORECASE,
)
"""How an analyst corrects what they said."""
_DISPUTES = re.compile(
    r"^\W*(?:no|nope|nah|not?t? really|wrong|actually|don'?t|careful|er+|but|wouldn'?t|won'?t|or just|or better)\b"
    r"|\bthat(?:'?s|s| is) (?:wrong|not|bad|incorrect)|\b(?:doesn'?t|don'?t|won'?t|not) (?:work|exist|need|help)|\bbad (?:idea|advice)\b",
    re.IGNORECASE,
)
"""How another analyst speaks against it."""
_FAILS = re.compile(
    r"\b(?:not found|no such|(?:could|ca)n'?t find|could not|couldn'?t|unable|(?:did|does|do|is|was|has|have|wo|ca)n'?t"
    r"|not working|no luck|nothing|error|failed|fails|still|same|already)\b",
    re.IGNORECASE,
)
"""What a customer writes whom it didn't help."""
_TRIES = re.compile(r"\b(?:try|tried|could try|you could|may or may not|lucky|worth a)\b", re.IGNORECASE)
_MENU = re.compile(r"\w\s*-?>\s*\w|\b(?:click|menu|tab|select|choose|preferences|administration)\b", re.IGNORECASE)
_COMMAND = re.compile(
    r"\b(?:sudo|apt-get|aptitude|dpkg|gksudo|modprobe|chmod|chown|mount|ifconfig|iwconfig|grep|killall|ln|cd|cat|echo|gconf-editor)\b"
    r"|(?<!\w)~?/(?:etc|usr|home|var|boot|dev|proc|media)\b|(?<!\w)--\w+"
)
_HARSH = re.compile(
    r"\brm -\w*[rf]|\bmkfs\b|\bdd if=|\bof=/dev/|\b(?:chmod|chown)\b.*(?:777|-R)|\bgksudo nautilus\b|\bdelete (?:it|them|the|everything)\b"
    r"|\bformat (?:it|the|your)\b|--force\b|\bkill -9\b",
    re.IGNORECASE,
)
"""What does damage where it doesn't fit: a person looks at it first, however glad the customer was."""
_AGAINST = ("disputed", "taken_back")
_DOUBTS = (
    "fails",
    "fails_later",
    "troubled",
    "puzzled",
    "broken",
    "hedged",
    "chatter",
    "question_points",
    "question_leans",
)
"""Traits with which a mere thank-you isn't enough: whoever was helped says so."""
_PLACEHOLDER = re.compile(r"<[A-Z]+_\d+>|<unconvertable>")
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
    taken_up: bool
    """The customer said that it helped, or thanked for it, or it is written with care; and nothing said later speaks against it."""
    whole: bool
    """Written with care to one customer: the points set by hand are its bar, and they are not raised to publish it."""

    @property
    def sure(self) -> bool:
        """Good enough to be published without a person."""
        return self.taken_up and not self.refused and self.chance >= (bar() if self.whole else _weights().publish)


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
    shown = traits(exchange, question, place)
    chance = _weights().chance(shown) if enough else 0.0
    signs = [sign(sentence) for sentence, _ in kept]
    whole = not exchange.by_name and _careful(kept)
    if enough and confirmed and any(each.directs or each.concrete for each in signs):
        chance = max(chance, CONFIRMED)
    elif whole:
        chance = max(chance, _by_hand(kept, signs, saying, exchange, refused=refused))
    chance = 0.0 if outage and not confirmed else chance
    return Weighed(
        saying=saying,
        chance=chance,
        kept=tuple(kept),
        confirmed=confirmed,
        refused=refused,
        blocked=outage and not confirmed,
        taken_up=_taken_up(shown, kept, confirmed=bool(confirmed), whole=whole),
        whole=whole,
    )


def _taken_up(shown: Mapping[str, float], kept: Sequence[tuple[str, Said]], *, confirmed: bool, whole: bool) -> bool:
    """The customer said that it helped, or thanked for the first answer with no trouble after it, or it is written with care to one
    customer; and nobody took it back or spoke against it."""
    if any(shown[each] for each in _AGAINST) or any(_HARSH.search(sentence) for sentence, _ in kept):
        return False
    if confirmed or whole:  # who writes in whole sentences to one customer is at a desk
        return True
    return bool(shown["thanked"] and shown["first"]) and not any(shown[each] for each in _DOUBTS)


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
        **_told(told_text),
        **_later(exchange, place),
    }


def _told(text: str) -> dict[str, float]:
    """What the answer's words show."""
    return {
        "broken": float(_BROKEN.search(text) is not None),
        "tries": float(_TRIES.search(text) is not None),
        "menu": float(_MENU.search(text) is not None),
        "command": float(_COMMAND.search(text) is not None),
        "placeholder": float(_PLACEHOLDER.search(text) is not None),
        "address": float(_ADDRESS.search(text) is not None),
        "words": math.log2(1 + min(len(text.split()), 64)),
    }


def _later(exchange: Exchange, place: int) -> dict[str, float]:
    """What was said after it, by whoever said it."""
    saying, later = exchange.sayings[place], exchange.sayings[place + 1 :]
    own = saying.parts[0].message.author.id
    theirs = [part.message.text for part in saying.parts[1:]]
    theirs += [part.message.text for each in later for part in each.parts if part.message.author.id == own]
    others = [each.parts[0].reading.body for each in later if each.parts[0].message.author.id != own]
    heard = [said.message.text for each in exchange.sayings[place:] for said in each.reactions]
    return {
        "taken_back": float(any(_TAKEN_BACK.search(text) for text in theirs[:4])),
        "disputed": float(any(_DISPUTES.search(text) for text in others[:3])),
        "fails": float(any(_FAILS.search(text) for text in heard[:2])),
        "fails_later": float(any(_FAILS.search(text) for text in heard[2:8])),
        "analysts": float(min(4, len({each.parts[0].message.author.id for each in exchange.sayings}))),
        "heard": math.log2(1 + len(heard)),
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
        "question_words": math.log2(1 + min(len(text.split()), 64)),
        "question_mark": float(any(each.ends_with_mark for each in readings)),
        "question_leans": float(bool(question) and _LEANS.search(question[0]) is not None),
        "question_points": float(_PLACEHOLDER.search(text) is not None or _ADDRESS.search(text) is not None),
    }


def _hangs(shown: Sign) -> bool:
    """Begins by pointing at something said before, and names little itself."""
    return shown.reading.refers_back and len(shown.reading.words) < 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    intercept: float
    weights: Mapping[str, float]
    bar: float
    publish: float

    def chance(self, shown: Mapping[str, float]) -> float:
        total = self.intercept + sum(weight * shown[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def _weights() -> _Weights:
    body = json.loads(PATH.read_text("utf-8"))
    return _Weights(
        intercept=float(body["intercept"]),
        weights={str(name): float(each) for name, each in body["weights"].items()},
        bar=float(body["bar"]),
        publish=float(body["publish"]),
    )


def bar() -> float:
    """The chance from which a saying becomes a lesson; whether it waits for a person then is `Weighed.sure`'s."""
    return _weights().bar
