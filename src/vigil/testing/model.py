"""A language model for tests: it gives answers that were written beforehand, and remembers what it was asked."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from pydantic import BaseModel

from vigil.domain.decision import Cost
from vigil.errors import ModelMalformed, VigilError
from vigil.language.model import OutputT, Prompt, Reply

Scripted: TypeAlias = BaseModel | VigilError
"""An answer to give, or an error to raise."""


class ScriptedModel:
    """Answers from a list, one a call, or from a function of the prompt; both may give an error, which is then raised.

    Args:
        answers: what to say. A call after the last of a list, or an answer of another type than the call wants, is `ModelMalformed`.
        cost: of each call.
    """

    def __init__(self, answers: Iterable[Scripted] | Callable[[Prompt], Scripted], *, cost: Cost | None = None) -> None:
        self._answer: Callable[[Prompt], Scripted]
        if callable(answers):
            self._answer = answers
        else:
            script = iter(answers)
            self._answer = lambda _: next(
                script, ModelMalformed("The script has no more answers; write one for each call.")
            )
        self._cost = cost or Cost(
            model="scripted", calls=1, tokens_in=100, tokens_out=20, money=0.001, milliseconds=1.0
        )
        self.prompts: list[Prompt] = []
        """What was asked, oldest first."""
        self.workspaces: list[str] = []
        """For whom, in the same order."""

    @property
    def calls(self) -> int:
        """How often the model was called, calls that failed included."""
        return len(self.prompts)

    async def call(self, prompt: Prompt, output: type[OutputT], *, workspace: str) -> Reply[OutputT]:
        self.prompts.append(prompt)
        self.workspaces.append(workspace)
        answer = self._answer(prompt)
        if isinstance(answer, VigilError):
            raise answer
        if not isinstance(answer, output):
            raise ModelMalformed(
                f"The script answered with {type(answer).__name__} where {output.__name__} is wanted; change the script."
            )
        return Reply(value=answer, cost=self._cost)
