"""Getting into the console: the first link, invitations, passwords, cookies, forms from elsewhere; and who may come to which page."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.web.browser import PASSWORD, Browser
from tests.integration.web.door import OURS, THEIRS, Door
from vigil.clock import CountingIds, ManualClock
from vigil.domain.account import Part
from vigil.domain.workspace import DEFAULT_WORKSPACE, Workspace
from vigil.settings import Settings
from vigil.store.store import Store
from vigil.web.console.visits import ANYONE

PAGES: dict[tuple[str, str], str] = {
    ("GET", "/"): ANYONE,
    ("GET", "/sign-in"): ANYONE,
    ("POST", "/sign-in"): ANYONE,
    ("POST", "/sign-out"): "viewer",
    ("GET", "/join/{secret}"): ANYONE,
    ("POST", "/join/{secret}"): ANYONE,
    ("GET", "/reset/{secret}"): ANYONE,
    ("POST", "/reset/{secret}"): ANYONE,
    ("GET", "/sign-in/provider"): ANYONE,
    ("GET", "/sign-in/back"): ANYONE,
    ("GET", "/account"): "viewer",
    ("GET", "/workload"): "viewer",
    ("GET", "/tickets/{ticket_id}/summary/{audience}"): "viewer",
    ("POST", "/follow-ups/{follow_up_id}/done"): "analyst",
    ("POST", "/follow-ups/{follow_up_id}/snooze"): "analyst",
    ("POST", "/account/name"): "viewer",
    ("POST", "/account/password"): "viewer",
    ("POST", "/account/leave"): "viewer",
    ("GET", "/static/{name}"): ANYONE,
    ("GET", "/desk"): "viewer",
    ("GET", "/live"): "viewer",
    ("GET", "/tickets/{ticket_id}"): "viewer",
    ("POST", "/tickets/{ticket_id}/messages"): "analyst",
    ("POST", "/tickets/{ticket_id}/change"): "analyst",
    ("POST", "/tickets/{ticket_id}/ask"): "analyst",
    ("POST", "/decisions/{decision_id}/send"): "analyst",
    ("POST", "/decisions/{decision_id}/dismiss"): "analyst",
    ("GET", "/decisions/{decision_id}/why"): "viewer",
    ("GET", "/decisions/{decision_id}/evidence/{number}"): "viewer",
    ("GET", "/knowledge"): "viewer",
    ("GET", "/knowledge/new"): "analyst",
    ("POST", "/knowledge/new"): "analyst",
    ("GET", "/knowledge/entries/{entry_id}"): "viewer",
    ("GET", "/knowledge/entries/{entry_id}/edit"): "analyst",
    ("POST", "/knowledge/entries/{entry_id}/edit"): "analyst",
    ("POST", "/knowledge/entries/{entry_id}/retire"): "analyst",
    ("POST", "/knowledge/entries/{entry_id}/restore"): "analyst",
    ("POST", "/knowledge/entries/{entry_id}/confirm"): "analyst",
    ("GET", "/knowledge/documents"): "viewer",
    ("POST", "/knowledge/documents"): "analyst",
    ("GET", "/knowledge/documents/live"): "viewer",
    ("GET", "/knowledge/documents/remove"): "admin",
    ("POST", "/knowledge/documents/remove"): "admin",
    ("GET", "/knowledge/versions"): "viewer",
    ("GET", "/knowledge/versions/{wanted}"): "viewer",
    ("GET", "/knowledge/versions/{wanted}/back"): "admin",
    ("POST", "/knowledge/versions/{wanted}/back"): "admin",
    ("GET", "/knowledge/lessons"): "viewer",
    ("GET", "/knowledge/lessons/{lesson_id}"): "viewer",
    ("POST", "/knowledge/lessons/{lesson_id}"): "analyst",
    ("GET", "/knowledge/gaps"): "viewer",
    ("GET", "/insight"): "viewer",
    ("GET", "/decisions"): "viewer",
    ("GET", "/decisions/{decision_id}"): "viewer",
    ("GET", "/people"): "admin",
    ("POST", "/people/invitations"): "admin",
    ("POST", "/people/expected"): "admin",
    ("POST", "/people/invitations/{invitation_id}/withdraw"): "admin",
    ("POST", "/people/{account_id}"): "admin",
    ("POST", "/people/{account_id}/reset"): "admin",
    ("GET", "/settings"): "admin",
    ("POST", "/settings"): "admin",
    ("POST", "/settings/switch"): "admin",
    ("GET", "/settings/hours"): "admin",
    ("POST", "/settings/hours"): "admin",
    ("POST", "/settings/channels"): "admin",
    ("GET", "/settings/history"): "admin",
    ("GET", "/settings/topics"): "admin",
    ("GET", "/settings/topic"): "admin",
    ("POST", "/settings/topic"): "admin",
    ("POST", "/settings/topic/mode"): "admin",
    ("POST", "/settings/topic/remove"): "admin",
    ("GET", "/settings/access"): "admin",
    ("POST", "/settings/tokens"): "admin",
    ("POST", "/settings/tokens/{token_id}"): "admin",
    ("POST", "/settings/webhooks"): "admin",
    ("POST", "/settings/webhooks/{webhook_id}"): "admin",
    ("GET", "/settings/follow-ups"): "admin",
    ("POST", "/settings/follow-ups"): "admin",
    ("GET", "/settings/model"): "admin",
    ("POST", "/settings/model"): "admin",
    ("POST", "/settings/model/test"): "admin",
    ("GET", "/help/{workspace}"): ANYONE,
    ("POST", "/help/{workspace}"): ANYONE,
    ("GET", "/help/{workspace}/{room}"): ANYONE,
    ("POST", "/help/{workspace}/{room}"): ANYONE,
    ("GET", "/help/{workspace}/{room}/live"): ANYONE,
}
"""Every page, and who may come: `test_every_route` tries each of them, and fails for one that is missing here."""


async def test_the_first_admin_comes_by_a_link_that_holds_once(door: Door) -> None:
    await door.administration.create_workspace(Workspace(id=DEFAULT_WORKSPACE, name="Default"), by="test")
    secret, other = await door.sign_ins.first_invitation(), await door.sign_ins.first_invitation()
    assert secret is not None
    browser = Browser(door)
    assert "Make your account" in (await browser.get(f"/join/{secret}")).text
    joined = await browser.send(f"/join/{secret}", name="Ada", login="Ada@Example.org", password=PASSWORD)
    assert joined.headers["location"] == "/desk"
    assert "Ada" in (await browser.get("/people")).text
    assert await door.sign_ins.first_invitation() is None
    for spent in (secret, other):
        assert (await Browser(door).get(f"/join/{spent}")).status_code == 404


async def test_an_invitation_is_refused_after_a_week_and_bad_forms_are_told(door: Door) -> None:
    admin = await Browser.of(door, Part.ADMIN)
    page = (await admin.send("/people/invitations", part="analyst", note="Kim")).text
    link = page.split("/join/")[1].split('"')[0]
    browser = Browser(door)
    await browser.get(f"/join/{link}")
    short = await browser.send(f"/join/{link}", name="Kim", login="kim", password="short")
    assert short.status_code == 422
    assert "12 to 200 characters" in short.text
    taken = await browser.send(f"/join/{link}", name="Kim", login=f"ADMIN@{OURS}.example", password=PASSWORD)
    assert taken.status_code == 422
    door.clock.advance(timedelta(days=8))
    assert (await browser.get(f"/join/{link}")).status_code == 404


async def test_signing_in_and_out(door: Door) -> None:
    await Browser.of(door, Part.ANALYST, login="kim")
    browser = Browser(door)
    wrong = await browser.send("/sign-in", login="kim", password="something else")
    nobody = await browser.send("/sign-in", login="nobody", password=PASSWORD)
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert "belong together" in wrong.text
    right = await browser.send("/sign-in", login=" KIM ", password=PASSWORD, next="/tickets/tkt_1")
    assert right.headers["location"] == "/tickets/tkt_1"
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    stolen = dict(browser.cookies)
    assert (await browser.get("/desk")).status_code == 200
    await browser.send("/sign-out")
    assert (await Browser(door, stolen).get("/desk")).status_code == 303


async def test_over_https_a_cookie_is_of_this_server_alone(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, public_url="https://vigil.example.com", customer_page=True)
    door = await Door.open(store, clock, ids, settings=settings)
    _, secret = await door.sign_ins.invite(OURS, Part.ADMIN, note="", by="test")
    joined = await (browser := Browser(door)).send(f"/join/{secret}", name="Ada", login="ada", password=PASSWORD)
    customer = await Browser(door).get(f"/help/{OURS}")
    for response, name in ((joined, "__Host-vigil_visit"), (customer, "__Host-vigil_customer")):
        cookie = response.headers["set-cookie"]
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "domain" not in cookie.lower()
        assert response.headers["strict-transport-security"] == "max-age=31536000"
    assert (await browser.get("/desk")).status_code == 200
    planted = Browser(door, {"vigil_visit": browser.cookies["__Host-vigil_visit"]})
    assert (await planted.get("/desk")).status_code == 303, "one that another server of the domain could have set"
    left = await browser.send("/sign-out")
    assert '__Host-vigil_visit=""' in left.headers["set-cookie"]
    await door.client.aclose()


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:x"])
async def test_a_sign_in_leads_nowhere_else(door: Door, elsewhere: str) -> None:
    await Browser.of(door, Part.VIEWER, login="kim")
    right = await Browser(door).send("/sign-in", login="kim", password=PASSWORD, next=elsewhere)
    assert right.headers["location"] == "/desk"


async def test_too_many_wrong_passwords_have_to_wait(door: Door) -> None:
    await Browser.of(door, Part.ANALYST, login="kim")
    browser = Browser(door)
    for _ in range(5):
        await browser.send("/sign-in", login="kim", password="something else")
    refused = await browser.send("/sign-in", login="kim", password=PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    door.clock.advance(timedelta(minutes=16))
    assert (await browser.send("/sign-in", login="kim", password=PASSWORD)).status_code == 303


async def test_a_browser_is_forgotten_over_night_and_a_disabled_person_at_once(door: Door) -> None:
    admin, analyst = await Browser.of(door, Part.ADMIN), await Browser.of(door, Part.ANALYST)
    account = next(each for each in await door.sign_ins.people(OURS) if each.part is Part.ANALYST)
    changed = await admin.send(f"/people/{account.id}", do="disable")
    assert "disabled" in changed.text
    assert (await analyst.get("/desk")).status_code == 303
    assert (await Browser(door).send("/sign-in", login=account.login, password=PASSWORD)).status_code == 401
    door.clock.advance(timedelta(hours=13))
    assert (await admin.get("/desk")).status_code == 303


async def test_somebody_stays_who_can_invite(door: Door) -> None:
    admin = await Browser.of(door, Part.ADMIN)
    account = (await door.sign_ins.people(OURS))[0]
    for change in ({"do": "disable"}, {"part": "viewer"}):
        assert (await admin.send(f"/people/{account.id}", **change)).status_code == 409
    assert (await admin.get("/people")).status_code == 200


async def test_forms_from_elsewhere_are_refused(door: Door) -> None:
    await door.write("How do I pay?")
    address = f"/tickets/{(await door.decisions())[0].ticket_id}/change"
    analyst = await Browser.of(door, Part.ANALYST)
    other = await Browser.of(door, Part.ADMIN)
    for token in ("", other.token):
        assert (await analyst.send(address, token=token, do="mute")).status_code == 403
    cookies = {"cookie": f"vigil_visit={analyst.cookies['vigil_visit']}"}
    for foreign in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        form: dict[str, Any] = {"token": analyst.token, "do": "mute"}
        refused = await door.client.post(address, data=form, headers={**cookies, **foreign})
        assert refused.status_code == 403
    assert (await analyst.send(address, do="mute")).status_code == 303


async def test_pages_run_nothing_but_our_own_files(door: Door) -> None:
    browser = await Browser.of(door, Part.ADMIN)
    for path in ("/desk", "/people", "/nothing/here", "/sign-in", f"/help/{OURS}"):
        response = await browser.get(path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["cache-control"] == "no-store"
        assert "<script>" not in response.text
        assert " style=" not in response.text


async def test_nothing_is_seen_of_another_workspace(door: Door) -> None:
    await door.write("How do I pay?", workspace=THEIRS)
    decision = (await door.decisions(THEIRS))[0]
    ours = await Browser.of(door, Part.ADMIN)
    assert "How do I pay" not in (await ours.get("/desk?view=all")).text
    theirs = await Browser.of(door, Part.ADMIN, workspace=THEIRS)
    account = (await door.sign_ins.people(THEIRS))[0]
    for path in (
        f"/tickets/{decision.ticket_id}",
        f"/decisions/{decision.id}/why",
        f"/decisions/{decision.id}/evidence/0",
    ):
        assert (await ours.get(path)).status_code == 404
    for path in (
        f"/tickets/{decision.ticket_id}/change",
        f"/tickets/{decision.ticket_id}/messages",
        f"/decisions/{decision.id}/send",
        f"/decisions/{decision.id}/dismiss",
        f"/people/{account.id}",
    ):
        refused = await ours.send(path, do="mute", text="hello", reason="Wrong")
        assert refused.status_code == 404, path
    assert (await ours.get(f"/help/{THEIRS}")).status_code == 404
    assert "How do I pay" in (await theirs.get("/desk")).text
