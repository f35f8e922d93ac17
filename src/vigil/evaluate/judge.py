"""Judges what Vigil said by what the humans of the recording then did, without anybody's labels of right and wrong. Counting the
judgements is `counting`'s."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.decision import Decision, DecisionKind
from vigil.domain.post import PostState
from vigil.evaluate.answers import Exchange, Humans, without_address
from vigil.evaluate.overlap import SAME_MEANING, shared
from vigil.evaluate.recording import RecordedMessage
from vigil.evaluate.replay import Replayed
from vigil.evaluate.system import Decided
from vigil.language.embedder import Embedder, Vectors

MOST_ANSWERS = 20
"""Answers to a customer that are compared with a suggestion: the first ones; a long ticket's hundredth proves nothing about its third."""

CONTROL_DRAWS = 10
"""Suggestions from elsewhere that are held against each customer's answers: enough that the control is steadier than what it controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One human answer that says what was suggested."""

    answer: RecordedMessage
    shared: tuple[str, ...]
    """What both point at, such as ``command:apt-get install foo``."""
    cosine: float | None
    """Between suggestion and answer; None without an embedder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One decision that put an answer with its evidence before people, and what the humans then said to that customer."""

    decided: Decided
    message: RecordedMessage
    """The message that it was about; its author is the customer here."""
    shown: bool
    """It left the house; otherwise it was withdrawn at the last look, and `withdrawn` says why."""
    withdrawn: str
    answers: tuple[RecordedMessage, ...]
    """What other humans said to the customer afterwards, see `Humans.answers`; empty for what was withdrawn."""
    lead_s: float | None
    """Seconds from the suggestion to the first of `answers`; None where nobody answered."""
    hit: Hit | None
    """The first answer that shares an address, a command, a package-like word or a setting with the suggestion, calls its entry by name,
    or whose cosine with it is at least `SAME_MEANING`."""
    nearest: float | None
    """The largest cosine of any answer, hit or not."""
    control: float
    """Share of `CONTROL_DRAWS` suggestions made to other customers on the same subject that hit the same answers: what chance gives."""
    cut_short: bool
    """Nobody had answered when the recording ended, within the window: can't be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A customer's turn that a human answered, and whether help was there first."""

    exchange: Exchange
    by: Judgement | None
    """The first suggestion about this turn that had left the house before the human's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A whole replay, judged."""

    replayed: Replayed
    judgements: tuple[Judgement, ...]
    """One for each suggestion or reply, in the order in which they were made."""
    covered: tuple[Covered, ...]
    embedder: str | None
    """Id of the embedder that compared meanings."""


async def judge(replayed: Replayed, *, embedder: Embedder | None = None, seed: int = 0) -> Judged:
    """Hold every suggestion and reply against what the humans then said.

    Args:
        embedder: compares meanings; without one only shared addresses, commands, packages and settings make a hit.
        seed: of the draw for the control.

    Raises:
        ModelUnavailable: a remote embedder gave no usable answer.
    """
    recording = replayed.recording
    humans = Humans(recording)
    messages = {message.id: message for each in recording.conversations.values() for message in each}
    spoken = [each for each in replayed.spoke if _gives_an_answer(each.decision)]
    answers = [humans.answers(messages[each.message])[:MOST_ANSWERS] if each.sent else () for each in spoken]
    names = frozenset(message.author.casefold() for message in messages.values())
    texts = {answer.id: without_address(answer.text, names) for said in answers for answer in said}
    suggestions = [each.decision.answer for each in spoken]
    meaning = await _Meaning.of([*suggestions, *texts.values()] if texts else (), embedder)
    control = _Control(spoken, [messages[each.message] for each in spoken], recording.topics, seed=seed)

    def compare(suggestion: int, answer: RecordedMessage) -> Hit | None:
        titles = [citation.title for citation in spoken[suggestion].decision.citations]
        both = shared(suggestions[suggestion], answer.text, titles=titles, names=names)
        cosine = meaning.cosine(suggestions[suggestion], texts[answer.id])
        if both or (cosine is not None and cosine >= SAME_MEANING):
            return Hit(answer=answer, shared=both, cosine=cosine)
        return None

    def first_hit(suggestion: int, said: Sequence[RecordedMessage]) -> Hit | None:
        return next((hit for answer in said if (hit := compare(suggestion, answer)) is not None), None)

    judgements: list[Judgement] = []
    for place, (decided, said) in enumerate(zip(spoken, answers, strict=True)):
        message = messages[decided.message]
        others = control.draw(place) if said else ()
        near = (meaning.cosine(suggestions[place], texts[answer.id]) for answer in said)
        judgements.append(
            Judgement(
                decided=decided,
                message=message,
                shown=decided.sent,
                withdrawn=next((post.reason for post in decided.posts if post.state is not PostState.SENT), ""),
                answers=said,
                lead_s=(said[0].at - decided.decision.decided_at).total_seconds() if said else None,
                hit=first_hit(place, said),
                nearest=max((cosine for cosine in near if cosine is not None), default=None),
                control=sum(first_hit(other, said) is not None for other in others) / len(others) if others else 0.0,
                cut_short=not said and humans.cut_short(message),
            )
        )
    return Judged(
        replayed=replayed,
        judgements=tuple(judgements),
        covered=_coverage(humans.exchanges(), judgements),
        embedder=None if embedder is None else embedder.id,
    )


def _gives_an_answer(decision: Decision) -> bool:
    """A call for a human, a greeting or an honest "I don't know" is no answer: it cites nothing."""
    return decision.kind is not DecisionKind.HAND_OFF and bool(decision.answer and decision.citations)


class _Meaning:
    """Cosines between texts, each embedded once however often it was said."""

    def __init__(self, vectors: Vectors | None, rows: Mapping[str, int]) -> None:
        self._vectors = vectors
        self._rows = rows

    @classmethod
    async def of(cls, texts: Iterable[str], embedder: Embedder | None) -> "_Meaning":
        different = list(dict.fromkeys(texts))
        if embedder is None or not different:
            return cls(None, {})
        return cls(await embedder.embed(different), {text: row for row, text in enumerate(different)})

    def cosine(self, one: str, other: str) -> float | None:
        if self._vectors is None:
            return None
        return float(np.dot(self._vectors[self._rows[one]], self._vectors[self._rows[other]]))


class _Control:
    """Draws suggestions that were made to other customers, on the same subject where there are any."""

    def __init__(
        self, spoken: Sequence[Decided], messages: Sequence[RecordedMessage], topics: Mapping[str, str], *, seed: int
    ) -> None:
        self._messages = messages
        self._topics = topics
        self._random = random.Random(seed)  # noqa: S311 - a repeatable draw, not a secret
        self._by_topic: dict[str, list[int]] = {}
        for place in range(len(spoken)):
            self._by_topic.setdefault(topics.get(messages[place].conversation, ""), []).append(place)

    def draw(self, place: int) -> Sequence[int]:
        mine = self._messages[place]
        pool = self._by_topic[self._topics.get(mine.conversation, "")]
        drawn = self._random.sample(pool, min(4 * CONTROL_DRAWS, len(pool)))
        return [each for each in drawn if self._is_elsewhere(self._messages[each], mine)][:CONTROL_DRAWS]

    def _is_elsewhere(self, other: RecordedMessage, mine: RecordedMessage) -> bool:
        return other.conversation != mine.conversation or other.author != mine.author


def _left_before(judgement: Judgement, answer: RecordedMessage) -> bool:
    """A post that was due when the answer came in had left: a replay sends what is due before it takes the next message in."""
    left_at = judgement.decided.left_at
    return left_at is not None and left_at <= answer.at


def _coverage(exchanges: Sequence[Exchange], judgements: Sequence[Judgement]) -> tuple[Covered, ...]:
    helps: dict[tuple[str, str], list[Judgement]] = {}
    for each in judgements:
        if each.shown:
            helps.setdefault((each.message.conversation, each.message.author), []).append(each)
    return tuple(
        Covered(
            exchange=exchange,
            by=next(
                (
                    each
                    for each in helps.get((exchange.conversation, exchange.customer), ())
                    if exchange.asked.position <= each.message.position < exchange.answer.position
                    and _left_before(each, exchange.answer)
                ),
                None,
            ),
        )
        for exchange in exchanges
    )
