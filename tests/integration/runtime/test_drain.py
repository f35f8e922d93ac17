"""From the inbox to a stored decision: once, in order, all of it or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.integration.runtime.house import ANALYST, CUSTOMER, House, W
from vigil.assist.situation import Situation
from vigil.domain.conversation import Incoming, MessageEvent, Role
from vigil.domain.decision import DecisionKind, Reason
from vigil.domain.post import PostState
from vigil.errors import InvalidInput, NotFound
from vigil.store.audit import Audit
from vigil.store.inbox import Inbox


async def test_a_message_becomes_a_ticket_a_decision_and_an_audit_record(house: House) -> None:
    house.answer_of = lambda _: "Restart the node pool."
    receipt = await house.write("my node is NotReady")
    await house.worker.settle()

    (decision,) = await house.decisions()
    assert decision.kind is DecisionKind.SUGGEST
    ticket = await house.desk.ticket(W, decision.ticket_id or "")
    assert ticket.subject == "my node is NotReady"
    assert ticket.external_id == "room-1"
    assert [message.text for message in await house.desk.transcript(W, ticket.id)] == ["my node is NotReady"]
    async with house.store.read(W) as session:
        chain = await Audit(session).chain(receipt.conversation_id)
        assert [record.action for record in chain] == ["decision.suggest", "post.sent"]
        assert await Audit(session).broken_at(receipt.conversation_id) is None


async def test_the_same_event_twice_is_one_message_and_one_decision(house: House) -> None:
    first = await house.write("hello?", name="evt-1")
    again = await house.write("hello?", name="evt-1")
    await house.worker.settle()
    await house.write("hello?", name="evt-1")
    await house.worker.settle()

    assert (first.duplicate, again.duplicate) == (False, True)
    assert again.seq == first.seq
    assert len(await house.decisions()) == 1


async def test_messages_are_decided_in_the_order_in_which_they_came(house: House) -> None:
    for number in range(12):
        await house.write(f"line {number}", after_s=-3 if number % 2 else 7)
    await house.worker.settle()

    assert [situation.message.text for situation in house.assist.situations] == [f"line {n}" for n in range(12)]
    assert [len(situation.recent) for situation in house.assist.situations] == list(range(12))


async def test_a_burst_says_that_the_turn_goes_on(house: House) -> None:
    await house.write("hi", after_s=0)
    await house.write("my disk is full", after_s=5)
    await house.write("what now?", after_s=5)
    await house.write("try resizing it", by=ANALYST, after_s=5)
    await house.worker.settle()

    assert [situation.turn_continues for situation in house.assist.situations] == [True, True, False, False]


async def test_two_workers_never_work_on_one_conversation(house: House) -> None:
    receipt = await house.write("one")
    async with house.store.write(W) as session:
        lease = await Inbox(session).lease(receipt.conversation_id, owner="other", at=house.clock.now(), seconds=20)
    assert lease is not None

    assert await house.drain.drain(W, receipt.conversation_id) == 0
    house.clock.advance(timedelta(seconds=21))
    assert await house.drain.drain(W, receipt.conversation_id) == 1


async def test_a_worker_that_lost_its_lease_writes_nothing(house: House) -> None:
    receipt = await house.write("one")
    second = house.another_drain("worker-2")

    async def steal() -> None:
        house.clock.advance(timedelta(seconds=21))
        assert await second.drain(W, receipt.conversation_id) == 1

    original = house.assist.decide

    async def slow(situation: Situation):
        house.assist.decide = original
        verdict = await original(situation)
        await steal()
        return verdict

    house.assist.decide = slow
    assert await house.drain.drain(W, receipt.conversation_id) == 0
    assert len(await house.decisions()) == 1


async def test_a_message_that_keeps_failing_is_parked_and_the_conversation_goes_on(house: House) -> None:
    def fragile(situation: Situation) -> str | None:
        if "poison" in situation.message.text:
            raise RuntimeError("secret words in an error")
        return None

    house.answer_of = fragile
    await house.write("poison")
    await house.write("and a healthy one", by=ANALYST)
    for _ in range(3):
        await house.worker.settle()
        house.clock.advance(timedelta(seconds=5))

    async with house.store.read(W) as session:
        (parked,) = await Inbox(session).parked()
    assert parked.incoming.text == "poison"
    assert parked.reason == "RuntimeError at attempt 3"
    assert [situation.message.text for situation in house.assist.situations][-1] == "and a healthy one"
    assert len(await house.decisions()) == 1


async def test_what_a_person_changes_while_vigil_thinks_is_kept(house: House) -> None:
    await house.write("first")
    await house.worker.settle()
    (decision,) = await house.decisions()
    original = house.assist.decide
    muted: list[bool] = []

    async def slow(situation: Situation):
        verdict = await original(situation)
        if not muted:
            muted.append(True)
            await house.desk.change_ticket(W, decision.ticket_id or "", by="tomas", muted=True)
        return verdict

    house.assist.decide = slow
    await house.write("second")
    await house.worker.settle()

    assert (await house.desk.ticket(W, decision.ticket_id or "")).muted
    assert len(await house.decisions()) == 2


async def test_an_edit_changes_the_message_and_takes_back_what_waits(house: House) -> None:
    house.answer_of = lambda situation: f"about {situation.message.text}"
    await house.write("disk", name="a")
    await house.worker.drain_once()
    await house.write("network", name="a-edit", about="a", event=MessageEvent.EDITED)
    await house.worker.settle()

    first, second = await house.decisions()
    assert second.answer == "about network"
    states = {post.decision_id: post.state for post in await house.posts()}
    assert states == {first.id: PostState.WITHDRAWN, second.id: PostState.SENT}
    (message,) = await house.desk.transcript(W, second.ticket_id or "")
    assert message.text == "network"
    assert message.edited_at is not None


async def test_a_deletion_forgets_the_words_and_takes_back_what_waits(house: House) -> None:
    house.answer_of = lambda _: "an answer"
    await house.write("my password is hunter2", name="a")
    await house.worker.drain_once()
    await house.write("", name="a-del", about="a", event=MessageEvent.DELETED)
    await house.worker.settle()

    first, second = await house.decisions()
    assert second.reason is Reason.DELETED
    assert [post.state for post in await house.posts()] == [PostState.WITHDRAWN]
    (message,) = await house.desk.transcript(W, first.ticket_id or "")
    assert message.text == ""
    assert message.deleted_at is not None


async def test_an_edit_or_deletion_that_overtakes_its_message_wins(house: House) -> None:
    await house.write("corrected", name="e1", about="a", event=MessageEvent.EDITED)
    await house.write("", name="e2", about="b", event=MessageEvent.DELETED)
    await house.write("original", name="a")
    await house.write("gone", name="b")
    await house.worker.settle()

    decisions = await house.decisions()
    assert [decision.reason for decision in decisions[1:]] == [Reason.DELETED, Reason.EDITED, Reason.EDITED]
    texts = [message.text for message in house.assist.situations[0].recent]
    assert texts == []
    (kept,) = await house.desk.transcript(W, decisions[0].ticket_id or "")
    assert kept.text == "corrected"


async def test_a_display_name_makes_nobody_an_analyst(house: House) -> None:
    await house.administration.set_person(W, "chat:1", replace(ANALYST, id="ana-7"), by="admin")
    impostor = replace(ANALYST, id="cust-9")
    for person in (impostor, replace(ANALYST, id="ana-7", role=Role.CUSTOMER)):
        await house.desk.receive(
            W,
            Incoming(
                channel="chat:1",
                conversation="r",
                external_id=person.id,
                message_id=person.id,
                author=person,
                text="do as I say",
            ),
        )
    await house.worker.settle()
    assert [situation.message.author.role for situation in house.assist.situations] == [Role.BYSTANDER, Role.ANALYST]


async def test_a_clock_that_runs_ahead_is_not_believed(house: House) -> None:
    future = house.clock.now() + timedelta(days=400)
    await house.desk.receive(
        W,
        Incoming(
            channel="chat:1",
            conversation="r",
            external_id="x",
            message_id="x",
            author=CUSTOMER,
            text="hi",
            sent_at=future,
        ),
    )
    await house.worker.settle()
    (situation,) = house.assist.situations
    assert situation.message.sent_at == situation.message.received_at


@pytest.mark.parametrize(
    "text", ["\x00\x01\x1b[31m", "\u202eabc\u202c", "👩‍💻🇵🇹" * 50, "\ud800 half a pair", "a" * 200_000, ""]
)
async def test_any_text_can_be_kept(house: House, text: str) -> None:
    await house.write(text)
    await house.worker.settle()
    assert len(await house.decisions()) == 1


@pytest.mark.parametrize("bad", ["", "x" * 201, "tab\there", " edge", "nul\x00"])
async def test_a_bad_id_is_refused_with_its_name(house: House, bad: str) -> None:
    with pytest.raises(InvalidInput, match="external_id"):
        await house.write("hi", name=bad or None) if bad else await house.desk.receive(
            W, Incoming(channel="chat:1", conversation="r", external_id="", message_id="m", author=CUSTOMER)
        )


async def test_an_unknown_workspace_is_not_made_by_writing_to_it(house: House) -> None:
    with pytest.raises(NotFound, match="no workspace"):
        await house.desk.receive(
            "nowhere", Incoming(channel="c", conversation="r", external_id="x", message_id="x", author=CUSTOMER)
        )
