"""A small OpenID Connect provider on this machine for tests: discovery, keys, authorization code with PKCE, over real HTTP. It is honest
or not, as it is told."""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from vigil.clock import Clock

Json = dict[str, Any]
Lie = Callable[[Json], None]
"""Changes an id token's claims before it is signed."""

CLIENT = "vigil"
CLIENT_SECRET = "the client's secret"  # noqa: S105  # of a stand-in


@dataclass
class StubPerson:
    """Who is signed in at the provider."""

    sub: str = "user-1"
    email: str = "kim@example.org"
    email_verified: bool = True
    name: str = "Kim Sato"
    more: Json = field(default_factory=dict[str, Any])
    """Other claims, such as groups."""


@dataclass
class _Code:
    redirect_uri: str
    challenge: str
    nonce: str
    person: StubPerson


class IdentityProviderStub:
    """Serves an issuer at `issuer` inside ``async with``. Whoever comes is `person`, without a question."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = RSAKey.generate_key(2048, {"kid": "key-1"}, private=True)
        self._codes: dict[str, _Code] = {}
        self._server: asyncio.Server | None = None
        self.issuer = ""
        self.person = StubPerson()
        self.lies: list[Lie] = []
        """What it does to the claims of its tokens."""
        self.sign: Callable[[Json, RSAKey], str] = honest
        """Makes its tokens."""
        self.says_issuer = ""
        """What it calls itself in its document; its own address where empty."""
        self.userinfo: Json = {}
        """What it tells at its userinfo endpoint; none is offered where empty."""
        self.asked: list[str] = []
        """Paths that were asked for, oldest first."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/desk"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def turn_key(self) -> None:
        """Sign with another key from now on."""
        self._key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)}, private=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            request, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines if each)
            }
            body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
            target = urlsplit(request.split(" ")[1])
            self.asked.append(target.path)
            status, extra, told = self._answer(
                target.path, dict(parse_qsl(target.query)), headers, dict(parse_qsl(body))
            )
            content = json.dumps(told).encode()
            named = {"content-type": "application/json", "content-length": str(len(content)), "connection": "close"}
            lines = [f"{name}: {value}" for name, value in {**named, **extra}.items()]
            writer.write("\r\n".join([f"HTTP/1.1 {status} Stub", *lines, "", ""]).encode() + content)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller went away
        finally:
            writer.close()

    def _answer(self, path: str, query: Json, headers: dict[str, str], form: Json) -> tuple[int, dict[str, str], Json]:
        match path.removeprefix("/desk"):
            case "/.well-known/openid-configuration":
                return 200, {}, self._document()
            case "/keys":
                return 200, {}, {"keys": [self._key.as_dict(private=False)]}
            case "/authorize":
                return self._authorize(query)
            case "/token":
                return self._token(headers, form)
            case "/userinfo":
                return 200, {}, self.userinfo
            case _:
                return 404, {}, {}

    def _document(self) -> Json:
        document: Json = {
            "issuer": self.says_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return document | ({"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.userinfo else {})

    def _authorize(self, query: Json) -> tuple[int, dict[str, str], Json]:
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return 400, {}, {"error": "invalid_request"}
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Code(query["redirect_uri"], query["code_challenge"], query["nonce"], self.person)
        back = urlencode({"code": code, "state": query["state"], "iss": self.issuer})
        return 302, {"location": f"{query['redirect_uri']}?{back}"}, {}

    def _token(self, headers: dict[str, str], form: Json) -> tuple[int, dict[str, str], Json]:
        basic = base64.b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode()
        if basic != f"{CLIENT}:{urlencode({'': CLIENT_SECRET})[1:].replace('+', '%20')}":
            return 401, {}, {"error": "invalid_client"}
        code = self._codes.pop(form.get("code", ""), None)
        made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            code is None
            or code.redirect_uri != form.get("redirect_uri")
            or code.challenge != made.rstrip(b"=").decode()
        ):
            return 400, {}, {"error": "invalid_grant"}
        now, person = int(self._clock.now().timestamp()), code.person
        claims: Json = {"iss": self.issuer, "aud": CLIENT, "sub": person.sub, "iat": now, "exp": now + 300}
        claims |= {"nonce": code.nonce, "name": person.name, **person.more}
        if person.email:
            claims |= {"email": person.email, "email_verified": person.email_verified}
        for lie in self.lies:
            lie(claims)
        return 200, {}, {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(claims, self._key)}


def honest(claims: Json, key: RSAKey) -> str:
    """A token as it should be."""
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
