"""Trying the language model once, and telling in words what came of it. How it is called in earnest is the abilities' affair."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from vigil.domain.decision import Cost
from vigil.errors import ModelUnavailable
from vigil.language.model import Model, Prompt

_WORD: Final = "ready"


class _Answer(BaseModel):
    """What the model is asked for."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a try."""

    well: bool
    told: str
    cost: Cost | None = None


async def try_model(
    model: Model, *, workspace: str, patience_s: float, timer: Callable[[], float] = time.perf_counter
) -> Tried:
    """One tiny call through the adapter that answers customers, under the workspace's own budget.

    Args:
        patience_s: seconds that a decision may wait for the model; of an answer that takes more than half of it there is no second try.
    """
    prompt = Prompt(
        instructions=f"This is a test of the connection. Answer with the word {_WORD!r} and nothing else.",
        content=_WORD,
        max_output_tokens=50,
    )
    began = timer()
    try:
        reply = await model.call(prompt, _Answer, workspace=workspace)
    except ModelUnavailable as error:
        return Tried(well=False, told=str(error))
    took = timer() - began
    if reply.value.word.strip(" .'\"").casefold() != _WORD:
        told = f"It answered in {took:.1f} s, but not what it was asked for: a stronger model would follow better."
        return Tried(well=False, told=told, cost=reply.cost)
    if took > patience_s / 2:
        told = (
            f"It answers, but slowly: {took:.1f} s of the {patience_s:g} s that a decision may wait for it, "
            "so that a second try comes too late."
        )
        return Tried(well=False, told=told, cost=reply.cost)
    return Tried(well=True, told=f"It answers, in {took:.1f} s.", cost=reply.cost)
