"""A system on the other side of a webhook: a real server on loopback that remembers what it got and answers as it was told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Got:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class LoopbackReceiver:
    """Answers each request with the next of `answers` (raw HTTP), the last one again and again.

    With `hold` it keeps the connection open after that, saying nothing, until the other side gives up.
    """

    answers: list[bytes]
    hold: bool = False
    got: list[Got] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (header.partition(": ") for header in rest)}
        self.got.append(Got(line, headers, await reader.readexactly(int(headers["content-length"]))))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(answer)
        with suppress(ConnectionError):  # whoever has heard enough hangs up
            await writer.drain()
            if self.hold:
                await reader.read()
        writer.close()


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer that ends the connection."""
    lines = [f"HTTP/1.1 {status} Whatever", "connection: close", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def listening(*answers: bytes, hold: bool = False) -> AsyncGenerator[LoopbackReceiver]:
    """A receiver that gives these answers, on a port of its own."""
    receiver = LoopbackReceiver(list(answers), hold)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/vigil?team=1"
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
