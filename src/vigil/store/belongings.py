"""What is a person's or a ticket's, in the database: messages, events, tickets, the decisions about them, and the traces that they leave.
Nothing is changed here."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, select

from vigil.domain.conversation import ConversationKind
from vigil.domain.knowledge import Draft
from vigil.errors import InvalidInput, NotFound
from vigil.store.entries import batches, draft_of
from vigil.store.erasures import Erasure, SubjectKind, listed_in, person_digest
from vigil.store.paging import pages
from vigil.store.rewriting import others_stand_behind, rests_on, said_in
from vigil.store.store import Session
from vigil.store.tables import conversations, decisions, inbox, messages, people, revisions, tickets
from vigil.store.traces import Traces, names_worth_looking_for

_DRAFTS = 1_000
"""Drafts that are in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who or what is to be forgotten."""

    kind: SubjectKind
    id: str
    """A person's id on their channels, or a ticket's own id."""
    channels: tuple[str, ...] = ()
    """Where a person wrote, or is known."""
    elsewhere: bool = False
    """Somebody on another channel has the same id: it is then not looked for in texts that no channel can be told of."""

    def listed(self, workspace: str) -> tuple[str, ...]:
        """What the list of erasures says of it."""
        if self.kind is SubjectKind.TICKET:
            return (self.id,)
        return tuple(person_digest(workspace, channel, self.id) for channel in self.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """Everything that is a subject's, by id."""

    messages: frozenset[str]
    events: frozenset[str]
    tickets: frozenset[str]
    decisions: frozenset[str]
    conversations: frozenset[str]
    """Where the person wrote; all that the ticket's messages stand in."""
    references: frozenset[str]
    """What evidence calls the messages."""
    texts: tuple[str, ...]
    names: frozenset[str]


async def find_person(session: Session, person_id: str, *, channel: str | None) -> Subject:
    """A person by the id that their channel verifies, or somebody of this id who was forgotten before.

    Raises:
        InvalidInput: people on several channels have it, and no channel is named.
        NotFound: nobody has it, and nobody had.
    """
    known = sorted(name for name, each in await _people(session) if each == person_id)
    if not known:
        known = await _forgotten_on(session, person_id)
    chosen = [each for each in known if channel in (None, each)]
    if not chosen:
        raise NotFound(f"Nobody in this workspace has the id {person_id!r}{f' on {channel}' if channel else ''}.")
    if len(chosen) > 1:
        raise InvalidInput(
            f"{person_id!r} is known on several channels; say which with --channel, one after the other: {', '.join(chosen)}."
        )
    return Subject(kind=SubjectKind.PERSON, id=person_id, channels=tuple(chosen), elsewhere=len(known) > len(chosen))


async def find_again(session: Session, erasure: Erasure) -> Subject | None:
    """Whom or what an item of the list means, where it is here."""
    if erasure.kind is SubjectKind.TICKET:
        mine = and_(tickets.c.workspace_id == session.workspace, tickets.c.id == erasure.subject)
        row = (await session.execute(select(tickets.c.id).where(mine))).one_or_none()
        return None if row is None else Subject(kind=SubjectKind.TICKET, id=row.id)
    everybody = await _people(session)
    for channel, person_id in everybody:
        if person_digest(session.workspace, channel, person_id) == erasure.subject:
            same = {name for name, each in everybody if each == person_id}
            return Subject(kind=SubjectKind.PERSON, id=person_id, channels=(channel,), elsewhere=len(same) > 1)
    return None


async def belongings(session: Session, subject: Subject) -> Belongings:
    """Everything that is theirs: what they wrote, and of a customer whole tickets, with what others wrote there."""
    rooms = await _rooms(session, subject)
    on_tickets, near = await _tickets(session, subject, rooms)
    theirs = await _messages(session, subject, rooms, on_tickets) | await _beside_tickets(session, near)
    near |= {row.conversation_id for row in theirs.values()}
    events = await _events(session, subject, near, {(row.conversation_id, row.external_id) for row in theirs.values()})
    texts = [row.text for row in theirs.values()] + [row.event["text"] for row in events.values()]
    names: set[str] = set()
    if subject.kind is SubjectKind.PERSON:
        names = {row.author_name for row in theirs.values() if row.author_id == subject.id}
        authors = [row.event["author"] for row in events.values()]
        names |= {author["name"] for author in authors if author is not None and author["id"] == subject.id}
        known = select(people.c.name).where(
            people.c.workspace_id == session.workspace,
            people.c.channel.in_(subject.channels),
            people.c.person_id == subject.id,
        )
        names |= {row.name for row in await session.execute(known)}
    near |= {row.conversation_id for row in events.values()}
    return Belongings(
        messages=frozenset(theirs),
        events=frozenset(events),
        tickets=frozenset(on_tickets),
        decisions=await _decisions(session, near, set(theirs), on_tickets),
        conversations=frozenset(near),
        references=frozenset({*theirs, *(row.external_id for row in theirs.values()), *on_tickets}),
        texts=(*texts, *on_tickets.values()),
        names=names_worth_looking_for({name for name in names if name != subject.id}),
    )


async def traces_of(session: Session, subject: Subject, theirs: Belongings, pseudonym: str) -> Traces:
    """What to look for: their ids and names, and the words that they wrote and no document says."""
    texts = [*theirs.texts]
    async for draft in _drafts(session):
        if (
            draft.source is None
            and rests_on(draft, theirs.references)
            and not others_stand_behind(draft, theirs.references)
        ):
            texts += said_in(draft)
    person = subject.kind is SubjectKind.PERSON
    traces = Traces.of(
        ids={subject.id} if person and not subject.elsewhere else (),
        names=theirs.names if person else (),
        texts=texts,
        pseudonym=pseudonym,
    )
    if traces.runs:
        async for draft in _drafts(session):
            if draft.source is not None:
                traces = traces.less(said_in(draft))
    return traces


async def _drafts(session: Session) -> AsyncIterator[Draft]:
    """Every draft that was ever published."""
    key = [revisions.c.workspace_id, revisions.c.id]
    mine = select(*key, revisions.c.draft).where(revisions.c.workspace_id == session.workspace)
    async for rows in pages(session.connection, mine, key, size=_DRAFTS):
        for row in rows:
            yield draft_of(row)


async def _people(session: Session) -> set[tuple[str, str]]:
    """(channel, id) of everybody who was ever named, wrote or had a ticket."""
    w = session.workspace
    named = select(people.c.channel, people.c.person_id).where(people.c.workspace_id == w)
    found = {(row.channel, row.person_id) for row in await session.execute(named)}
    for person, table in (
        (messages.c.author_id, messages),
        (tickets.c.customer_id, tickets),
        (tickets.c.assignee_id, tickets),
    ):
        wrote = (
            select(conversations.c.channel, person.label("person_id"))
            .where(
                conversations.c.workspace_id == w,
                table.c.workspace_id == w,
                table.c.conversation_id == conversations.c.id,
                person.is_not(None),
            )
            .distinct()
        )
        found |= {(row.channel, row.person_id) for row in await session.execute(wrote)}
    author = inbox.c.event["author"]["id"].as_string()
    waiting = select(inbox.c.channel, author.label("person_id")).where(inbox.c.workspace_id == w).distinct()
    return found | {(row.channel, row.person_id) for row in await session.execute(waiting) if row.person_id}


async def _forgotten_on(session: Session, person_id: str) -> list[str]:
    """Channels on which somebody of this id was forgotten."""
    mine = conversations.c.workspace_id == session.workspace
    channels = [row.channel for row in await session.execute(select(conversations.c.channel).where(mine).distinct())]
    listed = await listed_in(session)
    return sorted(each for each in channels if person_digest(session.workspace, each, person_id) in listed)


async def _rooms(session: Session, subject: Subject) -> set[str]:
    """Conversations on a person's channels."""
    if subject.kind is SubjectKind.TICKET:
        return set()
    mine = and_(conversations.c.workspace_id == session.workspace, conversations.c.channel.in_(subject.channels))
    return {row.id for row in await session.execute(select(conversations.c.id).where(mine))}


async def _tickets(session: Session, subject: Subject, rooms: Collection[str]) -> tuple[dict[str, str], set[str]]:
    """Subjects of their tickets, by id, and the conversations that these are in."""
    person = subject.kind is SubjectKind.PERSON
    this = tickets.c.customer_id == subject.id if person else tickets.c.id == subject.id
    wanted = select(tickets.c.id, tickets.c.subject, tickets.c.conversation_id)
    rows = [
        row
        for row in await session.execute(wanted.where(tickets.c.workspace_id == session.workspace, this))
        if not person or row.conversation_id in rooms
    ]
    return {row.id: row.subject for row in rows}, {row.conversation_id for row in rows}


async def _messages(
    session: Session, subject: Subject, rooms: Collection[str], on_tickets: Collection[str]
) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    mine = messages.c.workspace_id == session.workspace
    if subject.kind is SubjectKind.PERSON:
        wrote = await session.execute(select(messages).where(mine, messages.c.author_id == subject.id))
        found = {row.id: row for row in wrote if row.conversation_id in rooms}
    for some in batches(on_tickets):
        rows = await session.execute(select(messages).where(mine, messages.c.ticket_id.in_(some)))
        found |= {row.id: row for row in rows}
    return found


async def _beside_tickets(session: Session, near: Collection[str]) -> dict[str, Row[Any]]:
    """What stands in the ticket's own room and on no ticket: a greeting, a remark of an analyst's."""
    found: dict[str, Row[Any]] = {}
    for some in batches(near):
        rows = await session.execute(
            select(messages).where(
                messages.c.workspace_id == session.workspace,
                conversations.c.workspace_id == session.workspace,
                conversations.c.id == messages.c.conversation_id,
                conversations.c.id.in_(some),
                conversations.c.kind != ConversationKind.CHANNEL.value,
                messages.c.ticket_id.is_(None),
            )
        )
        found |= {row.id: row for row in rows}
    return found


async def _events(
    session: Session, subject: Subject, near: Collection[str], told: Collection[tuple[str, str]]
) -> dict[str, Row[Any]]:
    """Events that they are the author of, and those about the messages `told`, by conversation and external id."""
    found: dict[str, Row[Any]] = {}
    mine = inbox.c.workspace_id == session.workspace
    if subject.kind is SubjectKind.PERSON:
        author = inbox.c.event["author"]["id"].as_string()
        wrote = select(inbox).where(mine, inbox.c.channel.in_(subject.channels), author == subject.id)
        found = {row.id: row for row in await session.execute(wrote)}
    for some in batches(near):
        rows = await session.execute(select(inbox).where(mine, inbox.c.conversation_id.in_(some)))
        found |= {row.id: row for row in rows if (row.conversation_id, row.event["message_id"]) in told}
    return found


async def _decisions(
    session: Session, rooms: Collection[str], message_ids: Collection[str], ticket_ids: Collection[str]
) -> frozenset[str]:
    """Decisions about these messages, about turns that they are part of, and on these tickets."""
    found: set[str] = set()
    for some in batches(rooms):
        mine = and_(decisions.c.workspace_id == session.workspace, decisions.c.conversation_id.in_(some))
        wanted = select(
            decisions.c.id, decisions.c.ticket_id, decisions.c.message_id, decisions.c.body["covers"].label("covers")
        )
        for row in await session.execute(wanted.where(mine)):
            about = {row.message_id, *(row.covers or ())}
            if row.ticket_id in ticket_ids or not about.isdisjoint(message_ids):
                found.add(row.id)
    return frozenset(found)
