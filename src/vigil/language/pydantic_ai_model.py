"""The adapter of the model port over pydantic-ai: any provider it speaks to, with a deadline, a budget, and redaction on the way out.
What is asked, and what an answer means, is the business of the ability that asks."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx2
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, PromptedOutput, RunUsage, UsageLimits, capture_run_messages
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    FallbackExceptionGroup,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelTimeoutError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
    UserError,
)
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models import Model as ProviderModel
from pydantic_ai.models import infer_model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile, openai_model_profile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.run import AgentRunResult
from pydantic_ai.settings import ModelSettings

from vigil.domain.decision import Cost
from vigil.errors import Misconfigured, ModelMalformed, ModelTimeout, ModelUnavailable, VigilError
from vigil.guard.redact import Vault
from vigil.language.budget import Budget
from vigil.language.endpoint import endpoint_client
from vigil.language.model import OutputT, Prompt, Reply
from vigil.settings import Settings

PLACEHOLDERS = "Words in angle brackets such as <EMAIL_1> or <PERSON_2> stand for withheld data. Copy them exactly where you need them."
"""Added to every instruction, whether or not anything was redacted, so that a provider can cache the same beginning."""
CHARS_A_TOKEN = 3
"""For the estimate that is set aside before a call. English has about four; code, other languages and markup have fewer."""
THINKING_TOKENS = 2_000
"""Room on top of the answer for models that think before they answer: they are asked to think as little as they can."""

Copied = TypeVar("Copied")


class PydanticAIModel:
    """One typed call through pydantic-ai. Close it, or use ``async with``; the first call opens it otherwise.

    Args:
        model: whatever pydantic-ai takes for one: a provider's, a `FallbackModel`, or its `FunctionModel` in tests.
        budget: asked before anything is sent, and told what was spent.
        timeout_s: seconds for a call, retries and fallbacks included.
        retries: how often a malformed answer is sent back.
        clients: HTTP clients that are closed with this.
        trace_content: put what is asked and answered, redacted, into spans of pydantic-ai's own.
    """

    def __init__(
        self,
        model: ProviderModel,
        *,
        budget: Budget,
        timeout_s: float = 20.0,
        retries: int = 1,
        clients: tuple[httpx2.AsyncClient, ...] = (),
        trace_content: bool = False,
    ) -> None:
        self._models = model.models if isinstance(model, FallbackModel) else [model]
        self._model = model
        self._budget = budget
        self._timeout_s = timeout_s
        self._retries = retries
        self._clients = clients
        self._agent = Agent(
            model, name="vigil", retries=retries, capabilities=[Instrumentation()] if trace_content else None
        )
        self._prompted = False
        self._thinks = any(model.profile.get("supports_thinking", False) for model in self._models)
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._open = False

    async def call(self, prompt: Prompt, output: type[OutputT], *, workspace: str) -> Reply[OutputT]:
        """Ask once; see `vigil.language.model.Model.call`."""
        await self._budget.check(workspace)
        await self._ensure_open()
        vault = Vault(prompt.names)
        content = await asyncio.to_thread(vault.redact, prompt.content)
        instructions = f"{prompt.instructions}\n\n{PLACEHOLDERS}"
        reserved = (len(content) + len(instructions)) // CHARS_A_TOKEN + prompt.max_output_tokens
        await self._budget.spend(workspace, reserved, 0.0)
        usage = RunUsage()
        started = asyncio.get_running_loop().time()
        unknown = True
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await self._ask(content, instructions, output, usage, self._settings(prompt.max_output_tokens))
            unknown = False
        except TimeoutError as error:
            raise ModelTimeout(_too_slow(self._timeout_s)) from error
        except (AgentRunError, FallbackExceptionGroup, UserError) as error:
            unknown = False
            raise _explained(error, self._timeout_s) from error
        finally:
            # A call that was cut off may have been billed: then the estimate stands.
            spent = max(reserved, usage.total_tokens) if unknown else usage.total_tokens
            await self._budget.spend(workspace, spent - reserved, float(usage.cost or 0))
        cost = Cost(
            model=result.response.model_name or self._model.model_name,
            calls=max(1, usage.requests),
            tokens_in=usage.input_tokens,
            tokens_out=usage.output_tokens,
            money=float(usage.cost or 0),
            milliseconds=(asyncio.get_running_loop().time() - started) * 1000,
        )
        return Reply(value=_restored(result.output, vault.restore), cost=cost)

    async def aclose(self) -> None:
        self._open = False
        await self._stack.aclose()
        for client in self._clients:
            await client.aclose()

    async def __aenter__(self) -> Self:
        await self._ensure_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _ensure_open(self) -> None:
        """Enter the model once, so that its connections are kept between calls instead of made anew for each."""
        async with self._opening:
            if not self._open:
                await self._stack.enter_async_context(self._model)
                self._open = True

    async def _ask(
        self, content: str, instructions: str, output: type[OutputT], usage: RunUsage, settings: ModelSettings
    ) -> AgentRunResult[OutputT]:
        """Ask for a tool call, as most endpoints understand best. One that can't call tools is asked for JSON, and from then on only so."""
        if not self._prompted:
            with capture_run_messages() as messages:
                try:
                    return await self._agent.run(
                        content,
                        output_type=output,
                        instructions=instructions,
                        model_settings=settings,
                        usage=usage,
                        usage_limits=UsageLimits(request_limit=1 + self._retries),
                    )
                except (UnexpectedModelBehavior, ModelHTTPError) as error:
                    if not _cannot_call_tools(error, messages):
                        raise
        retries = self._retries if self._prompted else 0  # the first time, this is itself a retry
        result = await self._agent.run(
            content,
            output_type=PromptedOutput(output),
            instructions=instructions,
            model_settings=settings,
            usage=usage,
            usage_limits=UsageLimits(request_limit=usage.requests + 1 + retries),
            retries=retries,
        )
        self._prompted = True
        return result

    def _settings(self, max_output_tokens: int) -> ModelSettings:
        settings = ModelSettings(
            max_tokens=max_output_tokens, request_timeout=self._timeout_s / len(self._models), thinking=False
        )
        if self._thinks:
            settings["max_tokens"] = max_output_tokens + THINKING_TOKENS
        else:
            settings["temperature"] = 0.0  # models that think refuse it
        return settings


def model_from(settings: Settings, budget: Budget) -> PydanticAIModel | None:
    """The model that `settings` name, with its fallbacks; None where they name none.

    ``openai:NAME`` goes to `model_base_url` where that is set, among the fallbacks too; every other provider finds its own address and
    key, as pydantic-ai documents.

    Raises:
        Misconfigured: an unknown model, a provider whose package is not installed, or a missing key.
    """
    if not settings.model:
        return None
    names = (settings.model, *settings.model_fallbacks)
    clients: list[httpx2.AsyncClient] = []
    try:
        models = [_provider_model(name, settings, clients, patient=len(names) == 1) for name in names]
    except (UserError, ImportError, ValueError) as error:
        raise Misconfigured(f"VIGIL_MODEL or VIGIL_MODEL_FALLBACKS can't be used: {error}") from error
    return PydanticAIModel(
        FallbackModel(models[0], *models[1:]) if len(models) > 1 else models[0],
        budget=budget,
        timeout_s=settings.model_timeout_s,
        retries=settings.model_retries,
        clients=tuple(clients),
        trace_content=settings.trace_content,
    )


def _provider_model(
    name: str, settings: Settings, clients: list[httpx2.AsyncClient], *, patient: bool
) -> ProviderModel:
    provider, _, model = name.partition(":")
    if provider != "openai" or not settings.model_base_url:
        return infer_model(name)
    clients.append(endpoint_client(timeout_s=settings.model_timeout_s))
    client = AsyncOpenAI(
        base_url=settings.model_base_url,
        api_key=settings.model_api_key.get_secret_value() or "none",
        http_client=clients[-1],
        max_retries=1 if patient else 0,  # with a fallback at hand, that is the retry
    )
    # Small servers know `max_tokens` alone; models that think know `max_completion_tokens` alone.
    thinks = openai_model_profile(model).get("supports_thinking", False)
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=thinks)
    return OpenAIChatModel(
        model, provider=OpenAICompatibleProvider("openai-compatible", openai_client=client, profile=profile)
    )


def _cannot_call_tools(error: Exception, messages: list[ModelMessage]) -> bool:
    """Whether a failure looks like that of an endpoint without tools: it says so, or it answered in prose alone."""
    if isinstance(error, ModelHTTPError):
        return 400 <= error.status_code < 500 and "tool" in str(error.body).lower()
    answers = [message for message in messages if isinstance(message, ModelResponse)]
    return bool(answers) and not any(isinstance(part, ToolCallPart) for answer in answers for part in answer.parts)


def _explained(error: Exception, timeout_s: float) -> VigilError:
    """pydantic-ai's error as ours. Bodies are left out: they may repeat what was asked."""
    if isinstance(error, FallbackExceptionGroup):
        causes = [_explained(cause, timeout_s) for cause in error.exceptions]
        kind = ModelTimeout if all(isinstance(cause, ModelTimeout) for cause in causes) else ModelUnavailable
        return kind(f"No model of VIGIL_MODEL and its fallbacks answered: {' '.join(dict.fromkeys(map(str, causes)))}")
    match error:
        case ContentFilterError():
            return ModelUnavailable("The provider's content filter refused the question; a person has to answer it.")
        case UnexpectedModelBehavior() | UsageLimitExceeded():
            return ModelMalformed(
                "The model gave no answer of the wanted shape, retries included; choose a stronger one with VIGIL_MODEL."
            )
        case ModelTimeoutError() | ModelRequestTimeout():
            return ModelTimeout(_too_slow(timeout_s))
        case ModelAuthenticationError():
            return ModelUnavailable(
                "The provider refused the key; check VIGIL_MODEL_API_KEY or the provider's own variable."
            )
        case ModelNotFoundError():
            return ModelUnavailable(
                "The provider knows no such model or address; check VIGIL_MODEL and VIGIL_MODEL_BASE_URL."
            )
        case ModelQuotaExceededError():
            return ModelUnavailable("The account's quota at the provider is spent; top it up there.")
        case ModelRateLimitError():
            return ModelUnavailable(
                "The provider's rate limit is reached; ask it for more, or set VIGIL_MODEL_FALLBACKS."
            )
        case ModelConnectionError():
            return ModelUnavailable(
                "The model can't be reached, or broke off its answer; check VIGIL_MODEL_BASE_URL and whether it runs."
            )
        case ModelHTTPError():
            return ModelUnavailable(
                f"The provider answered {error.status_code}; try again later, or set VIGIL_MODEL_FALLBACKS."
            )
        case ModelAPIError():
            return ModelUnavailable("The provider failed; try again later, or set VIGIL_MODEL_FALLBACKS.")
        case _:
            return ModelUnavailable(f"The model could not be asked ({type(error).__name__}); check VIGIL_MODEL.")


def _too_slow(timeout_s: float) -> str:
    return f"The model did not answer within {timeout_s:g} s; raise VIGIL_MODEL_TIMEOUT_S or choose a faster one with VIGIL_MODEL."


def _restored(value: Copied, restore: Callable[[str], str]) -> Copied:
    """`value` with every string in it restored, however deep. The rest of it stays what validation made of it."""
    return cast("Copied", _restored_any(value, restore))


def _restored_any(value: Any, restore: Callable[[str], str]) -> Any:
    if type(value) is str:
        return restore(value)
    if isinstance(value, BaseModel):
        fields = {name: _restored_any(getattr(value, name), restore) for name in type(value).model_fields}
        return value.model_copy(update=fields)
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {_restored_any(key, restore): _restored_any(item, restore) for key, item in items}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_restored_any(item, restore) for item in cast("list[Any]", value))
    return value
