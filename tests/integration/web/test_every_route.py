"""Every route of the application and every kind of caller: nobody, each part, the admin of another workspace, each scope of a token. The
routes are read from the application itself, so that a new one without a row in a table fails here."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.integration.web.browser import Browser
from tests.integration.web.door import OURS, THEIRS, Door
from tests.integration.web.test_console_entrance import PAGES
from vigil.domain.account import Part
from vigil.domain.topic import Topic
from vigil.guard.access import Scope
from vigil.runtime.health import Health
from vigil.store.conversations import TicketFilter
from vigil.web.api.callers import SCHEME
from vigil.web.console.visits import ANYONE
from vigil.web.watch import Watch, routes_of

Route = tuple[str, str]

SIGNED = "signed"
"""Whoever can sign with the webhook's secret."""
API: dict[Route, Scope] = {
    ("POST", "/api/v1/messages"): Scope.WRITE,
    ("POST", "/api/v1/messages/batch"): Scope.WRITE,
    ("GET", "/api/v1/tickets"): Scope.READ,
    ("GET", "/api/v1/tickets/{ticket_id}"): Scope.READ,
    ("PATCH", "/api/v1/tickets/{ticket_id}"): Scope.WRITE,
    ("GET", "/api/v1/tickets/{ticket_id}/messages"): Scope.READ,
    ("GET", "/api/v1/tickets/{ticket_id}/progress"): Scope.READ,
    ("GET", "/api/v1/tickets/{ticket_id}/summary"): Scope.READ,
    ("GET", "/api/v1/follow-ups"): Scope.READ,
    ("POST", "/api/v1/follow-ups/{follow_up_id}/snooze"): Scope.WRITE,
    ("POST", "/api/v1/follow-ups/{follow_up_id}/done"): Scope.WRITE,
    ("POST", "/api/v1/follow-ups/{follow_up_id}/wrong"): Scope.WRITE,
    ("GET", "/api/v1/follow-up-rules"): Scope.ADMIN,
    ("PATCH", "/api/v1/follow-up-rules"): Scope.ADMIN,
    ("GET", "/api/v1/workload"): Scope.READ,
    ("GET", "/api/v1/tickets/{ticket_id}/triage"): Scope.READ,
    ("PUT", "/api/v1/tickets/{ticket_id}/urgency"): Scope.WRITE,
    ("GET", "/api/v1/tickets/{ticket_id}/decisions"): Scope.READ,
    ("GET", "/api/v1/decisions"): Scope.READ,
    ("GET", "/api/v1/decisions/{decision_id}"): Scope.READ,
    ("GET", "/api/v1/decisions/{decision_id}/story"): Scope.READ,
    ("POST", "/api/v1/decisions/{decision_id}/outcome"): Scope.WRITE,
    ("GET", "/api/v1/knowledge/search"): Scope.READ,
    ("POST", "/api/v1/knowledge/ask"): Scope.READ,
    ("POST", "/api/v1/knowledge/entries"): Scope.KNOWLEDGE,
    ("POST", "/api/v1/knowledge/documents"): Scope.KNOWLEDGE,
    ("GET", "/api/v1/knowledge/documents"): Scope.READ,
    ("DELETE", "/api/v1/knowledge/documents"): Scope.KNOWLEDGE,
    ("GET", "/api/v1/knowledge/entries/{entry_id}"): Scope.READ,
    ("DELETE", "/api/v1/knowledge/entries/{entry_id}"): Scope.KNOWLEDGE,
    ("GET", "/api/v1/knowledge/versions"): Scope.READ,
    ("GET", "/api/v1/knowledge/diff"): Scope.READ,
    ("POST", "/api/v1/knowledge/rollback"): Scope.KNOWLEDGE,
    ("GET", "/api/v1/knowledge/lessons"): Scope.READ,
    ("GET", "/api/v1/knowledge/lessons/{lesson_id}"): Scope.READ,
    ("POST", "/api/v1/knowledge/lessons/{lesson_id}/accept"): Scope.KNOWLEDGE,
    ("POST", "/api/v1/knowledge/lessons/{lesson_id}/keep"): Scope.KNOWLEDGE,
    ("POST", "/api/v1/knowledge/lessons/{lesson_id}/reject"): Scope.KNOWLEDGE,
    ("POST", "/api/v1/knowledge/entries/{entry_id}/confirm"): Scope.KNOWLEDGE,
    ("GET", "/api/v1/knowledge/entries/{entry_id}/trust"): Scope.READ,
    ("GET", "/api/v1/knowledge/gaps"): Scope.READ,
    ("GET", "/api/v1/workspace"): Scope.ADMIN,
    ("PATCH", "/api/v1/workspace"): Scope.ADMIN,
    ("GET", "/api/v1/topics"): Scope.ADMIN,
    ("PUT", "/api/v1/topics"): Scope.ADMIN,
    ("GET", "/api/v1/people"): Scope.ADMIN,
    ("PUT", "/api/v1/people/{channel}/{person_id}"): Scope.ADMIN,
    ("GET", "/api/v1/tokens"): Scope.ADMIN,
    ("POST", "/api/v1/tokens"): Scope.ADMIN,
    ("DELETE", "/api/v1/tokens/{token_id}"): Scope.ADMIN,
    ("GET", "/api/v1/webhooks"): Scope.ADMIN,
    ("POST", "/api/v1/webhooks"): Scope.ADMIN,
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): Scope.ADMIN,
    ("GET", "/api/v1/inbox/parked"): Scope.ADMIN,
    ("POST", "/api/v1/inbox/parked/{event_id}/retry"): Scope.ADMIN,
    ("DELETE", "/api/v1/inbox/parked/{event_id}"): Scope.ADMIN,
}
"""What each route behind a token wants."""
OTHERS: dict[Route, str] = {
    ("POST", "/hooks/{workspace}/{webhook_id}"): SIGNED,
    ("GET", "/api/v1/openapi.json"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
}
"""What is neither a page nor behind a token."""
TABLE: dict[Route, str] = {**PAGES, **API, **OTHERS}

BODIES: dict[Route, dict[str, Any]] = {
    ("PATCH", "/api/v1/tickets/{ticket_id}"): {"muted": True},
    ("POST", "/api/v1/decisions/{decision_id}/outcome"): {"kind": "adopted"},
    ("PUT", "/api/v1/tickets/{ticket_id}/urgency"): {"urgency": None},
    ("POST", "/api/v1/follow-ups/{follow_up_id}/snooze"): {"until": "2026-03-02T12:00:00Z"},
    ("POST", "/api/v1/follow-ups/{follow_up_id}/wrong"): {"reason": "wrong"},
    ("POST", "/api/v1/knowledge/lessons/{lesson_id}/reject"): {"reason": "wrong"},
    ("PUT", "/api/v1/people/{channel}/{person_id}"): {"name": "Mallory", "role": "analyst"},
}
"""What a route wants to be sent before it looks at ids."""
EMPTY: dict[str, Any] = {}
FORMS = {
    "do": "disable",
    "part": "viewer",
    "text": "hello",
    "reason": "Wrong",
    "key": "theirs",
    "mode": "shadow",
    "name": "Mallory",
    "note": "x",
    "hours": "1",
}
"""What any page's form may want."""
DOES: dict[str, str] = {
    "/tickets/{ticket_id}/change": "mute",
    "/settings/tokens/{token_id}": "revoke",
    "/settings/webhooks/{webhook_id}": "disable",
}
OPEN_BY_SECRET = frozenset({"secret", "name", "room"})
"""Parts of an address that no other workspace has: a link's own secret, a file of ours, a customer's own room."""


def found_in(app: FastAPI) -> dict[Route, str]:
    """Each route, and what it says of itself."""
    found: dict[Route, str] = {}
    for route in iter_route_contexts(app.routes):
        extra: dict[str, Any] = getattr(route, "openapi_extra", None) or {}
        said = str(extra.get("x-part") or next((each[SCHEME][0] for each in extra.get("security", ())), ""))
        methods: set[str] = getattr(route, "methods", None) or set()
        for method in methods - {"HEAD"}:
            assert route.path is not None
            found[method, route.path.replace(":path}", "}")] = said
    return found


@pytest.fixture
async def watched(door: Door) -> Door:
    """With the addresses for who watches; and open pages are let go at once."""
    health = Health(store=door.store, knowledge=door.knowledge, model_last=None)
    door.app.router.routes.extend(routes_of(Watch(health=health, metrics=None)))
    door.pulse.end()
    return door


async def test_the_table_names_every_route_and_what_it_wants(watched: Door) -> None:
    found = found_in(watched.app)
    assert found.keys() == TABLE.keys()
    assert {route: said for route, said in found.items() if route not in OTHERS} == {**PAGES, **API}


def address(path: str, ids: dict[str, str] | None = None) -> str:
    for name in {part.split("}")[0] for part in path.split("{")[1:]}:
        path = path.replace(f"{{{name}}}", (ids or {}).get(name, f"nothing-{name}" if name != "number" else "0"))
    return path


async def knock(browser: Browser, route: Route, ids: dict[str, str] | None = None) -> int:
    """What a browser gets: 401 where it is led to the sign-in."""
    method, path = route
    form = {**FORMS, **({"do": DOES[path]} if path in DOES else {})} if ids else {}
    at = address(path, ids)
    response = await (browser.get(at) if method == "GET" else browser.send(at, **form))
    if response.status_code == 303 and response.headers["location"].startswith("/sign-in?"):
        return 401
    return response.status_code


async def test_each_page_opens_for_its_part_and_those_above(watched: Door) -> None:
    guarded = {route: Part(part) for route, part in PAGES.items() if part != ANYONE}
    for route in guarded:
        assert await knock(Browser(watched), route) == 401, route
        assert await knock(Browser(watched, {"vigil_visit": "made-up"}), route) == 401, route
    for part in Part:
        browser = await Browser.of(watched, part)
        for route, wanted in guarded.items():
            if route[1] in ("/sign-out", "/account/leave"):
                continue  # whoever left is out: below
            status = await knock(browser, route)
            assert (status in (401, 403)) != part.includes(wanted), (part, route, status)
            assert status != 500, route
    for path in ("/sign-out", "/account/leave"):
        assert await knock(await Browser.of(watched, Part.VIEWER, login=path), ("POST", path)) == 303


async def test_pages_for_anyone_open_for_everybody_and_tell_nobody_more(watched: Door) -> None:
    for route in (route for route, part in PAGES.items() if part == ANYONE):
        for caller in (
            Browser(watched),
            await Browser.of(watched, Part.VIEWER, login=" ".join(route).replace(" ", "")),
        ):
            assert await knock(caller, route) in (200, 303, 401, 403, 404, 422), route


async def test_no_form_is_taken_without_the_token_of_its_page(watched: Door) -> None:
    admin = await Browser.of(watched, Part.ADMIN)
    for method, path in PAGES:
        if method == "POST" and PAGES[method, path] != ANYONE:
            for token in ("", "0" * 64):
                assert (await admin.send(address(path), token=token, **FORMS)).status_code == 403, path
            foreign = await watched.client.post(
                address(path),
                data={"token": admin.token},
                headers={"cookie": f"vigil_visit={admin.cookies['vigil_visit']}", "sec-fetch-site": "cross-site"},
            )
            assert foreign.status_code == 403, path
    assert (await admin.get("/desk")).status_code == 200


async def test_a_cookie_opens_nothing_of_the_api_and_a_token_no_page(watched: Door) -> None:
    admin = await Browser.of(watched, Part.ADMIN)
    for method, path in API:
        cookie = {"cookie": f"vigil_visit={admin.cookies['vigil_visit']}"}
        assert (await watched.client.request(method, address(path), headers=cookie)).status_code == 401, path
    bearer = {"authorization": f"Bearer {watched.tokens[OURS, Scope.ADMIN]}", "sec-fetch-site": "same-origin"}
    for (method, path), part in PAGES.items():
        if part != ANYONE:
            response = await watched.client.request(method, address(path), headers=bearer)
            assert response.headers.get("location", "").startswith("/sign-in?"), path


async def test_each_scope_opens_what_it_says_and_nothing_else(watched: Door) -> None:
    for (method, path), wanted in API.items():
        at = address(path).removeprefix("/api/v1")
        for scope in (None, *Scope):
            status = (await watched.call(method, at, scope=scope, content=b"{nonsense")).status_code
            if scope is None:
                assert status == 401, (method, path)
            else:
                assert (status == 403) != (scope in (wanted, Scope.ADMIN)), (method, path, scope, status)


async def test_what_another_workspace_has_is_not_there_for_its_admins(watched: Door) -> None:
    """Each address with an id in it, filled with ids that exist next door."""
    door = watched
    await door.write("How do I pay?", workspace=THEIRS)
    decision = (await door.decisions(THEIRS))[0]
    await Browser.of(door, Part.ADMIN, workspace=THEIRS)
    await Browser.of(door, Part.ANALYST, workspace=THEIRS)
    await door.administration.set_topic(THEIRS, Topic(key="theirs", name="Theirs"), by="test")
    await door.sign_ins.invite(THEIRS, Part.VIEWER, note="", by="test")
    webhook = await door.administration.create_integration(
        THEIRS, name="desk", post_url=None, asserts_roles=False, by="test"
    )
    ids = {
        "ticket_id": decision.ticket_id or "",
        "decision_id": decision.id,
        "account_id": (await door.sign_ins.people(THEIRS))[1].id,
        "invitation_id": (await door.sign_ins.invitations(THEIRS))[0].id,
        "token_id": (await door.administration.tokens(THEIRS))[0].id,
        "webhook_id": webhook.id,
        "workspace": THEIRS,
        "audience": "lead",
    }
    before = await told(door)
    admin, tried = await Browser.of(door, Part.ADMIN), 0
    for method, path in PAGES:
        if "{" in path and not any(f"{{{name}}}" in path for name in OPEN_BY_SECRET):
            assert await knock(admin, (method, path), ids) == 404, (method, path)
            tried += 1
    for path in ("/settings/topic", "/settings/topic/mode", "/settings/topic/remove"):
        assert (await admin.send(path, **FORMS)).status_code == 404, path
    for method, path in API:
        if "{" in path and "/people/" not in path:
            response = await door.call(
                method,
                address(path, ids).removeprefix("/api/v1"),
                json=BODIES.get((method, path), None if method in ("GET", "DELETE") else EMPTY),
            )
            assert response.status_code == 404, (method, path, response.text)
            tried += 1
    assert tried > 20
    for method, path in PAGES:
        if method == "GET" and "{" not in path and PAGES[method, path] != ANYONE and path != "/live":
            page = (await admin.get(path)).text
            assert "How do I pay" not in page, path
            assert ids["token_id"] not in page, path
            assert THEIRS not in page, path
    assert await told(door) == before


async def told(door: Door) -> list[Any]:
    """Everything of the other workspace that an admin sees."""
    there = door.administration
    return [
        await there.workspace(THEIRS),
        await there.topics(THEIRS),
        await there.people(THEIRS),
        await there.tokens(THEIRS),
        await there.integrations(THEIRS),
        await there.history(THEIRS, limit=1000),
        await door.sign_ins.people(THEIRS),
        await door.sign_ins.invitations(THEIRS),
        await door.decisions(THEIRS),
        await door.desk.tickets(THEIRS, TicketFilter()),
    ]


async def test_a_webhook_opens_for_its_secret_alone(watched: Door) -> None:
    made = await watched.administration.create_integration(
        OURS, name="desk", post_url=None, asserts_roles=False, by="test"
    )
    admin = await Browser.of(watched, Part.ADMIN)
    headers = {
        "cookie": f"vigil_visit={admin.cookies['vigil_visit']}",
        "authorization": f"Bearer {watched.tokens[OURS, Scope.ADMIN]}",
    }
    for given in ({}, headers):
        assert (await watched.client.post(f"/hooks/{OURS}/{made.id}", headers=given)).status_code == 401
    assert (await watched.client.post(f"/hooks/{THEIRS}/{made.id}", headers=headers)).status_code == 404


async def test_who_is_disabled_or_made_less_may_no_more_from_that_moment(watched: Door) -> None:
    await Browser.of(watched, Part.ADMIN, login="stays")
    admin = await Browser.of(watched, Part.ADMIN, login="goes")
    account = next(each for each in await watched.sign_ins.people(OURS) if each.login == "goes")
    assert (await admin.get("/settings")).status_code == 200
    await watched.sign_ins.change(OURS, account.id, by="test", part=Part.ANALYST)
    assert (await admin.get("/settings")).status_code == 403
    await watched.sign_ins.change(OURS, account.id, by="test", disabled=True)
    for method, path in PAGES:
        if PAGES[method, path] != ANYONE:
            assert await knock(admin, (method, path)) == 401, path
