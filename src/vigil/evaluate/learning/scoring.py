"""How much learning from raw tickets brings, as `vigil evaluate learning --tickets` prints it: suggestions that named what the analyst then
named, beside the controls' at the same number of suggestions."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from vigil.domain.knowledge import Draft
from vigil.evaluate.learning import controls
from vigil.evaluate.learning.course import (
    Course,
    Offer,
    Progress,
    all_packages,
    distil_all,
    drafts_of,
    embed_all,
    embed_needs,
    ended_of,
    hit,
    needs_of,
    offers,
    stream_of,
)
from vigil.evaluate.metrics import RESAMPLES
from vigil.evaluate.recorded import Shape, load
from vigil.evaluate.recording import Recording
from vigil.knowledge.learned import Learned, shipped
from vigil.language.embedder import Embedder

Floats: TypeAlias = NDArray[np.float64]

STEPS = 10
"""Points of the curve: tenths of the needs, in the order of time."""


class Gain(BaseModel):
    """Hits in a hundred suggestions above a control's, with a 95 % interval by a paired bootstrap over streams."""

    hits: int
    """The control's, in as many suggestions."""
    hits_beyond_question: int
    gain: float
    low: float
    high: float


class Point(BaseModel):
    """A tenth of the needs."""

    n: int
    """Tickets that had been learned from at its end."""
    suggestions: int
    hits: int
    p_at_1: float
    """Hits among the suggestions."""


class LearningFigures(BaseModel):
    """What came of it."""

    tickets: int
    streams: int
    lessons: int
    tickets_with_lesson: int
    needs: int
    """Tickets in which an analyst named something to act on."""
    threshold: float
    suggestions: int
    hits: int
    hit_rate: float
    hits_beyond_question: int
    """That named something the customer had not named."""
    controls: dict[str, Gain]
    curve: list[Point]


async def evaluate_learning(
    embedder: Embedder,
    tickets: Path,
    *,
    threshold: float,
    streams: int | None,
    progress: Progress,
    seed: int = 0,
) -> LearningFigures:
    """Go through the tickets in the order of time. No model is asked; rehearsal and reconciling are left out, so every lesson is published.

    Args:
        threshold: confidence from which a lesson is suggested.
        streams: only so many streams, the first by name's order of time; None: all.

    Raises:
        InvalidInput: the file holds no tickets.
    """
    recording = await asyncio.to_thread(load, tickets, shape=Shape.TICKETS)
    if streams is not None:
        recording = _some(recording, streams)
    course = await _course(embedder, recording, progress)
    return await _figures(course, embedder, shipped(), threshold=threshold, progress=progress, seed=seed)


async def _course(embedder: Embedder, recording: Recording, progress: Progress) -> Course:
    packages = await asyncio.to_thread(all_packages, recording)
    needs = await asyncio.to_thread(needs_of, recording, packages)
    ended = ended_of(recording)
    distilled = await asyncio.to_thread(distil_all, ended, progress)
    drafts, ends = drafts_of(ended, distilled)
    return Course(
        needs=tuple(needs),
        views=await embed_needs(embedder, needs, progress),
        tickets=tuple(ended),
        distilled=tuple(distilled),
        drafts=tuple[Draft, ...](drafts),
        ends=tuple(ends),
        vectors=await embed_all(embedder, drafts, progress),
        packages=packages,
    )


async def _figures(
    course: Course, embedder: Embedder, learned: Learned, *, threshold: float, progress: Progress, seed: int
) -> LearningFigures:
    everything = await asyncio.to_thread(offers, course, learned)
    mine = [offer if offer is not None and offer.sure >= threshold else None for offer in everything]
    count = sum(offer is not None for offer in mine)
    others = {
        "bm25": _surest(await asyncio.to_thread(controls.bm25, course), count),
        "nearest_ticket": _surest(await controls.nearest(course, embedder, progress), count),
        "shuffle": controls.shuffled(course, mine, seed=seed),
    }
    hits = _hits(course, mine)
    return LearningFigures(
        tickets=len(course.tickets),
        streams=len({stream_of(each.ticket.id) for each in course.tickets}),
        lessons=len(course.drafts),
        tickets_with_lesson=sum(bool(each.lessons) for each in course.distilled),
        needs=len(course.needs),
        threshold=threshold,
        suggestions=count,
        hits=int(hits.sum()),
        hit_rate=round(float(hits.sum()) / max(1, count), 4),
        hits_beyond_question=int(_hits(course, mine, beyond=True).sum()),
        controls={name: _gain(course, mine, hits, offered, seed) for name, offered in others.items()},
        curve=_curve(course, mine, hits),
    )


def _surest(offered: Sequence[Offer | None], count: int) -> list[Offer | None]:
    """The `count` offers that a control is surest of."""
    order = sorted(
        (number for number, offer in enumerate(offered) if offer is not None), key=lambda n: -_sure(offered[n])
    )
    kept = set(order[:count])
    return [offer if number in kept else None for number, offer in enumerate(offered)]


def _sure(offer: Offer | None) -> float:
    return 0.0 if offer is None else offer.sure


def _hits(course: Course, offered: Sequence[Offer | None], *, beyond: bool = False) -> Floats:
    return np.array(
        [hit(offer, need, course.packages, beyond=beyond) for offer, need in zip(offered, course.needs, strict=True)],
        np.float64,
    )


def _gain(
    course: Course,
    mine: Sequence[Offer | None],
    hits: Floats,
    offered: Sequence[Offer | None],
    seed: int,
) -> Gain:
    theirs = _hits(course, offered)
    names = sorted({need.stream for need in course.needs})
    place = {name: number for number, name in enumerate(names)}
    rows = np.zeros((len(names), 4))
    for number, need in enumerate(course.needs):
        rows[place[need.stream]] += (
            hits[number],
            mine[number] is not None,
            theirs[number],
            offered[number] is not None,
        )
    drawn = (
        np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names))) if names else np.zeros((1, 0), int)
    )
    sums = rows[drawn].sum(axis=1)
    gains = sums[:, 0] / np.maximum(1, sums[:, 1]) - sums[:, 2] / np.maximum(1, sums[:, 3])
    whole = rows.sum(axis=0)
    low, high = np.percentile(gains, [2.5, 97.5])
    return Gain(
        hits=int(theirs.sum()),
        hits_beyond_question=int(_hits(course, offered, beyond=True).sum()),
        gain=round(100 * float(whole[0] / max(1, whole[1]) - whole[2] / max(1, whole[3])), 2),
        low=round(100 * float(low), 2),
        high=round(100 * float(high), 2),
    )


def _curve(course: Course, mine: Sequence[Offer | None], hits: Floats) -> list[Point]:
    ends = sorted(each.messages[-1].sent_at for each in course.tickets)
    points: list[Point] = []
    for part in np.array_split(np.arange(len(course.needs)), STEPS):
        if not len(part):
            continue
        made = sum(mine[number] is not None for number in part)
        right = int(hits[part].sum())
        at = course.needs[int(part[-1])].at
        points.append(
            Point(n=sum(end < at for end in ends), suggestions=made, hits=right, p_at_1=round(right / max(1, made), 4))
        )
    return points


def _some(recording: Recording, streams: int) -> Recording:
    """The streams that began first."""
    began = sorted((messages[0].at, name) for name, messages in recording.conversations.items() if messages)
    kept = set(list(dict.fromkeys(stream_of(name) for _, name in began))[:streams])
    return replace(
        recording,
        conversations={name: each for name, each in recording.conversations.items() if stream_of(name) in kept},
    )
