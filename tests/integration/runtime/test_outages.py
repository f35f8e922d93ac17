"""What everything stands on goes away for a while: the disk, the database, the channel, the model. Nothing is lost, nothing done twice."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError

from tests.integration.runtime.house import ANALYST, House, W
from vigil.assist.situation import Situation
from vigil.domain.post import PostState
from vigil.runtime.drain import Drain, DrainLimits
from vigil.runtime.lastlook import LastLook
from vigil.runtime.sender import Sender, SendLimits
from vigil.runtime.worker import Worker
from vigil.store.inbox import Inbox
from vigil.testing.embedder import HashEmbedder

HOUR_S = 3600


def patient(house: House) -> Worker:
    """A worker that sends as an installation does by default."""
    sender = Sender(
        store=house.store,
        channels={"chat": house.channel},
        standing=house.standing,
        last_look=LastLook(HashEmbedder()),
        clock=house.clock,
        ids=house.ids,
        owner="worker-1",
        limits=SendLimits(claim_s=20, patience_s=HOUR_S),
    )
    return Worker(store=house.store, drain=house.drain, sender=sender, bell=house.bell, clock=house.clock)


async def test_a_full_disk_keeps_everything_waiting_until_there_is_room(house: House) -> None:
    if house.store.dialect != "sqlite":
        pytest.skip("PostgreSQL's disk is its own affair")
    most = 0

    def hold_down(connection: DBAPIConnection, *_: object) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count = {most or 1_000_000_000}")

    engine = house.store._engine  # pyright: ignore[reportPrivateUsage]
    event.listen(engine.sync_engine, "checkout", hold_down)
    await house.write("x" * 400_000)
    await house.write("short")
    async with house.store.across_workspaces() as connection:
        most = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    for _ in range(10):
        await house.worker.settle()
        house.clock.advance(timedelta(seconds=30))
    assert await house.decisions() == []

    most = 0
    await house.worker.settle()
    assert len(await house.decisions()) == 2
    assert await house.desk.parked(W) == []
    assert [situation.message.seq for situation in house.assist.situations][-2:] == [1, 2]


async def test_connections_that_are_cut_are_made_anew_and_the_event_is_decided_once(house: House) -> None:
    if house.store.dialect != "postgresql":
        pytest.skip("SQLite has no connections to cut")
    cut: list[int] = []

    async def cut_off(situation: Situation) -> None:
        """End every connection of this store, as a server that restarts does."""
        async with house.store.across_workspaces() as connection:
            mine = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with house.store.across_workspaces() as first, house.store.across_workspaces() as second:
            pids = [(await each.execute(text("SELECT pg_backend_pid()"))).scalar_one() for each in (first, second)]
            for pid in {mine, *pids} - {pids[1]}:
                await second.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                cut.append(pid)

    original = house.assist.decide

    async def decide(situation: Situation):
        verdict = await original(situation)
        if len(cut) < 4:
            await cut_off(situation)
        return verdict

    house.assist.decide = decide
    await house.write("hello")
    await house.write("again", by=ANALYST)
    for _ in range(12):
        with suppress(OperationalError):  # a running worker says so, and looks again
            await house.worker.settle()
        house.clock.advance(timedelta(seconds=25))

    assert cut
    assert len(await house.decisions()) == 2
    assert await house.desk.parked(W) == []


async def test_a_channel_that_answers_500_for_ten_minutes_loses_no_post_and_keeps_their_order(house: House) -> None:
    worker = patient(house)
    house.answer_of = lambda situation: f"about {situation.message.text}"
    house.channel.be_down(10_000)
    for number in range(3):
        await house.write(f"question {number}")
    for _ in range(60):
        await worker.settle()
        house.clock.advance(timedelta(seconds=10))
    assert house.channel.posted == []

    house.channel.failures.clear()
    for _ in range(8):
        house.clock.advance(timedelta(seconds=20))
        await worker.settle()
    assert [delivery.text for delivery in house.channel.posted] == [f"about question {n}" for n in range(3)]
    assert {post.state for post in await house.posts()} == {PostState.SENT}
    assert house.channel.attempts < 40  # it wasn't hammered


async def test_a_post_that_is_put_off_is_not_overtaken(house: House) -> None:
    house.answer_of = lambda situation: f"about {situation.message.text}"
    house.channel.be_down(1)
    await house.write("one")
    await house.worker.settle()
    await house.write("two", after_s=0.5)
    await house.worker.settle()
    assert house.channel.posted == []
    house.clock.advance(timedelta(seconds=5))
    await house.worker.settle()
    assert [delivery.text for delivery in house.channel.posted] == ["about one", "about two"]


async def test_a_lease_is_renewed_for_as_long_as_a_model_hangs(house: House) -> None:
    drain = Drain(
        store=house.store,
        assists=house.assist,
        clock=house.clock,
        ids=house.ids,
        owner="worker-1",
        limits=DrainLimits(lease_s=0.06, max_attempts=3, burst_window_s=90),
    )
    hanging, answered = asyncio.Event(), asyncio.Event()
    original = house.assist.decide

    async def slow(situation: Situation):
        hanging.set()
        await answered.wait()
        return await original(situation)

    house.assist.decide = slow
    receipt = await house.write("hello")
    working = asyncio.create_task(drain.drain(W, receipt.conversation_id))
    await hanging.wait()
    for _ in range(3):
        before = await lease_until(house)
        house.clock.advance(timedelta(seconds=0.05))
        while await lease_until(house) == before:
            assert not working.done()
    async with house.store.write(W) as session:  # longer ago than one lease lasts
        other = await Inbox(session).lease(receipt.conversation_id, owner="w2", at=house.clock.now(), seconds=20)
    assert other is None

    answered.set()
    assert await working == 1


async def lease_until(house: House) -> int:
    async with house.store.across_workspaces() as connection:
        return (await connection.exec_driver_sql("SELECT lease_until FROM conversations")).scalar_one()


async def test_a_worker_that_is_told_to_stop_ends_what_it_has_begun(house: House) -> None:
    hanging, answered, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    original = house.assist.decide

    async def slow(situation: Situation):
        hanging.set()
        await answered.wait()
        return await original(situation)

    house.assist.decide = slow
    await house.write("hello")
    running = asyncio.create_task(house.worker.run(stop))
    await hanging.wait()
    stop.set()
    answered.set()
    await running

    assert len(await house.decisions()) == 1
    assert await lease_until(house) is None
