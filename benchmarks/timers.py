"""What timers cost: to set, to wait for and to fire, and what DBOS asks for the first two where it is installed (``pip install dbos``).

SQLite always; PostgreSQL where VIGIL_TEST_POSTGRES names a server on which a database may be made.
"""

import asyncio
import importlib
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

WAITING = 2_000
"""Timers that wait: what some hundred open tickets leave."""
IDLE_S = 15.0


def resident_mb() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def ours(url: str) -> dict[str, float]:
    """Timers in the installation's own database."""
    from vigil.clock import RandomIds, SystemClock
    from vigil.domain.workspace import Workspace
    from vigil.runtime.administration import Administration
    from vigil.store.store import Session, Store

    before, began = resident_mb(), time.perf_counter()
    from vigil.domain.timer import Timer
    from vigil.runtime.alarms import AlarmLimits, Alarms, Effect
    from vigil.runtime.timers import Timers

    imported = time.perf_counter() - began

    class Rings:
        async def ring(self, workspace: str, timer: Timer) -> Effect:
            async def effect(session: Session) -> None: ...

            return effect

    store, clock = await Store.open(url), SystemClock()
    ids = RandomIds(clock)
    await Administration(store=store, clock=clock, ids=ids).create_workspace(Workspace(id="w", name="W"), by="bench")
    timers = Timers(store=store, clock=clock, ids=ids)
    alarms = Alarms(
        store=store, alarms={"b": Rings()}, clock=clock, owner="o", limits=AlarmLimits(claim_s=60, max_attempts=3)
    )
    began = time.perf_counter()
    for number in range(WAITING):
        await timers.set("w", "b", f"s{number}", at=clock.now() + timedelta(days=7))
    setting = time.perf_counter() - began
    stop = asyncio.Event()
    running = asyncio.create_task(alarms.run(stop))
    cpu = time.process_time()
    await asyncio.sleep(IDLE_S)
    idle = (time.process_time() - cpu) / IDLE_S
    stop.set()
    await running
    for number in range(WAITING):
        await timers.set("w", "b", f"s{number}", at=clock.now())
    began = time.perf_counter()
    fired = await alarms.fire_due()
    firing = time.perf_counter() - began
    assert fired == WAITING
    await store.close()
    return {**told(imported, resident_mb() - before, setting, idle), "fire_ms": round(firing / WAITING * 1000, 2)}


def theirs(url: str) -> dict[str, float]:
    """The same with DBOS: delayed workflows on a queue."""
    importlib.import_module("psycopg")  # any Vigil has loaded these two already
    importlib.import_module("sqlalchemy.ext.asyncio")
    before, began = resident_mb(), time.perf_counter()
    dbos: Any = importlib.import_module("dbos")
    imported = time.perf_counter() - began
    DBOS = dbos.DBOS
    DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})

    def ring(subject: str) -> None: ...

    ring = DBOS.workflow()(ring)
    DBOS.launch()
    DBOS.register_queue("timers", polling_interval_sec=1.0)

    began = time.perf_counter()
    for number in range(WAITING):
        with dbos.SetWorkflowID(f"s{number}"), dbos.SetEnqueueOptions(delay_seconds=7 * 86_400):
            DBOS.enqueue_workflow("timers", ring, f"s{number}")
    setting = time.perf_counter() - began
    cpu = time.process_time()
    time.sleep(IDLE_S)
    idle = (time.process_time() - cpu) / IDLE_S
    DBOS.destroy()
    return told(imported, resident_mb() - before, setting, idle)


def told(imported: float, memory: float, setting: float, idle: float) -> dict[str, float]:
    return {
        "import_s": round(imported, 2),
        "memory_mb": round(memory, 1),
        "set_ms": round(setting / WAITING * 1000, 2),
        "idle_cpu_percent": round(idle * 100, 2),
    }


def measured(which: str, url: str) -> None:
    """In a process of its own, so that each pays for its own imports."""
    done = subprocess.run([sys.executable, __file__, which, url], check=False, capture_output=True, text=True)
    print(f"{which:6} {url.partition(':')[0]:10}", done.stdout.strip() or done.stderr[-400:], flush=True)


def on_postgresql(server: str, measure: Callable[[str], None]) -> None:
    """Measure in a database of its own, which is dropped again."""
    import psycopg
    from sqlalchemy import make_url

    name = f"vigil_bench_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            measure(make_url(server).set(database=name).render_as_string(hide_password=False))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def main() -> None:
    """Print one line for each way and database."""
    if len(sys.argv) == 3:
        which, url = sys.argv[1:]
        print(json.dumps(asyncio.run(ours(url)) if which == "vigil" else theirs(url)))
        return
    for which in ("vigil", "dbos") if importlib.util.find_spec("dbos") else ("vigil",):
        with tempfile.TemporaryDirectory() as folder:
            measured(which, f"sqlite:///{folder}/bench.sqlite3")
        server = os.environ.get("VIGIL_TEST_POSTGRES", "")
        if server:
            on_postgresql(server, lambda url, which=which: measured(which, url))


if __name__ == "__main__":
    main()
