"""Real processes of Vigil for `faults.py`, which may be killed, frozen and started again; and a receiver that remembers what it was
sent."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_S = 90.0
"""Seconds that a process may take to say that it is there: on a machine where several start at once."""


@dataclass
class Member:
    """One process."""

    name: str
    role: str
    port: int
    environment: Mapping[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    ready: bool = False
    frozen: bool = False
    past: list[asyncio.subprocess.Process] = field(default_factory=list[asyncio.subprocess.Process])
    """Those before it: one that is forgotten before its end was waited for counts as ended with an error."""

    @property
    def takes_messages(self) -> bool:
        return self.role != "worker"

    @property
    def works(self) -> bool:
        return self.role != "web"

    async def start(self) -> None:
        """Start it and wait until it says that it is there."""
        if self.process is not None:
            self.past.append(self.process)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "vigil", "serve", "--role", self.role),
                env=self.environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self.process.stdout.readline()
        self.ready = line.startswith(b"Vigil")

    async def kill(self) -> None:
        self.ready = False
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def memory_mb(self) -> float:
        """What is resident now."""
        assert self.process is not None
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def files(self) -> int:
        """Handles that it has open."""
        assert self.process is not None
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def stop(self) -> int | None:
        """Ask it to stop; its exit code."""
        self.signal(signal.SIGTERM)
        return None if self.process is None else await self.process.wait()


class Herd:
    """All processes of an installation."""

    def __init__(self, folder: Path, roles: list[str], environment: Mapping[str, str]) -> None:
        self.members: list[Member] = []
        self._restarts: set[asyncio.Task[None]] = set()
        for number, role in enumerate(roles):
            port = free_port()
            own = {**os.environ, **environment, "VIGIL_PORT": str(port), "VIGIL_WATCH_PORT": str(port)}
            name = f"{role}-{number}"
            self.members.append(Member(name, role, port, own, folder / f"{name}.log"))

    async def start(self) -> None:
        await asyncio.gather(*(member.start() for member in self.members))

    async def __aenter__(self) -> "Herd":
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.stop()
        else:
            for member in self.members:
                await member.kill()

    def doors(self) -> list[Member]:
        return [member for member in self.members if member.takes_messages and member.ready]

    def able(self) -> bool:
        """Somebody takes messages and somebody works them off."""
        alive = [member for member in self.members if member.ready and not member.frozen]
        return any(member.takes_messages for member in alive) and any(member.works for member in alive)

    async def kill(self, member: Member) -> None:
        """Kill it and start it again, without waiting for that."""
        await member.kill()
        task = asyncio.create_task(self._restart(member))
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    async def freeze(self, member: Member, seconds: float) -> None:
        """Stop it in the middle of whatever it does, and let it go on."""
        member.frozen = True
        member.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        member.signal(signal.SIGCONT)
        member.frozen = False

    async def all_back(self) -> None:
        while self._restarts:
            await asyncio.wait(set(self._restarts))

    async def stop(self) -> list[int | None]:
        await self.all_back()
        return list(await asyncio.gather(*(member.stop() for member in self.members)))

    async def _restart(self, member: Member) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await member.start()
            if member.ready:
                return
            await member.kill()
            await asyncio.sleep(0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One post as it was first received."""

    key: str
    decision: str
    visibility: str
    conversation: str
    reply_to: str | None


@dataclass
class Receiver:
    """The other side of the webhook: it honours the key, fails now and then, and says when a post is under way."""

    chance: random.Random
    url: str = ""
    posts: dict[str, Got] = field(default_factory=dict[str, Got])
    """By key, in the order in which they came first."""
    times: Counter[str] = field(default_factory=Counter[str])
    refused: int = 0
    under_way: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever a post has come in and is not answered yet."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.split("content-length: ")[1].split("\r\n")[0])
                body: dict[str, Any] = json.loads(await reader.readexactly(length))
                status = self._take(body["data"])
                self.under_way.set()
                await asyncio.sleep(self.chance.choice((0.0, 0.0, 0.02, 0.1)))
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    def _take(self, post: dict[str, Any]) -> int:
        if self.chance.random() < 0.05:
            self.refused += 1
            return 500
        got = Got(
            key=post["id"],
            decision=post["decision"]["id"],
            visibility=post["visibility"],
            conversation=post["conversation"],
            reply_to=post["reply_to"],
        )
        self.times[got.key] += 1
        self.posts.setdefault(got.key, got)
        return 200


@asynccontextmanager
async def listening(chance: random.Random) -> AsyncGenerator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(chance)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/vigil"
    try:
        yield receiver
    finally:
        server.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
