"""Setting up a workspace over the API: the big switch, topics, people, and secrets that are shown once."""

from tests.integration.web.door import OURS, THEIRS, Door, told
from vigil.guard.access import Scope


async def test_the_big_switch_and_the_rest_of_a_workspace(door: Door) -> None:
    before = await door.get("/workspace")
    assert (before["id"], before["silenced"], before["default_autonomy"]) == (OURS, False, "suggest")
    change = {"silenced": True, "default_autonomy": "shadow", "name": "Acme & Söhne"}
    after = (await door.call("PATCH", "/workspace", json=change)).json()
    assert after == {**before, **change} == await door.get("/workspace")
    assert (await door.call("PATCH", "/workspace", json={"silenced": False})).json()["silenced"] is False
    assert (await door.administration.workspace(THEIRS)).silenced is False
    wrongs: list[object] = [
        {"silenced": 1},
        {"name": "a\x00b"},
        {"name": ""},
        {"name": "x" * 201},
        {"id": "mine"},
        [],
        "x",
    ]
    for wrong in wrongs:
        told(await door.call("PATCH", "/workspace", json=wrong), 422)


async def test_a_topic_list_is_replaced_whole(door: Door) -> None:
    assert await door.get("/topics") == {"version": 0, "topics": []}
    billing = {
        "key": "billing",
        "name": "Billing",
        "description": "Invoices,\nrefunds",
        "examples": ["Why was I charged twice? 💸"],
        "owner": "the billing team",
        "autonomy": "auto",
    }
    replaced = (await door.call("PUT", "/topics", json={"topics": [billing, {"key": "vm", "name": "Machines"}]})).json()
    assert replaced["version"] == 1
    assert replaced == await door.get("/topics")
    assert replaced["topics"][0] == billing
    assert replaced["topics"][1]["autonomy"] == "suggest"
    assert (await door.call("PUT", "/topics", json={"topics": []})).json() == {"version": 2, "topics": []}
    twice = told(await door.call("PUT", "/topics", json={"topics": [billing, billing]}), 422)
    assert "billing" in twice["detail"]
    for wrong in ({"key": "Billing", "name": "x"}, {"key": "billing"}, {**billing, "examples": ["\x00"]}):
        told(await door.call("PUT", "/topics", json={"topics": [wrong]}), 422)
    told(await door.call("PUT", "/topics", json={"topics": [billing] * 501}), 422)


async def test_people_are_known_by_channel_and_id(door: Door) -> None:
    for person_id in ("grace", "room@chat.example.com/grace", "ülkü 1"):
        path = f"/people/webhook:whk_1/{person_id}"
        said = await door.call("PUT", path, json={"name": "Grace", "role": "analyst"})
        assert said.json() == {"channel": "webhook:whk_1", "id": person_id, "name": "Grace", "role": "analyst"}
    again = await door.call("PUT", "/people/webhook:whk_1/grace", json={"name": "Grace H.", "role": "bystander"})
    assert again.status_code == 200
    people = (await door.get("/people"))["items"]
    assert {person["id"]: person["role"] for person in people} == {
        "grace": "bystander",
        "room@chat.example.com/grace": "analyst",
        "ülkü 1": "analyst",
    }
    for path in ("/people/api/%00", "/people/api/" + "x" * 201, "/people/" + "x" * 129 + "/grace", "/people/api/%20a"):
        told(await door.call("PUT", path, json={"name": "Grace", "role": "analyst"}), 422)
    told(await door.call("PUT", "/people/api/grace", json={"name": "Grace", "role": "queen"}), 422)


async def test_a_tokens_secret_is_shown_once(door: Door) -> None:
    made = await door.call("POST", "/tokens", json={"name": "bridge", "scopes": ["write", "read"]})
    assert made.status_code == 201
    token = made.json()
    secret = token.pop("secret")
    assert secret.startswith("vgl_")
    assert token["scopes"] == ["read", "write"]
    listed = await door.call("GET", "/tokens")
    assert token in listed.json()["items"]
    assert secret not in listed.text
    assert (await door.call("DELETE", f"/tokens/{token['id']}")).status_code == 204
    told(await door.call("DELETE", f"/tokens/{token['id']}"), 404)
    revoked = [item for item in (await door.get("/tokens"))["items"] if item["revoked_at"] is not None]
    assert [item["id"] for item in revoked] == [token["id"]]
    wrongs: list[object] = [{"name": "x", "scopes": []}, {"name": "x", "scopes": ["root"]}, {"scopes": ["read"]}]
    for wrong in wrongs:
        told(await door.call("POST", "/tokens", json=wrong), 422)


async def test_a_webhooks_secret_is_shown_once(door: Door) -> None:
    wanted = {"name": "Help desk", "post_url": "https://desk.example.com:8443/vigil?team=1", "asserts_roles": True}
    made = await door.call("POST", "/webhooks", json=wanted)
    assert made.status_code == 201
    webhook = made.json()
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert webhook["receive_path"] == f"/hooks/{OURS}/{webhook['id']}"
    assert webhook["channel"] == f"webhook:{webhook['id']}"
    listed = await door.call("GET", "/webhooks")
    assert listed.json()["items"] == [webhook]
    assert secret not in listed.text
    assert (await door.call("DELETE", f"/webhooks/{webhook['id']}")).status_code == 204
    told(await door.call("DELETE", f"/webhooks/{webhook['id']}"), 404)
    addresses = ("ftp://x", "javascript:alert(1)", "https://", "https://u:p@h", "http://h:70000", "http://h h", "//h")
    for address in addresses:
        told(await door.call("POST", "/webhooks", json={"name": "x", "post_url": address}), 422)


async def test_what_was_done_is_told_by_whom(door: Door) -> None:
    made = (await door.call("POST", "/webhooks", json={"name": "desk"})).json()
    from vigil.store.audit import Audit

    async with door.store.read(OURS) as session:
        records = await Audit(session).chain("workspace")
    (record,) = [record for record in records if record.subject == made["id"]]
    tokens = {token.id: token.scopes for token in await door.administration.tokens(OURS)}
    assert (record.action, tokens[record.actor]) == ("webhook.created", {Scope.ADMIN.value})
