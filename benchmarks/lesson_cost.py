"""What learning costs without a model: distilling a ticket of twenty messages, and rehearsing what it teaches among entries that are made
up (seeded). Beside the milliseconds stands the ratio to one search of the same run, which a busy machine moves little.

python benchmarks/lesson_cost.py [--entries N] [--tickets N] [--json]
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from search import PAGE, Near, W, World, publish

from vigil.clock import RandomIds, SystemClock
from vigil.domain.conversation import Message, Person, Role
from vigil.domain.ticket import Ticket, TicketState
from vigil.domain.workspace import Workspace
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.lance import LanceShelf
from vigil.learn.distil import distil
from vigil.learn.lesson import Ended
from vigil.learn.rehearse import MOST, Past, rehearse
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces

MESSAGES = 20
MIA = Person(id="c", name="Mia Novak", role=Role.CUSTOMER)
TOM = Person(id="a", name="Tom Adler", role=Role.ANALYST)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def ticket(number: int) -> Ended:
    """A ticket of twenty messages, with a question at its beginning and what resolved it at its end."""
    asks = "our backup job of the billing database fails with error BK-12 every night, any idea?"
    talk = [
        "Could you look at the log of the agent, and at how full the disk is?",
        "I did: the log says BK-12, and the disk is half empty.",
    ]
    answer = f"Set BACKUP_WINDOW={number}h in backup.conf and restart the agent."
    said = [asks, *(talk * MESSAGES)[: MESSAGES - 3], answer, "that worked, thanks!"]
    messages = [
        Message(
            id=f"m{place}",
            external_id=f"m{place}",
            conversation_id="c",
            seq=place,
            author=MIA if place in (0, MESSAGES - 1) or (place % 2 == 0 and place != MESSAGES - 2) else TOM,
            text=text,
            sent_at=NOON + timedelta(minutes=place),
            received_at=NOON + timedelta(minutes=place),
            ticket_id="t",
        )
        for place, text in enumerate(said)
    ]
    return Ended(
        ticket=Ticket(
            id=f"t{number}",
            external_id=f"T-{number}",
            conversation_id="c",
            state=TicketState.RESOLVED,
            subject="",
            customer_id=MIA.id,
            opened_at=NOON,
            updated_at=NOON,
        ),
        messages=messages,
    )


async def measure(entries: int, tickets: int) -> dict[str, float]:
    world, clock = World(), SystemClock()
    times: dict[str, list[float]] = {name: [] for name in ("search", "distil", "rehearse")}
    with TemporaryDirectory(prefix="vigil-bench-") as folder:
        store = await Store.open(f"sqlite:///{Path(folder) / 'vigil.sqlite3'}")
        embedder = Near(world.vectors(tickets * 40))
        ids = RandomIds(clock)
        base = KnowledgeBase(store=store, embedder=embedder, shelf=LanceShelf(f"{folder}/index"), clock=clock, ids=ids)
        async with store.write(W) as session:
            await Workspaces(session).create(Workspace(id=W, name=W), at=clock.now())
        for start in range(0, entries, PAGE):
            await publish(store, embedder, world, start, min(PAGE, entries - start), clock)
        await base.reindex(W)
        questions = world.texts(tickets + 2 + MOST, 12)
        for number in range(tickets + 2):  # the first two warm up
            ended, question = ticket(number + 2), questions[number]
            past = [Past(question=each, entry_id="e") for each in questions[number : number + MOST]]
            (lesson, *_) = distil(ended).lessons
            draft = lesson.draft(ended.ticket)
            staged = await base.stage(W, draft)
            works: dict[str, Callable[[], Awaitable[object]]] = {
                "search": partial(base.search, W, question),
                "distil": lambda one=ended: asyncio.to_thread(distil, one),
                "rehearse": partial(rehearse, base, W, draft, staged, past, least=0.0),
            }
            for name, work in works.items():
                started = time.perf_counter()
                await work()
                if number >= 2:
                    times[name].append((time.perf_counter() - started) * 1000)
        await base.close()
        await store.close()
    middle = {name: float(np.median(each)) for name, each in times.items()}
    return {
        "entries": float(entries),
        **{f"{name}_p50_ms": round(value, 2) for name, value in middle.items()},
        "rehearse_over_search": round(middle["rehearse"] / middle["search"], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--tickets", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = asyncio.run(measure(arguments.entries, arguments.tickets))
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>22} {value:10.2f}")


if __name__ == "__main__":
    main()
