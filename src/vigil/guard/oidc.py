"""Asking an identity provider who somebody is: OpenID Connect, the authorization code flow with PKCE. Whether they may come in is decided
above.

Sources: OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (``iss`` in the answer), RFC 9700 (good practice).
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vigil.clock import Clock
from vigil.errors import Denied, Misconfigured
from vigil.settings import Settings

log = logging.getLogger(__name__)

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are believed. Neither ``none`` nor those of a shared secret, which anybody who knows the public key could make."""
LEEWAY_S: Final = 60
"""Seconds that two machines' clocks may differ."""
FRESH: Final = timedelta(hours=1)
"""How long what the provider says of itself is believed ..."""
AGAIN: Final = timedelta(minutes=1)
"""... and how soon its keys are asked for again where one is missing: a provider that has just changed them is not locked out for an hour,
and whoever sends made-up tokens doesn't make us ask without end."""
PATIENCE_S: Final = 10.0
"""Seconds that the provider has for one answer: somebody waits in front of a white page."""
_MOST_BYTES: Final = 1_000_000

_UNTRUE = "The answer of the sign-in provider doesn't hold ({why}). Begin again at the sign-in page; if it stays so, tell an admin."


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is, by the provider's word."""

    issuer: str
    subject: str
    """Their id there, which never changes."""
    email: str
    """Verified by the provider; empty where it isn't."""
    name: str
    groups: frozenset[str]
    """What stands in the claim that rules what people may do."""

    @property
    def digest(self) -> str:
        """What is kept of who they are there."""
        return hashlib.sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the provider says of itself."""

    document: Mapping[str, Any]
    keys: KeySet
    at: datetime


class IdentityProvider:
    """One provider, as the settings name it. Close it at the end.

    Nothing is kept between beginning and coming back: state, nonce and verifier are made of a secret that stays in the browser, so that any
    process can finish what another began.
    """

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._known: _Known | None = None
        self._asking = asyncio.Lock()
        self._client = httpx2.AsyncClient(
            follow_redirects=False, timeout=PATIENCE_S, headers={"user-agent": "vigil", "accept": "application/json"}
        )

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.oidc_name

    async def close(self) -> None:
        await self._client.aclose()

    async def address(self, secret: str, *, back: str, then: str) -> str:
        """Where the browser that keeps `secret` is to go.

        Args:
            back: our address to which the provider sends it back.
            then: the page that is wanted after that.

        Raises:
            Misconfigured: the provider can't be asked, or is not what the settings say.
        """
        endpoint = _address((await self._provider()).document, "authorization_endpoint")
        challenge = hashlib.sha256(_made(secret, "verifier").encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back,
            "scope": self._settings.oidc_scope,
            "state": _state(secret, then),
            "nonce": _made(secret, "nonce"),
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked, quote_via=quote)}"

    async def identity(self, secret: str, answer: Mapping[str, str], *, back: str) -> tuple[Identity, str]:
        """Who came back with `answer` (the query), and the page that they wanted.

        Raises:
            Denied: the provider, or the person there, refused; or the answer doesn't hold.
            Misconfigured: the provider can't be asked.
        """
        then = _then(secret, answer.get("state", ""))
        if then is None or answer.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise Denied(_UNTRUE.format(why="it belongs to another sign-in, or came too late"))
        if not answer.get("code"):
            raise Denied("The sign-in provider didn't let you in. Begin again at the sign-in page, or ask an admin.")
        known = await self._provider()
        given = await self._exchange(known.document, answer["code"], _made(secret, "verifier"), back)
        claims = await self._claims(known, str(given.get("id_token", "")), _made(secret, "nonce"))
        claims = await self._more(known.document, claims, str(given.get("access_token", "")))
        return self._identity(claims), then

    async def _exchange(self, document: Mapping[str, Any], code: str, verifier: str, back: str) -> dict[str, Any]:
        client, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret.get_secret_value()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers: dict[str, str] = {}
        methods: list[str] = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in methods:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        status, told = await self._asked("POST", _address(document, "token_endpoint"), data=form, headers=headers)
        if status != 200:
            log.warning("the identity provider refused a code", extra={"status": status})
            raise Denied(_UNTRUE.format(why=f"it took our question back with {status}"))
        return told

    async def _claims(self, known: _Known, token: str, nonce: str) -> dict[str, Any]:
        try:
            return self._verified(known, token, nonce)
        except JoseError as error:
            if self._clock.now() - known.at < AGAIN:
                raise Denied(_UNTRUE.format(why=_why(error))) from None
        try:
            return self._verified(await self._provider(anew=known), token, nonce)
        except JoseError as error:
            log.warning("an identity provider's token doesn't hold", extra={"why": _why(error)})
            raise Denied(_UNTRUE.format(why=_why(error))) from None

    def _verified(self, known: _Known, token: str, nonce: str) -> dict[str, Any]:
        client = self._settings.oidc_client_id
        try:
            claims = jwt.decode(token, known.keys, algorithms=ALGORITHMS).claims
        except ValueError as error:
            raise JoseError(description="it can't be read") from error
        jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._settings.oidc_issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        several = isinstance(claims["aud"], list) and len(cast("list[str]", claims["aud"])) > 1
        if claims.get("azp", None if several else client) != client:
            raise JoseError(description="it is meant for somebody else")
        return claims

    async def _more(self, document: Mapping[str, Any], claims: dict[str, Any], token: str) -> dict[str, Any]:
        """Some providers tell the e-mail and the groups only where they are asked once more."""
        wanted = {"email", *([self._settings.oidc_roles_claim] if self._settings.oidc_roles else [])}
        if wanted <= claims.keys() or not token or "userinfo_endpoint" not in document:
            return claims
        headers = {"authorization": f"Bearer {token}"}
        status, told = await self._asked("GET", _address(document, "userinfo_endpoint"), headers=headers)
        if status != 200 or told.get("sub") != claims["sub"]:
            return claims
        return {**told, **claims}

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        email = claims.get("email")
        believed = (
            self._settings.oidc_trust_email
            or claims.get("email_verified") is True
            or claims.get("email_verified") == "true"
        )
        found: object = claims.get(self._settings.oidc_roles_claim)
        groups = cast("list[object]", found) if isinstance(found, list) else [found]
        name = claims.get("name")
        return Identity(
            issuer=self._settings.oidc_issuer,
            subject=str(claims["sub"]),
            email=email.strip().casefold() if isinstance(email, str) and believed else "",
            name=" ".join(name.split())[:200] if isinstance(name, str) else "",
            groups=frozenset(group for group in groups if isinstance(group, str)),
        )

    async def _provider(self, *, anew: _Known | None = None) -> _Known:
        """What the provider says of itself; asked again where that is old, or is the one that just proved too old."""
        async with self._asking:
            now, known = self._clock.now(), self._known
            if known is not None and known is not anew and now - known.at < FRESH:
                return known
            issuer = self._settings.oidc_issuer
            document = await self._document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if document.get("issuer") != issuer:
                told = str(document.get("issuer"))[:200]
                raise Misconfigured(
                    f"The sign-in provider calls itself {told!r}: set VIGIL_OIDC_ISSUER to exactly that."
                )
            keys = await self._document(_address(document, "jwks_uri"))
            try:
                self._known = _Known(document=document, keys=KeySet.import_key_set(cast("Any", keys)), at=now)
            except (JoseError, ValueError, KeyError, TypeError):
                raise Misconfigured("The sign-in provider's keys can't be read; ask whoever runs it.") from None
            return self._known

    async def _document(self, address: str) -> dict[str, Any]:
        status, told = await self._asked("GET", address)
        if status != 200:
            raise Misconfigured(f"The sign-in provider answered {status} at {address}; check VIGIL_OIDC_ISSUER.")
        return told

    async def _asked(self, method: str, address: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        check_provider_address(address)
        try:
            async with asyncio.timeout(PATIENCE_S), self._client.stream(method, address, **sent) as response:
                body = b""
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _MOST_BYTES:
                        raise Misconfigured("The sign-in provider's answer is longer than any that makes sense.")
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            log.warning("the identity provider can't be asked", extra={"why": type(error).__name__})
            raise Misconfigured(
                "The sign-in provider can't be reached. Try again in a while, or tell an admin."
            ) from None
        try:
            told = cast("object", json.loads(body))
        except (ValueError, RecursionError):
            told = None
        return response.status_code, cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def check_provider_address(address: str) -> None:
    """Raises Misconfigured unless nobody on the way can read along: https, or this very machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1")):
        raise Misconfigured("The sign-in provider has to be reached by https; check VIGIL_OIDC_ISSUER.")


def _address(document: Mapping[str, Any], name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str):
        raise Misconfigured(f"The sign-in provider tells no {name}; check VIGIL_OIDC_ISSUER.")
    check_provider_address(found)
    return found


def _made(secret: str, what: str) -> str:
    """What is derived of the browser's secret: 64 characters, as PKCE wants them."""
    return hmac.new(secret.encode(), f"oidc {what}".encode(), hashlib.sha256).hexdigest()


def _state(secret: str, then: str) -> str:
    return f"{_made(secret, f'state {then}')}.{base64.urlsafe_b64encode(then.encode()).decode()}"


def _then(secret: str, state: str) -> str | None:
    """The page that was wanted; None where the state is not of this browser."""
    _, _, packed = state.partition(".")
    try:
        then = base64.urlsafe_b64decode(packed.encode()).decode()
    except ValueError:
        return None
    return then if secret and hmac.compare_digest(_state(secret, then).encode(), state.encode()) else None


def _why(error: JoseError) -> str:
    return (error.description or error.error or type(error).__name__)[:100]
