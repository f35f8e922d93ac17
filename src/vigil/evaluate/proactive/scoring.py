"""How many of the people's calls were offered before they were made, at how many interruptions. What is offered comes from `offers`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from vigil.domain.conversation import Message, Role
from vigil.domain.knowledge import Draft
from vigil.evaluate.gate.table import Floats
from vigil.evaluate.proactive.channels import TURN_S, Channel, seconds
from vigil.evaluate.proactive.offers import Candidate, terms
from vigil.language.bundled import BundledEmbedder
from vigil.language.embedder import Vectors
from vigil.trust.worth import Worth

PER_100 = 1.4
"""Suggestions per 100 messages of people that a bar is chosen for: other channels differ by a tenth, and 1.5 is what one is to bear."""
REPEAT_S = 3600.0
"""Seconds within which the same entry is not offered to the same customer again: the default of `Settings.repeat_window_s`."""
NAMES_IT = 0.5
"""Cosine from which a reply says what an entry says."""
_URL = re.compile(r"https?://[^\s<>()\"]+")


class ProactiveFigures(BaseModel):
    """What was offered before people called for it."""

    n_messages: int
    """Of people, those before the annotated part included."""
    suggestions: int
    per_100: float
    hits: int
    recall: float
    """Share of the calls that were offered to that customer before, at most 15 minutes; a call counts once."""
    precision: float
    """Share of the suggestions that such a call bore out. People call for an entry far more seldom than one would help."""
    soft_hit: float
    """Share of the suggestions after which, within 15 minutes, somebody's reply to that customer names the entry or its address, or says
    the same (cosine .5)."""
    soft_hit_control: float
    """The same for the entry nearest in meaning to the suggested one."""
    median_lead_s: float | None
    """Seconds from the suggestion to the call, in the median; the recordings' clock counts minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The candidates that are said at a bar, without repetition."""

    chosen: list[Candidate]
    hits: set[tuple[str, str, int]]
    """Calls: channel, customer, place."""
    borne_out: int
    leads: list[float]


def wanted(candidates: Sequence[Candidate]) -> NDArray[np.bool_]:
    """Whether a call for that entry and customer followed."""
    return np.array(
        [any(one.entry in call.relevant for _, call in one.channel.called_after(one.message)) for one in candidates],
        np.bool_,
    )


def fit_weights(candidates: Sequence[Candidate], right: NDArray[np.bool_]) -> tuple[float, ...]:
    """Weights of the terms, by logistic regression; the intercept only shifts the bar and is dropped."""
    linear: Any = import_module("sklearn.linear_model")
    table = terms(candidates)
    spread: Floats = table.std(axis=0) + 1e-9
    fit = linear.LogisticRegression(C=0.3, max_iter=1000).fit(table / spread, right)
    return tuple(round(float(weight), 4) for weight in fit.coef_[0] / spread)


def worths(candidates: Sequence[Candidate], weights: Sequence[float]) -> Floats:
    """The worth of each."""
    worth = Worth(weights=tuple(weights), bar=0.0)
    return np.array([worth.of(one.offer) for one in candidates])


def said(candidates: Sequence[Candidate], worth: Floats, bar: Floats) -> Said:
    """What is said, in order, when each candidate is held against its bar."""
    last: dict[tuple[str, str, str], float] = {}
    chosen: list[Candidate] = []
    hits: set[tuple[str, str, int]] = set()
    leads: list[float] = []
    borne_out = 0
    for place in np.nonzero(worth >= bar)[0].tolist():
        one = candidates[place]
        now, customer = seconds(one.message), one.message.author.id
        key = (one.channel.name, customer, one.entry)
        if now - last.get(key, -REPEAT_S) < REPEAT_S:
            continue
        last[key] = now
        chosen.append(one)
        calls = [(number, call) for number, call in one.channel.called_after(one.message) if one.entry in call.relevant]
        borne_out += bool(calls)
        for number, call in calls:
            if (one.channel.name, customer, number) not in hits:
                hits.add((one.channel.name, customer, number))
                leads.append(call.at - now)
    return Said(chosen=chosen, hits=hits, borne_out=borne_out, leads=leads)


def bar_for(candidates: Sequence[Candidate], worth: Floats, messages: int, per_100: float = PER_100) -> float:
    """The lowest bar at which no more is said than so much for 100 messages."""
    low, high = 0.0, float(worth.max()) * 1.01
    for _ in range(40):
        middle = (low + high) / 2
        count = len(said(candidates, worth, np.full(len(worth), middle)).chosen)
        if count > per_100 * messages / 100:
            low = middle
        else:
            high = middle
    return high


def figures_of(
    channels: Sequence[Channel], what: Said, drafts: Sequence[Draft], vectors: Vectors, embedder: BundledEmbedder
) -> ProactiveFigures:
    """Put together what is reported."""
    messages = sum(channel.by_people for channel in channels)
    calls = sum(len(some) for channel in channels for some in channel.calls.values())
    soft, control = _soft_hits(what.chosen, drafts, vectors, embedder)
    count = len(what.chosen)
    return ProactiveFigures(
        n_messages=messages,
        suggestions=count,
        per_100=round(100 * count / max(1, messages), 4),
        hits=len(what.hits),
        recall=round(len(what.hits) / max(1, calls), 4),
        precision=round(what.borne_out / max(1, count), 4),
        soft_hit=round(soft / max(1, count), 4),
        soft_hit_control=round(control / max(1, count), 4),
        median_lead_s=float(np.median(what.leads)) if what.leads else None,
    )


def _soft_hits(
    chosen: Sequence[Candidate], drafts: Sequence[Draft], vectors: Vectors, embedder: BundledEmbedder
) -> tuple[int, int]:
    number = {draft.key: place for place, draft in enumerate(drafts)}
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1.0)
    neighbour: list[int] = likeness.argmax(axis=1).tolist()
    named = {place: _names(draft) for place, draft in enumerate(drafts)}
    replies = [_replies(one) for one in chosen]
    texts = sorted({text for some in replies for text in some}, key=len)
    meant: Mapping[str, Any] = dict(zip(texts, embedder.embed_now(texts), strict=True)) if texts else {}
    soft = control = 0
    for one, some in zip(chosen, replies, strict=True):
        place = number[one.entry]
        soft += any(_says(text, meant[text], named[place], vectors[place]) for text in some)
        other = neighbour[place]
        control += any(_says(text, meant[text], named[other], vectors[other]) for text in some)
    return soft, control


def _replies(one: Candidate) -> list[str]:
    """What other people say to the customer, by name, within 15 minutes."""
    name = one.message.author.name.casefold()
    found: list[str] = []
    for message in one.channel.messages[one.message.seq + 1 :]:
        if seconds(message) - seconds(one.message) > TURN_S:
            break
        if (
            message.author.id != one.message.author.id
            and message.author.role is not Role.BOT
            and _speaks_to(message, name)
        ):
            found.append(message.text)
    return found


def _speaks_to(message: Message, name: str) -> bool:
    return name in re.split(r"[\s:,;>@|]+", message.text.casefold())


def _names(draft: Draft) -> tuple[re.Pattern[str] | None, tuple[str, ...]]:
    """A pattern for its names of three letters and more, and its addresses."""
    names = [re.escape(name) for name in {draft.title, *draft.aliases} if len(name) >= 3]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(names))})(?!\w)", re.IGNORECASE) if names else None
    return pattern, tuple(url.rstrip(".,;") for url in _URL.findall(draft.answer))


def _says(text: str, meant: Any, named: tuple[re.Pattern[str] | None, tuple[str, ...]], vector: Any) -> bool:
    pattern, urls = named
    if pattern is not None and pattern.search(text):
        return True
    return any(url in text for url in urls) or float(meant @ vector) >= NAMES_IT
