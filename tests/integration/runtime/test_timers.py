"""Timers fire once, at their time, whatever happens to those who fire them; and what can't be done is tried again, and then told."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from tests.conftest import MORNING, ROOT
from tests.integration.runtime.timer_process import KIND
from vigil.clock import CountingIds, ManualClock, SystemClock
from vigil.domain.timer import Timer, TimerState
from vigil.domain.workspace import Workspace
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.runtime.administration import Administration
from vigil.runtime.alarms import AlarmLimits, Alarms, Effect
from vigil.runtime.timers import Timers
from vigil.store.audit import Audit
from vigil.store.store import Session, Store
from vigil.store.timers import TimerFilter, next_timer
from vigil.store.timers import Timers as StoredTimers

W = "acme"
FOLLOW_UP = "track.follow_up"
DAY = timedelta(days=1)
DEADLINE_S = 60


class Alarm:
    """Remembers what rang; what it writes is an audit record. `on_ring` may do something in between, or raise."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.rang: list[Timer] = []
        self.on_ring: Callable[[Timer], object] = lambda _: None

    async def ring(self, workspace: str, timer: Timer) -> Effect:
        self.rang.append(timer)
        meanwhile = self.on_ring(timer)
        if asyncio.iscoroutine(meanwhile):
            await meanwhile

        async def effect(session: Session) -> None:
            await Audit(session).add("rang", at=self.clock.now(), actor="test", action="rang", subject=timer.subject)

        return effect


class Desk:
    """Timers, and two workers that fire them."""

    def __init__(self, store: Store, clock: ManualClock, ids: CountingIds) -> None:
        self.store, self.clock = store, clock
        self.timers = Timers(store=store, clock=clock, ids=ids)
        self.alarm = Alarm(clock)
        self.first, self.second = self.worker("one"), self.worker("two")

    def worker(self, owner: str, *, claim_s: float = 30, held_s: float = 30) -> Alarms:
        return Alarms(
            store=self.store,
            alarms={FOLLOW_UP: self.alarm},
            clock=self.clock,
            owner=owner,
            limits=AlarmLimits(claim_s=claim_s, held_s=held_s, max_attempts=3, first_retry_s=10),
        )

    async def next_look(self) -> datetime | None:
        return await next_timer(self.store, at=self.clock.now(), kinds=[FOLLOW_UP])

    async def written(self) -> list[str]:
        """Subjects of what was written, in order."""
        async with self.store.read(W) as session:
            return [record.subject for record in await Audit(session).chain("rang")]

    async def states(self) -> list[TimerState]:
        found = await self.timers.find(W, TimerFilter(states=()))
        return [timer.state for timer in found]


@pytest.fixture
async def desk(store: Store, clock: ManualClock, ids: CountingIds) -> Desk:
    await Administration(store=store, clock=clock, ids=ids).create_workspace(Workspace(id=W, name="Acme"), by="test")
    return Desk(store, clock, ids)


async def test_it_fires_at_its_time_and_once(desk: Desk) -> None:
    await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + 14 * DAY, payload={"message": "msg_1"})
    desk.clock.move_to(MORNING + 14 * DAY - timedelta(seconds=1))
    assert await desk.first.fire_due() == 0
    desk.clock.advance(timedelta(seconds=1))
    assert await desk.first.fire_due() == 1
    assert await desk.second.fire_due() == 0
    assert await desk.written() == ["tkt_1"]
    assert desk.alarm.rang[0].payload == {"message": "msg_1"}
    (timer,) = await desk.timers.find(W, TimerFilter(states=()))
    assert (timer.state, timer.fired_at) == (TimerState.FIRED, MORNING + 14 * DAY)


async def test_setting_it_again_moves_it(desk: Desk) -> None:
    first = await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    moved = await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + 2 * DAY)
    assert moved.id == first.id
    assert await desk.timers.find(W, TimerFilter()) == [moved]
    desk.clock.move_to(MORNING + DAY)
    assert await desk.first.fire_due() == 0
    desk.clock.move_to(MORNING + 2 * DAY)
    assert await desk.first.fire_due() == 1
    again = await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + 3 * DAY)
    assert again.id != first.id


async def test_cancelled_it_does_not_fire_and_one_that_is_over_can_not_be_cancelled(desk: Desk) -> None:
    timer = await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    await desk.timers.cancel(W, timer.id, by="jonas")
    desk.clock.move_to(MORNING + DAY)
    assert await desk.first.fire_due() == 0
    assert await desk.states() == [TimerState.CANCELLED]
    with pytest.raises(Conflict, match="cancelled already"):
        await desk.timers.cancel(W, timer.id, by="jonas")
    with pytest.raises(NotFound):
        await desk.timers.cancel(W, "tmr_0", by="jonas")


async def test_one_that_comes_again_comes_again_and_does_not_make_up_for_lost_time(desk: Desk) -> None:
    await desk.timers.set(W, FOLLOW_UP, "daily", every="0 7 * * *")
    for day in (1, 2):
        desk.clock.move_to(MORNING + day * DAY)
        assert await desk.first.fire_due() == 1
    desk.clock.move_to(MORNING + 30 * DAY)
    assert await desk.first.fire_due() == 1
    assert await desk.second.fire_due() == 0
    (timer,) = await desk.timers.find(W, TimerFilter())
    assert timer.due == MORNING.replace(hour=7) + 31 * DAY
    assert len(await desk.written()) == 3


async def test_two_workers_that_look_at_once_share_them_out(desk: Desk) -> None:
    for number in range(50):
        await desk.timers.set(W, FOLLOW_UP, f"tkt_{number}", at=MORNING + DAY)
    desk.clock.move_to(MORNING + DAY)
    tried = await asyncio.gather(desk.first.fire_due(), desk.second.fire_due())
    assert sum(tried) == 50
    assert sorted(await desk.written()) == sorted(f"tkt_{number}" for number in range(50))


async def test_a_worker_that_was_frozen_past_its_claim_writes_nothing(desk: Desk) -> None:
    await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    desk.clock.move_to(MORNING + DAY)

    async def frozen() -> None:
        desk.alarm.on_ring = lambda _: None
        desk.clock.advance(timedelta(seconds=31))
        assert await desk.second.fire_due() == 1

    desk.alarm.on_ring = lambda _: frozen()
    assert await desk.first.fire_due() == 1
    assert len(desk.alarm.rang) == 2
    assert await desk.written() == ["tkt_1"]


async def test_a_dead_process_claim_is_waited_for_and_taken_over(desk: Desk) -> None:
    await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    await desk.timers.set(W, FOLLOW_UP, "tkt_2", at=MORNING + 2 * DAY)
    desk.clock.move_to(MORNING + DAY)
    async with desk.store.write(W) as session:
        stored = StoredTimers(session)
        await stored.claim(owner="dead", kinds=[FOLLOW_UP], at=desk.clock.now(), seconds=3, limit=1)
    assert await desk.next_look() == MORNING + DAY + timedelta(seconds=3)
    assert await desk.first.fire_due() == 0
    desk.clock.advance(timedelta(seconds=3))
    assert await desk.first.fire_due() == 1
    assert await desk.written() == ["tkt_1"]
    assert await desk.next_look() == MORNING + 2 * DAY


async def test_a_ring_that_takes_long_keeps_its_claim(desk: Desk) -> None:
    await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    desk.clock.move_to(MORNING + DAY)
    hurried = desk.worker("hurried", claim_s=0.03, held_s=3600)

    async def renewed() -> bool:
        return await desk.next_look() == MORNING + DAY + timedelta(hours=1)

    async def long() -> None:
        await until(renewed)
        desk.clock.advance(timedelta(minutes=59))
        assert await desk.second.fire_due() == 0

    desk.alarm.on_ring = lambda _: long()
    assert await hurried.fire_due() == 1
    assert await desk.written() == ["tkt_1"]
    assert len(desk.alarm.rang) == 1


async def test_one_that_takes_long_holds_up_no_other(desk: Desk) -> None:
    finish, stop = asyncio.Event(), asyncio.Event()
    desk.alarm.on_ring = lambda timer: finish.wait() if timer.subject == "long" else None
    await desk.timers.set(W, FOLLOW_UP, "long", at=MORNING)
    running = asyncio.create_task(desk.first.run(stop))

    async def rings() -> bool:
        return bool(desk.alarm.rang)

    async def short_is_written() -> bool:
        return await desk.written() == ["short"]

    await until(rings)
    await desk.timers.set(W, FOLLOW_UP, "short", at=MORNING)
    await until(short_is_written)
    stop.set()
    finish.set()
    await running
    assert await desk.written() == ["short", "long"]
    assert await desk.states() == [TimerState.FIRED] * 2


async def test_moved_or_cancelled_while_it_rings_it_writes_nothing(desk: Desk) -> None:
    timer = await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    desk.clock.move_to(MORNING + DAY)
    desk.alarm.on_ring = lambda _: desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + 2 * DAY)
    await desk.first.fire_due()
    desk.clock.move_to(MORNING + 2 * DAY)
    desk.alarm.on_ring = lambda _: desk.timers.cancel(W, timer.id, by="jonas")
    await desk.first.fire_due()
    assert len(desk.alarm.rang) == 2
    assert await desk.written() == []
    assert await desk.states() == [TimerState.CANCELLED]


async def test_what_fails_is_tried_again_later_and_then_told(desk: Desk) -> None:
    def fails(_: Timer) -> None:
        raise RuntimeError("the customer wrote hunter2")

    desk.alarm.on_ring = fails
    await desk.timers.set(W, FOLLOW_UP, "tkt_1", at=MORNING + DAY)
    desk.clock.move_to(MORNING + DAY)
    assert await desk.first.fire_due() == 1
    assert await desk.first.fire_due() == 0
    for wait in (10, 20):
        desk.clock.advance(timedelta(seconds=wait))
        assert await desk.second.fire_due() == 1
    (timer,) = await desk.timers.find(W, TimerFilter(states=()))
    assert (timer.state, timer.reason) == (TimerState.FAILED, "RuntimeError")
    assert {(rang.id, rang.due) for rang in desk.alarm.rang} == {(timer.id, MORNING + DAY)}
    assert await desk.written() == []


async def test_one_that_comes_again_goes_on_after_a_time_that_failed(desk: Desk) -> None:
    def fails(_: Timer) -> None:
        raise RuntimeError

    desk.alarm.on_ring = fails
    await desk.timers.set(W, FOLLOW_UP, "daily", every="0 7 * * *")
    desk.clock.move_to(MORNING + DAY)
    for wait in (10, 20, 40):
        await desk.first.fire_due()
        desk.clock.advance(timedelta(seconds=wait))
    desk.alarm.on_ring = lambda _: None
    desk.clock.move_to(MORNING + 2 * DAY)
    assert await desk.first.fire_due() == 1
    assert await desk.written() == ["daily"]


async def test_a_kind_that_nobody_here_knows_is_left_to_those_who_do(desk: Desk) -> None:
    await desk.timers.set(W, "learn.rehearse", "tkt_1", at=MORNING + DAY)
    desk.clock.move_to(MORNING + 2 * DAY)
    assert await desk.first.fire_due() == 0
    assert await desk.states() == [TimerState.WAITING]


@pytest.mark.parametrize(
    ("kind", "given", "fault"),
    [
        ("Track", {"at": MORNING}, "kind"),
        (FOLLOW_UP, {}, "at"),
        (FOLLOW_UP, {"at": MORNING.replace(tzinfo=None)}, "zone"),
        (FOLLOW_UP, {"every": "every morning"}, "every"),
        (FOLLOW_UP, {"at": MORNING, "payload": {"text": "my password is hunter2"}}, "words"),
    ],
)
async def test_a_timer_that_can_not_be_set_is_refused(
    desk: Desk, kind: str, given: dict[str, object], fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        await desk.timers.set(W, kind, "tkt_1", **given)  # pyright: ignore[reportArgumentType]


async def test_two_processes_one_of_them_killed_fire_each_timer_once(database_url: str) -> None:
    store = await Store.open(database_url)
    clock, ids, number = SystemClock(), CountingIds(), 150
    await Administration(store=store, clock=clock, ids=ids).create_workspace(Workspace(id=W, name="Acme"), by="test")
    timers = Timers(store=store, clock=clock, ids=ids)
    for one in range(number):
        await timers.set(W, KIND, f"tkt_{one}", at=clock.now())
    processes = [await process(database_url, name) for name in ("one", "two")]
    await until_waiting(timers, at_most=number * 2 // 3)
    processes[0].kill()
    processes.append(await process(database_url, "three"))
    await until_waiting(timers, at_most=0)
    for one in processes[1:]:
        one.kill()
    for one in processes:
        await one.wait()
    fired = await timers.find(W, TimerFilter(states=(TimerState.FIRED,), limit=number))
    assert len(fired) == number
    async with store.read(W) as session:
        for timer in fired:
            assert len(await Audit(session).chain(f"timer:{timer.id}")) == 1
    await store.close()


async def until(there: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            if await there():
                return
            await asyncio.sleep(0.01)  # it happens elsewhere: there is nothing to wait on but the database


async def until_waiting(timers: Timers, *, at_most: int) -> None:
    async def few_wait() -> bool:
        return len(await timers.find(W, TimerFilter(limit=1000))) <= at_most

    await until(few_wait)


async def process(url: str, name: str) -> asyncio.subprocess.Process:
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.runtime.timer_process", url, name),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert started.stdout is not None
    await started.stdout.readline()
    started.stdout.feed_eof()
    return started
