"""Follow-ups, summaries and the desk's load over the API: what a customer's unanswered question becomes, and what people do about it."""

from datetime import timedelta
from typing import Any

from tests.integration.web.door import Door, message, told
from vigil.guard.access import Scope

HOUR = timedelta(hours=1)


async def waiting(door: Door) -> dict[str, Any]:
    """A follow-up that is shown, for a question that nobody answered."""
    await door.write("How do I get my invoice for May?")
    await door.pass_time(HOUR)
    (shown,) = (await door.get("/follow-ups"))["items"]
    return shown


async def test_a_question_that_nobody_answers_is_listed_and_counts_as_risk(door: Door) -> None:
    shown = await waiting(door)
    assert (shown["reason"], shown["state"]) == ("unanswered_question", "shown")
    decision = (await door.get(f"/decisions/{shown['decision_id']}"))["decision"]
    assert (decision["reason"], decision["message_id"]) == ("follow_up", shown["about"])
    load = await door.get("/workload")
    assert (load["total"]["open"], load["total"]["stalled"], load["total"]["at_risk"]) == (1, 1, 1)
    assert load["at_risk"][0]["risks"] == ["unanswered_question"]
    assert [each["key"] for each in load["by_person"]] == [""]


async def test_put_off_done_and_wrong(door: Door) -> None:
    shown = await waiting(door)
    path = f"/follow-ups/{shown['id']}"
    until = (door.clock.now() + HOUR).isoformat()
    assert (await door.call("POST", f"{path}/snooze", json={"until": until})).json()["state"] == "snoozed"
    told(await door.call("POST", f"{path}/snooze", json={"until": until}), 409)
    told(await door.call("POST", f"{path}/snooze", json={"until": "2020-01-01T00:00:00Z"}), 422)
    await door.pass_time(2 * HOUR)
    assert (await door.get("/follow-ups"))["items"][0]["decision_id"] != shown["decision_id"]
    assert (await door.call("POST", f"{path}/wrong", json={"reason": "They called"})).json()["state"] == "wrong"
    told(await door.call("POST", f"{path}/done"), 409)
    told(await door.call("POST", "/follow-ups/fup_none/done"), 404)
    told(await door.call("POST", f"{path}/done", scope=Scope.READ), 403)


async def test_a_dismissed_card_is_a_wrong_follow_up(door: Door) -> None:
    shown = await waiting(door)
    body = {"kind": "dismissed", "reason": "Not needed"}
    assert (await door.call("POST", f"/decisions/{shown['decision_id']}/outcome", json=body)).status_code == 201
    assert [each["state"] for each in (await door.get("/follow-ups", state="wrong"))["items"]] == ["wrong"]


async def test_an_answer_settles_it(door: Door) -> None:
    await waiting(door)
    analyst = {"id": "jonas", "name": "Jonas", "role": "analyst"}
    body = message("It is under Billing, Invoices, in the console.", message_id="m2", author=analyst)
    assert (await door.call("POST", "/messages", json=body)).status_code == 202
    await door.settle()
    assert (await door.get("/follow-ups"))["items"] == []
    assert [each["note"] for each in (await door.get("/follow-ups", state="done"))["items"]] == ["the ticket went on"]


async def test_the_rules_are_read_and_changed(door: Door) -> None:
    changed = await door.call("PATCH", "/follow-up-rules", json={"unanswered_s": 60, "paused": ["stalled"]})
    assert changed.status_code == 200
    rules = await door.get("/follow-up-rules")
    assert (rules["unanswered_s"], rules["paused"], rules["close_after_days"]) == (60, ["stalled"], 0)


async def test_a_summary_names_the_messages_behind_it(door: Door) -> None:
    await door.write("How do I get my invoice for May?")
    (ticket,) = (await door.get("/tickets"))["items"]
    for audience in ("analyst", "lead", "customer"):
        summary = await door.get(f"/tickets/{ticket['id']}/summary", audience=audience)
        assert summary["lines"], audience
        assert all(line["message_ids"] for line in summary["lines"])
        assert summary["through"] == summary["lines"][0]["message_ids"][0]
    again = await door.get(f"/tickets/{ticket['id']}/summary", audience="customer")
    assert again == summary
