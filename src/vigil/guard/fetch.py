"""Fetching from the web without being led astray: only allowed hosts, only public addresses, only so long and so much. What the bytes mean
is the caller's business.

A name is looked up once a hop, every answer is checked, and the connection goes to the very address that was checked, so that an answer
which changes between two look-ups (DNS rebinding) changes nothing. Proxies of the environment are not used: they would connect unchecked.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Protocol

import httpx2

from vigil.errors import ForbiddenAddress, InvalidInput, Misconfigured, TooLarge, UnreadableDocument
from vigil.guard.addresses import in_any, is_public
from vigil.guard.inflate import inflate

MOST_REDIRECTS = 5
"""Hops after the first. Documentation sites need two or three (http to https, version, language)."""

READABLE = frozenset(
    {
        *("text/html", "application/xhtml+xml", "application/pdf"),
        *("text/plain", "text/markdown", "text/x-markdown"),
        *("text/csv", "application/csv", "text/tab-separated-values"),
        *(
            "application/json",
            "application/x-ndjson",
            "application/jsonl",
            "application/jsonlines",
            "application/x-jsonlines",
        ),
        # What file stores say of everything: the reader looks for itself.
        *("application/octet-stream", "binary/octet-stream", "application/gzip", "application/x-gzip", ""),
    }
)
"""Media types that are fetched. Pictures, archives, programs are turned away before their body is read."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came back."""

    address: str
    """The URL that was asked for, without its fragment: the document's identity, wherever it has moved to."""
    url: str
    """Where it was found, after redirects."""
    media_type: str
    """In lower case, without parameters; empty if the server said nothing."""
    charset: str
    content: bytes


class Resolver(Protocol):
    """Looks host names up."""

    async def resolve(self, host: str) -> Sequence[str]:
        """All IPv4 and IPv6 addresses of `host`, as text. Raises OSError where there are none."""
        ...


class SystemResolver:
    """Asks as the operating system does: hosts file, DNS."""

    async def resolve(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True)
class _Admitted:
    """One entry of the allow-list."""

    host: str
    below: bool
    """Admits the hosts below `host`, and not `host` itself."""
    port: int | None
    """The only port, where the entry names one; otherwise 80 and 443."""

    def admits(self, host: str, port: int) -> bool:
        named = host.endswith(f".{self.host}") if self.below else host == self.host
        return named and (port == self.port if self.port else port in _PORTS.values())


class Fetcher:
    """Fetches documents by GET, without cookies or credentials. Safe to use from many tasks.

    Args:
        allow: hosts that may be asked: ``docs.example.com``, ``*.example.com`` (every host below it), ``wiki.example.com:8443``
            (that port and no other). Empty: none.
        max_bytes: largest body, as sent and unpacked.
        timeout_s: seconds for all of it: look-ups, redirects, the body.
        resolver: looks names up; the operating system by default.
        tls: what certificates are checked against; the machine's trusted authorities by default.
        trusted_for_tests: networks taken for public, such as ``127.0.0.0/8``. For tests only.

    Raises:
        Misconfigured: an entry of `allow` can't be understood.
    """

    def __init__(
        self,
        allow: Iterable[str],
        *,
        max_bytes: int = 20_000_000,
        timeout_s: float = 20.0,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        trusted_for_tests: Iterable[str] = (),
    ) -> None:
        self._allow = [_admitted(entry) for entry in allow]
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._resolver = resolver or SystemResolver()
        self._tls = tls
        self._trusted = [ip_network(network) for network in trusted_for_tests]

    async def fetch(self, url: str) -> Fetched:
        """Fetch `url`, following redirects, each of them checked like the first.

        Raises:
            InvalidInput: it is no http or https URL, or carries a user's name or password.
            ForbiddenAddress: its host is not allowed, or its name leads to an address that isn't public; or a redirect does.
            TooLarge: the body is larger than `max_bytes`.
            UnreadableDocument: nothing readable came back in time.
        """
        asked = target = _parsed(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                for _ in range(MOST_REDIRECTS + 1):
                    found = await self._hop(asked, target)
                    if isinstance(found, Fetched):
                        return found
                    target = found
        except TimeoutError as error:
            raise UnreadableDocument(
                f"{asked} did not arrive within {self._timeout_s:g} s. Try later, or raise VIGIL_FETCH_TIMEOUT_S."
            ) from error
        raise UnreadableDocument(f"{asked} redirects more than {MOST_REDIRECTS} times. Name the page it ends at.")

    async def _hop(self, asked: httpx2.URL, target: httpx2.URL) -> Fetched | httpx2.URL:
        """What stands at `target`, or where it sends us."""
        host, port = _host(target), target.port or _PORTS[target.scheme]
        if not any(entry.admits(host, port) for entry in self._allow):
            shown = host if port in _PORTS.values() else f"{host}:{port}"
            raise ForbiddenAddress(
                f"{shown} is not among the allowed hosts. Add it to VIGIL_FETCH_ALLOW if it may be fetched from."
            )
        addresses = await self._look_up(host)
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx2.create_ssl_context, trust_env=False)
        # A transport of its own for each hop: a connection is never shared between host names that live at one address.
        async with httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            response = await self._connect(transport, target, host, addresses)
            try:
                if response.status_code in (301, 302, 303, 307, 308) and "location" in response.headers:
                    return _parsed(response.headers["location"], base=target)
                return await self._read(response, asked, target)
            except httpx2.HTTPError as error:
                raise _unreachable(target, error) from error
            finally:
                await response.aclose()

    async def _look_up(self, host: str) -> list[str]:
        try:
            addresses = list(dict.fromkeys(await self._resolver.resolve(host)))
        except (OSError, UnicodeError) as error:
            raise UnreadableDocument(f"There is no host {host}. Check the URL.") from error
        for address in addresses:
            if not is_public(address) and not self._is_trusted(address):
                raise ForbiddenAddress(
                    f"{host} leads to {address}, which is not a public address. Vigil fetches nothing from private networks; add a file."
                )
        if not addresses:
            raise UnreadableDocument(f"There is no host {host}. Check the URL.")
        return addresses

    def _is_trusted(self, address: str) -> bool:
        try:
            return in_any(ip_address(address), self._trusted)
        except ValueError:
            return False

    async def _connect(
        self, transport: httpx2.AsyncHTTPTransport, target: httpx2.URL, host: str, addresses: Sequence[str]
    ) -> httpx2.Response:
        """The answer of the first address that can be reached. The certificate is checked against `host`."""
        failure: httpx2.HTTPError = httpx2.ConnectError("it has no address")
        for address in addresses:
            request = httpx2.Request(
                "GET",
                target.copy_with(host=address),
                headers={
                    "Host": target.netloc.decode("ascii"),
                    "User-Agent": "vigil",
                    "Accept": ", ".join(sorted(READABLE - {""})),
                    "Accept-Encoding": "gzip, identity",
                    "Connection": "close",
                },
                extensions={
                    "sni_hostname": host,
                    "timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s),
                },
            )
            try:
                return await transport.handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
            except httpx2.HTTPError as error:
                raise _unreachable(target, error) from error
        raise _unreachable(target, failure) from failure

    async def _read(self, response: httpx2.Response, asked: httpx2.URL, target: httpx2.URL) -> Fetched:
        if not 200 <= response.status_code < 300:
            advice = "Try later." if response.status_code in (408, 429, 500, 502, 503, 504) else "Check the URL."
            raise UnreadableDocument(f"{target} answered with status {response.status_code}. {advice}")
        stated = response.headers.get("content-type", "")
        media_type = stated.split(";")[0].strip().lower()
        if media_type not in READABLE:
            raise UnreadableDocument(
                f"{target} is {media_type[:80]}, which can't be read. Name a page, a PDF or a text file."
            )
        content = bytearray()
        declared = response.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > self._max_bytes:
            raise self._too_large(target)
        async for part in response.aiter_raw():
            content += part
            if len(content) > self._max_bytes:
                raise self._too_large(target)
        body = bytes(content)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):
            body = await asyncio.to_thread(inflate, body, limit=self._max_bytes, name=str(target))
        elif encoding != "identity":
            raise UnreadableDocument(
                f"{target} comes packed as {encoding[:40]}, which was not asked for. Download it and add the file."
            )
        charset = _CHARSET.search(stated)
        return Fetched(
            address=str(asked),
            url=str(target),
            media_type=media_type,
            charset=charset[1] if charset else "",
            content=body,
        )

    def _too_large(self, target: httpx2.URL) -> TooLarge:
        return TooLarge(f"{target} is larger than {self._max_bytes:,} bytes. Split it, or raise VIGIL_FETCH_MAX_BYTES.")


def _parsed(url: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """`url` without its fragment, checked for its form. The same parse is used for checking and for connecting."""
    try:
        parsed = httpx2.URL(url.strip())
        parsed = (base.join(parsed) if base else parsed).copy_with(fragment=None)
        host = _host(parsed)
        _ = parsed.port
    except (httpx2.InvalidURL, ValueError, UnicodeError) as error:
        raise InvalidInput(f"{url[:200]!r} is no URL that can be fetched: {error}") from error
    if parsed.scheme not in _PORTS or not all(host.split(".")):  # an empty label: no host, or two dots in a row
        raise InvalidInput(f"{url[:200]!r} is no web address. It must start with https:// or http:// and name a host.")
    if parsed.userinfo:
        raise InvalidInput(
            f"The URL for {host} carries a user's name or password. Leave them out; Vigil sends no credentials."
        )
    return parsed


def _host(url: httpx2.URL) -> str:
    """The host as it is looked up: ASCII, lower case, without the dot at the end that means the root."""
    return url.raw_host.decode("ascii").lower().removesuffix(".")


def _admitted(entry: str) -> _Admitted:
    host, port = entry.strip().casefold(), ""
    if found := re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:]+):(\d{1,5})", host):
        host, port = found[1], found[2]
    below = host.startswith("*.")
    try:
        plain = not re.search(r"[/@?#\\\s%]", host)
        host = _host(httpx2.URL(f"https://{host.removeprefix('*.')}/")) if plain else ""
    except httpx2.InvalidURL:
        host = ""
    if not (_HOST.fullmatch(host) or (":" in host and not below)) or (port and not 0 < int(port) < 65536):
        raise Misconfigured(
            f"VIGIL_FETCH_ALLOW names {entry!r}. Write host names such as docs.example.com or *.example.com."
        )
    return _Admitted(host, below, int(port) if port else None)


def _unreachable(target: httpx2.URL, error: Exception) -> UnreadableDocument:
    return UnreadableDocument(
        f"{target} can't be fetched: {error or type(error).__name__}. Check the URL, or try later."
    )
