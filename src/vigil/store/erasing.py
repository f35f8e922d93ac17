"""Forgetting a person or a ticket in the database, in one transaction: what is theirs is emptied, what rests on it alone is retired, the
audit trail keeps hashes. Quotes of it elsewhere are `looking`'s to find, and the search index is `knowledge`'s."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Text, and_, cast, delete, func, literal, or_, select, update

from vigil.clock import Ids
from vigil.domain.post import PostState
from vigil.store import erasures
from vigil.store.audit import seal
from vigil.store.belongings import Belongings, Subject
from vigil.store.columns import Instant, Json
from vigil.store.entries import Embedding, batches
from vigil.store.erasures import SubjectKind
from vigil.store.knowledge import Signature
from vigil.store.progress import ProgressOfTickets
from vigil.store.rewriting import Rewritten, overwrite
from vigil.store.store import Session
from vigil.store.summaries import Summaries
from vigil.store.tables import (
    audit,
    conversations,
    decisions,
    inbox,
    lessons,
    messages,
    outbox,
    outcomes,
    people,
    tickets,
)
from vigil.store.traces import GONE, Traces
from vigil.store.uses import Uses


@dataclass(slots=True, kw_only=True)
class Forgotten:
    """What was done."""

    messages: int = 0
    events: int = 0
    tickets: int = 0
    decisions: int = 0
    posts: int = 0
    outcomes: int = 0
    people: int = 0
    entries_retired: int = 0
    entries_changed: int = 0
    audit_sealed: int = 0
    quotes: int = 0
    """Rows by others that named or quoted them."""


async def decisions_citing(session: Session, entry_ids: Collection[str]) -> list[str]:
    """Decisions that saw one of these entries, wherever they were made."""
    found: set[str] = set()
    for some in _few(entry_ids):
        body = cast(decisions.c.body, Text)
        wanted = select(decisions.c.id).where(
            decisions.c.workspace_id == session.workspace, or_(*(body.contains(each, autoescape=True) for each in some))
        )
        found |= {row.id for row in await session.execute(wanted)}
    return sorted(found)


def _few(values: Collection[str]) -> Iterator[list[str]]:
    """As many as one statement should look for in each row."""
    rest = iter(values)
    while some := list(islice(rest, 50)):
        yield some


async def forget(
    session: Session,
    subject: Subject,
    theirs: Belongings,
    traces: Traces,
    rewritten: Rewritten,
    *,
    embeddings: dict[str, Embedding],
    citing: Collection[str],
    ids: Ids,
    at: datetime,
    by: str,
) -> Forgotten:
    """Empty what is theirs, in one transaction, and put it on the list. Whoever is working on one of their conversations loses
    the lease, and begins again with what is left.

    Args:
        embeddings: of `rewritten.changed`, by key.
        citing: decisions elsewhere that saw entries which are retired now.
    """
    done = Forgotten()
    w = session.workspace
    for some in batches(theirs.conversations):
        held = and_(conversations.c.workspace_id == w, conversations.c.id.in_(some))
        await session.execute(
            update(conversations)
            .where(held)
            .values(lease_epoch=conversations.c.lease_epoch + 1, lease_owner=None, lease_until=None)
        )
    done.messages = await _empty_messages(session, subject, theirs, traces, at)
    done.events = await _empty_events(session, subject, theirs, traces)
    done.decisions, done.posts, done.outcomes = await _empty_decisions(session, theirs, citing, rewritten, at)
    done.tickets = await _empty_tickets(session, subject, theirs, traces)
    await _drop_progress(session, theirs)
    await _empty_lessons(session, theirs)
    if subject.kind is SubjectKind.PERSON:
        gone = await session.execute(
            delete(people).where(
                people.c.workspace_id == w, people.c.channel.in_(subject.channels), people.c.person_id == subject.id
            )
        )
        done.people = gone.rowcount
    done.entries_retired, done.entries_changed = len(rewritten.retired), len(rewritten.changed)
    await overwrite(session, rewritten, embeddings, ids, Signature(by=by, summary="forgotten", at=at))
    done.audit_sealed = await _seal(session, traces)
    for each in subject.listed(w):
        await erasures.note(session, subject.kind, each, at=at, by=by)
    return done


async def _empty_messages(session: Session, subject: Subject, theirs: Belongings, traces: Traces, at: datetime) -> int:
    by_person = subject.kind is SubjectKind.PERSON
    unnamed = messages.c.author_id == subject.id if by_person else messages.c.author_role.in_(("customer", "bystander"))
    for some in batches(theirs.messages):
        these = and_(messages.c.workspace_id == session.workspace, messages.c.id.in_(some))
        await session.execute(
            update(messages).where(these, unnamed).values(author_id=traces.pseudonym, author_name=GONE)
        )
        await session.execute(
            update(messages)
            .where(these)
            .values(text="", deleted_at=func.coalesce(messages.c.deleted_at, literal(at, Instant())))
        )
    return len(theirs.messages)


async def _empty_events(session: Session, subject: Subject, theirs: Belongings, traces: Traces) -> int:
    for some in batches(theirs.events):
        mine = and_(inbox.c.workspace_id == session.workspace, inbox.c.id.in_(some))
        for row in (await session.execute(select(inbox.c.id, inbox.c.event).where(mine))).all():
            event: Json = {**row.event, "text": ""}
            author: Json | None = event["author"]
            unnamed = author is not None and (
                author["id"] == subject.id
                if subject.kind is SubjectKind.PERSON
                else author["role"] in ("customer", "bystander")
            )
            if author is not None and unnamed:
                event["author"] = {**author, "id": traces.pseudonym, "name": GONE}
            this = and_(inbox.c.workspace_id == session.workspace, inbox.c.id == row.id)
            await session.execute(update(inbox).where(this).values(event=event))
    return len(theirs.events)


async def _empty_decisions(
    session: Session, theirs: Belongings, citing: Collection[str], rewritten: Rewritten, at: datetime
) -> tuple[int, int, int]:
    w = session.workspace
    posts = noted = 0
    for some in batches(theirs.decisions | set(citing)):
        these = and_(decisions.c.workspace_id == w, decisions.c.id.in_(some))
        for row in (await session.execute(select(decisions.c.id, decisions.c.body).where(these))).all():
            body = _emptied(row.body) if row.id in theirs.decisions else _without(row.body, rewritten.gone)
            this = and_(decisions.c.workspace_id == w, decisions.c.id == row.id)
            await session.execute(update(decisions).where(this).values(body=body))
    for some in batches(theirs.decisions):
        waiting = and_(outbox.c.workspace_id == w, outbox.c.decision_id.in_(some))
        await session.execute(
            update(outbox)
            .where(waiting, outbox.c.state == PostState.WAITING.value)
            .values(
                state=PostState.WITHDRAWN.value, reason="erased", changed_at=at, claimed_by=None, claimed_until=None
            )
        )
        posts += (await session.execute(update(outbox).where(waiting).values(text=""))).rowcount
        await Uses(session).take_back(some)  # their questions as vectors
        said = and_(outcomes.c.workspace_id == w, outcomes.c.decision_id.in_(some))
        noted += (await session.execute(update(outcomes).where(said).values(text="", reason=""))).rowcount
    return len(theirs.decisions), posts, noted


def _emptied(body: Json) -> Json:
    """A decision without its words: what was decided, why in a word, when, and what it cost."""
    return {**body, "note": GONE, "question": "", "answer": "", "citations": [], "candidates": [], "stages": []}


def _without(body: Json, entry_ids: Collection[str]) -> Json:
    """A decision about somebody else that saw entries which are gone."""
    kept = {
        name: [each for each in body[name] if each["entry_id"] not in entry_ids] for name in ("citations", "candidates")
    }
    answer = "" if len(kept["citations"]) < len(body["citations"]) else body["answer"]
    return {**body, **kept, "answer": answer}


async def _empty_tickets(session: Session, subject: Subject, theirs: Belongings, traces: Traces) -> int:
    w = session.workspace
    for some in batches(theirs.tickets):
        these = and_(tickets.c.workspace_id == w, tickets.c.id.in_(some))
        await session.execute(update(tickets).where(these).values(subject=GONE, customer_id=traces.pseudonym))
    if subject.kind is SubjectKind.PERSON:
        for some in batches(theirs.conversations):
            taken = and_(
                tickets.c.workspace_id == w,
                tickets.c.conversation_id.in_(some),
                tickets.c.assignee_id == subject.id,
            )
            await session.execute(update(tickets).where(taken).values(assignee_id=traces.pseudonym))
    return len(theirs.tickets)


async def _drop_progress(session: Session, theirs: Belongings) -> None:
    """How the tickets stand in which they wrote, and what was told of them: it is read again from what is left."""
    on = set(theirs.tickets)
    for some in batches(theirs.messages):
        these = and_(messages.c.workspace_id == session.workspace, messages.c.id.in_(some))
        on |= {
            row.ticket_id for row in await session.execute(select(messages.c.ticket_id).where(these)) if row.ticket_id
        }
    await ProgressOfTickets(session).drop(on)
    await Summaries(session).drop(on)


async def _empty_lessons(session: Session, theirs: Belongings) -> None:
    """What was learned from them and waits for a person, or was rejected by one: its words go. Nobody can accept it any more."""
    mine = lessons.c.workspace_id == session.workspace
    worded = select(lessons.c.id, lessons.c.ticket_id, lessons.c.evidence).where(mine, lessons.c.draft.is_not(None))
    rows = [
        row.id
        for row in (await session.execute(worded)).all()
        if row.ticket_id in theirs.tickets or not theirs.messages.isdisjoint(row.evidence)
    ]
    for some in batches(rows):
        await session.execute(
            update(lessons)
            .where(mine, lessons.c.id.in_(some))
            .values(draft=None, note="", embedder_id=None, embedding=None)
        )


async def _seal(session: Session, traces: Traces) -> int:
    """Leave of ids and names in the audit trail their hashes; its chains hold as before."""
    wanted, sealed = traces.without_words, 0
    if not (wanted.ids or wanted.names):
        return 0
    mine = audit.c.workspace_id == session.workspace
    likely = or_(
        *(
            column.icontains(each, autoescape=True)
            for each in wanted.ids | wanted.names
            for column in (audit.c.actor, audit.c.subject)
        )
    )
    for row in (await session.execute(select(audit).where(mine, likely))).all():
        values = {
            name: seal(value, row.chain, row.position)
            for name, value in (("actor", row.actor), ("subject", row.subject))
            if wanted.found_in(value)
        }
        if values:
            this = and_(mine, audit.c.chain == row.chain, audit.c.position == row.position)
            await session.execute(update(audit).where(this).values(values))
            sealed += 1
    return sealed
