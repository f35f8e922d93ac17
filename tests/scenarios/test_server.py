"""`vigil serve` as a real process: a message over HTTP becomes a decision, a webhook is answered, and the server stops when asked to."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from tests.conftest import ROOT
from vigil.clock import SystemClock

DEADLINE_S = 60


@dataclass
class Server:
    url: str
    token: str
    hook: dict[str, str]
    process: asyncio.subprocess.Process


def vigil(environment: dict[str, str], *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "vigil", *words], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in words else done.stdout


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "VIGIL_HOME": str(tmp_path / "home"),
        "VIGIL_PORT": str(port),
        "VIGIL_POST_DELAY_S": "0",
    }
    (tmp_path / "nodes.md").write_text(
        "# Nodes\n\n## The disk is full\n\nWhen kubectl describe shows DiskPressure, run `crictl rmi --prune` on the node.\n"
    )
    vigil(environment, "knowledge", "add", str(tmp_path / "nodes.md"))
    token = vigil(environment, "token", "create", "t", "--scope", "admin", "--json")["secret"]
    hook = vigil(environment, "webhook", "create", "chat", "--asserts-roles", "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "vigil",
        "serve",
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(DEADLINE_S):
        assert process.stdout is not None
        line = await process.stdout.readline()
    assert b"listens on" in line, line
    yield Server(url=f"http://127.0.0.1:{port}", token=token, hook=hook, process=process)
    if process.returncode is None:
        process.terminate()
        async with asyncio.timeout(DEADLINE_S):
            await process.wait()


async def decision_about(client: httpx2.AsyncClient, conversation: str) -> Any:
    """The first decision about a conversation; the server makes it in its own time."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            answer = await client.get("/api/v1/decisions", params={"conversation_id": conversation})
            assert answer.status_code == 200, answer.text
            if answer.json()["items"]:
                return answer.json()["items"][0]
            await asyncio.sleep(0.05)  # another process: there is nothing to wait on but the answer


QUESTION = "kubectl describe shows DiskPressure on my node, how do I fix it?"


async def test_a_message_over_http_becomes_a_decision_and_the_server_stops_when_asked(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers) as client:
        message = {
            "event": "posted",
            "conversation": "T-1",
            "message_id": "m-1",
            "author": {"id": "maria", "name": "Maria", "role": "customer"},
            "text": QUESTION,
        }
        taken = await client.post("/api/v1/messages", json=message)
        assert taken.status_code == 202, taken.text
        decision = await decision_about(client, taken.json()["conversation_id"])
    assert decision["kind"] in ("reply", "suggest")
    assert "crictl" in decision["answer"]
    server.process.terminate()
    async with asyncio.timeout(DEADLINE_S):
        assert await server.process.wait() == 0


async def test_a_signed_webhook_is_believed_and_a_forged_one_is_not(server: Server) -> None:
    event = json.dumps(
        {
            "type": "message.posted",
            "data": {
                "conversation": "room-9",
                "message_id": "w-1",
                "author": {"id": "maria", "name": "Maria", "role": "customer"},
                "text": QUESTION,
            },
        }
    )
    now = SystemClock().now()
    signature = Webhook(server.hook["secret"]).sign("evt-1", now, event)
    headers = {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
    }
    async with httpx2.AsyncClient(base_url=server.url) as client:
        forged = await client.post(server.hook["path"], content=event.replace("Maria", "Mario"), headers=headers)
        assert forged.status_code == 401
        for _ in range(2):
            taken = await client.post(server.hook["path"], content=event, headers=headers)
            assert taken.status_code in (200, 202), taken.text
        client.headers["Authorization"] = f"Bearer {server.token}"
        tickets = await client.get("/api/v1/tickets")
        async with asyncio.timeout(DEADLINE_S):
            while not tickets.json()["items"]:
                await asyncio.sleep(0.05)
                tickets = await client.get("/api/v1/tickets")
        decisions = await client.get("/api/v1/decisions")
    assert len(decisions.json()["items"]) == 1
