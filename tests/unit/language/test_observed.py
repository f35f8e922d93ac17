"""Calls to a model, looked at from outside."""

import pytest
from pydantic import BaseModel

from tests.spans import recorded
from vigil.domain.decision import Cost
from vigil.errors import ModelTimeout, ModelUnavailable
from vigil.language.model import Prompt
from vigil.language.observed import ObservedModel
from vigil.testing.model import ScriptedModel

PROMPT = Prompt(instructions="Answer.", content="where is my parcel, hunter2?", max_output_tokens=50)


class Answer(BaseModel):
    text: str


class Calls:
    def __init__(self) -> None:
        self.told: list[tuple[str, Cost | None]] = []

    def called(self, outcome: str, *, seconds: float, cost: Cost | None) -> None:
        self.told.append((outcome, cost))


async def test_a_call_leaves_a_span_by_the_conventions_and_none_of_its_words() -> None:
    calls = Calls()
    model = ObservedModel(ScriptedModel([Answer(text="hunter3")]), name="google-gla:gemini-x", meter=calls)
    with recorded() as spans:
        reply = await model.call(PROMPT, Answer, workspace="acme")
    assert reply.value == Answer(text="hunter3")
    attributes = dict(spans.named("chat gemini-x").attributes or {})
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.provider.name"] == "gcp.gemini"
    assert attributes["gen_ai.request.model"] == "gemini-x"
    assert attributes["gen_ai.response.model"] == "scripted"
    assert attributes["gen_ai.usage.input_tokens"] == 100
    assert attributes["gen_ai.usage.output_tokens"] == 20
    assert "hunter" not in spans.told()
    assert calls.told == [("answered", reply.cost)]
    assert model.last == "answered"


async def test_a_failure_is_marked_by_its_class_counted_by_its_kind_and_remembered() -> None:
    calls = Calls()
    model = ObservedModel(
        ScriptedModel([ModelTimeout("hunter2 took too long"), ModelUnavailable("hunter2 is away")]),
        name="openai:x",
        meter=calls,
    )
    with recorded() as spans:
        for error in (ModelTimeout, ModelUnavailable):
            with pytest.raises(error):
                await model.call(PROMPT, Answer, workspace="acme")
    assert [(span.attributes or {})["error.type"] for span in spans.ended] == ["ModelTimeout", "ModelUnavailable"]
    assert "hunter" not in spans.told()
    assert [outcome for outcome, _ in calls.told] == ["timeout", "unavailable"]
    assert model.last == "unavailable"


async def test_an_endpoint_that_calls_itself_by_somebodys_words_is_called_by_its_setting() -> None:
    cost = Cost(model="where is my parcel, hunter2?")
    model = ObservedModel(ScriptedModel([Answer(text="")], cost=cost), name="openai:x", meter=None)
    with recorded() as spans:
        await model.call(PROMPT, Answer, workspace="acme")
    assert (spans.named("chat x").attributes or {})["gen_ai.response.model"] == "x"
