"""Decisions over the API: listed, explained, and given their outcomes."""

from datetime import timedelta
from typing import Any

from tests.integration.web.door import ANSWER, Door, told
from vigil.guard.access import Scope


async def test_decisions_are_found_by_what_they_are(door: Door) -> None:
    await door.write("How do I pay?", room="T-1", name="m1")
    noon = door.clock.now() + timedelta(seconds=5)
    await door.write("Thanks.", room="T-1", name="m2")
    await door.write("And how do I pay less?", room="T-2", name="m3")
    latest, silent, first = (await door.get("/decisions"))["items"]

    async def found(**wanted: Any) -> list[str]:
        return [decision["id"] for decision in (await door.get("/decisions", **wanted))["items"]]

    assert await found(kind="silent") == [silent["id"]]
    assert await found(kind=["silent", "suggest"]) == [latest["id"], silent["id"], first["id"]]
    assert await found(reason="not_a_question") == [silent["id"]]
    assert await found(ticket_id=first["ticket_id"]) == [silent["id"], first["id"]]
    assert await found(message_id=first["message_id"]) == [first["id"]]
    assert await found(conversation_id=latest["conversation_id"]) == [latest["id"]]
    assert await found(since=noon.isoformat()) == [latest["id"], silent["id"]]
    page = await door.get("/decisions", limit=2)
    following = await door.get("/decisions", limit=2, cursor=page["next"])
    assert [decision["id"] for decision in page["items"] + following["items"]] == await found()
    for wrong in ({"since": "noon"}, {"since": "2026-11-20T09:30:00"}, {"kind": "shout"}, {"limit": "many"}):
        told(await door.call("GET", "/decisions", params=wrong), 422)


async def test_a_decision_is_read_with_what_followed_from_it_and_told_in_words(door: Door) -> None:
    await door.write("How do I pay?")
    (listed,) = (await door.get("/decisions"))["items"]
    record = await door.get(f"/decisions/{listed['id']}")
    assert {name: record["decision"][name] for name in listed} == listed
    assert (record["decision"]["candidates"], record["decision"]["stages"], record["outcomes"]) == ([], [], [])
    (post,) = record["posts"]
    assert (post["state"], post["visibility"], post["text"]) == ("waiting", "private", ANSWER)
    story = await door.get(f"/decisions/{listed['id']}/story")
    assert story == {"decision_id": listed["id"], "story": "Vigil chose suggest because answered."}
    for path in ("/decisions/none", "/decisions/none/story"):
        told(await door.call("GET", path), 404)


async def test_an_outcome_is_noted_and_a_dismissal_withdraws_what_waits(door: Door) -> None:
    await door.write("How do I pay?")
    (decision,) = await door.decisions()
    path = f"/decisions/{decision.id}/outcome"
    dismissed = await door.call("POST", path, json={"kind": "dismissed", "reason": "old page"}, scope=Scope.WRITE)
    assert dismissed.status_code == 201
    assert dismissed.json()["by"].startswith("tok_")
    assert (await door.call("POST", path, json={"kind": "edited", "text": "Ask \x01 billing."})).status_code == 201
    record = await door.get(f"/decisions/{decision.id}")
    assert [outcome["kind"] for outcome in record["outcomes"]] == ["dismissed", "edited"]
    assert [post["state"] for post in record["posts"]] == ["withdrawn"]


async def test_an_outcome_that_says_nothing_is_refused_with_what_is_missing(door: Door) -> None:
    await door.write("How do I pay?")
    await door.write("Thanks.", name="m2")
    answered, silent = await door.decisions()
    path = f"/decisions/{answered.id}/outcome"
    assert "`text`" in told(await door.call("POST", path, json={"kind": "edited"}), 422)["detail"]
    assert "`reason`" in told(await door.call("POST", path, json={"kind": "dismissed", "reason": " "}), 422)["detail"]
    told(await door.call("POST", path, json={"kind": "loved"}), 422)
    told(await door.call("POST", path, json={"kind": "edited", "text": "\x00"}), 422)
    told(await door.call("POST", path, json={"kind": "edited", "text": "x" * 20_001}), 422)
    told(await door.call("POST", f"/decisions/{silent.id}/outcome", json={"kind": "adopted"}), 422)
    told(await door.call("POST", "/decisions/none/outcome", json={"kind": "adopted"}), 404)
