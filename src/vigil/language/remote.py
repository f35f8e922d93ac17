"""An embedder behind an OpenAI-compatible ``/embeddings`` endpoint. The bundled one, which needs no endpoint, lives in `bundled`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Annotated, Self

import httpx2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vigil.errors import Misconfigured, ModelTimeout, ModelUnavailable
from vigil.guard.redact import Vault
from vigil.language.embedder import Vectors
from vigil.language.endpoint import endpoint_client
from vigil.settings import Settings

BATCH = 64
"""Texts a request: endpoints take from 32 (small servers' default) to 2,048, and 64 chunks of a document stay under a megabyte."""
MAX_CHARS = 8_000
"""Characters of a text that are sent, about 2,000 tokens: chunks are shorter, and few models read more."""
WAITS_S = (0.5, 2.0)
"""Seconds before the second and the third attempt; an endpoint's own ``Retry-After`` counts where it is longer."""
LONGEST_WAIT_S = 10.0
"""An endpoint that asks for more patience than this is taken as unavailable."""


class _Row(BaseModel):
    index: int
    embedding: Annotated[list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=1)]


class _Answer(BaseModel):
    """Answer of ``POST /embeddings`` (platform.openai.com/docs/api-reference/embeddings), as far as it is used."""

    model_config = ConfigDict(extra="ignore")

    data: list[_Row]


class RemoteEmbedder:
    """Vectors from an OpenAI-compatible endpoint. Personal data is redacted before a text leaves. Close it, or use ``async with``.

    Args:
        name: of the model at the endpoint.
        base_url: such as ``https://host/v1``; ``/embeddings`` is added.
        dimensions: that the endpoint answers with; `connect` finds out.
        api_key: sent as a bearer token, if there is one.
        timeout_s: seconds for one request.
        sleep: waits between attempts.
    """

    def __init__(
        self,
        *,
        name: str,
        base_url: str,
        dimensions: int,
        api_key: str = "",
        timeout_s: float = 20.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._dimensions = dimensions
        self._headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._client = endpoint_client(timeout_s=timeout_s)

    @classmethod
    async def connect(
        cls,
        *,
        name: str,
        base_url: str,
        api_key: str = "",
        timeout_s: float = 20.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> Self:
        """An embedder that has asked the endpoint how many dimensions it gives.

        Raises:
            ModelUnavailable: the endpoint gave no usable answer.
        """
        embedder = cls(name=name, base_url=base_url, dimensions=0, api_key=api_key, timeout_s=timeout_s, sleep=sleep)
        try:
            embedder._dimensions = (await embedder._request(["dimensions"])).shape[1]
        except BaseException:
            await embedder.aclose()
            raise
        return embedder

    @property
    def id(self) -> str:
        return f"openai:{self._name}@{self._dimensions}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (number of texts, `dimensions`), each of length 1.

        Raises:
            ModelUnavailable: the endpoint gave no usable answer, retries included.
        """
        sent = await asyncio.to_thread(lambda: [_outgoing(text) for text in texts])
        parts = [await self._request(sent[at : at + BATCH]) for at in range(0, len(sent), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self._dimensions), dtype=np.float32)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _request(self, texts: list[str]) -> Vectors:
        for wait in (*WAITS_S, None):
            try:
                async with asyncio.timeout(self._timeout_s):
                    response = await self._client.post(
                        self._url,
                        json={"model": self._name, "input": texts, "encoding_format": "float"},
                        headers=self._headers,
                    )
            except (TimeoutError, httpx2.TimeoutException) as error:
                failure = ModelTimeout(
                    f"{self._url} did not answer within {self._timeout_s:g} s; see whether it is overloaded."
                )
                failure.__cause__ = error
            except (httpx2.RequestError, httpx2.InvalidURL) as error:
                failure = ModelUnavailable(
                    f"{self._url} can't be reached ({error}); check VIGIL_EMBEDDER_BASE_URL and whether it runs."
                )
                failure.__cause__ = error
            else:
                if response.is_success:
                    return self._vectors(response.content, len(texts))
                failure = _refusal(self._url, response.status_code)
                asked = _seconds(response.headers.get("retry-after", ""))
                if (response.status_code < 500 and response.status_code != 429) or asked > LONGEST_WAIT_S:
                    raise failure
                wait = wait and max(wait, asked)
            if wait is None:
                raise failure
            await self._sleep(wait)
        raise AssertionError("unreachable")

    def _vectors(self, body: bytes, count: int) -> Vectors:
        try:
            rows = sorted(_Answer.model_validate_json(body).data, key=lambda row: row.index)
        except ValidationError as error:
            raise ModelUnavailable(
                f"{self._url} answered with something that is not a list of embeddings ({error.error_count()} errors); "
                "check that VIGIL_EMBEDDER_BASE_URL is an OpenAI-compatible API."
            ) from error
        lengths = {len(row.embedding) for row in rows}
        if [row.index for row in rows] != list(range(count)) or len(lengths) != 1:
            raise ModelUnavailable(
                f"{self._url} gave {len(rows)} embeddings for {count} texts, or of unequal length; use another model."
            )
        if self._dimensions and lengths != {self._dimensions}:
            raise ModelUnavailable(
                f"{self._url} now gives {lengths.pop()} dimensions instead of {self._dimensions}: its model was changed. "
                "Restart, then rebuild the index."
            )
        vectors = np.asarray([row.embedding for row in rows], dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            raise ModelUnavailable(f"{self._url} gave an embedding without a direction; use another model.")
        return vectors / norms


async def remote_embedder_from(settings: Settings) -> RemoteEmbedder:
    """The embedder that `settings` name as ``openai:NAME``.

    Raises:
        Misconfigured: no such name, or no base URL.
        ModelUnavailable: the endpoint gave no usable answer.
    """
    provider, _, name = settings.embedder.partition(":")
    if provider != "openai" or not name:
        raise Misconfigured(f"VIGIL_EMBEDDER is {settings.embedder!r}; set it to 'bundled' or to 'openai:NAME'.")
    if not settings.embedder_base_url:
        raise Misconfigured("VIGIL_EMBEDDER_BASE_URL is missing; set it to the endpoint, such as https://host/v1.")
    return await RemoteEmbedder.connect(
        name=name, base_url=settings.embedder_base_url, api_key=settings.embedder_api_key.get_secret_value()
    )


def _outgoing(text: str) -> str:
    """What leaves of a text: no personal data, no half characters, and never nothing, which endpoints refuse."""
    return Vault().redact(text[:MAX_CHARS]).encode("utf-8", "replace").decode() or " "


def _refusal(url: str, status: int) -> ModelUnavailable:
    fixes = {
        401: "check VIGIL_EMBEDDER_API_KEY",
        403: "check VIGIL_EMBEDDER_API_KEY",
        404: "check VIGIL_EMBEDDER_BASE_URL and the model's name",
    }
    return ModelUnavailable(f"{url} answered {status}; {fixes.get(status, 'see its log, or try again later')}.")


def _seconds(header: str) -> float:
    """``Retry-After`` in seconds; its date form (RFC 9110) is rare here and counts as none."""
    return float(header) if header.isascii() and header.isdigit() else 0.0
