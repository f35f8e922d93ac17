"""A web server on loopback that answers as it is told, and says what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trustme

AUTHORITY: Any = trustme.CA()
"""Signs the server's certificate; made anew for each run, and trusted by these tests alone."""


@dataclass
class Site:
    """Answers each path with the bytes of a whole HTTP response; 404 for all others."""

    pages: Mapping[str, bytes]
    port: int = 0
    requests: list[str] = field(default_factory=list[str])
    """What was asked: request line and headers."""
    names: list[str | None] = field(default_factory=list[str | None])
    """The host names that were asked for in TLS (SNI)."""


def page(body: bytes, *headers: str, status: str = "200 OK", media_type: str = "text/plain") -> bytes:
    """A whole response of `body`, with `headers` before the usual ones."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    if media_type:
        lines.append(f"Content-Type: {media_type}")
    return "\r\n".join((*lines, "", "")).encode() + body


def moved(location: str, status: str = "302 Found") -> bytes:
    return page(b"", f"Location: {location}", "Set-Cookie: session=1", status=status)


@asynccontextmanager
async def serving(pages: Mapping[str, bytes], *, secure: bool = False) -> AsyncGenerator[Site]:
    """Serve `pages` on a free port of 127.0.0.1; with `secure` as docs.example.com, by a certificate of the tests' own authority."""
    site = Site(pages)
    context = None
    if secure:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert("docs.example.com").configure_cert(context)
        context.sni_callback = lambda _socket, name, _context: site.names.append(name)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            site.requests.append(request)
            path = request.split(" ")[1]
            if path == "/never":
                await reader.read()  # until the other side gives up
            else:
                writer.write(site.pages.get(path) or page(b"not here", status="404 Not Found"))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the fetcher hung up in the middle, as it should when it has seen enough
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site


def trusted() -> ssl.SSLContext:
    """Trusts the tests' own authority and nobody else."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context
