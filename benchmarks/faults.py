"""Pull the plug, many times: real processes are killed with `kill -9` (at any moment, just after a message was taken, in the middle of a
post, while knowledge is being indexed), frozen past their leases, and cut off from the database; messages come one to three times each
and out of order. Afterwards nothing may be lost, decided twice, posted twice or out of order.

python benchmarks/faults.py [--messages N] [--kills N] [--freezes N] [--database URL] [--seed N] [--json] [--full]

Without `--database` it is SQLite: `vigil serve` and a second worker on one file. With postgresql://... it is two web processes and two
workers, in a schema of their own, and their connections are cut now and then, as by a restart of the server.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import psycopg
from _databases import application_of, database
from _herd import Herd, Receiver, listening
from _ledger import Verdict, W, backlog, judge, not_found

from vigil.app import App
from vigil.channels.webhook.signature import sign
from vigil.clock import SystemClock
from vigil.domain.knowledge import Draft
from vigil.guard.access import Scope
from vigil.settings import Settings

LEASE_S = 4.0
"""Short, so that a run need not wait twenty seconds for each dead worker."""
SETTLE_S = 300.0
"""Seconds that everything may take to come to rest after the last kill: put-off posts wait for up to a minute."""
SENDERS = 12
ENTRIES = 700
"""More than what is searched without an index."""
MOMENTS = ("any", "any", "taken", "taken", "post", "post", "index")
"""When a process is killed: at any time, just after a message was taken, in the middle of a post, just after documents came in."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    messages: int
    kills: int
    freezes: int
    cuts: int
    database: str
    seed: int


@dataclass
class Run:
    """One run: its processes, what was sent, and how far it is."""

    plan: Plan
    herd: Herd
    receiver: Receiver
    database: str
    hook: str
    secret: str
    token: str
    chance: random.Random
    sent: set[str] = field(default_factory=set[str])
    deliveries: int = 0
    kills: int = 0
    done: bool = False
    questions: dict[str, str] = field(default_factory=dict[str, str])
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    indexing: asyncio.Event = field(default_factory=asyncio.Event)

    async def feed(self) -> None:
        """Deliver every message one to three times, out of order, no faster than the kills go on."""
        copies = [number for number in range(self.plan.messages) for _ in range(self.chance.randint(1, 3))]
        copies.sort(key=lambda number: number + self.chance.uniform(0, 60))
        places = iter(enumerate(copies))
        async with httpx2.AsyncClient(timeout=20) as client:

            async def send() -> None:
                for place, number in places:
                    share = place / len(copies)
                    await until(lambda share=share: share <= (self.kills + 1) / (self.plan.kills + 1))
                    await self._deliver(client, number)

            await asyncio.gather(*(send() for _ in range(SENDERS)))

    async def _deliver(self, client: httpx2.AsyncClient, number: int) -> None:
        body = json.dumps({"type": "message.posted", "data": message(number, self.plan)}).encode()
        while True:
            doors = self.herd.doors()
            if doors:
                door = self.chance.choice(doors)
                self.deliveries += 1
                headers = sign(self.secret, delivery_id=f"d-{self.deliveries}", at=SystemClock().now(), body=body)
                with contextlib.suppress(httpx2.TransportError):
                    answer = await client.post(
                        f"http://127.0.0.1:{door.port}{self.hook}", content=body, headers=headers
                    )
                    if answer.status_code == 202:
                        self.sent.add(f"m-{number}")
                        self.taken.set()
                        return
                    if answer.is_client_error and answer.status_code != 429:
                        raise RuntimeError(f"{answer.status_code}: {answer.text}")
            await asyncio.sleep(0.05)

    async def teach(self) -> None:
        """Add a document every few seconds, until all kills are done."""
        number = 0
        async with httpx2.AsyncClient(timeout=60) as client:
            while not self.done:
                number += 1
                word = f"zephyr{number:04d}"
                page = f"# Page {word}\n\n## Recalibrate the {word} sensor\n\nHold both buttons of the {word} for nine seconds.\n"
                await self._upload(client, f"page-{number}.md", page)
                self.questions[f"How do I recalibrate the {word} sensor?"] = word
                await asyncio.sleep(self.chance.uniform(1, 4))

    async def _upload(self, client: httpx2.AsyncClient, name: str, page: str) -> None:
        while True:
            doors = self.herd.doors()
            if doors:
                self.indexing.set()
                with contextlib.suppress(httpx2.TransportError):
                    answer = await client.post(
                        f"http://127.0.0.1:{self.chance.choice(doors).port}/api/v1/knowledge/documents",
                        params={"name": name},
                        content=page.encode(),
                        headers={"authorization": f"Bearer {self.token}"},
                    )
                    if answer.is_success:
                        return
            await asyncio.sleep(0.2)

    async def kill(self) -> None:
        """Kill a process, again and again, at moments of all kinds."""
        while self.kills < self.plan.kills:
            await until(self.herd.able)
            await asyncio.sleep(self.chance.uniform(0, 0.5))
            able = [member for member in self.herd.members if member.ready and not member.frozen]
            if not able:
                continue  # one was frozen a moment ago
            victim = self.chance.choice(able)
            await self._moment(self.chance.choice(MOMENTS))
            await self.herd.kill(victim)
            self.kills += 1
            if self.kills % 25 == 0:
                print(f"{self.kills} kills, {len(self.sent)} messages", file=sys.stderr, flush=True)
        self.done = True

    async def _moment(self, kind: str) -> None:
        event = {"taken": self.taken, "post": self.receiver.under_way, "index": self.indexing}.get(kind)
        if event is not None:
            event.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    await event.wait()
        await asyncio.sleep(self.chance.choice((0.0, 0.002, 0.01, 0.05)))

    async def freeze(self) -> None:
        """Freeze a worker past its lease and wake it again."""
        for number in range(self.plan.freezes):
            share = (number + 0.5) / self.plan.freezes
            await until(lambda share=share: self.kills >= self.plan.kills * share)
            workers = [member for member in self.herd.members if member.works and member.ready and not member.frozen]
            if workers:
                await self._moment("taken")
                await self.herd.freeze(self.chance.choice(workers), LEASE_S * 1.5)

    async def cut(self) -> None:
        """Cut all connections to PostgreSQL, as a restart of the server does."""
        for number in range(self.plan.cuts):
            share = (number + 0.3) / self.plan.cuts
            await until(lambda share=share: self.kills >= self.plan.kills * share)
            async with await psycopg.AsyncConnection.connect(self.plan.database, autocommit=True) as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                    [application_of(self.database)],
                )


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds: what it is about happens in other processes."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def message(number: int, plan: Plan) -> dict[str, object]:
    """The message of this number: rooms of some twenty messages, a third of them questions that the documents answer."""
    room = number % max(1, plan.messages // 20)
    asks = number % 3 == 0
    role = "customer" if asks or number % 2 else "analyst"
    topic = (number * 7) % ENTRIES
    texts = (
        f"How do I replace the filter of pump model {topic}?",
        "Let me look into it.",
        "Thanks, I will try that now.",
    )
    return {
        "conversation": f"room-{room}",
        "message_id": f"m-{number}",
        "author": {"id": f"{role}-{room}", "name": role, "role": role},
        "text": f"{texts[number % 3]} ({number})" if not asks else texts[0],
    }


def drafts() -> list[Draft]:
    return [
        Draft(
            key=f"pump-{number}",
            title=f"Replace the filter of pump model {number}",
            question=f"How do I replace the filter of pump model {number}?",
            answer=f"To replace the filter of pump model {number}, close valve {number}, lift the lid and turn the filter left.",
        )
        for number in range(ENTRIES)
    ]


async def run(plan: Plan, folder: Path) -> tuple[Verdict, dict[str, float]]:
    chance = random.Random(plan.seed)
    began = time.monotonic()
    async with database(plan.database, folder) as url, listening(chance) as receiver:
        environment = {
            "VIGIL_HOME": str(folder / "home"),
            "VIGIL_DATABASE_URL": url,
            "VIGIL_LEASE_S": str(LEASE_S),
            "VIGIL_POST_DELAY_S": "0.2",
            "VIGIL_SUGGEST_CONFIDENCE": "0.05",  # the made-up entries are as like as twins, and posts are wanted
        }
        settings = Settings(home=folder / "home", database_url=url, lease_s=LEASE_S, _env_file=None)  # pyright: ignore[reportCallIssue]
        async with App.open(settings) as app:
            hook = await app.administration.create_integration(
                W, name="chat", post_url=receiver.url, asserts_roles=True, by="faults"
            )
            _, token = await app.administration.create_token(W, name="f", scopes=frozenset({Scope.ADMIN}), by="faults")
            await app.knowledge.publish(W, drafts(), by="faults", summary="made up")
        roles = ["web", "web", "worker", "worker"] if plan.database else ["all", "worker"]
        herd = Herd(folder, roles, environment)
        async with herd:
            course = Run(plan, herd, receiver, url, f"/hooks/{W}/{hook.id}", hook.secret, token, chance)
            await asyncio.gather(course.feed(), course.teach(), course.kill(), course.freeze(), course.cut())
            await herd.all_back()
            async with App.open(settings) as app:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SETTLE_S):
                        while any(await backlog(app.store)):  # noqa: ASYNC110  # there is nothing else to wait on
                            await asyncio.sleep(0.5)
                exits = await herd.stop()
                repeated = sum(receiver.times.values()) - len(receiver.posts)
                verdict = await judge(app.store, course.sent, receiver.posts, repeated)
                verdict.lost += plan.messages - len(course.sent)
                verdict.entries_not_found = await not_found(app.knowledge, course.questions)
                verdict.exits_not_clean = sum(code != 0 for code in exits)
    return verdict, {
        "messages": plan.messages,
        "deliveries": course.deliveries,
        "kills": course.kills,
        "freezes": plan.freezes,
        "connections_cut": plan.cuts,
        "documents": len(course.questions),
        "seconds": round(time.monotonic() - began, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--freezes", type=int, default=2)
    parser.add_argument("--database", default="", help="postgresql://...; SQLite where it is left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="20,000 messages, 300 kills, 20 freezes")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="leave logs and database in this folder")
    asked = parser.parse_args()
    messages, kills, freezes = (20_000, 300, 20) if asked.full else (asked.messages, asked.kills, asked.freezes)
    plan = Plan(
        messages=messages,
        kills=kills,
        freezes=freezes,
        cuts=max(1, kills // 10) if asked.database else 0,
        database=asked.database,
        seed=asked.seed,
    )
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(TemporaryDirectory(prefix="vigil-faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        verdict, course = asyncio.run(run(plan, folder))
    if asked.json:
        print(json.dumps({**course, **asdict(verdict)}))
    else:
        for name, figure in {**course, **asdict(verdict)}.items():
            print(f"{name:>24} {figure:10}")
    faults = verdict.faults()
    if faults:
        print("faults:", faults, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
