"""From a ticket's exchanges to lessons, or to reasons why there is none. No model: the words are the people's own, cleaned and cut, each
with the message that it stands in. What a model may do is in `quoting`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vigil.domain.ticket import subject_of
from vigil.knowledge.words import words
from vigil.learn.exchanges import Exchange, Said, Saying, exchanges_of, helped
from vigil.learn.lesson import Distilled, Ended, Lesson, Nothing
from vigil.learn.signs import Sign, sign

MOST_LESSONS = 3
"""Lessons of one ticket, in its order: what comes later is mostly talk about the first ones."""
LEAST_QUESTION = 3
"""Words that say what a question is about (`knowledge.words`); with fewer nobody who reads it alone knows what is meant."""
LEAST_ANSWER = 4
"""Words of an answer; less is a "yes", or the name of a thing that only the ticket explains."""
MOST_QUESTION_CHARS, MOST_ANSWER_CHARS = 600, 1_500
"""What the embedder reads of a question is about 1,000 characters; an answer of more is a lecture."""
MOST_CONDITIONS = 2
"""Questions back whose replies are kept as conditions."""
REPLY_WORDS = 12
"""Words of a reply that states a condition; a longer one tells a story."""
BAR = 2.5
"""Points from which a saying counts as an answer: one sentence that directs and names something to act on, or one that directs and that the
customer said had helped. Below it are remarks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    saying: Saying
    points: float
    kept: tuple[tuple[str, Said], ...]
    """The sentences that answer, each with its message."""
    confirmed: tuple[Said, ...]
    refused: bool


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
    weighed = [_weigh(saying, exchange) for saying in exchange.sayings]
    asked = _several(exchange)
    if len(asked) < 2:
        return [_lesson(exchange, _opening(exchange), weighed)]
    shares: list[list[_Weighed]] = [[] for _ in asked]
    for number, each in enumerate(weighed):
        shares[_about(each, asked, number, len(weighed))].append(each)
    around = [sentence for sentence in _opening(exchange) if sentence not in asked]
    return [_lesson(exchange, [*around[:1], one], share) for one, share in zip(asked, shares, strict=True)]


def _lesson(exchange: Exchange, question: Sequence[str], weighed: Sequence[_Weighed]) -> Lesson | Nothing:
    reason = _unanswerable(exchange, question, weighed)
    if reason is not None:
        return reason
    best = max(weighed, key=lambda each: each.points)
    answer = _cut(" ".join(sentence for sentence, _ in best.kept), MOST_ANSWER_CHARS)
    text = _cut(" ".join(question), MOST_QUESTION_CHARS)
    used = {said.message.id: None for sentence, said in best.kept if sentence in answer}
    return Lesson(
        number=0,
        question=text,
        title=subject_of(_title(question)),
        answer=answer,
        conditions="; ".join(_conditions(exchange, best.saying)),
        asked_in=tuple(said.message.id for said in exchange.asked if any(each in text for each in said.sentences)),
        answered_in=tuple(used),
        confirmed_in=tuple(said.message.id for said in best.confirmed),
    )


def _unanswerable(exchange: Exchange, question: Sequence[str], weighed: Sequence[_Weighed]) -> Nothing | None:
    """Why there is no lesson; None where there is one."""
    about = {word for sentence in question for word in words(sentence)}
    if not question or not any(
        said.reading.question or said.reading.problem or said.reading.help for said in exchange.asked
    ):
        return Nothing.NO_QUESTION
    if not weighed:
        return Nothing.NO_HUMAN_ANSWER
    if len(about) < LEAST_QUESTION:
        return Nothing.NOT_ALONE
    good = [each for each in weighed if each.points >= BAR]
    if any(not each.refused for each in good):
        return None
    if good:
        return Nothing.NOT_SOLVED
    signs = [shown for each in weighed for _, shown in each.saying.signs]
    return _why_not(signs)


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
    return Nothing.NO_HUMAN_ANSWER


def _weigh(saying: Saying, exchange: Exchange) -> _Weighed:
    """How likely a saying is what resolved it, in points. The customer's word weighs most, then what can be acted on."""
    kept = [
        (sentence, part)
        for part in saying.parts
        for sentence in part.sentences
        if sign(sentence).answers and not sign(sentence).reading.small_talk
    ]
    signs = [sign(sentence) for sentence, _ in kept]
    confirmed = tuple(said for said in saying.reactions if helped(said.reading))
    thanked = any(said.reading.thanks for said in saying.reactions)
    refused = not confirmed and any(said.reading.not_solved for said in saying.reactions)
    count = sum(len(sentence.split()) for sentence, _ in kept)
    points = 0.0
    if count >= LEAST_ANSWER:
        asked = {word for said in exchange.asked for word in said.topic_words}
        told = {word for sentence, _ in kept for word in words(sentence)}
        points = (
            1.5 * any(each.directs for each in signs)
            + 1.0 * any(each.concrete for each in signs)
            + 0.5 * math.log2(min(count, 64) / LEAST_ANSWER)
            + min(1.0, 0.5 * len(asked & told))
            + 3.0 * bool(confirmed)
            + 1.0 * (thanked and not confirmed)
            - 3.0 * refused
        )
        if not any(each.directs or each.concrete for each in signs) and not confirmed:
            points = min(points, BAR - 0.1)
    blocked = any(each.outage for each in signs) or (
        not confirmed and any(sign(sentence).outage for part in saying.parts for sentence in part.sentences)
    )
    if blocked:
        points = 0.0
    return _Weighed(saying=saying, points=points, kept=tuple(kept), confirmed=confirmed, refused=refused)


def _opening(exchange: Exchange) -> list[str]:
    """What the customer asked, sentence by sentence, up to the first word of an analyst."""
    return list(dict.fromkeys(sentence for said in exchange.asked for sentence in said.sentences))


def _several(exchange: Exchange) -> list[str]:
    """Clear questions about different things in one opening."""
    found: list[tuple[str, set[str]]] = []
    for sentence in _opening(exchange):
        reading, about = sign(sentence).reading, set(words(sentence))
        if not reading.ends_with_mark or len(about) < LEAST_QUESTION:
            continue
        if any(2 * len(about & other) >= min(len(about), len(other)) for _, other in found):
            return []
        found.append((sentence, about))
    return [sentence for sentence, _ in found[:MOST_LESSONS]]


def _about(weighed: _Weighed, asked: Sequence[str], number: int, count: int) -> int:
    """Which of several questions a saying answers: the one it shares most words with, else the one in its place."""
    told = {word for sentence, _ in weighed.kept for word in words(sentence)}
    shared = [len(told & set(words(one))) for one in asked]
    if max(shared) > 0 and shared.count(max(shared)) == 1:
        return shared.index(max(shared))
    return min(number * len(asked) // max(1, count), len(asked) - 1)


def _conditions(exchange: Exchange, answer: Saying) -> list[str]:
    """What the analysts asked back before the answer, with the customer's replies."""
    found: list[str] = []
    for saying in exchange.sayings:
        if saying is answer:
            break
        asked_back = [sentence for sentence, shown in saying.signs if shown.asks]
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
