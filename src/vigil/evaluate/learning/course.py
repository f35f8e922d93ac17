"""Recorded tickets gone through in the order of time: each is learned from when it ends, and what was learned until then is searched when a
later one needs it. Nothing is known at the start. What it is compared with is `controls`'; the count is `scoring`'s."""

import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from vigil.domain.conversation import Message, Person, Role
from vigil.domain.knowledge import Draft, Scope
from vigil.domain.ticket import Ticket, TicketState
from vigil.evaluate.learning.things import packages_named, things
from vigil.evaluate.recording import RecordedMessage, Recording
from vigil.evaluate.retrieval.bench import candidate_of, embed_views, row_of
from vigil.knowledge.confidence import AMONG, distinct
from vigil.knowledge.laid import Laid, hits_of
from vigil.knowledge.learned import Learned
from vigil.knowledge.ranking import Asked
from vigil.knowledge.search import POOL, rank
from vigil.knowledge.vectors import embed_drafts
from vigil.language.embedder import Embedder, Vectors
from vigil.language.sentences import sentences_of
from vigil.learn.distil import distil
from vigil.learn.lesson import Distilled, Ended

LAST_MESSAGES = 4
"""Messages of the customer that make a question, as when Vigil asks itself."""
BUDGET = 300
"""Characters that an offer may show: what two lines of a suggestion hold. Every method fills them with its best find, then the next best: a
longer text shares a thing more easily, whoever offers it."""
FINDS = 5
"""Finds that are tried for an offer."""
LAY_EVERY = 100
"""Lessons after which the index is built anew; what came since is looked at entry by entry, as the product does."""
BATCH = 64

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A moment at which a suggestion would have helped: before an analyst's first message that names something to act on."""

    ticket_id: str
    stream: str
    at: datetime
    question: str
    wanted: frozenset[str]
    """Things that the analyst's message names."""
    told: frozenset[str]
    """Things that the customer named before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What would have been suggested."""

    text: str
    sure: float
    """By the offering method's own measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A recording, gone through."""

    needs: tuple[Need, ...]
    """In the order of time."""
    views: Vectors
    """Of the needs' questions."""
    tickets: tuple[Ended, ...]
    """By the time at which they ended."""
    distilled: tuple[Distilled, ...]
    """What each of them taught."""
    drafts: tuple[Draft, ...]
    ends: tuple[datetime, ...]
    """For each draft when its ticket ended."""
    vectors: Vectors
    packages: frozenset[str]


def needs_of(recording: Recording, packages: frozenset[str]) -> list[Need]:
    """Every ticket's need, in the order of time."""
    found = [_need(name, messages, packages) for name, messages in recording.conversations.items()]
    return sorted((need for need in found if need is not None), key=lambda need: (need.at, need.ticket_id))


def ended_of(recording: Recording) -> list[Ended]:
    """Every ticket as it ended, by the time of its last message."""
    found = [_ended(name, messages) for name, messages in recording.conversations.items() if messages]
    return sorted(found, key=lambda each: (each.messages[-1].sent_at, each.ticket.id))


def stream_of(ticket_id: str) -> str:
    """Tickets of one recorded channel belong together; where the name tells of none, each stands for itself."""
    return ticket_id.partition("#")[0]


def all_packages(recording: Recording) -> frozenset[str]:
    return packages_named(message.text for messages in recording.conversations.values() for message in messages)


def distil_all(tickets: Sequence[Ended], progress: Progress) -> list[Distilled]:
    """What each ticket teaches; blocking."""
    made: list[Distilled] = []
    for done, each in enumerate(tickets, start=1):
        made.append(distil(each))
        progress("tickets", done, len(tickets))
    return made


async def embed_all(embedder: Embedder, drafts: Sequence[Draft], progress: Progress) -> Vectors:
    parts: list[Vectors] = []
    for start in range(0, len(drafts), BATCH):
        parts.append(await embed_drafts(embedder, drafts[start : start + BATCH]))
        progress("lessons", min(start + BATCH, len(drafts)), len(drafts))
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dimensions), np.float32)


async def embed_needs(embedder: Embedder, needs: Sequence[Need], progress: Progress) -> Vectors:
    parts: list[Vectors] = []
    for start in range(0, len(needs), BATCH):
        parts.append(await embed_views(embedder, [need.question for need in needs[start : start + BATCH]]))
        progress("questions", min(start + BATCH, len(needs)), len(needs))
    return np.concatenate(parts) if parts else np.zeros((0, 3, embedder.dimensions), np.float32)


def offers(course: Course, learned: Learned) -> list[Offer | None]:
    """What the lessons learned until then would have suggested to each need; None before the first."""
    rows = [row_of(replace(draft, scope=Scope())) for draft in course.drafts]  # whoever may read them
    laid, upto = Laid([], course.vectors[:0]), 0
    by_key = {draft.key: draft for draft in course.drafts}
    made: list[Offer | None] = []
    for need, views in zip(course.needs, course.views, strict=True):
        known = bisect.bisect_left(course.ends, need.at)
        if known - upto >= LAY_EVERY:
            laid, upto = Laid(rows[:known], course.vectors[:known]), known
        asked = Asked.of(need.question)
        hits = hits_of(rows[upto:known], course.vectors[upto:known])
        if upto:
            hits = hits + laid.search(views[:1], sorted(asked.words), wanted=Scope(), limit=POOL)
        if not hits.entry_ids:
            made.append(None)
            continue
        ranked = rank(asked, views, hits, learned.ranker)
        best = ranked.order[:AMONG]
        candidates = [
            candidate_of(by_key[hits.entry_ids[place]], float(ranked.scores[place]), ranked.table[place])
            for place in best
        ]
        kept = [candidates[number] for number in distinct(candidates, hits.vectors[best])]
        made.append(Offer(text=filled(each.text for each in kept[:FINDS]), sure=learned.confidence.of(kept)))
    return made


def filled(texts: Iterable[str]) -> str:
    """As much of the texts, one after the other, as an offer may show."""
    return " ".join(" ".join(texts).split())[:BUDGET]


def hit(offer: Offer | None, need: Need, packages: frozenset[str], *, beyond: bool = False) -> bool:
    """Whether an offer names what the analyst then named; with `beyond` something that the customer had not said."""
    if offer is None:
        return False
    wanted = need.wanted - need.told if beyond else need.wanted
    return not wanted.isdisjoint(things(offer.text, packages))


def _need(name: str, messages: Sequence[RecordedMessage], packages: frozenset[str]) -> Need | None:
    asked: list[str] = []
    for message in messages:
        if message.role is Role.CUSTOMER:
            asked.append(message.text)
        elif message.role is Role.ANALYST and asked and (wanted := things(message.text, packages)):
            question = " ".join(sentence for text in asked[-LAST_MESSAGES:] for sentence in sentences_of(text))
            if not question.strip():
                return None
            told = things(" ".join(asked), packages)
            return Need(
                ticket_id=name, stream=stream_of(name), at=message.at, question=question, wanted=wanted, told=told
            )
    return None


def _ended(name: str, messages: Sequence[RecordedMessage]) -> Ended:
    customer = next((message.author for message in messages if message.role is Role.CUSTOMER), "")
    ticket = Ticket(
        id=name,
        external_id=name,
        conversation_id=name,
        state=TicketState.RESOLVED,
        subject="",
        customer_id=customer,
        opened_at=messages[0].at,
        updated_at=messages[-1].at,
    )
    said = [
        Message(
            id=message.id,
            external_id=message.id,
            conversation_id=name,
            seq=message.position,
            author=Person(id=message.author, name=message.author, role=message.role),
            text=message.text,
            sent_at=message.at,
            received_at=message.at,
            ticket_id=name,
        )
        for message in messages
    ]
    return Ended(ticket=ticket, messages=said)


def drafts_of(tickets: Sequence[Ended], distilled: Sequence[Distilled]) -> tuple[list[Draft], list[datetime]]:
    """All lessons as entries, and when each was there."""
    pairs = [
        (lesson.draft(ended.ticket), ended.messages[-1].sent_at)
        for ended, each in zip(tickets, distilled, strict=True)
        for lesson in each.lessons
    ]
    return [draft for draft, _ in pairs], [at for _, at in pairs]
