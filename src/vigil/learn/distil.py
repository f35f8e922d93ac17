"""From a ticket's exchanges to lessons, or to reasons why there is none. No model: the words are the people's own, cleaned and cut, each
with the message that it stands in. What a model may do is in `quoting`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from vigil.domain.ticket import subject_of
from vigil.knowledge.words import words
from vigil.learn.exchanges import Exchange, Said, Saying, exchanges_of
from vigil.learn.lesson import Distilled, Ended, Lesson, Nothing
from vigil.learn.signs import Sign, order_at, sign
from vigil.learn.weighing import Weighed, bar, kept_of, weigh

MOST_LESSONS = 3
"""Lessons of one ticket, in its order: what comes later is mostly talk about the first ones."""
LEAST_QUESTION = 2
"""Words that say what a question is about (`knowledge.words`); with fewer nobody who reads it alone knows what is meant."""
MOST_QUESTION_CHARS, MOST_ANSWER_CHARS = 600, 1_500
"""What the embedder reads of a question is about 1,000 characters; an answer of more is a lecture."""
MOST_CONDITIONS = 2
"""Questions back whose replies are kept as conditions."""
REPLY_WORDS = 12
"""Words of a reply that states a condition; a longer one tells a story."""
MOST_SAYINGS = 2
"""Sayings that make one answer: the best, and the next best that is good enough; who helps often says more in a second go."""
_TELLS = re.compile(r"\b(?:i|i'?m|i'?ve|i'?d|im|ive|we|we'?re|we'?ve|ich|wir|je|nous|yo|eu)\b", re.IGNORECASE)
_HALF = re.compile(r"^\*\s?\S+$|^\S+\*$|(?:\.\.|,|\b(?:and|or|the|a|to|with|for|of|but|because|if))$", re.IGNORECASE)
"""A word that mends another, or a sentence that breaks off."""
_ASKS_WHICH = re.compile(r"\b(?:which|what|version|release|using)\b", re.IGNORECASE)


def distil(ended: Ended) -> Distilled:
    """What a ticket teaches, without a model."""
    lessons: list[Lesson] = []
    nothing: list[Nothing] = []
    for exchange in exchanges_of(ended):
        for each in _lessons(exchange):
            if isinstance(each, Nothing):
                nothing.append(each)
            elif len(lessons) < MOST_LESSONS:
                lessons.append(replace(each, number=len(lessons) + 1))
    if not lessons and not nothing:
        nothing.append(Nothing.NO_QUESTION)
    return Distilled(lessons=tuple(lessons), nothing=tuple(dict.fromkeys(nothing)))


def _lessons(exchange: Exchange) -> list[Lesson | Nothing]:
    """What an exchange teaches: as a rule one thing, and where its opening asks several, one for each that was answered."""
    asked = _several(exchange)
    if len(asked) < 2:
        question = opening(exchange)
        return [_lesson(exchange, question, [weigh(exchange, question, at) for at in range(len(exchange.sayings))])]
    shares: list[list[int]] = [[] for _ in asked]
    for place in range(len(exchange.sayings)):
        shares[_about(exchange, asked, place)].append(place)
    around = [sentence for sentence in opening(exchange) if sentence not in asked]
    return [
        _lesson(exchange, [*around[:1], one], [weigh(exchange, [*around[:1], one], place) for place in share])
        for one, share in zip(asked, shares, strict=True)
    ]


def _lesson(exchange: Exchange, question: Sequence[str], weighed: Sequence[Weighed]) -> Lesson | Nothing:
    reason = _unanswerable(exchange, question, weighed)
    if reason is not None:
        return reason
    good = [each for each in weighed if each.chance >= bar() and not each.refused]
    best = max(good, key=lambda each: (each.sure, each.chance))
    good = _together(best, good, weighed)
    kept = _once([pair for each in weighed if each in good for pair in each.kept])
    answer = _cut(_joined(kept), MOST_ANSWER_CHARS)
    question = _to_the_point(question, answer)
    if not question:
        return Nothing.NO_QUESTION
    text = _cut(" ".join(question), MOST_QUESTION_CHARS)
    used = {said.message.id: None for sentence, said in kept if sentence in answer}
    return Lesson(
        number=0,
        question=text,
        title=subject_of(_title(question)),
        answer=answer,
        conditions="; ".join(_conditions(exchange, best.saying)),
        asked_in=tuple(said.message.id for said in exchange.asked if any(each in text for each in said.sentences)),
        answered_in=tuple(used),
        confirmed_in=tuple(dict.fromkeys(said.message.id for each in good for said in each.confirmed)),
        sure=best.sure,
    )


def _together(best: Weighed, good: Sequence[Weighed], weighed: Sequence[Weighed]) -> list[Weighed]:
    """The best saying, and the one before or after it where the same analyst went on with what is as good: two people's halves don't make
    one instruction."""
    place = weighed.index(best)
    by = best.saying.parts[0].message.author.id
    near = [
        each
        for each in weighed[max(0, place - 1) : place + 2]
        if each is not best and each in good and each.saying.parts[0].message.author.id == by and each.sure >= best.sure
    ]
    return [best, *sorted(near, key=lambda each: -each.chance)[: MOST_SAYINGS - 1]]


def _once(kept: Sequence[tuple[str, Said]]) -> list[tuple[str, Said]]:
    """Without sentences that stand in another one, and without halves: what breaks off or only mends a word."""
    whole = [(sentence, said) for sentence, said in kept if not _HALF.search(sentence)] or list(kept)
    texts = [sentence.casefold() for sentence, _ in whole]
    return [
        pair
        for place, pair in enumerate(whole)
        if not any(
            texts[place] in other and (texts[place] != other or place > at)
            for at, other in enumerate(texts)
            if at != place
        )
    ]


def _joined(kept: Sequence[tuple[str, Said]]) -> str:
    """A line for each message, so that commands don't run into one another."""
    lines: dict[str, list[str]] = {}
    for sentence, said in kept:
        lines.setdefault(said.message.id, []).append(sentence)
    return "\n".join(" ".join(each) for each in lines.values())


def _unanswerable(exchange: Exchange, question: Sequence[str], weighed: Sequence[Weighed]) -> Nothing | None:
    """Why there is no lesson; None where there is one."""
    about = {word for sentence in question for word in words(sentence)}
    if not question or not any(
        said.reading.question or said.reading.problem or said.reading.help for said in exchange.asked
    ):
        return Nothing.NO_QUESTION
    if not weighed:
        return Nothing.NO_HUMAN_ANSWER
    if not exchange.alone or len(about) < LEAST_QUESTION:
        return Nothing.NOT_ALONE
    good = [each for each in weighed if each.chance >= bar()]
    if any(not each.refused for each in good):
        return None
    if good or any(each.refused for each in weighed):
        return Nothing.NOT_SOLVED
    return _why_not([shown for each in weighed for _, shown in each.saying.signs])


def _why_not(signs: Sequence[Sign]) -> Nothing:
    for reason, shows in (
        (Nothing.OUTAGE, any(each.outage for each in signs)),
        (Nothing.ACCOUNT, any(each.done for each in signs)),
        (Nothing.PROMISE, any(each.promise for each in signs)),
        (Nothing.PLAN, any(each.plan for each in signs)),
        (Nothing.ASKED_BACK, bool(signs) and all(each.asks or each.reading.small_talk for each in signs)),
    ):
        if shows:
            return reason
    return Nothing.UNSURE if any(each.answers for each in signs) else Nothing.NO_HUMAN_ANSWER


def opening(exchange: Exchange) -> list[str]:
    """What the customer asked, sentence by sentence, up to the first word of an analyst: nothing twice, and no bare calls for help."""
    every = list(dict.fromkeys(sentence for said in exchange.asked for sentence in said.sentences))
    kept: list[str] = []
    said: set[str] = set()
    for sentence in every:
        about = set(words(sentence))
        if about - said and not (kept and sign(sentence).reading.help and len(about) < LEAST_QUESTION):
            kept.append(sentence)
            said |= about
    return kept or every


def _to_the_point(question: Sequence[str], answer: str) -> list[str]:
    """Without orders to whoever may read them, and what follows those up to the next question; and without sentences in which the customer
    neither asks nor tells of themselves, and which share no word with the rest or the answer. Nothing where all are such."""
    told: list[str] = []
    ordering = False
    for sentence in question:
        at = order_at(sentence)
        kept = sentence if at is None else sentence[:at].rstrip(' :"“>')
        if at is None and ordering and not (_asks_something(sentence) or _TELLS.search(sentence)):
            continue
        ordering = at is not None
        if kept:
            told.append(kept)
    own = [sentence for sentence in told if _asks(sentence) or _TELLS.search(sentence)]
    about = {word for sentence in (*own, answer) for word in words(sentence)}
    return [sentence for sentence in told if sentence in own or about & set(words(sentence))] if own else []


def _asks(sentence: str) -> bool:
    reading = sign(sentence).reading
    return reading.question or reading.problem or reading.pasted or reading.how_to


def _asks_something(sentence: str) -> bool:
    reading = sign(sentence).reading
    return reading.question or reading.how_to


def _several(exchange: Exchange) -> list[str]:
    """Clear questions about different things in one opening."""
    found: list[tuple[str, set[str]]] = []
    for sentence in opening(exchange):
        reading, about = sign(sentence).reading, set(words(sentence))
        if not reading.ends_with_mark or len(about) < LEAST_QUESTION:
            continue
        if any(2 * len(about & other) >= min(len(about), len(other)) for _, other in found):
            return []
        found.append((sentence, about))
    return [sentence for sentence, _ in found[:MOST_LESSONS]]


def _about(exchange: Exchange, asked: Sequence[str], place: int) -> int:
    """Which of several questions a saying answers: the one it shares most words with, else the one in its place."""
    told = {word for sentence, _ in kept_of(exchange.sayings[place]) for word in words(sentence)}
    shared = [len(told & set(words(one))) for one in asked]
    if max(shared) > 0 and shared.count(max(shared)) == 1:
        return shared.index(max(shared))
    return min(place * len(asked) // max(1, len(exchange.sayings)), len(asked) - 1)


def _conditions(exchange: Exchange, answer: Saying) -> list[str]:
    """What the analysts asked back before the answer, with the customer's replies."""
    found: list[str] = []
    for saying in exchange.sayings:
        if saying is answer:
            break
        asked_back = [sentence for sentence, shown in saying.signs if shown.asks and _ASKS_WHICH.search(sentence)]
        replies = [said for said in saying.reactions if said.sentences and not said.reading.question]
        if asked_back and replies:
            reply = " ".join(replies[0].sentences)
            if len(reply.split()) <= REPLY_WORDS and words(reply):
                found.append(f"{asked_back[-1]} {reply}")
    return found[-MOST_CONDITIONS:]


def _title(question: Sequence[str]) -> str:
    """The sentence that asks, where there is one."""
    asking = [sentence for sentence in question if sign(sentence).reading.question or sign(sentence).reading.problem]
    return max(asking or list(question), key=lambda sentence: (min(len(words(sentence)), 6), -len(sentence)))


def _cut(text: str, most: int) -> str:
    """At a sentence's end, or at a word."""
    if len(text) <= most:
        return text
    head = text[:most]
    end = max(head.rfind(mark) for mark in (". ", "! ", "? ", "\n"))
    return head[: end + 1] if end > most // 2 else head.rsplit(" ", 1)[0]
