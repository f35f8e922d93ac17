"""Tickets over the API: found by what they are, read page by page, changed only as their lifecycle allows."""

from datetime import timedelta
from typing import Any

from tests.integration.web.door import OURS, Door, message, told
from vigil.domain.topic import Topic
from vigil.guard.access import Scope


async def three_tickets(door: Door) -> list[dict[str, Any]]:
    for number in (1, 2, 3):
        await door.write(f"Problem number {number}?", room=f"T-{number}", name=f"m{number}")
    return (await door.get("/tickets"))["items"]


async def test_a_list_comes_in_pages_that_miss_and_repeat_nothing(door: Door) -> None:
    whole = await three_tickets(door)
    assert [ticket["external_id"] for ticket in whole] == ["T-3", "T-2", "T-1"]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = await door.get("/tickets", limit=1, **({"cursor": cursor} if cursor else {}))
        seen += [ticket["external_id"] for ticket in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (["T-3", "T-2", "T-1"], None)
    assert (await door.get("/tickets", limit=3))["next"] is None


async def test_a_cursor_that_is_none_of_ours_is_refused(door: Door) -> None:
    await three_tickets(door)
    cursor: str = (await door.get("/tickets", limit=1))["next"]
    wrong = ["", "x", cursor[:-3], cursor + "AA", "ü", "a b", "=" * 8, "dGlja2V0cyA5OTk5OTk5OTk5OTk5OTk5OSB0a3Q"]
    for given in wrong:
        told(await door.call("GET", "/tickets", params={"cursor": given}), 422)
    told(await door.call("GET", "/decisions", params={"cursor": cursor}), 422)


async def test_tickets_are_found_by_state_topic_assignee_and_words(door: Door) -> None:
    await three_tickets(door)
    await door.administration.set_topics(OURS, [Topic(key="billing", name="Billing")], by="test")
    door.clock.advance(timedelta(seconds=10))
    change = {"state": "resolved", "topic": "billing", "assignee_id": "grace"}
    assert (await door.call("PATCH", "/tickets/T-2", json=change, scope=Scope.WRITE)).status_code == 200

    async def found(**wanted: Any) -> list[str]:
        return [ticket["external_id"] for ticket in (await door.get("/tickets", **wanted))["items"]]

    assert await found(state="resolved") == ["T-2"]
    assert await found(state=["resolved", "open"]) == ["T-2", "T-3", "T-1"]
    assert await found(topic="billing") == ["T-2"]
    assert await found(assignee_id="grace") == ["T-2"]
    assert await found(words="NUMBER 3") == ["T-3"]
    assert await found(words="T-1") == ["T-1"]
    assert await found(words="%") == []
    assert await found(words="_roblem' OR 1=1 --") == []


async def test_a_parameter_of_the_wrong_kind_is_named(door: Door) -> None:
    wrong = {"state": "asleep", "limit": "0", "topic": "A b", "words": "\x00", "assignee_id": "x" * 201}
    for name, value in wrong.items():
        problem = told(await door.call("GET", "/tickets", params={name: value}), 422)
        assert [fault["parameter"] for fault in problem["errors"]] == [name]
    for path in ("/tickets/%00", "/tickets/a%0Ab", "/tickets/" + "x" * 300, "/tickets/%F0%9F%98"):
        assert (await door.call("GET", path)).status_code in (404, 422)


async def test_a_ticket_is_read_by_its_id_or_by_the_id_that_people_see(door: Door) -> None:
    (ticket, *_) = await three_tickets(door)
    assert await door.get(f"/tickets/{ticket['id']}") == ticket
    assert await door.get("/tickets/T-3") == ticket
    assert ticket["state"] == "open"
    assert ticket["subject"] == "Problem number 3?"
    (decision,) = (await door.get("/tickets/T-3/decisions"))["items"]
    assert decision["ticket_id"] == ticket["id"]


async def test_a_ticket_goes_only_where_its_lifecycle_leads(door: Door) -> None:
    await door.write("Help?")
    assert (await door.call("PATCH", "/tickets/T-1", json={"state": "resolved"})).json()["resolved_at"] is not None
    problem = told(await door.call("PATCH", "/tickets/T-1", json={"state": "first_line"}), 409)
    assert problem["code"] == "illegal_transition"
    assert "reopened" in problem["detail"]
    reopened = (await door.call("PATCH", "/tickets/T-1", json={"state": "reopened", "muted": True})).json()
    assert (reopened["state"], reopened["resolved_at"], reopened["muted"]) == ("reopened", None, True)


async def test_a_change_leaves_alone_what_it_does_not_name(door: Door) -> None:
    await door.write("Help?")
    assigned = (await door.call("PATCH", "/tickets/T-1", json={"assignee_id": "grace"})).json()
    unchanged = (await door.call("PATCH", "/tickets/T-1", json={"muted": None})).json()
    assert unchanged == assigned
    assert (await door.call("PATCH", "/tickets/T-1", json={})).json() == assigned
    assert (await door.call("PATCH", "/tickets/T-1", json={"assignee_id": ""})).json()["assignee_id"] is None
    told(await door.call("PATCH", "/tickets/T-1", json={"colour": "red"}), 422)
    told(await door.call("PATCH", "/tickets/T-1", json={"topic": "unheard-of"}), 404)
    told(await door.call("PATCH", "/tickets/none", json={"muted": True}), 404)


async def test_how_a_ticket_stands_names_its_messages(door: Door) -> None:
    await door.write("Why does my backup fail with ERR_QUOTA_EXCEEDED?", room="T-1")
    progress = await door.get("/tickets/T-1/progress")
    (message,) = (await door.get("/tickets/T-1/messages"))["items"]
    assert progress["turn"] == "analyst"
    assert progress["turn_in"] == progress["wants"]["message_id"] == message["id"]
    assert [question["answered_in"] for question in progress["questions"]] == [None]
    assert [fact["kind"] for fact in progress["facts"]] == ["error"]
    told(await door.call("GET", "/tickets/T-9/progress"), 404)


async def test_a_ticket_is_handed_out_with_its_urgency_and_who_knows_it(door: Door) -> None:
    await door.administration.set_topics(OURS, [Topic(key="db", name="Databases", owner="grace")], by="test")
    await door.write("Our production database is down, what can we do?", room="T-1", name="m1")
    change = {"topic": "db"}
    assert (await door.call("PATCH", "/tickets/T-1", json=change, scope=Scope.WRITE)).status_code == 200
    triage = await door.get("/tickets/T-1/triage")
    (message,) = (await door.get("/tickets/T-1/messages"))["items"]
    assert (triage["urgent"]["urgency"], triage["urgent"]["message_id"]) == ("critical", message["id"])
    assert [(fit["person_id"], fit["owns"]) for fit in triage["who"]] == [("grace", True)]
    told(await door.call("GET", "/tickets/T-9/triage"), 404)


async def test_a_persons_word_on_urgency_stands_until_it_is_taken_back(door: Door) -> None:
    await door.write("Our production database is down, what can we do?", room="T-1")
    said = await door.call("PUT", "/tickets/T-1/urgency", json={"urgency": "low"}, scope=Scope.WRITE)
    assert said.json()["urgent"]["urgency"] == "low"
    assert (await door.get("/tickets/T-1/triage"))["urgent"]["by"]
    back = await door.call("PUT", "/tickets/T-1/urgency", json={"urgency": None}, scope=Scope.WRITE)
    assert back.json()["urgent"]["urgency"] == "critical"


async def test_a_customer_with_the_same_problem_is_recognised(door: Door) -> None:
    await door.write("How do I rotate the access key of my bucket?", room="T-1", name="m1")
    answer = "Click on rotate in the settings of the bucket."
    author = {"id": "jonas", "name": "Jonas", "role": "analyst"}
    said = message(answer, message_id="m1a", author=author)
    assert (await door.call("POST", "/messages", json=said)).status_code == 202
    await door.write("How do I rotate the access key of my other bucket?", room="T-2", name="m2")
    back = (await door.get("/tickets/T-2/triage"))["back"]
    first = await door.get("/tickets/T-1")
    assert (back["ticket_id"], back["same_customer"], back["resolved_by"]) == (first["id"], True, answer)
    assert (await door.get("/tickets/T-1/triage"))["back"] is None
