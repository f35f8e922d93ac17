"""What people write stays in the database: a day at the desk in which everything goes wrong that can, with a marked word in each text, and
the word appears in no log line, no metric and no span."""

import io
import json
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from tests.spans import recorded
from vigil.app import App
from vigil.assist.situation import Situation
from vigil.clock import SystemClock
from vigil.domain.workspace import DEFAULT_WORKSPACE, Workspace
from vigil.guard.access import Scope
from vigil.runtime.drain import Drain, DrainLimits
from vigil.settings import Settings
from vigil.telemetry import logs
from vigil.telemetry.logs import LogFormat
from vigil.testing.assist import ScriptedAssist
from vigil.testing.openai_stub import OpenAIStub, calls_tool, fails, says

MARK = "xylophonist"
PAGE = f"# Nodes\n\n## The disk is full\n\nWhen kubectl shows DiskPressure, the {MARK} runs `crictl rmi --prune` on the node.\n"
QUESTION = f"kubectl describe shows DiskPressure on my node, how does the {MARK} fix it?"
ANSWER = {
    "answered": True,
    "answer": f"The {MARK} runs `crictl rmi --prune` on the node.",
    "quotes": [{"evidence": "E1", "words": f"the {MARK} runs `crictl rmi --prune` on the node."}],
    "confidence": 0.95,
    "risk": "low",
}
MARIA = {"id": "maria", "name": f"Maria {MARK}", "role": "customer"}
JONAS = {"id": "jonas", "name": f"Jonas {MARK}", "role": "analyst"}


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Generator[io.StringIO]:
    """All that the process logs, as `vigil serve` sets it up."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()  # pytest's own; basicConfig would close them
    stream = io.StringIO()
    log_format: LogFormat = request.param
    logs.set_up(log_format, stream=stream)
    yield stream
    root.handlers[:], root.level = before, level


async def test_no_word_leaves_by_logs_metrics_or_spans(tmp_path: Path, log: io.StringIO) -> None:
    (tmp_path / "nodes.md").write_text(PAGE)
    down = fails(500, f"{MARK} broke the server")
    script = [says(ANSWER), down, down, calls_tool(f'{{"{MARK}": ')]
    async with OpenAIStub(script) as model, OpenAIStub([fails(500, f"no {MARK} here")]) as receiver:
        settings = Settings(
            home=tmp_path / "home",
            model="openai:stub",
            model_base_url=model.base_url,
            model_api_key=SecretStr("none"),
            model_retries=0,
            post_delay_s=0,
            suggest_confidence=0.3,
        )
        async with App.open(settings, durable=False, metered=True) as app:
            await app.intake.add(DEFAULT_WORKSPACE, [tmp_path / "nodes.md"], by="test")
            await app.administration.create_workspace(Workspace(id="other", name=MARK), by=MARK)
            _, token = await app.administration.create_token(
                DEFAULT_WORKSPACE, name=MARK, scopes=frozenset({Scope.ADMIN}), by="test"
            )
            web = httpx2.ASGITransport(app.web())
            headers = {"authorization": f"Bearer {token}"}
            async with httpx2.AsyncClient(transport=web, base_url="http://vigil.test", headers=headers) as client:
                with recorded() as spans:
                    await the_model_answers_and_fails(app, client)
                    await a_receiver_refuses_a_post(app, client, receiver.base_url)
                    await deciding_breaks(app, client)
                    await nonsense_is_sent(client)
                    metrics, ready = (await client.get("/metrics")).text, (await client.get("/readyz")).text
                    await the_database_breaks(app, client)
        assert len(model.requests) >= 3
        assert len(receiver.requests) >= 1
    shown = {"log": log.getvalue(), "metrics": metrics, "ready": ready, "spans": spans.told()}
    for place, text in shown.items():
        assert text, f"nothing was shown in {place}, so nothing is proved"
        found = text.lower().find(MARK)
        assert found < 0, f"{place}: {text[max(0, found - 200) : found + 100]}"
    for line in ("an event failed", "a post is put off", "a request failed"):
        assert line in shown["log"]
    assert {"vigil.event", "vigil.post", "vigil.stage.gate", "vigil.stage.ask", "chat stub"} <= set(spans.names())
    for line in (
        'vigil_event_failures_total{then="parked"} 1.0',
        'vigil_model_calls_total{outcome="answered"}',
        'vigil_model_calls_total{outcome="unavailable"}',
        'vigil_model_calls_total{outcome="malformed"}',
        'vigil_suggestions_total{outcome="edited"} 1.0',
        "vigil_inbox_parked_events 1.0",
    ):
        assert line in metrics


async def the_model_answers_and_fails(app: App, client: httpx2.AsyncClient) -> None:
    for room in ("one", "two", "three"):
        await write(app, client, f"Hi, Jonas the {MARK} here, how can I help?", room=room, by=JONAS)
        decision = await write(app, client, QUESTION, room=room)
        assert decision["kind"] == "suggest", decision
    outcome = {"kind": "edited", "text": f"Ask the {MARK}.", "reason": MARK}
    answer = await client.post(f"/api/v1/decisions/{decision['id']}/outcome", json=outcome)
    assert answer.status_code == 201, answer.text


async def a_receiver_refuses_a_post(app: App, client: httpx2.AsyncClient, address: str) -> None:
    hook = await app.administration.create_integration(
        DEFAULT_WORKSPACE, name=MARK, post_url=f"{address}/chat/completions", asserts_roles=True, by="test"
    )
    for number, (author, text) in enumerate([(JONAS, f"Hi from the {MARK}!"), (MARIA, QUESTION)]):
        message = {"conversation": "room", "message_id": f"m{number}", "author": author, "text": text}
        event = json.dumps({"type": "message.posted", "data": message})
        now = SystemClock().now()
        headers = {
            "webhook-id": f"evt-{number}",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(hook.secret).sign(f"evt-{number}", now, event),
        }
        answer = await client.post(f"/hooks/{DEFAULT_WORKSPACE}/{hook.id}", content=event, headers=headers)
        assert answer.status_code == 202, answer.text
        await app.worker.settle()


async def deciding_breaks(app: App, client: httpx2.AsyncClient) -> None:
    def breaks(situation: Situation) -> str | None:
        raise ValueError(f"can't make anything of {situation.message.text!r}")

    drain = Drain(
        store=app.store,
        assists=ScriptedAssist(clock=app.clock, ids=app.ids, answer_of=breaks),
        clock=app.clock,
        ids=app.ids,
        owner="broken",
        limits=DrainLimits(lease_s=20, max_attempts=1, burst_window_s=90),
        meter=app.metrics,
    )
    taken = await client.post("/api/v1/messages", json=message_of(QUESTION, "four", MARIA, "m-1"))
    await drain.drain(DEFAULT_WORKSPACE, taken.json()["conversation_id"])


async def nonsense_is_sent(client: httpx2.AsyncClient) -> None:
    for refused in (
        await client.post("/api/v1/messages", content=f'{{"text": "{MARK}'),
        await client.post("/api/v1/messages", json={"text": MARK, MARK: MARK}),
        await client.get(f"/api/v1/{MARK}"),
        await client.get(f"/api/v1/tickets/{MARK}"),
        await client.request(MARK.upper(), "/api/v1/messages"),
        await client.post(f"/hooks/{MARK}/{MARK}", content=MARK),
    ):
        assert 400 <= refused.status_code < 500, refused.text


async def the_database_breaks(app: App, client: httpx2.AsyncClient) -> None:
    async with app.store.write(DEFAULT_WORKSPACE) as session:
        await session.connection.exec_driver_sql("ALTER TABLE inbox RENAME TO elsewhere")
    broken = await client.post("/api/v1/messages", json=message_of(QUESTION, "five", MARIA, "m-1"))
    assert broken.status_code == 503


async def write(
    app: App, client: httpx2.AsyncClient, text: str, *, room: str, by: dict[str, str] = MARIA
) -> dict[str, Any]:
    """A message over the API, and the decision about it."""
    taken = await client.post("/api/v1/messages", json=message_of(text, room, by, app.ids.new("m")))
    assert taken.status_code == 202, taken.text
    await app.worker.settle()
    conversation = taken.json()["conversation_id"]
    decisions = await client.get("/api/v1/decisions", params={"conversation_id": conversation})
    return decisions.json()["items"][0]


def message_of(text: str, room: str, author: dict[str, str], name: str) -> dict[str, Any]:
    return {"event": "posted", "conversation": room, "message_id": name, "author": author, "text": text}
