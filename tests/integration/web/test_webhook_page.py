"""The page on webhooks tells the truth: its programs run against a real server, its tables and examples are what the code does."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import ROOT
from tests.integration.channels.test_webhook_channel import W, delivery
from tests.integration.web.door import OURS
from tests.integration.web.serving import Served, serving
from vigil.channels.webhook import WebhookChannel
from vigil.channels.webhook.channel import event_of
from vigil.clock import CountingIds, SystemClock
from vigil.domain.workspace import Workspace
from vigil.guard.access import Scope
from vigil.runtime.administration import Administration
from vigil.store.store import Store
from vigil.web.api.schemas.conversations import PostedIn

PAGE = (ROOT / "docs" / "how-to" / "webhook.md").read_text()
BLOCKS: list[str] = re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL)
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n+```python\n(.*?)```", PAGE, re.DOTALL))
MEMBERS = [
    name for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE) for name in re.findall(r"\w+", row)
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    with serving(folder) as there:
        yield there


def run(command: list[str], served: Served) -> str:
    environment = {
        "PATH": "/usr/bin:/bin",
        "VIGIL_WEBHOOK_ID": served.webhook_id,
        "VIGIL_WEBHOOK_SECRET": served.webhook_secret,
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def here(program: str, served: Served) -> str:
    """The program, sent to the server of this test."""
    there = "http://127.0.0.1:8321/hooks/default/"
    assert there in program
    return program.replace(there, f"{served.url}/hooks/{OURS}/")


def test_the_shell_and_the_python_program_send_messages_in(served: Served) -> None:
    (shell,) = [body for body in BLOCKS if "openssl" in body]
    assert json.loads(run(["bash", "-euo", "pipefail", "-c", here(shell, served)], served)) == {
        "accepted": 1,
        "duplicates": 0,
    }
    printed = run([sys.executable, "-c", here(FILES["send.py"], served)], served)
    assert printed.startswith('202 {"accepted":1')
    assert json.loads(run(["bash", "-c", here(shell, served)], served))["duplicates"] == 1


def test_every_documented_member_is_taken_and_no_other_is_known(served: Served) -> None:
    assert set(MEMBERS) == PostedIn.model_fields.keys() - {"event"}


@pytest.fixture
async def administration(store: Store, ids: CountingIds) -> Administration:
    made = Administration(store=store, clock=SystemClock(), ids=ids)
    await made.create_workspace(Workspace(id=W, name="Acme"), by="test")
    return made


async def test_the_receiver_on_the_page_takes_each_post_once_and_no_forged_one(
    administration: Administration, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/vigil"
    integration = await administration.create_integration(W, name="desk", post_url=url, asserts_roles=False, by="t")
    program = tmp_path / "receiver.py"
    program.write_text(FILES["receiver.py"].replace("8400", str(port)))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        env={"VIGIL_WEBHOOK_SECRET": integration.secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    channel = WebhookChannel(administration=administration, clock=SystemClock())
    out = replace(delivery(f"webhook:{integration.id}"), text="Open Billing. ✓")
    try:
        await _until_it_listens(port)
        assert [await channel.post(W, out) for _ in range(2)] == ["note-1", "note-1"]
        assert await channel.post(W, replace(out, key="pst_2")) == "note-2"
        async with httpx2.AsyncClient(trust_env=False) as client:
            forged = await client.post(url, json=event_of(W, out), headers={"webhook-id": "x"})
        assert forged.status_code == 401
    finally:
        process.kill()
        printed, _ = await process.communicate()
        await channel.close()
    assert printed.decode().splitlines() == ["private in room-1: Open Billing. ✓"] * 2


async def _until_it_listens(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)  # another process: there is nothing else to wait on
            else:
                writer.close()
                return


def test_the_example_of_a_post_has_the_shape_of_one() -> None:
    (example,) = [json.loads(body) for body in BLOCKS if '"decision.suggest"' in body]
    assert _shape(example) == _shape(json.loads(json.dumps(event_of(W, delivery("webhook:x")))))


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_shape(value[0])]
    return type(value).__name__


def test_an_outcome_is_told_as_the_page_shows(served: Served) -> None:
    shown = re.search(r"--json '(.*)'", PAGE)
    assert shown is not None
    path = f"/api/v1/decisions/{served.decision_id}/outcome"
    assert path.replace(served.decision_id, "$DECISION_ID") in PAGE
    answer = httpx2.post(
        served.url + path,
        json=json.loads(shown[1]),
        headers={"authorization": f"Bearer {served.tokens[Scope.WRITE]}"},
    )
    assert answer.status_code == 201
