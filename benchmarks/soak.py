"""Half an hour of steady work: does memory, the number of open files or the lag grow? One process on SQLite, or with `--database
postgresql://...` a web process and two workers; a third of the messages are questions, each is a new one.

python benchmarks/soak.py [--minutes N] [--rate N] [--entries N] [--database URL] [--json]

What counts is the last quarter beside the second: in the first, everything that is loaded or kept for reuse is still being filled.
"""

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np
from speed import ASKED, LINES, PASSED_OVER, House, Line, opened, prepared
from sqlalchemy import text

from vigil.store.store import Store

LOOK_S = 5.0
"""Seconds between two looks at the processes."""
SAMPLED = 5
"""Every so many messages, one is timed from before it was sent to when its decision can be read."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look saw."""

    at_s: float
    memory_mb: float
    """Of all processes together."""
    files: int
    """Handles that all processes have open."""
    waiting: int
    """Messages sent and not decided."""


async def soak(house: House, *, minutes: float, rate: float, roles: list[str]) -> dict[str, float]:
    async with house.herd(roles) as herd, opened(house) as store:
        lines = [Line(herd.members[0].port, house) for _ in range(LINES)]
        seconds = minutes * 60
        sent: dict[int, float] = {}
        lags: list[tuple[float, float]] = []
        looks: list[Look] = []
        started = time.perf_counter()

        async def feed() -> None:
            going: set[asyncio.Task[None]] = set()
            for number in range(int(seconds * rate)):
                await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
                sent[number] = time.perf_counter()
                kind = ASKED if number % 3 == 0 else PASSED_OVER
                task = asyncio.create_task(lines[number % LINES].send(number, kind))
                going.add(task)
                task.add_done_callback(going.discard)
            await asyncio.gather(*going)

        async def watch() -> None:
            for number in range(0, int(seconds * rate), SAMPLED):
                while number not in sent or not await _is_decided(store, number):  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.01)
                lags.append((sent[number] - started, (time.perf_counter() - sent[number]) * 1000))

        async def look() -> None:
            while time.perf_counter() < started + seconds:
                await asyncio.sleep(LOOK_S)
                looks.append(
                    Look(
                        at_s=time.perf_counter() - started,
                        memory_mb=sum(member.memory_mb() for member in herd.members),
                        files=sum(member.files() for member in herd.members),
                        waiting=await _waiting(store),
                    )
                )

        await asyncio.gather(feed(), watch(), look())
        took = time.perf_counter() - started
    return {"minutes": took / 60, "messages": float(len(sent)), "per_s": len(sent) / took} | _figures(looks, lags, took)


def _figures(looks: list[Look], lags: list[tuple[float, float]], took: float) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, begin in (("second", 0.25), ("last", 0.75)):
        inside = [look for look in looks if begin <= look.at_s / took <= begin + 0.25]
        delays = [lag for at, lag in lags if begin <= at / took <= begin + 0.25]
        figures |= {
            f"{name}_quarter_memory_mb": float(np.median([look.memory_mb for look in inside])),
            f"{name}_quarter_files": float(np.median([look.files for look in inside])),
            f"{name}_quarter_waiting": float(np.median([look.waiting for look in inside])),
            f"{name}_quarter_lag_p50_ms": float(np.percentile(delays, 50)),
            f"{name}_quarter_lag_p99_ms": float(np.percentile(delays, 99)),
        }
    figures["memory_last_to_second"] = figures["last_quarter_memory_mb"] / figures["second_quarter_memory_mb"]
    figures["most_memory_mb"] = max(look.memory_mb for look in looks)
    return figures


async def _is_decided(store: Store, number: int) -> bool:
    async with store.across_workspaces(short=True) as connection:
        rows = await connection.execute(
            text("SELECT 1 FROM inbox WHERE workspace_id = 'default' AND external_id = :name AND state = 'done'"),
            {"name": f"m-{number}"},
        )
        return rows.first() is not None


async def _waiting(store: Store) -> int:
    async with store.across_workspaces(short=True) as connection:
        rows = await connection.execute(text("SELECT coalesce(sum(waiting), 0) FROM conversations"))
        return int(rows.scalar_one())


async def measure(asked: argparse.Namespace) -> dict[str, float]:
    roles = ["web", "worker", "worker"] if asked.database else ["all"]
    async with prepared(asked.entries, asked.database) as house:
        figures = await soak(house, minutes=asked.minutes, rate=asked.rate, roles=roles)
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=30.0, help="messages a second")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--database", default="", help="postgresql://... for processes of their own")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    figures = asyncio.run(measure(asked))
    if asked.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>35} {value:12.2f}")


if __name__ == "__main__":
    sys.exit(main())
