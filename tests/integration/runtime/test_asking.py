"""A colleague asks Vigil in a ticket: the answer stays with the ticket as a decision, with its audit, and nothing of it is a message."""

from datetime import timedelta

import pytest

from tests.integration.runtime.house import ANALYST, CUSTOMER, House, W
from vigil.assist.asked import Answering
from vigil.domain.conversation import Incoming, Person, Role
from vigil.domain.decision import Decision, DecisionKind, Reason
from vigil.errors import InvalidInput, ModelUnavailable, NotFound
from vigil.runtime.asking import Asking
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import DecisionFilter
from vigil.testing.embedder import HashEmbedder
from vigil.testing.knowledge import KnownAnswers

OTHER = Person(id="cust-2", name="Olu", role=Role.CUSTOMER)


def asking(house: House, knowledge: KnownAnswers | None = None) -> Asking:
    answering = Answering(
        knowledge=knowledge or KnownAnswers({"quota": "Quotas are raised under Billing."}),
        embedder=HashEmbedder(),
        clock=house.clock,
        least=0.6,
    )
    return Asking(store=house.store, answering=answering, clock=house.clock, ids=house.ids, longest=500)


async def said(house: House, room: str, by: Person, text: str, *, channel: str = "chat") -> str:
    """Something is written in a room; returns its ticket."""
    house.clock.advance(timedelta(minutes=1))
    house.count += 1
    name = f"m{house.count}"
    incoming = Incoming(
        channel=channel, conversation=room, external_id=name, message_id=name, author=by, text=text, ticket=room
    )
    receipt = await house.desk.receive(W, incoming, trust_role=True)
    await house.worker.settle()
    wanted = DecisionFilter(conversation_id=receipt.conversation_id, limit=1)
    return (await house.desk.decisions(W, wanted))[0].ticket_id or ""


async def ask(house: House, ticket: str, text: str, *, knowledge: KnownAnswers | None = None) -> Decision:
    house.clock.advance(timedelta(minutes=1))
    return await asking(house, knowledge).ask(W, ticket, text, by="acc_kim")


async def test_knowledge_and_what_was_said_before_answer_together(house: House) -> None:
    old = await said(house, "T-1", CUSTOMER, "GPU quota is 0")
    await said(house, "T-1", ANALYST, "I have raised your quota to 4.")
    now = await said(house, "T-2", CUSTOMER, "Hello again")
    decision = await ask(house, now, "what did we tell them about quota last time?")
    assert (decision.kind, decision.reason) == (DecisionKind.REPLY, Reason.ADDRESSED)
    assert decision.answer == "Quotas are raised under Billing."
    knowledge, before = decision.citations
    assert knowledge.reference == "docs/page.md"
    told = (await asking(house).told(W, [decision]))[before.reference]
    assert (told.message.text, told.ticket_id) == ("I have raised your quota to 4.", old)
    assert "raised your quota" not in str(decision)  # the words stay where they are


async def test_nothing_of_it_is_a_message_and_all_of_it_is_kept(house: House) -> None:
    ticket = await said(house, "T-1", CUSTOMER, "Hello")
    before = await house.desk.transcript(W, ticket)
    stood = await house.desk.ticket(W, ticket)
    decision = await ask(house, ticket, "what is our quota policy?")
    assert await house.desk.transcript(W, ticket) == before
    assert await house.desk.ticket(W, ticket) == stood
    assert await house.desk.posts(W, [decision.id]) == []
    assert (await house.desk.decision(W, decision.id)).decision == decision
    async with house.store.read(W) as session:
        chain = await Audit(session).chain(decision.conversation_id)
        assert [(each.actor, each.action) for each in chain][-2:] == [
            ("acc_kim", "vigil.asked"),
            ("vigil", "decision.reply"),
        ]
        assert await Audit(session).broken_at(decision.conversation_id) is None
    assert await said(house, "T-1", CUSTOMER, "Still there?") == ticket
    assert not house.assist.situations[-1].said  # the next message is decided as if nobody had asked


async def test_what_another_customer_was_told_is_not_found(house: House) -> None:
    await said(house, "T-1", OTHER, "quota?")
    await said(house, "T-1", ANALYST, "Your quota is 9 now, between us.")
    await said(house, "T-2", Person(id=CUSTOMER.id, name="Namesake", role=Role.CUSTOMER), "quota?", channel="api")
    await said(house, "T-2", ANALYST, "Your quota is 8 now.", channel="api")
    mine = await said(house, "T-3", CUSTOMER, "Hello")
    decision = await ask(house, mine, "what did we say about the quota?", knowledge=KnownAnswers())
    assert (decision.reason, decision.citations) == (Reason.UNKNOWN_TO_VIGIL, ())


async def test_what_was_deleted_since_is_pointed_at_no_more(house: House) -> None:
    ticket = await said(house, "T-1", CUSTOMER, "quota?")
    await said(house, "T-1", ANALYST, "Your quota is 4.")
    decision = await ask(house, ticket, "which quota did we give?", knowledge=KnownAnswers())
    assert len(await asking(house).told(W, [decision])) == 1
    async with house.store.write(W) as session:
        name = decision.citations[0].reference.removeprefix("message:")
        await Conversations(session).change_message(name, deleted_at=house.clock.now(), text="")
    assert await asking(house).told(W, [decision]) == {}


async def test_muted_broken_and_empty_questions(house: House) -> None:
    ticket = await said(house, "T-1", CUSTOMER, "Hello")
    away = KnownAnswers(failure=lambda: ModelUnavailable("away"))
    failed = await ask(house, ticket, "quota?", knowledge=away)
    assert (failed.kind, failed.reason) == (DecisionKind.SILENT, Reason.FAILED)
    await house.desk.change_ticket(W, ticket, by="kim", muted=True)
    muted = await ask(house, ticket, "quota?")
    assert (muted.kind, muted.reason) == (DecisionKind.SILENT, Reason.MUTED)
    with pytest.raises(InvalidInput):
        await ask(house, ticket, "  ")
    with pytest.raises(InvalidInput):
        await ask(house, ticket, "q" * 501)
    with pytest.raises(NotFound):
        await ask(house, "nowhere", "quota?")
