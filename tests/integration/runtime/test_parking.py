"""What failed too often: seen, tried again, given up. And what is not held against an event: that the database was away."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from tests.integration.runtime.house import ANALYST, House, W
from vigil.assist.situation import Situation
from vigil.errors import NotFound
from vigil.store.audit import Audit
from vigil.store.inbox import SUSPECT, Inbox


async def settle_for_long(house: House) -> None:
    for _ in range(8):
        await house.worker.settle()
        house.clock.advance(timedelta(seconds=30))


async def park_one(house: House) -> str:
    def fragile(situation: Situation) -> str | None:
        if "poison" in situation.message.text:
            raise RuntimeError("words of a customer")
        return None

    house.answer_of = fragile
    await house.write("poison")
    await house.write("a healthy one", by=ANALYST)
    await settle_for_long(house)
    (parked,) = await house.desk.parked(W)
    return parked.id


async def test_a_parked_event_tried_again_is_decided_in_its_old_place(house: House) -> None:
    event_id = await park_one(house)
    house.answer_of = lambda _: None

    event = await house.desk.retry_parked(W, event_id, by="tomas")
    await house.worker.settle()

    assert await house.desk.parked(W) == []
    last = house.assist.situations[-1]
    assert (last.message.text, last.message.seq, last.recent) == ("poison", 1, ())
    async with house.store.read(W) as session:
        actions = [(record.action, record.actor) for record in await Audit(session).chain(event.conversation_id)]
    assert ("event.parked", "vigil") in actions
    assert ("event.retried", "tomas") in actions


async def test_what_comes_after_a_retry_sees_it_again(house: House) -> None:
    event_id = await park_one(house)
    house.answer_of = lambda _: None
    await house.desk.retry_parked(W, event_id, by="tomas")
    await house.worker.settle()
    await house.write("and now?")
    await house.worker.settle()
    assert [m.text for m in house.assist.situations[-1].recent] == ["poison", "a healthy one"]


async def test_a_dropped_event_is_gone_for_good(house: House) -> None:
    event_id = await park_one(house)
    await house.desk.drop_parked(W, event_id, by="tomas")
    await settle_for_long(house)
    assert await house.desk.parked(W) == []
    assert [decision.note for decision in await house.decisions()] == [""]
    with pytest.raises(NotFound, match="no parked event"):
        await house.desk.retry_parked(W, event_id, by="tomas")


async def test_an_absent_database_is_not_held_against_an_event(house: House) -> None:
    away = [True] * 12

    def answer(situation: Situation) -> str | None:
        if away:
            away.pop()
            raise OperationalError("SELECT", None, Exception("the database system is shutting down"))
        return None

    house.answer_of = answer
    await house.write("hello")
    for _ in range(20):
        await house.worker.settle()
        house.clock.advance(timedelta(seconds=2))

    assert await house.desk.parked(W) == []
    assert len(await house.decisions()) == 1


async def test_a_failing_event_rests_longer_each_time(house: House) -> None:
    tried: list[float] = []
    began = house.clock.now()

    def failing(situation: Situation) -> str | None:
        tried.append((house.clock.now() - began).total_seconds())
        raise RuntimeError

    house.answer_of = failing
    await house.write("poison", after_s=0)
    for _ in range(10):
        await house.worker.settle()
        house.clock.advance(timedelta(seconds=0.5))

    assert tried == [0.0, 1.5, 4.0]  # the looks are half a second apart, and a rest is over when its time is past


async def die_over(house: House, conversation_id: str, times: int) -> None:
    """Workers that take the conversation, begin, and are never heard of again."""
    for number in range(times):
        async with house.store.write(W) as session:
            lease = await Inbox(session).lease(
                conversation_id, owner=f"dead-{number}", at=house.clock.now(), seconds=20
            )
            assert lease is not None
            if lease.takeovers >= SUSPECT:
                await Inbox(session).blame(lease)
        house.clock.advance(timedelta(seconds=21))


async def test_an_event_over_which_workers_die_is_parked(house: House) -> None:
    receipt = await house.write("it kills")
    await house.write("a healthy one", by=ANALYST)
    await die_over(house, receipt.conversation_id, 5)
    await house.worker.settle()

    (parked,) = await house.desk.parked(W)
    assert parked.incoming.text == "it kills"
    assert parked.reason == "3 workers ended over it"
    assert len(await house.decisions()) == 1


async def test_a_conversation_that_was_only_there_when_workers_died_is_not_blamed(house: House) -> None:
    receipt = await house.write("hello")
    for number in range(30):  # each had many conversations, and never came to this one
        async with house.store.write(W) as session:
            await Inbox(session).lease(receipt.conversation_id, owner=f"{number}", at=house.clock.now(), seconds=20)
        house.clock.advance(timedelta(seconds=21))
    await house.worker.settle()
    assert await house.desk.parked(W) == []
    assert len(await house.decisions()) == 1


async def test_a_count_that_went_wrong_is_set_right(house: House) -> None:
    receipt = await house.write("hello")
    await house.worker.settle()
    async with house.store.write(W) as session:
        await session.connection.exec_driver_sql("UPDATE conversations SET waiting = 3")
    assert await house.drain.drain(W, receipt.conversation_id) == 0
    async with house.store.read(W) as session:
        assert await Inbox(session).depth() == 0
