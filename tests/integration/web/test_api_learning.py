"""What was learned and waits for a person, over the API: listed, read with both sides, accepted, kept, rejected; and the gaps."""

from typing import Any

from tests.integration.web.door import OURS, THEIRS, Door, told
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind
from vigil.guard.access import Scope
from vigil.store.lessons import LessonRecord, Lessons, LessonState

ASKED = "How do I reset the password of a database user?"


async def known(door: Door) -> str:
    draft = Draft(key="lesson:t:1", title=ASKED, question=ASKED, answer="Open Users, then Reset password.")
    await door.knowledge.publish(OURS, [draft], by="vigil", summary="x")
    (entry,) = await door.knowledge.entries(OURS)
    return entry.entry_id


async def waits(door: Door, name: str, *, entry_id: str | None = None) -> None:
    """A lesson, as learning leaves it."""
    await door.write(ASKED, room=f"T-{name}", name=f"m-{name}")
    message = (await door.decisions())[-1].message_id
    draft = Draft(
        key=f"lesson:{name}:1",
        title=ASKED,
        question=ASKED,
        answer=f"Ask an owner, who resets it ({name}).",
        evidence=(Evidence(kind=EvidenceKind.MESSAGE, reference=message, title="asked"),),
    )
    record = LessonRecord(
        id=f"les_{name}",
        ticket_id=f"tkt_{name}",
        through=message,
        number=1,
        state=LessonState.HELD if entry_id is None else LessonState.CONFLICT,
        reason="does_not_answer_itself" if entry_id is None else "contradicts",
        entry_id=entry_id,
        evidence=(message,),
        at=door.clock.now(),
        draft=draft,
    )
    async with door.store.write(OURS) as session:
        await Lessons(session).add([record])


async def decide(door: Door, lesson: str, verb: str, **body: Any) -> dict[str, Any]:
    response = await door.call("POST", f"/knowledge/lessons/{lesson}/{verb}", json=body, scope=Scope.KNOWLEDGE)
    assert response.status_code == 200, response.text
    return response.json()


async def test_what_waits_is_listed_in_pages_and_read_with_both_sides(door: Door) -> None:
    entry_id = await known(door)
    await waits(door, "one")
    await waits(door, "two", entry_id=entry_id)
    first = await door.get("/knowledge/lessons", limit=1)
    second = await door.get("/knowledge/lessons", limit=1, cursor=first["next"])
    assert [each["id"] for each in (*first["items"], *second["items"])] == ["les_two", "les_one"]
    assert second["next"] is None
    assert [each["id"] for each in (await door.get("/knowledge/lessons", state="held"))["items"]] == ["les_one"]
    case = await door.get("/knowledge/lessons/les_two")
    assert case["new"]["draft"]["answer"] == "Ask an owner, who resets it (two)."
    assert [(said["part"], said["text"]) for said in case["new"]["said"]] == [("asked", ASKED)]
    assert case["known"]["draft"]["answer"] == "Open Users, then Reset password."
    assert case["known"]["trust"]["low"] < case["known"]["trust"]["mean"] < case["known"]["trust"]["high"]


async def test_accepting_publishes_in_the_place_of_the_old(door: Door) -> None:
    entry_id = await known(door)
    await waits(door, "two", entry_id=entry_id)
    done = await decide(door, "les_two", "accept", to_customers=True)
    entry = await door.get(f"/knowledge/entries/{entry_id}")
    latest = entry["revisions"][-1]
    assert (latest["version"], latest["draft"]["answer"]) == (done["version"], "Ask an owner, who resets it (two).")
    assert latest["created_by"].startswith("tok")
    again = await door.call("POST", "/knowledge/lessons/les_two/accept", json={}, scope=Scope.KNOWLEDGE)
    assert "waits for nobody" in told(again, 409)["detail"]


async def test_keeping_and_rejecting_leave_what_is_known(door: Door) -> None:
    entry_id = await known(door)
    await waits(door, "one", entry_id=entry_id)
    await waits(door, "two")
    kept = await decide(door, "les_one", "keep")
    assert kept["state"] == "rejected"
    rejected = await decide(door, "les_two", "reject", reason="Only for owners.")
    assert (rejected["state"], rejected["note"]) == ("rejected", "Only for owners.")
    assert (await door.get("/knowledge/lessons"))["items"] == []
    assert len((await door.get("/knowledge/lessons", state="rejected"))["items"]) == 2
    trust = await door.get(f"/knowledge/entries/{entry_id}/trust")
    assert (trust["words"], trust["good"]) == (1, 1.0)


async def test_a_lesson_is_confirmed_for_customers(door: Door) -> None:
    entry_id = await known(door)
    response = await door.call("POST", f"/knowledge/entries/{entry_id}/confirm", scope=Scope.KNOWLEDGE)
    assert response.status_code == 200, response.text
    assert (await door.get(f"/knowledge/entries/{entry_id}/trust"))["words"] == 1


async def test_refusals_say_what_to_do(door: Door) -> None:
    await waits(door, "two")
    path = "/knowledge/lessons/les_two"
    told(await door.call("POST", f"{path}/accept", json={}, scope=Scope.READ), 403)
    told(await door.call("POST", f"{path}/reject", json={}, scope=Scope.KNOWLEDGE), 422)
    kept = await door.call("POST", f"{path}/keep", json={}, scope=Scope.KNOWLEDGE)
    assert "accept or reject" in told(kept, 422)["detail"]
    told(await door.call("GET", "/knowledge/lessons/les_none", scope=Scope.READ), 404)
    told(await door.call("GET", path, scope=Scope.READ, workspace=THEIRS), 404)
    told(await door.call("GET", "/knowledge/entries/none/trust", scope=Scope.READ), 404)


async def test_gaps_are_told_of(door: Door) -> None:
    found = await door.get("/knowledge/gaps", days=30, limit=5)
    assert found["gaps"] == []
