"""Somebody is forgotten everywhere: in every table, in the pages of the file, in the search index, and again when a backup comes back."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import MORNING
from tests.integration.runtime.house import ANALYST, CUSTOMER, House, W
from vigil.domain.conversation import ConversationKind, MessageEvent, Person, Role
from vigil.domain.decision import Citation, OutcomeKind
from vigil.domain.knowledge import Candidate, Draft, Evidence, EvidenceKind
from vigil.domain.post import PostState
from vigil.errors import InvalidInput, NotFound
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.lance import LanceShelf
from vigil.runtime.forgetting import Forgetting
from vigil.store.archive import Archive
from vigil.store.backup import backup, restore
from vigil.store.chains import verify
from vigil.store.conversations import Conversations, TicketFilter
from vigil.store.decisions import Decisions
from vigil.store.erasures import erasures
from vigil.store.store import Store
from vigil.store.tables import audit, messages, metadata
from vigil.testing.embedder import HashEmbedder

MARK = "zqxjkvbn"
PRIYA = Person(id="priya.raman@example.com", name="Priya Raman", role=Role.CUSTOMER)
OTHER = Person(id="cust-2", name="Bo", role=Role.CUSTOMER)
WROTE = f"My order {MARK} to Gelsenkirchen never arrived, what can I do now?"
DOCUMENT = "Orders that never arrived are sent again after ten days, and nobody has to ask for it."


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder(dimensions=256)


@pytest.fixture
async def kb(house: House, embedder: HashEmbedder, tmp_path: Path) -> AsyncIterator[KnowledgeBase]:
    """A knowledge base with a real index on the disk from the first entry on."""
    base = KnowledgeBase(
        store=house.store,
        embedder=embedder,
        shelf=LanceShelf(str(tmp_path / "index")),
        clock=house.clock,
        ids=house.ids,
        index_from=0,
    )
    yield base
    await base.close()


@pytest.fixture
def forgetting(house: House, kb: KnowledgeBase, embedder: HashEmbedder) -> Forgetting:
    return Forgetting(store=house.store, knowledge=kb, embedder=embedder, clock=house.clock, ids=house.ids)


def lesson(key: str, answer: str, *references: str) -> Draft:
    return Draft(
        key=key,
        title=f"About {key}",
        question=answer,
        answer=answer,
        evidence=tuple(Evidence(kind=EvidenceKind.MESSAGE, reference=each, quote=answer) for each in references),
    )


async def live(house: House, kb: KnowledgeBase) -> None:
    """A life at the desk that leaves traces of Priya in every place where words are kept."""
    await house.administration.set_person(W, "chat:1", PRIYA, by="admin")
    house.answer_of = lambda situation: f"You wrote: {situation.message.text}"
    await house.write(WROTE, by=PRIYA)
    await house.worker.settle()
    await house.write(f"Dear Priya, you say {WROTE} Let me see.", by=ANALYST)
    await house.write(
        f"It was {MARK}-2, sorry, I meant that one and not the other", by=PRIYA, about="m1", event=MessageEvent.EDITED
    )
    await house.worker.settle()
    await house.write("Is it the same as with Priya Raman last week? I wonder.", by=ANALYST, room="room-2")
    await house.write("where is my parcel?", by=OTHER, room="room-2")
    await house.worker.settle()
    for decision in await house.decisions():
        if MARK in decision.answer:
            await house.desk.record_outcome(
                W, decision.id, kind=OutcomeKind.EDITED, by=ANALYST.id, text=decision.answer
            )
            await house.desk.record_outcome(
                W, decision.id, kind=OutcomeKind.DISMISSED, by=ANALYST.id, reason=f"{MARK} is no order of ours"
            )
    async with house.store.read(W) as session:
        wrote = (
            await session.execute(
                select(messages.c.id).where(messages.c.workspace_id == W, messages.c.author_id == PRIYA.id)
            )
        ).first()
        answered = (
            await session.execute(
                select(messages.c.id).where(messages.c.workspace_id == W, messages.c.author_id == OTHER.id)
            )
        ).first()
    assert wrote is not None
    assert answered is not None
    await kb.publish(
        W,
        [
            lesson(f"lesson:{MARK}", f"{WROTE} Send {MARK} again.", wrote.id),
            lesson("lesson:shared", f"Somebody said: {WROTE} We send it again.", wrote.id, answered.id),
            lesson("lesson:other", "Parcels take three days.", answered.id),
            Draft(key="handbook#1", title="Handbook", answer=DOCUMENT, source="handbook.md"),
        ],
        by=ANALYST.id,
        summary=f"learned from {WROTE}",
    )
    await kb.reindex(W)
    (learned,) = [revision for revision in await kb.entries(W) if MARK in revision.draft.key]
    about = (await house.decisions())[-1]
    cited = replace(
        about,
        id="dec_citing",
        answer=f"Others were told: send {MARK} again.",
        citations=(
            Citation(revision_id=learned.id, entry_id=learned.entry_id, title=MARK, quote=f"Send {MARK} again"),
        ),
        candidates=(
            Candidate(revision_id=learned.id, entry_id=learned.entry_id, title=MARK, text=f"send {MARK}", score=0.9),
            Candidate(revision_id="r", entry_id="e", title="Handbook", text=DOCUMENT, score=0.1),
        ),
    )
    async with house.store.write(W) as session:
        await Decisions(session).add(cited, position=1_000)
    await house.write(f"and what of {MARK} now, is anybody there at all?", by=PRIYA)  # nobody has looked at it yet


def seen_in(folder: Path, words: list[str]) -> set[str]:
    """Which of these words stand anywhere in the files of a folder."""
    found: set[str] = set()
    for root, _, names in os.walk(folder):
        for name in names:
            content = (Path(root) / name).read_bytes().lower()
            found |= {word for word in words if word.lower().encode() in content}
    return found


async def dump(store: Store) -> str:
    """Everything that the database says, as text."""
    from vigil.store.transfer import snapshot

    lines: list[str] = []
    async with snapshot(store) as source:
        for shape in source.shapes:
            async for rows in source.rows(shape):
                lines += [f"{shape.name} {row}" for row in rows]
    return "\n".join(lines)


TRACES = [MARK, "priya", "raman", PRIYA.id]


async def test_a_customer_is_forgotten_everywhere(
    house: House, kb: KnowledgeBase, forgetting: Forgetting, tmp_path: Path
) -> None:
    await live(house, kb)
    before = await dump(house.store)
    places = {line.split(" ", 1)[0] for line in before.splitlines() if MARK in line}
    assert places == {
        "messages", "inbox", "tickets", "decisions", "outbox", "outcomes", "entries", "revisions", "publications",
    }  # fmt: skip
    assert seen_in(tmp_path / "index", [MARK])

    proof = await forgetting.person(W, PRIYA.id, channel=None, by="admin")

    assert proof.holds, proof.looked.found
    assert proof.looked.tables == len(metadata.tables)
    assert (proof.looked.rows > 30, proof.looked.texts > 200) == (True, True)
    after = (await dump(house.store)).lower()
    assert [word for word in TRACES if word in after] == []
    assert seen_in(tmp_path / "index", TRACES) == set()
    if house.store.dialect == "sqlite":
        assert seen_in(tmp_path, TRACES) == set()
    assert (await verify(house.store)).broken == ()

    # What others said about other things is there as before.
    standing = {revision.draft.key: revision.draft for revision in await kb.entries(W, limit=100)}
    assert set(standing) == {"lesson:shared", "lesson:other", "handbook#1"}
    assert standing["handbook#1"].answer == DOCUMENT
    assert standing["lesson:shared"].answer == "Somebody said: [erased]? We send it again."
    found = await kb.search(W, "where is my parcel and how many days do parcels take?")
    assert {candidate.title for candidate in found.candidates} == {
        "About lesson:shared",
        "About lesson:other",
        "Handbook",
    }
    async with house.store.read(W) as session:
        texts = [
            message.text
            for message in await Conversations(session).of_ticket((await house.desk.ticket(W, "room-2")).id)
        ]
    assert "Is it the same as with [erased] last week? I wonder." in texts

    (citing,) = [decision for decision in await house.decisions() if decision.id == "dec_citing"]
    assert (citing.answer, citing.citations, [each.title for each in citing.candidates]) == ("", (), ["Handbook"])

    # Nothing of it comes back: not with the event that was still waiting, not with a post.
    await house.worker.settle()
    assert MARK not in await dump(house.store)
    assert all(post.state is not PostState.WAITING for post in await house.posts())
    again = await forgetting.person(W, PRIYA.id, channel=None, by="admin")
    assert again.holds
    assert len(await erasures(house.store)) == 1


async def test_a_ticket_is_forgotten_and_its_people_are_not(
    house: House, kb: KnowledgeBase, forgetting: Forgetting, tmp_path: Path
) -> None:
    await live(house, kb)
    await house.worker.settle()
    proof = await forgetting.ticket(W, "room-1", by="admin")
    assert proof.holds, proof.looked.found
    assert MARK not in await dump(house.store)
    assert seen_in(tmp_path / "index", [MARK]) == set()
    if house.store.dialect == "sqlite":
        assert seen_in(tmp_path, [MARK]) == set()
    ticket = await house.desk.ticket(W, "room-1")
    assert (ticket.subject, ticket.customer_id == PRIYA.id) == ("(erased)", False)
    assert PRIYA.id in {person.id for _, person in await house.administration.people(W)}
    async with house.store.read(W) as session:
        assert len(await Conversations(session).tickets(TicketFilter())) == 2


async def test_an_analyst_leaves_and_the_tickets_stay(house: House, kb: KnowledgeBase, forgetting: Forgetting) -> None:
    tomas = replace(ANALYST, id="tomas.berg@example.com", name="Tomas Berg")
    await house.administration.set_person(W, "chat:1", tomas, by=tomas.id)
    await house.write("where is my parcel? it was sent on Monday", by=CUSTOMER)
    await house.write("I have looked into the depot in Hagen and found it behind the door", by=tomas)
    await house.write("Thank you Tomas, that is great", by=CUSTOMER)
    await house.worker.settle()
    proof = await forgetting.person(W, tomas.id, channel="chat:1", by="admin")
    assert proof.holds, proof.looked.found
    assert proof.forgotten.audit_sealed > 0
    assert (await verify(house.store)).broken == ()
    said = await dump(house.store)
    assert [word for word in ("tomas", "berg", "hagen") if word in said.lower()] == []
    assert "where is my parcel? it was sent on Monday" in said
    assert "Thank you [erased], that is great" in said


async def test_an_old_backup_forgets_again(
    house: House, kb: KnowledgeBase, forgetting: Forgetting, database_url: str, tmp_path: Path, embedder: HashEmbedder
) -> None:
    await live(house, kb)
    old, target = tmp_path / "old.zip", f"sqlite:///{tmp_path / 'restored' / 'vigil.sqlite3'}"
    await backup(database_url, old, at=MORNING, vigil="9.9")
    await forgetting.person(W, PRIYA.id, channel=None, by="admin")
    newer = tmp_path / "newer.zip"
    assert [each.kind for each in (await backup(database_url, newer, at=MORNING, vigil="9.9")).erasures] == ["person"]

    archive = Archive.open(old)
    first, second = await restore(target, archive), await restore(target, archive, replace=True)
    archive.close()
    assert (first[1], second[1]) == ([], [])  # nobody has told this installation
    wanted = await erasures(house.store)
    opened = await Store.open(target)
    base = KnowledgeBase(
        store=opened,
        embedder=embedder,
        shelf=LanceShelf(str(tmp_path / "restored" / "index")),
        clock=house.clock,
        ids=house.ids,
    )
    restored = Forgetting(store=opened, knowledge=base, embedder=embedder, clock=house.clock, ids=house.ids)
    assert MARK in await dump(opened)
    assert await restored.again(wanted, by="admin") == []
    after = (await dump(opened)).lower()
    assert [word for word in TRACES if word in after] == []
    assert [(each.kind, each.subject) for each in await erasures(opened)] == [
        (each.kind, each.subject) for each in wanted
    ]
    await opened.close()
    assert seen_in(tmp_path / "restored", TRACES) == set()


async def test_a_worker_that_was_deciding_about_them_writes_nothing(
    house: House, kb: KnowledgeBase, forgetting: Forgetting
) -> None:
    await house.write("hello there, is anybody at home in this room today?", by=PRIYA)
    house.answer_of = lambda situation: f"You wrote: {situation.message.text}"
    decide = house.assist.decide

    async def slowly(situation: object) -> object:
        if not await erasures(house.store):
            await forgetting.person(W, PRIYA.id, channel=None, by="admin")
        return await decide(situation)  # pyright: ignore[reportArgumentType]

    house.assist.decide = slowly  # pyright: ignore[reportAttributeAccessIssue]
    await house.worker.settle()
    assert "hello there" not in await dump(house.store)


async def test_ids_are_told_apart_by_their_channels(house: House, forgetting: Forgetting) -> None:
    await house.write("hello from the first channel of the two", by=OTHER)
    await house.administration.set_person(W, "chat:2", OTHER, by="admin")
    with pytest.raises(InvalidInput, match="chat:1, chat:2"):
        await forgetting.person(W, OTHER.id, channel=None, by="admin")
    proof = await forgetting.person(W, OTHER.id, channel="chat:1", by="admin")
    assert proof.holds
    assert [channel for channel, _ in await house.administration.people(W)] == ["chat:2"]
    with pytest.raises(NotFound, match="Nobody"):
        await forgetting.person(W, "nobody", channel=None, by="admin")
    with pytest.raises(NotFound, match="no ticket"):
        await forgetting.ticket(W, "nothing", by="admin")


async def test_a_private_chat_is_named_after_nobody(house: House, forgetting: Forgetting) -> None:
    await house.write(
        "my question is a private one, between us", by=PRIYA, room=f"dm:{PRIYA.id}", kind=ConversationKind.PRIVATE
    )
    await house.worker.settle()
    assert (await forgetting.person(W, PRIYA.id, channel=None, by="admin")).holds
    assert PRIYA.id not in await dump(house.store)
    async with house.store.read(W) as session:
        sealed = (await session.execute(select(audit.c.actor).where(audit.c.workspace_id == W))).all()
    assert sealed
