"""Signing in through an identity provider, over real HTTP on loopback: who is let in as what, and each answer that must not be believed."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from tests.integration.web.browser import PASSWORD, Browser
from tests.integration.web.door import OURS, Door
from vigil.clock import CountingIds, ManualClock
from vigil.domain.account import Part
from vigil.errors import Misconfigured
from vigil.guard.oidc import check_provider_address
from vigil.runtime.newcomers import Newcomers, parts_by_group
from vigil.settings import Settings
from vigil.store.store import Store
from vigil.testing.identity_provider import CLIENT, CLIENT_SECRET, IdentityProviderStub, Json, StubPerson, honest
from vigil.web.services import Services


@pytest.fixture
async def provider(clock: ManualClock) -> AsyncIterator[IdentityProviderStub]:
    async with IdentityProviderStub(clock) as running:
        yield running


async def opened(
    store: Store, clock: ManualClock, ids: CountingIds, home: Path, provider: IdentityProviderStub, **more: Any
) -> Door:
    settings = Settings(
        home=home,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        oidc_name="Example",
        oidc_workspace=OURS,
        **more,
    )
    return await Door.open(store, clock, ids, settings=settings)


@pytest.fixture
async def door(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path, provider: IdentityProviderStub
) -> AsyncIterator[Door]:
    door = await opened(store, clock, ids, tmp_path, provider)
    yield door
    await closed(door)


async def closed(door: Door) -> None:
    services: Services = door.app.state.services
    assert services.console is not None
    assert services.console.provider is not None
    await services.console.provider.identities.close()
    await door.client.aclose()


def newcomers(door: Door) -> Newcomers:
    services: Services = door.app.state.services
    assert services.console is not None
    assert services.console.provider is not None
    return services.console.provider.newcomers


async def at_the_provider(browser: Browser, *, then: str = "/desk") -> str:
    """Go there, and return the address that it sends the browser back to."""
    left = await browser.get(f"/sign-in/provider?next={then}")
    assert left.status_code == 303, left.text
    async with httpx2.AsyncClient() as client:
        there = await client.get(left.headers["location"])
    assert there.status_code == 302, there.text
    back = urlsplit(there.headers["location"])
    assert back.path == "/sign-in/back"
    return f"{back.path}?{back.query}"


async def through(browser: Browser, *, then: str = "/desk") -> httpx2.Response:
    """There and back."""
    return await browser.get(await at_the_provider(browser, then=then))


async def test_who_was_invited_comes_in_and_stays_known_by_their_id(door: Door, provider: IdentityProviderStub) -> None:
    await newcomers(door).expect(OURS, Part.ANALYST, email="Kim@Example.org", name="Kim", by="ada")
    browser = Browser(door)
    assert "Sign in with Example" in (await browser.get("/sign-in?next=/tickets/tkt_1")).text
    back = await through(browser, then="/tickets/tkt_1")
    assert back.headers["location"] == "/tickets/tkt_1"
    assert (await browser.get("/desk")).status_code == 200
    provider.person = replace(provider.person, email="kim.new@example.org")
    assert (await through(Browser(door))).headers["location"] == "/desk"
    (account,) = await door.sign_ins.people(OURS)
    assert (account.login, account.part, account.linked, account.password) == (
        "kim@example.org",
        "analyst",
        True,
        False,
    )


async def test_who_was_not_invited_is_told_whom_to_ask(door: Door, provider: IdentityProviderStub) -> None:
    provider.person = StubPerson(email="stranger@example.org")
    page = await through(browser := Browser(door))
    assert page.status_code == 403
    assert "invited yet" in page.text
    assert "stranger@example.org" in page.text
    assert (await browser.get("/desk")).status_code == 303
    assert await door.sign_ins.people(OURS) == []


async def test_an_address_that_nobody_verified_opens_nothing(door: Door, provider: IdentityProviderStub) -> None:
    await newcomers(door).expect(OURS, Part.ADMIN, email="kim@example.org", name="Kim", by="ada")
    for verified in (False, None, "false", 1, "yes", [True]):
        provider.lies = [changed(email_verified=verified)]
        assert (await through(Browser(door))).status_code == 403, verified


async def test_an_account_with_a_password_is_not_taken_over_by_its_name(
    door: Door, provider: IdentityProviderStub
) -> None:
    admin = await Browser.of(door, Part.ADMIN, login="ada")
    await Browser.of(door, Part.VIEWER, login="kim@example.org")
    refused = await through(Browser(door))
    assert refused.status_code == 403
    assert "in another way" in refused.text
    account = next(each for each in await door.sign_ins.people(OURS) if each.login == "kim@example.org")
    await door.recovery.take_password(OURS, account.id, by="ada")
    assert (await Browser(door).send("/sign-in", login="kim@example.org", password=PASSWORD)).status_code == 401
    for guess in ("", "nobody signs in with this"):
        assert (await Browser(door).send("/sign-in", login="kim@example.org", password=guess)).status_code == 401
    assert (await through(Browser(door))).headers["location"] == "/desk"
    assert (await admin.get("/desk")).status_code == 200


async def test_a_disabled_person_stays_out(door: Door, provider: IdentityProviderStub) -> None:
    account = await newcomers(door).expect(OURS, Part.ANALYST, email="kim@example.org", name="Kim", by="ada")
    await Browser.of(door, Part.ADMIN)
    await through(Browser(door))
    await door.sign_ins.change(OURS, account.id, by="ada", disabled=True)
    refused = await through(Browser(door))
    assert refused.status_code == 403
    assert "disabled" in refused.text


async def test_groups_say_who_may_do_what(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path, provider: IdentityProviderStub
) -> None:
    roles = ("desk-leads=admin", "support=analyst")
    door = await opened(store, clock, ids, tmp_path, provider, oidc_roles=roles)
    provider.person = StubPerson(more={"groups": ["support", "golf"]})
    assert (await through(Browser(door))).headers["location"] == "/desk"
    lead = StubPerson(sub="user-2", email="", name="Lead", more={"groups": ["desk-leads", "support"]})
    provider.person = lead
    assert (await through(Browser(door))).headers["location"] == "/desk"
    assert [(each.name, each.part) for each in await door.sign_ins.people(OURS)] == [
        ("Kim Sato", "analyst"),
        ("Lead", "admin"),
    ]
    provider.person = replace(lead, more={"groups": ["support"]})
    await through(Browser(door))
    assert (await door.sign_ins.people(OURS))[1].part is Part.ADMIN, "the only admin stays one"
    provider.person = StubPerson(more={"groups": "desk-leads"})
    await through(Browser(door))
    assert (await door.sign_ins.people(OURS))[0].part is Part.ADMIN
    for groups in ([], ["golf"], ["Support"], None, {"support": True}, [["support"]]):
        provider.person = StubPerson(more={"groups": groups})
        assert (await through(Browser(door))).status_code == 403, groups
    provider.person = StubPerson()
    provider.userinfo = {"sub": "user-1", "groups": ["support"]}
    clock.advance(timedelta(hours=2))  # what the provider says of itself is read anew
    assert (await through(Browser(door))).headers["location"] == "/desk"
    provider.userinfo = {"sub": "somebody else", "groups": ["support"]}
    assert (await through(Browser(door))).status_code == 403
    await closed(door)


def changed(**claims: Any) -> Callable[[Json], None]:
    return lambda told: told.update(claims)


def without(name: str) -> Callable[[Json], None]:
    def lie(told: Json) -> None:
        del told[name]

    return lie


LIES: dict[str, Callable[[Json], None]] = {
    "another nonce": changed(nonce="0" * 64),
    "no nonce": without("nonce"),
    "another audience": changed(aud="somebody"),
    "another audience among several": changed(aud=["somebody", "else"]),
    "several audiences and nobody named": changed(aud=[CLIENT, "somebody"]),
    "made for another client": changed(azp="somebody"),
    "no audience": without("aud"),
    "another issuer": changed(iss="https://evil.example"),
    "expired": lambda told: told.update(exp=told["iat"] - 61),
    "never expires": without("exp"),
    "expires at no time": changed(exp="tomorrow"),
    "from the future": lambda told: told.update(iat=told["iat"] + 120),
    "nobody": without("sub"),
    "no text for a subject": changed(sub=7),
}


async def test_a_lying_token_opens_nothing(door: Door, provider: IdentityProviderStub) -> None:
    await newcomers(door).expect(OURS, Part.ADMIN, email="kim@example.org", name="Kim", by="ada")
    for what, lie in LIES.items():
        provider.lies = [lie]
        page = await through(browser := Browser(door))
        assert page.status_code == 403, what
        assert "hold (" in page.text, what
        assert (await browser.get("/desk")).status_code == 303, what
    provider.lies = []
    assert (await through(Browser(door))).status_code == 303


def packed(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: Json, _key: RSAKey) -> str:
    return f"{packed({'alg': 'none'})}.{packed(claims)}."


def unsigned_in_capitals(claims: Json, _key: RSAKey) -> str:
    return f"{packed({'alg': 'NONE', 'kid': 'key-1'})}.{packed(claims)}.x"


def signed_with_the_public_key(claims: Json, key: RSAKey) -> str:
    signed = f"{packed({'alg': 'HS256', 'kid': 'key-1'})}.{packed(claims)}"
    mark = hmac.new(key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def signed_by_another(claims: Json, _key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": "key-1"}, claims, RSAKey.generate_key(2048, private=True))


def with_its_own_key(claims: Json, _key: RSAKey) -> str:
    own = RSAKey.generate_key(2048, private=True)
    return jwt.encode({"alg": "RS256", "jwk": own.as_dict(private=False)}, claims, own)


def unknown_key(claims: Json, key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": "another"}, claims, key)


def broken(claims: Json, key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": "key-1"}, claims, key)[:-4] + "AAAA"


def no_token(_claims: Json, _key: RSAKey) -> str:
    return "no token"


def nothing(_claims: Json, _key: RSAKey) -> str:
    return ""


def three_parts(claims: Json, _key: RSAKey) -> str:
    return ".".join([packed(claims)] * 3)


async def test_a_signature_that_does_not_hold_opens_nothing(door: Door, provider: IdentityProviderStub) -> None:
    await newcomers(door).expect(OURS, Part.ADMIN, email="kim@example.org", name="Kim", by="ada")
    for sign in (
        unsigned,
        unsigned_in_capitals,
        signed_with_the_public_key,
        signed_by_another,
        with_its_own_key,
        unknown_key,
        broken,
        no_token,
        nothing,
        three_parts,
    ):
        provider.sign = sign
        assert (await through(Browser(door))).status_code == 403, sign
    provider.sign = honest
    assert (await through(Browser(door))).status_code == 303


async def test_a_sign_in_can_not_be_pushed_onto_another_browser(door: Door, provider: IdentityProviderStub) -> None:
    await newcomers(door).expect(OURS, Part.ADMIN, email="kim@example.org", name="Kim", by="ada")
    mine, theirs = Browser(door), Browser(door)
    address = await at_the_provider(mine)
    await at_the_provider(theirs)
    assert (await theirs.get(address)).status_code == 403
    assert (await Browser(door).get(address)).status_code == 403
    mine = Browser(door)
    address = await at_the_provider(mine)
    query = dict(parse_qsl(urlsplit(address).query))
    mark, _, _ = query["state"].partition(".")
    elsewhere = base64.urlsafe_b64encode(b"//evil.example").decode()
    for changed_query in (
        {**query, "state": ""},
        {**query, "state": f"{mark}.{elsewhere}"},
        {**query, "state": "\xff.\xff"},
        {**query, "iss": "https://evil.example"},
        {**query, "code": ""},
        {"error": "access_denied", "state": query["state"]},
    ):
        again = Browser(door, dict(mine.cookies))
        answer = "&".join(f"{name}={value}" for name, value in changed_query.items())
        assert (await again.get(f"/sign-in/back?{answer}")).status_code == 403, changed_query
    kept = Browser(door, dict(mine.cookies))
    assert (await mine.get(address)).status_code == 303
    assert (await kept.get(address)).status_code == 403, "a code holds once"


async def test_new_keys_of_the_provider_are_fetched_and_not_for_every_made_up_token(
    door: Door, provider: IdentityProviderStub, clock: ManualClock
) -> None:
    await newcomers(door).expect(OURS, Part.ADMIN, email="kim@example.org", name="Kim", by="ada")
    assert (await through(Browser(door))).status_code == 303
    clock.advance(timedelta(minutes=2))
    provider.turn_key()
    assert (await through(Browser(door))).status_code == 303
    provider.sign = signed_by_another
    asked = provider.asked.count("/desk/keys")
    for _ in range(3):
        assert (await through(Browser(door))).status_code == 403
    assert provider.asked.count("/desk/keys") == asked


async def test_a_provider_that_is_away_or_another_is_told_and_passwords_still_work(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path, provider: IdentityProviderStub
) -> None:
    door = await opened(store, clock, ids, tmp_path, provider)
    provider.says_issuer = "https://elsewhere.example"
    page = await Browser(door).get("/sign-in/provider")
    assert page.status_code == 503
    assert "elsewhere.example" in page.text
    provider.says_issuer = "http://127.0.0.1:1/x"
    assert (await Browser(door).get("/sign-in/provider")).status_code == 503
    await Browser.of(door, Part.VIEWER, login="kim")
    assert (await Browser(door).send("/sign-in", login="kim", password=PASSWORD)).status_code == 303
    await closed(door)


async def test_without_a_provider_there_is_no_such_door(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path
) -> None:
    door = await Door.open(store, clock, ids, settings=Settings(home=tmp_path))
    assert "Sign in with" not in (await Browser(door).get("/sign-in")).text
    for path in ("/sign-in/provider", "/sign-in/back?code=x&state=y"):
        assert (await Browser(door).get(path)).status_code == 404
    await door.client.aclose()


def test_a_wrong_setting_is_told() -> None:
    assert parts_by_group(["a=b=admin"]) == {"a=b": Part.ADMIN}
    for wrong in ("support", "support=boss", "=admin"):
        with pytest.raises(Misconfigured, match="GROUP=PART"):
            parts_by_group([wrong])
    for address in ("http://login.example.org", "ftp://localhost", "javascript:x", ""):
        with pytest.raises(Misconfigured, match="https"):
            check_provider_address(address)
