"""`vigil serve` as those who run it see it: it says that it is well, counts what it did, logs objects, and sends traces to a collector."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import ROOT

DEADLINE_S = 60


class Collector:
    """Takes what an OTLP exporter sends."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
                self.sent.append(head.encode() + await reader.readexactly(int(length.partition(":")[2])))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()


@asynccontextmanager
async def collector() -> AsyncGenerator[tuple[Collector, str]]:
    taken = Collector()
    server = await asyncio.start_server(taken.take, "127.0.0.1", 0)
    async with server:
        yield taken, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def once_up(client: httpx2.AsyncClient) -> Any:
    """What the server says of itself, as soon as it says something."""
    while True:
        try:
            return (await client.get("/healthz")).json()
        except httpx2.TransportError:
            await asyncio.sleep(0.05)  # another process: there is nothing to wait on but the answer


def a_token(environment: dict[str, str]) -> str:
    words = (sys.executable, "-m", "vigil", "token", "create", "t", "--scope", "admin", "--json")
    made = subprocess.run(words, env=environment, capture_output=True, check=True)
    return json.loads(made.stdout)["secret"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def test_a_server_is_seen_from_outside(tmp_path: Path) -> None:
    async with collector() as (taken, endpoint):
        port = free_port()
        environment = {
            **os.environ,
            "VIGIL_HOME": str(tmp_path / "home"),
            "VIGIL_PORT": str(port),
            "VIGIL_LOG_FORMAT": "json",
            "VIGIL_TRACE_ENDPOINT": endpoint,
        }
        headers = {"authorization": f"Bearer {a_token(environment)}"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vigil", "serve"),
            env=environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(DEADLINE_S):
            assert process.stdout is not None
            await process.stdout.readline()
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            async with asyncio.timeout(DEADLINE_S):
                assert (await once_up(client))["status"] == "alive"
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "ready")
            message = {"event": "posted", "conversation": "T-1", "message_id": "m-1", "text": "thanks, that helped"}
            author = {"id": "maria", "name": "Maria", "role": "customer"}
            taken_in = await client.post("/api/v1/messages", json={**message, "author": author})
            assert taken_in.status_code == 202
            async with asyncio.timeout(DEADLINE_S):
                metrics = ""
                while "vigil_decisions_total{" not in metrics:
                    await asyncio.sleep(0.05)  # another process: there is nothing to wait on but the answer
                    metrics = (await client.get("/metrics")).text
        assert 'kind="silent"' in metrics
        process.terminate()
        async with asyncio.timeout(DEADLINE_S):
            _, logged = await process.communicate()
        assert process.returncode == 0
        lines = [json.loads(line) for line in logged.decode().splitlines()]
        assert {"time", "level", "logger", "message"} <= lines[-1].keys()
        assert (lines[-1]["message"], lines[-1]["role"]) == ("stopped", "all")
        spans = b"\n".join(taken.sent)
        assert b"post /v1/traces" in spans
        for name in (b"POST /api/v1/messages", b"vigil.event", b"vigil.stage.gate", b"vigil.commit"):
            assert name in spans
        assert b"that helped" not in spans
        assert b"that helped" not in logged


async def test_a_worker_without_doors_is_seen_on_a_port_of_its_own(tmp_path: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vigil", "serve", "--role", "worker"),
        env={**os.environ, "VIGIL_HOME": str(tmp_path / "home"), "VIGIL_WATCH_PORT": str(port)},
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        async with asyncio.timeout(DEADLINE_S):
            assert (await once_up(client))["status"] == "alive"
        assert (await client.get("/readyz")).json()["status"] == "ready"
        assert "vigil_inbox_events 0.0" in (await client.get("/metrics")).text
        assert (await client.get("/api/v1/tickets")).status_code == 404
    process.terminate()
    async with asyncio.timeout(DEADLINE_S):
        assert await process.wait() == 0
