"""The public fakes of this room's ports behave like what they stand for."""

import numpy as np
import pytest
from pydantic import BaseModel

from vigil.errors import ModelMalformed, ModelTimeout
from vigil.language.embedder import Embedder
from vigil.language.model import Model, Prompt
from vigil.testing.embedder import HashEmbedder
from vigil.testing.model import ScriptedModel


class Verdict(BaseModel):
    answered: bool


class Other(BaseModel):
    text: str


PROMPT = Prompt(instructions="Judge.", content="Is the disk full?")


async def test_texts_that_share_words_are_near_each_other() -> None:
    embedder: Embedder = HashEmbedder()
    full, also_full, other = await embedder.embed(["the disk is full", "my disk is full", "invoice for March"])
    assert full @ also_full > 0.5 > full @ other


async def test_any_text_has_a_unit_vector_and_the_id_names_the_version() -> None:
    vectors = await HashEmbedder(dimensions=8).embed(["", "a b c d e f g", "\ud800"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert (await HashEmbedder().embed([])).shape == (0, 64)
    assert HashEmbedder(version=2).id != HashEmbedder().id


async def test_a_script_is_given_line_by_line_and_prompts_are_kept() -> None:
    model = ScriptedModel([Verdict(answered=True), ModelTimeout("too slow")])
    port: Model = model
    assert (await port.call(PROMPT, Verdict, workspace="acme")).value.answered
    with pytest.raises(ModelTimeout):
        await port.call(PROMPT, Verdict, workspace="acme")
    with pytest.raises(ModelMalformed, match="no more answers"):
        await port.call(PROMPT, Verdict, workspace="acme")
    assert model.calls == 3
    assert model.prompts[0].content == "Is the disk full?"


async def test_an_answer_of_another_type_is_malformed() -> None:
    with pytest.raises(ModelMalformed):
        await ScriptedModel(lambda _: Other(text="no")).call(PROMPT, Verdict, workspace="acme")


async def test_a_function_may_answer_by_the_prompt() -> None:
    model = ScriptedModel(lambda prompt: Verdict(answered="disk" in prompt.content))
    assert (await model.call(PROMPT, Verdict, workspace="acme")).value == Verdict(answered=True)
