"""Who may come in where: every route, with no token, a wrong one, one of too little scope, and one of another workspace."""

from typing import Any

from tests.integration.web.door import OURS, THEIRS, Door, told
from vigil.guard.access import Scope
from vigil.web.application import api_document

Route = tuple[str, str, Scope]


def routes() -> list[Route]:
    """Every route of the API as the OpenAPI document has it, with the scope that it says it wants."""
    found: list[Route] = []
    for path, methods in api_document()["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1"):
                (requirement,) = operation["security"]
                found.append((method.upper(), path.removeprefix("/api/v1"), Scope(requirement["token"][0])))
    return found


def filled(path: str) -> str:
    return path.replace("{", "some-").replace("}", "")


async def test_no_route_opens_without_a_token(door: Door) -> None:
    assert len(routes()) > 20
    for method, path, _ in routes():
        problem = told(await door.call(method, filled(path), scope=None), 401)
        assert problem["code"] == "unauthenticated"


async def test_what_is_no_living_token_is_refused_with_a_challenge(door: Door) -> None:
    for wrong in (
        b"Bearer vgl_wrong",
        b"Bearer",
        b"Bearer ",
        b"Basic dXNlcjpwYXNz",
        b"vgl_wrong",
        b"Bearer \xff\xfe",
        b"\t",
    ):
        response = await door.client.get("/api/v1/workspace", headers=[(b"authorization", wrong)])
        told(response, 401)
        assert response.headers["www-authenticate"].startswith("Bearer")


async def test_no_route_opens_for_a_lesser_scope_even_if_the_body_is_nonsense(door: Door) -> None:
    for method, path, wanted in routes():
        for scope in Scope:
            response = await door.call(method, filled(path), scope=scope, content=b"{nonsense")
            if scope in (wanted, Scope.ADMIN):
                assert response.status_code not in (401, 403), (method, path, scope)
            else:
                assert repr(wanted.value) in told(response, 403)["detail"], (method, path, scope)


async def test_a_revoked_token_opens_nothing(door: Door) -> None:
    made = await door.call("POST", "/tokens", json={"name": "bridge", "scopes": ["read"]})
    headers = {"authorization": f"Bearer {made.json()['secret']}"}
    assert (await door.call("GET", "/tickets", scope=None, headers=headers)).status_code == 200
    assert (await door.call("DELETE", f"/tokens/{made.json()['id']}")).status_code == 204
    told(await door.call("GET", "/tickets", scope=None, headers=headers), 401)


async def test_a_bearer_scheme_is_read_in_any_case(door: Door) -> None:
    headers = {"authorization": f"bEARER {door.tokens[OURS, Scope.READ]}"}
    assert (await door.call("GET", "/tickets", scope=None, headers=headers)).status_code == 200


async def test_what_another_workspace_has_is_not_there(door: Door) -> None:
    await door.write("How do I pay?", workspace=THEIRS)
    (decision,) = await door.decisions(THEIRS)
    token = (await door.administration.tokens(THEIRS))[0]
    webhook = await door.administration.create_integration(
        THEIRS, name="desk", post_url=None, asserts_roles=False, by="test"
    )
    ids = {
        "ticket_id": decision.ticket_id or "",
        "decision_id": decision.id,
        "token_id": token.id,
        "webhook_id": webhook.id,
    }
    bodies: dict[tuple[str, str], Any] = {
        ("PATCH", "/tickets/{ticket_id}"): {"muted": True},
        ("PUT", "/tickets/{ticket_id}/urgency"): {"urgency": "critical"},
        ("POST", "/decisions/{decision_id}/outcome"): {"kind": "adopted"},
    }
    tried = 0
    for method, path, _ in routes():
        if any(f"{{{name}}}" in path for name in ids):
            response = await door.call(method, path.format(**ids), json=bodies.get((method, path)))
            assert told(response, 404)["code"] == "not_found", (method, path)
            tried += 1
    assert tried >= 9
    assert (await door.get("/tickets"))["items"] == []
    assert (await door.get("/decisions"))["items"] == []
    assert (await door.get("/decisions", ticket_id=decision.ticket_id))["items"] == []
    assert [webhook["id"] for webhook in (await door.get("/webhooks"))["items"]] == []
    assert {item["id"] for item in (await door.get("/tokens"))["items"]}.isdisjoint({token.id})
