"""A model that is looked at while it works: a span for each call (OpenTelemetry's conventions for generative AI), a count for whoever
counts, and how the last call went. What is asked and answered is not looked at."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from vigil.domain.decision import Cost
from vigil.errors import ModelMalformed, ModelOff, ModelTimeout, ModelUnavailable, OverBudget
from vigil.language.model import Model, OutputT, Prompt, Reply
from vigil.tracing import span

_PROVIDERS: Final[Mapping[str, str]] = {
    "google": "gcp.gemini",
    "google-gla": "gcp.gemini",
    "google-vertex": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "azure": "azure.ai.openai",
}
"""What the conventions call a provider, where that isn't what pydantic-ai calls it."""

_NAME: Final = re.compile(r"[\w.:/@+-]{1,100}")
"""What a model may be called: an endpoint says it itself, and could say anything."""

ANSWERED: Final = "answered"
OUTCOMES: Final[Mapping[type[ModelUnavailable], str]] = {
    OverBudget: "over_budget",
    ModelTimeout: "timeout",
    ModelMalformed: "malformed",
    ModelUnavailable: "unavailable",
}
"""How a call may end besides `ANSWERED`; the first kind that fits."""


class CallMeter(Protocol):
    """Counts calls to models."""

    def called(self, outcome: str, *, seconds: float, cost: Cost | None) -> None:
        """A call ended; `cost` is None where it failed."""
        ...


class ObservedModel:
    """A model as `inner`, looked at.

    Args:
        name: what it was set up as, ``provider:name``. What a provider calls it in its answers may be anything.
        meter: is told about each call; None where nobody counts.
        timer: counts seconds.
    """

    def __init__(
        self, inner: Model, *, name: str, meter: CallMeter | None, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._inner = inner
        self._provider, _, self._model = name.partition(":")
        self._meter = meter
        self._timer = timer
        self.last = ""
        """How the last call ended, as in `OUTCOMES`; empty before the first."""

    async def call(self, prompt: Prompt, output: type[OutputT], *, workspace: str) -> Reply[OutputT]:
        """Ask once; see `vigil.language.model.Model.call`."""
        asked = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(self._provider, self._provider),
            "gen_ai.request.model": self._model,
            "gen_ai.request.max_tokens": prompt.max_output_tokens,
            "gen_ai.output.type": "json",
            "vigil.workspace": workspace,
        }
        began = self._timer()
        with span(f"chat {self._model}", asked, part="client") as calling:
            try:
                reply = await self._inner.call(prompt, output, workspace=workspace)
            except ModelOff:
                raise  # nobody was asked, and nothing is wrong
            except ModelUnavailable as error:
                self._ended(next(OUTCOMES[kind] for kind in OUTCOMES if isinstance(error, kind)), began, None)
                raise
            cost = reply.cost
            calling.set_attributes(
                {
                    "gen_ai.response.model": cost.model if _NAME.fullmatch(cost.model or "") else self._model,
                    "gen_ai.usage.input_tokens": cost.tokens_in,
                    "gen_ai.usage.output_tokens": cost.tokens_out,
                    "vigil.money": cost.money,
                    "vigil.requests": cost.calls,
                }
            )
        self._ended(ANSWERED, began, cost)
        return reply

    def _ended(self, outcome: str, began: float, cost: Cost | None) -> None:
        self.last = outcome
        if self._meter is not None:
            self._meter.called(outcome, seconds=self._timer() - began, cost=cost)
