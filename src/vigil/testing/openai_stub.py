"""A small OpenAI-compatible server on this machine for tests: chat completions and embeddings over real HTTP, well-behaved or not."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias, cast

from vigil.testing.embedder import HashEmbedder

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    text: str
    """The whole body."""

    @property
    def body(self) -> Json:
        return cast("Json", json.loads(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the stub does with a request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    never: bool = False
    """Keep the caller waiting until the stub stops."""
    hang_up: bool = False
    """Close the connection halfway through the answer."""


Answer: TypeAlias = Response | Callable[[Received], Response]


def says(value: Json) -> Answer:
    """Answers with `value`: as a call of the tool that was offered, or as JSON text where none was."""

    def answer(received: Received) -> Response:
        tools = received.body.get("tools")
        if not tools:
            return prose(json.dumps(value))
        call: Json = {"name": tools[0]["function"]["name"], "arguments": json.dumps(value)}
        return _completion(
            {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}, "tool_calls"
        )

    return answer


def calls_tool(arguments: str) -> Answer:
    """Calls the tool that was offered with exactly these arguments, JSON or not."""

    def answer(received: Received) -> Response:
        call: Json = {"name": received.body["tools"][0]["function"]["name"], "arguments": arguments}
        return _completion(
            {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}, "tool_calls"
        )

    return answer


def prose(text: str) -> Response:
    """Answers with text and no tool call."""
    return _completion({"content": text}, "stop")


def fails(status: int, message: str = "no", **headers: str) -> Response:
    """Answers with an error; callers that obey ``retry-after-ms`` don't wait."""
    body = json.dumps({"error": {"message": message, "type": "stub_error", "code": None}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers={"retry-after-ms": "1", **named}, body=body)


def never() -> Response:
    """Doesn't answer at all."""
    return Response(never=True)


def hangs_up() -> Response:
    """Closes the connection halfway through the answer."""
    return Response(hang_up=True, body=b'{"id": "chatcmpl-1", "choices": [')


def embeddings(*vectors: list[Any]) -> Response:
    """Answers with exactly these vectors, whatever was asked."""
    rows = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return Response(body=json.dumps({"object": "list", "data": rows, "model": "stub", "usage": {}}).encode())


class OpenAIStub:
    """Serves ``/v1`` at `base_url` inside ``async with``. Answers are given in turn, the last one for ever after.

    Embeddings without an answer given are those of `HashEmbedder`.
    """

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self._answers = list(answers)
        self.requests: list[Received] = []
        """What came in, oldest first."""
        self._stopped = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.base_url = ""

    @property
    def heard(self) -> str:
        """All bodies that came in."""
        return "\n".join(request.text for request in self.requests)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
            }
            text = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
            received = Received(path=request.split(" ")[1], headers=headers, text=text)
            self.requests.append(received)
            response = self._respond(received)
            if response.never:
                await self._stopped.wait()
                return
            length = len(response.body) + (1000 if response.hang_up else 0)
            named = {
                "content-type": "application/json",
                "content-length": str(length),
                "connection": "close",
                **response.headers,
            }
            head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
            writer.write(f"HTTP/1.1 {response.status} Stub\r\n{head}\r\n".encode() + response.body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller went away
        finally:
            writer.close()

    def _respond(self, received: Received) -> Response:
        if not self._answers:
            if received.path.endswith("/embeddings"):
                return embeddings(*HashEmbedder().embed_now(received.body["input"]).tolist())
            return fails(404, "the stub has no answer")
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer(received) if callable(answer) else answer


def _completion(message: Json, finish_reason: str) -> Response:
    choice: Json = {
        "index": 0,
        "message": {"role": "assistant", **message},
        "finish_reason": finish_reason,
        "logprobs": None,
    }
    usage = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
    body: Json = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub-1",
        "choices": [choice],
        "usage": usage,
    }
    return Response(body=json.dumps(body).encode())
