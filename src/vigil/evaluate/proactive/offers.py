"""What could be offered at each turn of a channel: how it is heard, which entry fits best, and how sure that is. Whether it is worth saying
is for `scoring`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vigil.assist.hearing import Opening, Scores
from vigil.assist.scene import Heard, Vector, compared
from vigil.domain.conversation import Message
from vigil.evaluate.gate.table import Floats
from vigil.evaluate.proactive.channels import Channel, seconds
from vigil.evaluate.retrieval.bench import Bench, Past
from vigil.knowledge.confidence import Confidence
from vigil.knowledge.ranking import Asked, Ranker
from vigil.language.bundled import BundledEmbedder
from vigil.language.embedder import Vectors
from vigil.language.reading import read
from vigil.trust.worth import Offer

LISTEN, OWN_LISTEN = 0.1, 0.02
"""Least chance that one of a turn's messages, and the last of them, opens a conversation. Nine in ten of the calls in the recordings follow
such a turn; what is below is searched for in vain."""
PAGE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The best entry for a turn."""

    channel: Channel
    message: Message
    """The turn's last."""
    entry: str
    """Its key."""
    offer: Offer


class Hears(Protocol):
    """How channel messages are heard."""

    def __call__(self, heard: Sequence[Heard]) -> Sequence[Opening]: ...


def as_shipped(scores: Scores) -> Hears:
    """By the scores that ship."""
    return lambda heard: [scores.opening(one) for one in heard]


class Listener:
    """Goes through channels one after the other.

    Args:
        past: questions that were answered before, and where.
    """

    def __init__(self, bench: Bench, past: Past | None, embedder: BundledEmbedder) -> None:
        self._bench = bench
        self._past = past
        self._embedder = embedder

    def candidates(self, channel: Channel, hears: Hears, ranker: Ranker, confidence: Confidence) -> list[Candidate]:
        """The best entry for each turn that may want an answer, in the channel's order."""
        opening = self._openings(channel, hears)
        turns = [
            (message, turn)
            for message, turn in channel.turns()
            if opening[message.seq].opens >= OWN_LISTEN
            and max(opening[one.seq].opens for one in turn) >= LISTEN
            and not read(message.text).small_talk
        ]
        if not turns:
            return []
        texts = ["\n".join(one.text for one in turn) for _, turn in turns]
        views = self._views(texts)
        at = np.array([seconds(message) for message, _ in turns])
        usable = None if self._past is None else self._past.usable(np.array([channel.name] * len(turns)), at)
        past = None if self._past is None else self._past.history
        found = self._bench.find(texts, views, at, past=past, usable=usable)
        candidates: list[Candidate] = []
        for (message, turn), one in zip(turns, found, strict=True):
            judged = self._bench.judge(one, ranker)
            if not judged.candidates:
                continue
            best = judged.candidates[0]
            signals = dict(best.scores)
            offer = Offer(
                answerable=opening[message.seq].answerable,
                turn=max(opening[part.seq].answerable for part in turn),
                confidence=confidence.of(judged.candidates),
                used=signals["used"],
                asked=signals["asked"],
            )
            candidates.append(Candidate(channel=channel, message=message, entry=best.entry_id, offer=offer))
        return candidates

    def _openings(self, channel: Channel, hears: Hears) -> list[Opening]:
        vectors = dict(
            zip(
                (message.id for message in channel.messages),
                self._embed([m.text for m in channel.messages]),
                strict=True,
            )
        )
        asked: list[Heard] = []
        for message in channel.messages:
            heard = channel.heard(message)
            known = {one.id: vectors[one.id] for one in compared(message, heard.recent)}
            asked.append(Heard(message=message, recent=heard.recent, vectors=known))
        return list(hears(asked))

    def _views(self, texts: Sequence[str]) -> Vectors:
        views = [view for text in texts for view in Asked.of(text).views]
        return np.stack(self._embed(views)).reshape(len(texts), 3, -1)

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        unique = sorted(dict.fromkeys(texts), key=len)
        known: dict[str, Vector] = {}
        for start in range(0, len(unique), PAGE):
            some = unique[start : start + PAGE]
            known.update(zip(some, self._embedder.embed_now(some), strict=True))
        return [known[text] for text in texts]


def terms(candidates: Sequence[Candidate]) -> Floats:
    """What the worth of each is made of."""
    return np.array([candidate.offer.terms for candidate in candidates], np.float64)


def in_all(
    channels: Sequence[Channel], each: Callable[[Channel], list[Candidate]], progress: Callable[[int, int], None]
) -> list[Candidate]:
    """The candidates of every channel."""
    found: list[Candidate] = []
    for number, channel in enumerate(channels, start=1):
        found += each(channel)
        progress(number, len(channels))
    return found
