"""Real processes that fire follow-ups and are killed with `kill -9` while they do: ``python benchmarks/_killed.py URL`` is one of them.
Each follow-up must be shown once, with one decision and one record of it."""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from _databases import database

from vigil.clock import ManualClock, RandomIds, SystemClock
from vigil.domain.conversation import Incoming, Person, Role
from vigil.domain.decision import Reason
from vigil.domain.followup import FollowUpRules, FollowUpState
from vigil.domain.workspace import Workspace
from vigil.runtime.administration import Administration
from vigil.runtime.alarms import AlarmLimits, Alarms
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.store.audit import Audit
from vigil.store.decisions import DecisionFilter, Decisions
from vigil.store.followups import FollowUpFilter, FollowUps
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces
from vigil.testing.assist import ScriptedAssist
from vigil.track.follower import Follower
from vigil.track.nudges import Nudges
from vigil.track.schedule import KIND, FollowUpSchedule

W: Final = "killed"
PROCESSES: Final = 2
UNTIL_DUE_S: Final = 20.0
"""Between the first question and the first follow-up: time to write them all down."""
TOGETHER: Final = 10
"""Follow-ups that fall due at one instant, so that a process has some in hand when it dies ..."""
APART_S: Final = 1.0
"""... and between two such instants, so that another takes over what it held before the next."""
LIFE_S: Final = 0.2
"""Seconds after such an instant by which one process is killed: in the midst of them, or soon after."""
DEADLINE_S: Final = 300.0
MANY: Final = 100_000


async def killed(server: str, *, tickets: int, kills: int) -> dict[str, float]:
    """So many tickets whose question nobody answers, and processes that die over them: at most `kills`, one each time when some fall due.
    They all wait from the beginning, some 100 MB each, so that none is killed while it still starts.

    Returns:
        `missed` and `twice`, which must be 0; how many processes were killed; and how late the follow-ups were, in seconds.
    """
    with TemporaryDirectory() as folder:
        async with database(server, Path(folder)) as url:
            store = await Store.open(url)
            try:
                kills = min(kills, tickets // TOGETHER)
                processes = await asyncio.gather(*(_started(url) for _ in range(PROCESSES + kills)))
                await _ask(store, tickets)
                await _live_and_die(store, processes, kills)
                return {"kills": kills, **await _figures(store, tickets)}
            finally:
                await store.close()


async def _ask(store: Store, tickets: int) -> None:
    clock = ManualClock(SystemClock().now())
    ids = RandomIds(clock)
    await Administration(store=store, clock=clock, ids=ids).create_workspace(Workspace(id=W, name=W), by="benchmark")
    async with store.write(W) as session:
        await Workspaces(session).set_follow_ups(FollowUpRules(unanswered_s=UNTIL_DUE_S))
    schedule = FollowUpSchedule(ids=ids)
    desk = Desk(store=store, clock=clock, ids=ids, bell=Bell(), schedule=schedule)
    drain = Drain(
        store=store,
        assists=ScriptedAssist(clock=clock, ids=ids),
        clock=clock,
        ids=ids,
        owner="asks",
        limits=DrainLimits(lease_s=20, max_attempts=3, burst_window_s=90),
        follower=Follower(),
        schedule=schedule,
    )
    for number in range(tickets):
        question = Incoming(
            channel="chat:1",
            conversation=f"room-{number}",
            external_id=f"m-{number}",
            message_id=f"m-{number}",
            author=Person(id=f"c-{number}", name="Mia", role=Role.CUSTOMER),
            text="How do I raise the quota of my backups?",
            sent_at=clock.now(),
        )
        receipt = await desk.receive(W, question, trust_role=True)
        await drain.drain(W, receipt.conversation_id)
        if number % TOGETHER == TOGETHER - 1:
            clock.advance(timedelta(seconds=APART_S))


async def _live_and_die(store: Store, processes: Sequence[asyncio.subprocess.Process], kills: int) -> None:
    """Let two fire, and each time when some fall due kill the older one and let another in, until nothing waits."""
    chance, clock = random.Random(7), SystemClock()
    async with store.read(W) as session:
        instants = sorted({each.due for each in await FollowUps(session).find(FollowUpFilter(states=(), limit=MANY))})
    try:
        for process in processes[:PROCESSES]:
            _go(process)
        for victim, following, due in zip(processes, processes[PROCESSES:], instants[:kills], strict=False):
            await asyncio.sleep(max(0.0, (due - clock.now()).total_seconds()) + chance.uniform(0, LIFE_S))
            await _end(victim)
            _go(following)
        await _until_none_waits(store)
    finally:
        for process in processes:
            if process.returncode is None:
                await _end(process)


def _go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")


async def _end(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


async def _started(url: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__)), url), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    return process


async def _until_none_waits(store: Store) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            async with store.read(W) as session:
                if not await FollowUps(session).find(FollowUpFilter(states=(FollowUpState.PENDING,), limit=1)):
                    return
            await asyncio.sleep(0.1)


async def _figures(store: Store, tickets: int) -> dict[str, float]:
    async with store.read(W) as session:
        found = await FollowUps(session).find(FollowUpFilter(states=(), limit=MANY))
        decided = Counter(
            each.ticket_id
            for each in await Decisions(session).find(DecisionFilter(reasons=(Reason.FOLLOW_UP,), limit=MANY))
        )
        records = [
            sum(each.action == "followup.shown" for each in await Audit(session).chain(f"ticket:{one.ticket_id}"))
            for one in found
        ]
    shown = [(each.due, each.shown_at) for each in found if each.shown_at is not None]
    late = sorted((at - due) / timedelta(seconds=1) for due, at in shown)
    return {
        "tickets": tickets,
        "shown": len(shown),
        "missed": tickets - len(shown),
        "twice": sum(number > 1 for number in (*decided.values(), *records)) + max(0, len(found) - tickets),
        "late": sum(each > 1 for each in late),
        "late_s_median": round(late[len(late) // 2], 2) if late else 0.0,
        "late_s_most": round(late[-1], 2) if late else 0.0,
    }


async def fires(url: str) -> None:
    """Fire follow-ups until the plug is pulled."""
    store, clock = await Store.open(url), SystemClock()
    ids = RandomIds(clock)
    nudges = Nudges(store=store, clock=clock, ids=ids, schedule=FollowUpSchedule(ids=ids))
    alarms = Alarms(
        store=store,
        alarms={KIND: nudges},
        clock=clock,
        owner=f"process-{os.getpid()}",
        limits=AlarmLimits(max_attempts=5),
    )
    print("there", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await alarms.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(fires(sys.argv[1]))
