"""The port through which one typed call reaches a language model. The pydantic-ai adapter lives in `pydantic_ai_model`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from vigil.domain.decision import Cost

OutputT = TypeVar("OutputT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is told. Words of strangers belong in `content`, and nowhere else."""

    instructions: str
    """Written by the ability that asks; the same for every call of its kind, so that providers can cache it."""
    content: str
    """Question, evidence, transcript: data. Redacted on the way out, restored on the way back."""
    names: Sequence[str] = ()
    """Names of people that must not leave."""
    max_output_tokens: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[OutputT]):
    """A model's answer, of the wanted shape, with what it cost."""

    value: OutputT
    cost: Cost


class Model(Protocol):
    """One typed call to a language model."""

    async def call(self, prompt: Prompt, output: type[OutputT], *, workspace: str) -> Reply[OutputT]:
        """Ask once.

        Raises:
            ModelTimeout: no answer in time.
            ModelMalformed: no answer of the wanted shape, retries included.
            OverBudget: the workspace has spent its day's budget; nothing was sent.
            ModelUnavailable: any other failure, fallbacks included.
        """
        ...
