"""The remote embedder against a real HTTP server that behaves, and misbehaves."""

import json
from collections.abc import AsyncIterator

import numpy as np
import pytest
from pydantic import SecretStr

from vigil.errors import Misconfigured, ModelTimeout, ModelUnavailable
from vigil.language.embedder import Embedder
from vigil.language.remote import BATCH, RemoteEmbedder, remote_embedder_from
from vigil.settings import Settings
from vigil.testing.openai_stub import Answer, OpenAIStub, Response, embeddings, fails, hangs_up, never


class Waits(list[float]):
    """Remembers how long it was asked to sleep, and doesn't."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
async def stub() -> AsyncIterator[OpenAIStub]:
    async with OpenAIStub() as stub:
        yield stub


def embedder(stub: OpenAIStub, waits: Waits | None = None, dimensions: int = 2) -> RemoteEmbedder:
    return RemoteEmbedder(
        name="m",
        base_url=stub.base_url,
        dimensions=dimensions,
        timeout_s=5,
        sleep=waits if waits is not None else Waits(),
    )


async def refused(answers: list[Answer], waits: Waits | None = None, timeout_s: float = 5) -> ModelUnavailable:
    async with OpenAIStub(answers) as stub:
        remote = RemoteEmbedder(
            name="m",
            base_url=stub.base_url,
            dimensions=2,
            timeout_s=timeout_s,
            sleep=waits if waits is not None else Waits(),
        )
        async with remote:
            with pytest.raises(ModelUnavailable) as caught:
                await remote.embed(["x"])
    return caught.value


async def test_it_asks_once_for_the_dimensions_and_carries_them_in_its_id(stub: OpenAIStub) -> None:
    async with await RemoteEmbedder.connect(name="m", base_url=stub.base_url + "/", api_key="k") as remote:
        port: Embedder = remote
        assert (port.id, port.dimensions) == ("openai:m@64", 64)
    assert stub.requests[0].path == "/v1/embeddings"
    assert stub.requests[0].headers["authorization"] == "Bearer k"


async def test_vectors_come_in_order_and_normalised_over_several_requests(stub: OpenAIStub) -> None:
    texts = [f"text {number}" for number in range(BATCH + 3)]
    async with embedder(stub, dimensions=64) as remote:
        vectors = await remote.embed(texts)
        alone = await remote.embed([texts[BATCH]])
    assert vectors.shape == (BATCH + 3, 64)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(vectors[BATCH], alone[0], atol=1e-6)
    assert [len(request.body["input"]) for request in stub.requests] == [BATCH, 3, 1]


async def test_rows_out_of_order_are_put_in_order() -> None:
    rows = [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 0]}]
    async with OpenAIStub([Response(body=json.dumps({"data": rows}).encode())]) as stub, embedder(stub) as remote:
        np.testing.assert_array_equal(await remote.embed(["a", "b"]), [[1, 0], [0, 1]])


async def test_no_texts_ask_nothing_and_an_empty_text_gets_a_row(stub: OpenAIStub) -> None:
    async with embedder(stub, dimensions=64) as remote:
        assert (await remote.embed([])).shape == (0, 64)
        assert (await remote.embed([""])).shape == (1, 64)
    assert [request.body["input"] for request in stub.requests] == [[" "]]


async def test_personal_data_does_not_leave(stub: OpenAIStub) -> None:
    async with embedder(stub, dimensions=64) as remote:
        await remote.embed(["mail ana@example.com or +49 30 901820", "password=hunter2 \ud800"])
    assert "<EMAIL_1>" in stub.heard
    assert not any(secret in stub.heard for secret in ("ana@", "901820", "hunter2"))


async def test_a_passing_failure_is_tried_again_with_longer_waits() -> None:
    waits = Waits()
    async with OpenAIStub([fails(500), hangs_up(), embeddings([3, 4])]) as stub, embedder(stub, waits) as remote:
        np.testing.assert_allclose(await remote.embed(["x"]), [[0.6, 0.8]])
    assert waits == [0.5, 2.0]


async def test_the_endpoints_own_wait_is_obeyed_unless_it_is_too_long() -> None:
    waits = Waits()
    async with OpenAIStub([fails(429, retry_after="3"), embeddings([1, 0])]) as stub, embedder(stub, waits) as remote:
        await remote.embed(["x"])
    assert waits == [3.0]
    assert "429" in str(await refused([fails(429, retry_after="3600")], waits))
    assert waits == [3.0]


async def test_a_lasting_failure_ends_after_three_attempts() -> None:
    waits = Waits()
    assert "answered 503" in str(await refused([fails(503)], waits))
    assert waits == [0.5, 2.0]


async def test_a_refused_key_is_not_tried_again_and_says_which_setting() -> None:
    waits = Waits()
    assert "VIGIL_EMBEDDER_API_KEY" in str(await refused([fails(401)], waits))
    assert waits == []


async def test_silence_is_a_timeout() -> None:
    assert isinstance(await refused([never()], timeout_s=0.1), ModelTimeout)


async def test_nobody_at_the_address_says_so() -> None:
    async with OpenAIStub() as stub:
        url = stub.base_url
    async with RemoteEmbedder(name="m", base_url=url, dimensions=2, sleep=Waits()) as remote:
        with pytest.raises(ModelUnavailable, match="VIGIL_EMBEDDER_BASE_URL"):
            await remote.embed(["x"])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Response(body=b"<html>hello</html>"), id="prose"),
        pytest.param(Response(body=b'{"data": [{"index": 0, "embedding": "AAAA"}]}'), id="wrong shape"),
        pytest.param(Response(body=b'{"data": [{"index": 0, "embedding": [NaN, 1.0]}]}'), id="not a number"),
        pytest.param(Response(body=b'{"data": [{"index": 0, "embedding": [1e999, 1.0]}]}'), id="infinite"),
        pytest.param(embeddings(), id="none"),
        pytest.param(embeddings([1, 0], [0, 1]), id="too many"),
        pytest.param(embeddings([1, 0, 0]), id="other dimensions"),
        pytest.param(embeddings([]), id="no dimensions"),
        pytest.param(embeddings([0, 0]), id="no direction"),
        pytest.param(Response(body=b" " * 9_000_000), id="huge"),
    ],
)
async def test_an_unusable_answer_is_refused(answer: Response) -> None:
    assert type(await refused([answer])) is ModelUnavailable


async def test_rows_of_unequal_length_are_refused() -> None:
    async with OpenAIStub([embeddings([1, 0], [1])]) as stub, embedder(stub) as remote:
        with pytest.raises(ModelUnavailable, match="unequal"):
            await remote.embed(["a", "b"])


async def test_settings_name_the_endpoint(stub: OpenAIStub) -> None:
    settings = Settings(embedder="openai:m", embedder_base_url=stub.base_url, embedder_api_key=SecretStr("k"))
    async with await remote_embedder_from(settings) as remote:
        assert remote.id == "openai:m@64"
    for wrong in (
        Settings(embedder="openai:m"),
        Settings(embedder="cohere:m", embedder_base_url="http://x"),
        Settings(embedder="openai:"),
    ):
        with pytest.raises(Misconfigured, match="VIGIL_EMBEDDER"):
            await remote_embedder_from(wrong)
