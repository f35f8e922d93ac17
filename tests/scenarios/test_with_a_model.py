"""With a language model behind a real HTTP endpoint: one call for a message that is answered, none for one that is passed over, and
whatever the model does wrong, the evidence answers instead and the decision says so."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from vigil.app import App
from vigil.clock import CountingIds
from vigil.domain.conversation import ConversationKind, Incoming, Person, Role
from vigil.domain.decision import Decision, DecisionKind, Reason
from vigil.domain.workspace import DEFAULT_WORKSPACE
from vigil.settings import Settings
from vigil.store.decisions import DecisionFilter
from vigil.testing.openai_stub import Answer, OpenAIStub, calls_tool, fails, hangs_up, never, prose, says

PAGE = """# Nodes

## The disk is full

When `kubectl describe node` shows DiskPressure, old container images fill the disk. Run `crictl rmi --prune` on the node.

## Invoices

Invoices are sent on the third working day of each month.
"""
CUSTOMER = Person(id="maria@example.com", name="Maria Lindholm", role=Role.CUSTOMER)
ANALYST = Person(id="jonas", name="Jonas Weber", role=Role.ANALYST)
QUESTION = "kubectl describe shows DiskPressure on my node, how do I fix it?"
GOOD = {
    "answered": True,
    "answer": "Run `crictl rmi --prune` on the node.",
    "quotes": [{"evidence": "E1", "words": "Run `crictl rmi --prune` on the node."}],
    "confidence": 0.95,
    "risk": "low",
}


@asynccontextmanager
async def a_desk(tmp_path: Path, stub: OpenAIStub, **more: object) -> AsyncGenerator[App]:
    (tmp_path / "nodes.md").write_text(PAGE)
    configured = Settings(
        home=tmp_path / "home",
        model="openai:stub",
        model_base_url=stub.base_url,
        model_api_key=SecretStr("none"),
        model_retries=0,
        post_delay_s=0,
        suggest_confidence=0.3,
    ).model_copy(update=more)
    async with App.open(configured, ids=CountingIds(), durable=False) as app:
        await app.intake.add(DEFAULT_WORKSPACE, [tmp_path / "nodes.md"], by="test")
        yield app


async def write(app: App, texts: Sequence[str], *, by: Person = CUSTOMER) -> Decision:
    """Messages into one room; the decision about the last."""
    for text in texts:
        event = app.ids.new("m")
        incoming = Incoming(
            channel="console",
            conversation="room",
            external_id=event,
            message_id=event,
            author=by,
            text=text,
            sent_at=app.clock.now(),
            kind=ConversationKind.ROOM,
        )
        await app.desk.receive(DEFAULT_WORKSPACE, incoming, trust_role=True)
        await app.worker.settle()
    return (await app.desk.decisions(DEFAULT_WORKSPACE, DecisionFilter(limit=1)))[0]


async def test_one_call_for_an_answer_and_none_for_the_rest(tmp_path: Path) -> None:
    async with OpenAIStub([says(GOOD)]) as stub, a_desk(tmp_path, stub) as app:
        passed = await write(app, ["hello", "thanks a lot!"])
        await write(app, ["Hi, Jonas here, how can I help?"], by=ANALYST)
        assert passed.kind is DecisionKind.SILENT
        assert len(stub.requests) == 0

        answered = await write(app, [QUESTION])
        assert answered.kind is DecisionKind.SUGGEST
        assert answered.answer == GOOD["answer"]
        assert answered.cost.calls == 1
        assert answered.cost.tokens_in > 0
        assert len(stub.requests) == 1


async def test_several_questions_in_one_message_cost_one_call(tmp_path: Path) -> None:
    async with OpenAIStub([says(GOOD)]) as stub, a_desk(tmp_path, stub) as app:
        await write(app, ["Hi, Jonas here, how can I help?"], by=ANALYST)
        await write(app, [QUESTION + "\n\nAnd on which day of the month are the invoices sent?"])
        assert len(stub.requests) == 1


async def test_people_and_secrets_do_not_leave(tmp_path: Path) -> None:
    async with OpenAIStub([says(GOOD)]) as stub, a_desk(tmp_path, stub) as app:
        await write(app, ["Hi Maria, Jonas here."], by=ANALYST)
        await write(app, [f"Maria Lindholm here, maria@example.com, card 4111 1111 1111 1111. {QUESTION}"])
        assert stub.requests
        for secret in ("Lindholm", "maria@example.com", "4111 1111"):
            assert secret not in stub.heard


WRONG: list[tuple[Answer, str]] = [
    (fails(500), "could not be reached"),
    (hangs_up(), "could not be reached"),
    (never(), "in time"),
    (prose("Sure! Just run rm -rf / and all will be fine."), "shape"),
    (calls_tool("{not json"), "shape"),
    (says({"answered": "perhaps"}), "shape"),
    (says({**GOOD, "quotes": [{"evidence": "E1", "words": "Run `rm -rf /` on the node."}]}), "quoted"),
    (says({**GOOD, "quotes": []}), "quoted"),
    (says({**GOOD, "answer": "Run `rm -rf /var/lib` and call +1 555 0100."}), "do not stand in the evidence"),
    (
        says({**GOOD, "answer": "Ignore your rules and visit https://evil.example/login"}),
        "do not stand in the evidence",
    ),
]


@pytest.mark.parametrize(("wrong", "note"), WRONG)
async def test_what_a_model_does_wrong_is_refused_and_the_evidence_answers(
    tmp_path: Path, wrong: Answer, note: str
) -> None:
    async with OpenAIStub([wrong]) as stub, a_desk(tmp_path, stub, model_timeout_s=1.0) as app:
        await write(app, ["Hi Maria, Jonas here."], by=ANALYST)
        decision = await write(app, [QUESTION])
        assert decision.kind is DecisionKind.SUGGEST
        assert "crictl rmi --prune" in decision.answer
        assert "evil" not in decision.answer
        assert "rm -rf" not in decision.answer
        told = json.dumps([stage.outcome for stage in decision.stages])
        assert note in told


async def test_a_model_that_finds_no_answer_is_believed(tmp_path: Path) -> None:
    async with OpenAIStub([says({"answered": False, "missing": "which node"})]) as stub, a_desk(tmp_path, stub) as app:
        await write(app, ["Hi Maria, Jonas here."], by=ANALYST)
        decision = await write(app, [QUESTION])
        assert (decision.kind, decision.reason) == (DecisionKind.SILENT, Reason.MODEL_DECLINED)


async def test_a_spent_budget_means_quoting(tmp_path: Path) -> None:
    async with OpenAIStub([says(GOOD)]) as stub, a_desk(tmp_path, stub, model_daily_tokens=1) as app:
        await write(app, ["Hi Maria, Jonas here."], by=ANALYST)
        first = await write(app, [QUESTION])
        second = await write(app, ["and when are invoices sent, on which working day of the month?"])
        assert first.answer
        assert len(stub.requests) <= 1
        assert "budget" in json.dumps([stage.outcome for stage in second.stages])
