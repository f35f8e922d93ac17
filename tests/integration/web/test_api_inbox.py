"""Parked events over the API, and the doors in a flood."""

from datetime import timedelta
from pathlib import Path

from tests.integration.web.door import OURS, POISON, Door, message, told
from vigil.clock import CountingIds, ManualClock
from vigil.guard.access import Scope
from vigil.settings import Settings
from vigil.store.store import Store


async def park_one(door: Door) -> str:
    await door.write(POISON)
    receipt = (await door.call("POST", "/messages", json=message(POISON))).json()
    for _ in range(3):
        door.clock.advance(timedelta(seconds=30))
        await door.drain.drain(OURS, receipt["conversation_id"])
    (item,) = (await door.get("/inbox/parked"))["items"]
    assert (item["message_id"], item["text"], item["reason"]) == ("m1", POISON, "RuntimeError at attempt 3")
    return item["id"]


async def test_a_parked_event_can_be_tried_again(door: Door) -> None:
    event_id = await park_one(door)
    retried = await door.call("POST", f"/inbox/parked/{event_id}/retry")
    assert retried.status_code == 200
    assert (await door.get("/inbox/parked"))["items"] == []
    await door.settle()
    told(await door.call("POST", f"/inbox/parked/{event_id}/retry"), 404)


async def test_a_parked_event_can_be_given_up(door: Door) -> None:
    event_id = await park_one(door)
    assert (await door.call("DELETE", f"/inbox/parked/{event_id}")).status_code == 204
    assert (await door.get("/inbox/parked"))["items"] == []
    told(await door.call("DELETE", f"/inbox/parked/{event_id}"), 404)


async def test_only_admins_see_what_is_parked(door: Door) -> None:
    told(await door.call("GET", "/inbox/parked", scope=Scope.WRITE), 403)


async def test_a_flood_is_told_to_come_back_later(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path
) -> None:
    door = await Door.open(store, clock, ids, settings=Settings(home=tmp_path, inbox_limit=3))
    for number in range(3):
        assert (await door.call("POST", "/messages", json=message(message_id=f"m{number}"))).status_code == 202
    refused = await door.call("POST", "/messages", json=message(message_id="m9"))
    assert told(refused, 429)["code"] == "busy"
    assert int(refused.headers["retry-after"]) > 0

    batch = await door.call("POST", "/messages/batch", json={"messages": [message(message_id="m9")]})
    assert batch.json()["items"][0]["problem"]["status"] == 429

    await door.settle()
    clock.advance(timedelta(seconds=5))
    assert (await door.call("POST", "/messages", json=message(message_id="m9"))).status_code == 202
    await door.client.aclose()
