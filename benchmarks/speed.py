"""How fast messages become stored decisions without a model, and what that costs, over real HTTP and real processes.

python benchmarks/speed.py [--part cpu|latency|throughput|growth ...] [--entries N] [--messages N] [--database URL] [--stored N] [--json]

- cpu: processor time a message, as a multiple of what embedding the same texts alone takes in the same run, and where it goes.
- latency: from sending a webhook to the stored decision, at 20 messages a second.
- throughput: messages a second when they all come at once; with `--database postgresql://...` also two workers and a web process.
- growth: processor time a message with few and with many messages stored before.

The entries are made up (seeded, as in `search.py`), but for some hundred that answer the questions. Run it on a quiet machine.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import secrets
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psycopg
from _herd import Herd, Member
from search import World
from sqlalchemy import make_url, text

from vigil.app import App
from vigil.channels.webhook.signature import sign
from vigil.clock import SystemClock
from vigil.domain.conversation import ConversationKind, Incoming, Person, Role
from vigil.domain.knowledge import Draft
from vigil.knowledge.vectors import pack
from vigil.language.bundled import WEIGHTS, BundledEmbedder
from vigil.settings import Settings
from vigil.store.entries import Embedding
from vigil.store.knowledge import Knowledge, Signature
from vigil.store.store import Store

W = "default"
ANSWERED = 300
"""Entries that answer a question of ours each."""
PAGE = 5_000
WARMING = 60
"""Messages that aren't counted: over them a process that has just begun loads what is loaded once."""
LINES = 16
"""Connections that messages come by."""
_PIECES = (WEIGHTS / "vocab.txt").read_text("utf-8").splitlines()
_LONG = [piece for piece in _PIECES if piece.isascii() and piece.isalpha() and len(piece) > 7]
NAMES = [" ".join(_LONG[place : place + 2]) for place in range(500, 500 + 2 * ANSWERED, 2)]
"""Two English words each: what the questions are about."""
TICK = os.sysconf("SC_CLK_TCK")
PASSED_OVER = "passed over"
ASKED = "searched and answered"
"""A question that opens a ticket."""
ASKED_ON = "asked on"
"""One in a ticket with up to three before it, which are read and embedded with it."""


def words(number: int, kind: str) -> str:
    """What message `number` of a kind says; no two say the same, so that nothing is known already."""
    if kind != PASSED_OVER:
        return f"How do I replace the {NAMES[number % ANSWERED]}? It is the {number}th time."
    return f"thanks a lot, I will walk over to hall {number} later today and tell you then what came out of it"


@dataclass(frozen=True, kw_only=True)
class House:
    """A prepared installation."""

    folder: Path
    url: str
    hook: str
    secret: str
    database: str
    """The PostgreSQL that it is on, without its schema; empty on SQLite."""

    async def tidied(self) -> None:
        """PostgreSQL sweeps up and counts what was written, as it does by itself every minute; until then it plans for empty tables."""
        if self.database:
            async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
                await connection.execute("VACUUM ANALYZE")

    def herd(self, roles: Sequence[str]) -> Herd:
        environment = {
            "VIGIL_HOME": str(self.folder / "home"),
            "VIGIL_DATABASE_URL": self.url,
            "VIGIL_POST_DELAY_S": "0",
            "VIGIL_INBOX_LIMIT": "1000000",
        }
        return Herd(self.folder, list(roles), environment)

    def settings(self) -> Settings:
        return Settings(home=self.folder / "home", database_url=self.url, _env_file=None)  # pyright: ignore[reportCallIssue]


@asynccontextmanager
async def prepared(entries: int, database: str) -> AsyncGenerator[House]:
    """An installation with so many entries."""
    schema = f"vigil_speed_{secrets.token_hex(4)}"
    with TemporaryDirectory(prefix="vigil-speed-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'vigil.sqlite3'}"
        if database:
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
                await connection.execute(f"CREATE SCHEMA {schema}".encode())
            url = make_url(database).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(False)
        try:
            settings = Settings(home=folder / "home", database_url=url, _env_file=None)  # pyright: ignore[reportCallIssue]
            async with App.open(settings) as app:
                hook = await app.administration.create_integration(
                    W, name="chat", post_url=None, asserts_roles=True, by="bench"
                )
                await _fill(app, entries)
            house = House(folder=folder, url=url, hook=f"/hooks/{W}/{hook.id}", secret=hook.secret, database=database)
            await house.tidied()
            yield house
        finally:
            if database:
                async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
                    await connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


async def _fill(app: App, entries: int) -> None:
    world = World()
    for start in range(0, max(0, entries - ANSWERED), PAGE):
        count = min(PAGE, entries - ANSWERED - start)
        drafts, vectors = world.drafts(start, count), world.vectors(count)
        embeddings = {
            draft.key: Embedding(embedder_id=app.embedder.id, vector=pack(vector))
            for draft, vector in zip(drafts, vectors, strict=True)
        }
        signature = Signature(by="bench", summary="made up", at=app.clock.now())
        async with app.store.write(W) as session:
            await Knowledge(session, app.ids).publish(drafts, embeddings, signature)
    answers = [
        Draft(
            key=name,
            title=f"Replace the {name}",
            question=f"How do I replace the {name}?",
            answer=f"To replace the {name}, close its valve, lift the lid and turn the {name} to the left.",
        )
        for name in NAMES
    ]
    await app.knowledge.publish(W, answers, by="bench", summary="answers")
    await app.knowledge.reindex(W)


class Line:
    """One connection to the door: bytes out, status in, and as little work as can be on this side."""

    def __init__(self, port: int, house: House) -> None:
        self._port = port
        self._house = house
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._busy = asyncio.Lock()

    async def send(self, number: int, kind: str) -> None:
        async with self._busy:
            await self._send(number, kind)

    async def _send(self, number: int, kind: str) -> None:
        body = json.dumps({"type": "message.posted", "data": message(number, kind)}).encode()
        headers = sign(self._house.secret, delivery_id=f"d{number}", at=SystemClock().now(), body=body)
        named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if self._streams is None or self._streams[0].at_eof():  # the server hangs up on who says nothing for long
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(
            f"POST {self._house.hook} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n{named}\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        if " 202 " not in head.split("\r\n")[0]:
            raise RuntimeError(head)


def conversation(number: int, kind: str) -> str:
    """Where it is said: what is passed over, in busy channels of many people; questions in rooms, one or four in each."""
    if kind == PASSED_OVER:
        return f"channel-{number % 8}"
    return f"room-{number}" if kind == ASKED else f"long-room-{number // 4}"


def message(number: int, kind: str) -> dict[str, object]:
    return {
        "conversation": conversation(number, kind),
        "kind": "channel" if kind == PASSED_OVER else "room",
        "message_id": f"m-{number}",
        "author": {"id": f"c{number % 23}", "name": f"C{number % 23}", "role": "customer"},
        "text": words(number, kind),
    }


@asynccontextmanager
async def opened(house: House) -> AsyncGenerator[Store]:
    store = await Store.open(house.url, migrate=False)
    try:
        yield store
    finally:
        await store.close()


async def decided(store: Store) -> int:
    async with store.across_workspaces() as connection:
        return (await connection.execute(text("SELECT count(*) FROM decisions"))).scalar_one()


async def send_all(house: House, port: int, numbers: Sequence[tuple[int, str]]) -> None:
    waiting = iter(numbers)

    async def line() -> None:
        mine = Line(port, house)
        for number, kind in waiting:
            await mine.send(number, kind)

    await asyncio.gather(*(line() for _ in range(LINES)))


async def until_decided(store: Store, count: int) -> None:
    while await decided(store) < count:  # noqa: ASYNC110  # another process: there is nothing else to wait on
        await asyncio.sleep(0.05)


async def cpu(house: House, messages: int) -> dict[str, float]:
    """Door and worker as processes of their own, so that each can be asked what it used."""
    figures: dict[str, float] = {}
    embedder = BundledEmbedder()
    number = 1_000_000
    async with house.herd(["web", "worker"]) as herd, opened(house) as store:
        for kind in (PASSED_OVER, ASKED, ASKED_ON):
            name, some, used = kind.replace(" ", "_"), [(0, "")], [0.0, 0.0]
            for size in (100, messages):  # the first are for warming up
                some = [(number + place, kind) for place in range(size)]
                number += size
                used = [_used(member) for member in herd.members]
                before = await decided(store)
                await send_all(house, herd.members[0].port, some)
                await until_decided(store, before + size)
            door, work = (
                (_used(member) - old) / messages * 1000 for member, old in zip(herd.members, used, strict=True)
            )
            bare = _bare(embedder, [words(n, kind) for n, _ in some])
            figures |= {
                f"{name}_bare_embedding_ms": bare,
                f"{name}_door_ms": door,
                f"{name}_worker_ms": work,
                f"{name}_multiple": (door + work) / bare,
                f"{name}_answered_share": await _spoke(store, messages),
            }
            for stage, milliseconds in (await _stages(store, messages)).items():
                figures[f"{name}_of_it_{stage.replace(' ', '_')}_wall_ms"] = milliseconds
        for member in herd.members:
            figures[f"{member.role}_memory_mb"] = member.memory_mb()
    return figures


def _bare(embedder: BundledEmbedder, texts: Sequence[str]) -> float:
    began = time.process_time()
    for each in texts:
        embedder.embed_now([each])
    return (time.process_time() - began) / len(texts) * 1000


def _used(member: Member) -> float:
    assert member.process is not None
    fields = Path(f"/proc/{member.process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def _last(store: Store, count: int) -> list[dict[str, Any]]:
    async with store.across_workspaces() as connection:
        rows = await connection.execute(
            text("SELECT body FROM decisions ORDER BY decided_at DESC LIMIT :count"), {"count": count}
        )
        return [json.loads(row.body) if isinstance(row.body, str) else row.body for row in rows]


async def _stages(store: Store, count: int) -> dict[str, float]:
    """Median milliseconds of each stage on the wall: with several conversations side by side more than its processor time."""
    took: dict[str, list[float]] = {}
    for body in await _last(store, count):
        for stage in body["stages"]:
            took.setdefault(stage["name"], []).append(stage["milliseconds"])
    return {name: float(np.median(times)) for name, times in took.items() if len(times) > count / 2}


async def _spoke(store: Store, count: int) -> float:
    return sum(body["kind"] != "silent" for body in await _last(store, count)) / count


async def latency(house: House, messages: int, *, roles: Sequence[str] = ("all",)) -> dict[str, float]:
    """20 a second, a third of them questions; from before the request is written until the decision can be read by others."""
    async with house.herd(roles) as herd, opened(house) as store:
        took = await _latencies(house, messages, herd.members[0].port, store)
    return {"latency_p50_ms": float(np.percentile(took, 50)), "latency_p99_ms": float(np.percentile(took, 99))}


async def _latencies(house: House, messages: int, port: int, store: Store) -> list[float]:
    sent: dict[str, float] = {}
    stored: dict[str, float] = {}
    number = 2_000_000
    lines = [Line(port, house) for _ in range(LINES)]

    async def feed() -> None:
        going: set[asyncio.Task[None]] = set()
        for place in range(messages):
            kind = ASKED if place % 3 == 0 else PASSED_OVER
            sent[f"m-{number + place}"] = time.perf_counter()
            going.add(asyncio.create_task(lines[place % LINES].send(number + place, kind)))
            await asyncio.sleep(0.05)
            if place == WARMING:
                await house.tidied()
        await asyncio.gather(*going)

    async def watch() -> None:
        since = 0
        while len(stored) < messages:
            async with store.across_workspaces(short=True) as connection:
                rows = await connection.execute(
                    text(
                        "SELECT m.external_id, d.decided_at FROM decisions d JOIN messages m "
                        "ON m.workspace_id = d.workspace_id AND m.id = d.message_id "
                        "WHERE d.workspace_id = 'default' AND d.decided_at >= :since"
                    ),
                    {"since": since},
                )
                for row in rows:
                    if row.external_id in sent:
                        stored.setdefault(row.external_id, time.perf_counter())
                        since = max(since, row.decided_at - 1_000_000)
            await asyncio.sleep(0.01)  # looking costs the processors that are measured

    await asyncio.gather(feed(), watch())
    return [(stored[name] - at) * 1000 for name, at in list(sent.items())[WARMING:]]


async def throughput(house: House, messages: int, roles: Sequence[str]) -> dict[str, float]:
    number = random.randrange(10_000_000, 900_000_000)
    some = [(number + place, ASKED if place % 3 == 0 else PASSED_OVER) for place in range(messages + 100)]
    async with house.herd(roles) as herd, opened(house) as store:
        port, start = herd.members[0].port, await decided(store)
        await send_all(house, port, some[:100])
        await until_decided(store, start + 100)
        await house.tidied()
        began = time.perf_counter()
        await send_all(house, port, some[100:])
        taken = time.perf_counter()
        await until_decided(store, start + 100 + messages)
        ended = time.perf_counter()
    name = "_".join(roles)
    return {
        f"{name}_taken_per_s": messages / (taken - began),
        f"{name}_decided_per_s": messages / (ended - began),
    }


async def growth(stored: int, messages: int, database: str) -> dict[str, float]:
    """In this process: what one message costs after so many."""
    figures: dict[str, float] = {}
    async with prepared(ANSWERED, database) as house, App.open(house.settings()) as app:
        number = 3_000_000
        for wanted in (1_000, stored):
            await _store(app.store, wanted)
            for kind in (PASSED_OVER, ASKED):
                for size in (60, messages):
                    used = time.process_time()
                    for place in range(number, number + size):
                        await app.desk.receive(W, incoming(place, kind), trust_role=True)
                        await app.worker.settle()
                    number += size
                    took = (time.process_time() - used) / size * 1000
                figures[f"{kind.replace(' ', '_')}_after_{wanted}_ms"] = took
    return figures


def incoming(number: int, kind: str) -> Incoming:
    return Incoming(
        channel="console",
        conversation=conversation(number, kind),
        external_id=f"m-{number}",
        message_id=f"m-{number}",
        author=Person(id=f"c{number % 23}", name="C", role=Role.CUSTOMER),
        text=words(number, kind),
        kind=ConversationKind.CHANNEL if kind == PASSED_OVER else ConversationKind.ROOM,
    )


async def _store(store: Store, count: int) -> None:
    """Write messages with all that belongs to them, straight into the tables: half into eight channels, half into rooms of ten."""
    postgres = store.dialect == "postgresql"
    series = (
        "SELECT n FROM generate_series(1, :count) AS s(n)"
        if postgres
        else "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :count) SELECT n FROM s"
    )
    room = f"CASE WHEN n % 2 = 0 THEN 'ch' || (n % 16) ELSE 'old-{count}-' || (n / 20) END"
    empty = "'[]'" if not postgres else "CAST('[]' AS jsonb)"
    body = json.dumps({"answer": "x", "citations": [], "candidates": ["made up " * 30]})
    body = f"'{body}'" if not postgres else f"CAST('{body}' AS jsonb)"
    at = "1700000000000000 + n"
    tables = {
        "conversations": (
            "workspace_id, id, channel, external_id, kind, muted, next_seq, waiting, lease_epoch, takeovers, created_at",
            f"SELECT DISTINCT 'default', {room}, 'console', CASE WHEN n % 2 = 0 THEN 'channel-' || (n % 16 / 2) ELSE {room} END, "
            f"'channel', FALSE, {2 * count + 10_000_000}, 0, 0, 0, 1700000000000000",
        ),
        "inbox": (
            "workspace_id, id, channel, external_id, conversation_id, seq, event, received_at, state, attempts, reason",
            f"SELECT 'default', 'e{count}-' || n, 'console', 'x{count}-' || n, {room}, n + {count}, {empty}, {at}, 'done', 0, ''",
        ),
        "messages": (
            "workspace_id, id, conversation_id, external_id, seq, author_id, author_name, author_role, text, sent_at, received_at, "
            "reply_to, mentions_vigil, by_vigil",
            f"SELECT 'default', 'm{count}-' || n, {room}, 'x{count}-' || n, n + {count}, 'a' || (n % 50), 'A', 'customer', "
            f"'made up message number ' || n || ' about nothing in particular', {at}, {at}, {empty}, FALSE, FALSE",
        ),
        "tickets": (
            "workspace_id, id, external_id, conversation_id, state, subject, customer_id, opened_at, updated_at, topic_by_person, muted",
            f"SELECT 'default', 't{count}-' || n, 't{count}-' || n, {room}, 'closed', 'made up', 'a', {at}, {at}, FALSE, FALSE",
        ),
        "decisions": (
            "workspace_id, id, conversation_id, message_id, kind, reason, body, decided_at, position",
            f"SELECT 'default', 'd{count}-' || n, {room}, 'm{count}-' || n, CASE WHEN n % 5 = 0 THEN 'suggest' ELSE 'silent' END, "
            f"'answered', {body}, {at}, n + {count}",
        ),
        "audit": (
            "workspace_id, chain, position, at, actor, action, subject, digest, hash",
            f"SELECT 'default', {room}, n + {count}, {at}, 'vigil', 'decision.silent', 'd', '', 'h'",
        ),
    }
    for table, (columns, select) in tables.items():
        where = " WHERE n % 5 = 1" if table == "tickets" else ""
        end = " ON CONFLICT DO NOTHING" if postgres or table != "conversations" else ""
        made = f"{select} FROM ({series}) AS made{where or ' WHERE TRUE'}{end or ' ON CONFLICT DO NOTHING'}"
        async with store.write(W) as session:
            await session.connection.execute(text(f"INSERT INTO {table} ({columns}) {made}"), {"count": count})
    async with store.write(W) as session:
        await session.connection.exec_driver_sql("ANALYZE")


async def measure(parts: Sequence[str], asked: argparse.Namespace) -> dict[str, float]:
    figures: dict[str, float] = {}
    if set(parts) - {"growth"}:
        async with prepared(asked.entries, "") as house:
            if "cpu" in parts:
                figures |= await cpu(house, asked.messages)
            if "latency" in parts:
                figures |= await latency(house, asked.messages)
            if "throughput" in parts:
                figures |= await throughput(house, asked.messages * 3, ["all"])
        if asked.database and {"throughput", "latency"} & set(parts):
            async with prepared(asked.entries, asked.database) as house:
                if "throughput" in parts:
                    figures |= await throughput(house, asked.messages * 3, ["web", "worker", "worker"])
                if "latency" in parts:
                    apart = await latency(house, asked.messages, roles=("web", "worker", "worker"))
                    figures |= {f"postgresql_{name}": value for name, value in apart.items()}
    if "growth" in parts:
        figures |= await growth(asked.stored, asked.messages, asked.database)
    return {name: round(value, 2) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("cpu", "latency", "throughput", "growth")
    parser.add_argument("--part", choices=parts, action="append")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="postgresql://... for what is measured on it too")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    figures = asyncio.run(measure(asked.part or parts, asked))
    if asked.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>50} {value:12.2f}")


if __name__ == "__main__":
    sys.exit(main())
