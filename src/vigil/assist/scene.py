"""One look back over the messages before one: who spoke to whom, how often, how long ago, and what is like what. Strictly causal: only the
message and what stands before it. What is read off it as numbers is in `figures`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.domain.conversation import Message
from vigil.language.reading import Reading, read

Vector: TypeAlias = NDArray[np.float32]
"""Of shape (dimensions,) and length 1."""

LOOK_BACK = 100
"""Messages that are looked back over: an hour or more of a busy channel. With 250 the average precision of openings is .004 higher, and
the work twice as much."""
NEAR = 20
"""Messages before it that a message is compared with by meaning."""
OWN = 8
"""The author's own earlier messages that it is compared with."""
FADE = 0.9
"""What a message of the author counts beside the one after it, when they are taken together."""
NONE = -1.0
"""Stands for a share or a cosine that there isn't."""
LONG_AGO = 9.0
"""Stands for the time since a message that there isn't: log(1 + minutes) of five days."""
FAR = 6.0
"""Stands for the distance to a message that there isn't: log(1 + messages) of 400."""
QUARTER, FIVE = 900.0, 300.0
"""Seconds of "lately" and of "just now"."""
REGULAR, ANSWERS = 4, 0.4
"""Who wrote so often in what is looked back over, and spoke to somebody in such a share of it, is taken for a helper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What may be looked at."""

    message: Message
    recent: Sequence[Message] = ()
    """Messages before it, oldest first: the whole channel's for a message that may open a ticket, the ticket's own for a follow-up."""
    vectors: Mapping[str, Vector] = field(default_factory=dict[str, Vector])
    """By message id, of the message and of `compared`; where one is missing, its cosines aren't known (NaN)."""


def compared(message: Message, recent: Sequence[Message]) -> list[Message]:
    """Which messages are compared by meaning: the nearest, the author's own, and the one that the talk began with."""
    recent = recent[-LOOK_BACK:]
    own = [earlier for earlier in recent if earlier.author.id == message.author.id][-OWN:]
    chosen = {earlier.id: earlier for earlier in (*recent[:1], *own, *recent[-NEAR:])}
    return [*chosen.values(), message]


@dataclass(slots=True)
class _Author:
    """What the author of the message at hand did lately."""

    said: int = 0
    words: int = 0
    small: int = 0
    named: int = 0
    """Messages of others that speak to the author."""
    spoke_to: int = 0
    asked: int = 0
    answered: int = 0
    """Messages with somebody else's right after them."""
    partners: set[str] = field(default_factory=set[str])
    last: int | None = None
    question: int | None = None
    called: int | None = None
    """The last message that speaks to the author."""
    calling: int | None = None
    """The last message in which the author spoke to somebody."""
    said_since: int = 0
    named_since: int = 0
    streak: int = 0


@dataclass(slots=True)
class _Room:
    """What went on lately around the message at hand."""

    just_now: int = 0
    lately: int = 0
    lately_to_somebody: int = 0
    voices_now: set[str] = field(default_factory=set[str])
    voices: set[str] = field(default_factory=set[str])
    said: dict[str, int] = field(default_factory=dict[str, int])
    spoke_to: dict[str, int] = field(default_factory=dict[str, int])
    open_questions: int = 0
    question_ago: int | None = None
    """How long ago, in messages, somebody else asked everybody."""


class Scene:
    """What stands before a message, looked at once, newest first."""

    def __init__(self, heard: Heard) -> None:
        self.message = heard.message
        self.recent = heard.recent[-LOOK_BACK:]
        self.vectors = heard.vectors
        self.reading = read(heard.message.text)
        self.me = heard.message.author.id
        self.my_name = heard.message.author.name.casefold()
        self.people = {earlier.author.name.casefold(): earlier.author.id for earlier in self.recent}
        self.people.pop(self.my_name, None)
        self.to = self._target(self.reading)
        self.author = _Author()
        self.room = _Room()
        self.their_last: int | None = None
        """Of whoever the message speaks to."""
        self.their_last_asked = self.their_last_to_me = False
        self.my_last_asked = self.my_last_named = False
        self.mine: list[int] = []
        self.others: list[int] = []
        """Newest first."""
        self._look_back()

    def _target(self, reading: Reading) -> str | None:
        """Whom a text speaks to by name, among those who wrote lately."""
        if reading.prefix:
            if reading.prefix == self.my_name:
                return self.me
            if (found := self.people.get(reading.prefix)) is not None:
                return found
        for name in reading.at:
            if name == self.my_name:
                return self.me
            if (found := self.people.get(name)) is not None:
                return found
        return None

    def _look_back(self) -> None:
        me, author, room = self.me, self.author, self.room
        now = self.message.sent_at
        count = len(self.recent)
        next_by = me
        for place in range(count - 1, -1, -1):
            earlier = self.recent[place]
            its, who = read(earlier.text), earlier.author.id
            target = self._target(its) if its.prefix or its.at else None
            if target == who:
                target = None
            asks = target is None and (its.question or its.problem) and not its.small_talk
            room.said[who] = room.said.get(who, 0) + 1
            if target is not None:
                room.spoke_to[who] = room.spoke_to.get(who, 0) + 1
            ago = (now - earlier.sent_at).total_seconds()
            if ago <= QUARTER:
                room.lately += 1
                room.voices.add(who)
                room.lately_to_somebody += target is not None
                room.open_questions += asks and who != me
                if ago <= FIVE:
                    room.just_now += 1
                    room.voices_now.add(who)
            if who == me:
                self._mine(place, its, target, asks=asks, answered=next_by != me)
            else:
                self.others.append(place)
                if target == me:
                    author.named += 1
                    if author.called is None:
                        author.called = place
                if asks and room.question_ago is None:
                    room.question_ago = count - place
            if who == self.to and self.their_last is None:
                self.their_last, self.their_last_asked, self.their_last_to_me = place, asks, target == me
            next_by = who

    def _mine(self, place: int, its: Reading, target: str | None, *, asks: bool, answered: bool) -> None:
        author = self.author
        if author.said == len(self.recent) - 1 - place:
            author.streak += 1
        if author.last is None:
            author.last, self.my_last_asked, self.my_last_named = place, asks, target is not None
        author.said += 1
        author.words += its.length
        author.small += its.small_talk
        author.answered += answered
        self.mine.append(place)
        if target is not None:
            author.spoke_to += 1
            author.partners.add(target)
            if author.calling is None:
                author.calling = place
        if asks:
            author.asked += 1
            if author.question is None:
                author.question, author.said_since, author.named_since = place, author.said - 1, author.named

    def since(self, place: int | None) -> float:
        """log(1 + minutes) since the message at a place."""
        if place is None:
            return LONG_AGO
        return math.log1p(max(0.0, (self.message.sent_at - self.recent[place].sent_at).total_seconds()) / 60.0)

    def ago(self, place: int | None) -> float:
        """log(1 + messages) since the one at a place."""
        return FAR if place is None else math.log1p(len(self.recent) - place)

    def cosine(self, place: int | None) -> float:
        """Likeness to the message at a place; NaN where a vector is missing."""
        if place is None:
            return NONE
        mine, its = self.vectors.get(self.message.id), self.vectors.get(self.recent[place].id)
        return math.nan if mine is None or its is None else float(mine @ its)

    def cosines(self) -> dict[int, float]:
        """Likeness to each of the nearest messages, by place."""
        vector = self.vectors.get(self.message.id)
        places = range(max(0, len(self.recent) - NEAR), len(self.recent))
        near = [self.vectors.get(self.recent[place].id) for place in places]
        if vector is None or any(one is None for one in near):
            return dict.fromkeys(places, math.nan)
        return (
            dict(zip(places, (np.stack([one for one in near if one is not None]) @ vector).tolist(), strict=True))
            if near
            else {}
        )

    def like_me(self) -> float:
        """Likeness to the author's own earlier messages taken together."""
        vector = self.vectors.get(self.message.id)
        if not self.mine:
            return NONE
        own = [self.vectors.get(self.recent[place].id) for place in self.mine[:OWN]]
        if vector is None or any(one is None for one in own):
            return math.nan
        whole = (FADE ** np.arange(len(own), dtype=np.float32)) @ np.stack([one for one in own if one is not None])
        return float(vector @ whole) / (float(np.linalg.norm(whole)) + 1e-9)
