"""A process that fires timers until it is killed: ``python -m tests.integration.runtime.timer_process URL NAME``. Each firing leaves an
audit record in the commit of the timer, so that the records can be counted."""

import asyncio
import sys
from datetime import UTC, datetime

from vigil.clock import SystemClock
from vigil.domain.timer import Timer
from vigil.runtime.alarms import AlarmLimits, Alarms, Effect
from vigil.store.audit import Audit
from vigil.store.store import Session, Store

KIND = "test.count"


class Counts:
    """Thinks for a moment, then writes that it rang."""

    async def ring(self, workspace: str, timer: Timer) -> Effect:
        await asyncio.sleep(0.01)

        async def rang(session: Session) -> None:
            now = datetime.now(UTC)
            await Audit(session).add(f"timer:{timer.id}", at=now, actor="test", action="rang", subject=timer.subject)

        return rang


async def main(url: str, name: str) -> None:
    store = await Store.open(url)
    alarms = Alarms(
        store=store,
        alarms={KIND: Counts()},
        clock=SystemClock(),
        owner=name,
        limits=AlarmLimits(max_attempts=100, first_retry_s=0.1, longest_retry_s=0.5, at_once=5),
    )
    print("fires", flush=True)
    await alarms.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
