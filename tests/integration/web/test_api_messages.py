"""Messages over the API: taken once, in order, whatever they hold; and a batch in which one is bad."""

import asyncio
from datetime import timedelta
from typing import Any
from zlib import crc32

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.web.door import ANSWER, OURS, Door, message, told
from vigil.domain.conversation import Person, Role
from vigil.guard.access import Scope

PEOPLES_TEXTS = (
    "",
    " \n\t ",
    "مرحبا، لا أستطيع تسجيل الدخول؟",
    "‮override‬ and \u2066isolates\u2069",
    "👩‍👩‍👧‍👦 🇩🇪 e\u0301 ﷽",
    "NUL \x00 bell \x07 escape \x1b[31m",
    "lone \ud83d half",
    "\ufeff\u200b\ufffe\uffff",
    "'; DROP TABLE messages; --",
    "<script>alert(1)</script>",
)


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/text", {"text": 7}),
    ("/colour", {"colour": "red"}),
    ("/mentions_vigil", {"mentions_vigil": "yes"}),
    ("/sent_at", {"sent_at": "yesterday"}),
    ("/sent_at", {"sent_at": 1763631000}),
    ("/sent_at", {"sent_at": "2026-11-20T09:30:00"}),
    ("/sent_at", {"sent_at": "0001-01-01T00:00:00+14:00"}),
    ("/kind", {"kind": "telegram"}),
    ("/author/role", {"author": {"id": "ada", "role": "king"}}),
    ("/author/id", {"author": {"id": ""}}),
    ("/conversation", {"conversation": "x" * 201}),
    ("/conversation", {"conversation": "a\x00b"}),
    ("/conversation", {"conversation": "half \ud83d"}),
    ("/message_id", {"message_id": " m1"}),
    ("/reply_to", {"reply_to": ["m"] * 21}),
    ("/reply_to/0", {"reply_to": [None]}),
)


async def transcript(door: Door, ticket: str = "T-1") -> list[dict[str, Any]]:
    return (await door.get(f"/tickets/{ticket}/messages"))["items"]


async def test_a_question_becomes_a_ticket_and_a_suggestion(door: Door) -> None:
    taken = await door.call("POST", "/messages", json=message(), scope=Scope.WRITE)
    assert taken.status_code == 202
    assert taken.json()["seq"] == 1
    assert taken.json()["duplicate"] is False
    await door.settle()
    (decision,) = (await door.get("/decisions"))["items"]
    assert (decision["kind"], decision["answer"]) == ("suggest", ANSWER)
    assert decision["conversation_id"] == taken.json()["conversation_id"]
    (written,) = await transcript(door)
    assert written["author"] == {"id": "ada", "name": "Ada", "role": "customer"}


async def test_the_same_message_again_is_taken_once(door: Door) -> None:
    first = (await door.call("POST", "/messages", json=message())).json()
    again = (await door.call("POST", "/messages", json=message("other words"))).json()
    assert again == {**first, "duplicate": True}
    await door.settle()
    assert [written["text"] for written in await transcript(door)] == ["How do I reset a password?"]


async def test_an_edit_and_a_deletion_change_what_was_written(door: Door) -> None:
    await door.write("How do I rset a password?")
    edit = message("How do I reset a password?", event="edited", external_id="edit-1")
    assert (await door.call("POST", "/messages", json=edit)).status_code == 202
    assert (await door.call("POST", "/messages", json=edit)).json()["duplicate"] is True
    await door.settle()
    (written,) = await transcript(door)
    assert (written["text"], written["edited_at"] is None) == ("How do I reset a password?", False)
    gone = {"event": "deleted", "conversation": "T-1", "message_id": "m1", "external_id": "gone-1"}
    assert (await door.call("POST", "/messages", json=gone)).status_code == 202
    await door.settle()
    (written,) = await transcript(door)
    assert (written["text"], written["deleted_at"] is None) == ("", False)


async def test_events_that_overtook_each_other_end_the_same(door: Door) -> None:
    gone = {"event": "deleted", "conversation": "T-1", "message_id": "m1", "external_id": "gone-1"}
    edit = message("changed", event="edited", external_id="edit-1")
    for event in (gone, edit, message()):
        assert (await door.call("POST", "/messages", json=event)).status_code == 202
    await door.settle()
    assert [decision.answer for decision in await door.decisions()] == ["", "", ""]


async def test_a_message_without_what_names_it_is_refused(door: Door) -> None:
    for missing in ("conversation", "message_id", "author", "event"):
        body = {name: value for name, value in message().items() if name != missing}
        problem = told(await door.call("POST", "/messages", json=body), 422)
        (fault,) = problem["errors"]
        assert fault["pointer"] == ("" if missing == "event" else f"/{missing}")


async def test_a_wrong_member_is_pointed_at(door: Door) -> None:
    for pointer, changed in WRONG:
        problem = told(await door.call("POST", "/messages", json=message(**changed)), 422)
        assert problem["code"] == "invalid_input"
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


async def test_ids_that_no_column_should_hold_are_refused_in_words(door: Door) -> None:
    for unprintable in ("a\u202eb", "a\u2028b", "a\u200bb"):
        problem = told(await door.call("POST", "/messages", json=message(conversation=unprintable)), 422)
        assert "`conversation`" in problem["detail"]


async def test_any_words_are_taken_and_kept(door: Door) -> None:
    for index, text in enumerate(PEOPLES_TEXTS):
        body = message(text, message_id=f"m{index}", author={"id": "ada", "name": text, "role": "customer"})
        assert (await door.call("POST", "/messages", json=body)).status_code == 202
    await door.settle()
    mended = [text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd") for text in PEOPLES_TEXTS]
    assert [written["text"] for written in await transcript(door)] == mended


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=40), min_size=1, max_size=4))
async def test_no_text_is_refused_or_breaks_what_reads_it(door: Door, texts: list[str]) -> None:
    room = f"T-{len(texts)}-{crc32(repr(texts).encode())}"
    messages = [
        message(text, conversation=room, message_id=f"{room}/{index}", author={"id": "ada", "name": text})
        for index, text in enumerate(texts)
    ]
    taken = await door.call("POST", "/messages/batch", json={"messages": messages})
    assert taken.status_code == 202
    assert taken.json()["refused"] == 0, taken.text
    await door.settle()
    assert len(await transcript(door, room)) == len(texts)


async def test_a_clock_that_runs_backwards_or_ahead_changes_no_order(door: Door) -> None:
    now = door.clock.now()
    times = [now, now - timedelta(days=400), now + timedelta(days=9), now - timedelta(seconds=5)]
    for index, sent_at in enumerate(times):
        body = message(f"number {index}", message_id=f"m{index}", sent_at=sent_at.isoformat())
        assert (await door.call("POST", "/messages", json=body)).json()["seq"] == index + 1
    await door.settle()
    written = await transcript(door)
    assert [entry["text"] for entry in written] == [f"number {index}" for index in range(4)]
    assert all(entry["sent_at"] <= entry["received_at"] for entry in written)


async def test_a_batch_takes_what_it_can_and_tells_what_it_can_not(door: Door) -> None:
    batch = [
        message("first", message_id="m1"),
        {"event": "posted"},
        "nonsense",
        None,
        message("again", message_id="m1"),
        message("an unprintable id", message_id="m\u202e2"),
        message("last", message_id="m3"),
    ]
    response = await door.call("POST", "/messages/batch", json={"messages": batch})
    assert response.status_code == 202
    told_back = response.json()
    assert (told_back["accepted"], told_back["refused"]) == (3, 4)
    assert [item["receipt"] is not None for item in told_back["items"]] == [
        True,
        False,
        False,
        False,
        True,
        False,
        True,
    ]
    assert told_back["items"][4]["receipt"]["duplicate"] is True
    assert "/messages/1/conversation" in [fault["pointer"] for fault in told_back["items"][1]["problem"]["errors"]]
    assert told_back["items"][2]["problem"]["errors"][0]["pointer"] == "/messages/2"
    await door.settle()
    assert [written["text"] for written in await transcript(door)] == ["first", "last"]


async def test_a_batch_of_more_than_five_hundred_is_refused_whole(door: Door) -> None:
    response = await door.call("POST", "/messages/batch", json={"messages": [{}] * 501})
    assert told(response, 422)["errors"][0]["pointer"] == "/messages"
    assert (await door.call("POST", "/messages/batch", json={"messages": []})).json()["items"] == []


async def test_only_a_token_with_the_scope_roles_can_say_who_is_an_analyst(door: Door) -> None:
    claimed = {"id": "mallory", "name": "Support", "role": "analyst"}
    await door.call("POST", "/messages", json=message("trust me", author=claimed), scope=Scope.WRITE)
    trusted, secret = await door.administration.create_token(
        OURS, name="bridge", scopes=frozenset({Scope.WRITE, Scope.ROLES}), by="test"
    )
    assert trusted.scopes == {"write", "roles"}
    headers = {"authorization": f"Bearer {secret}"}
    by_bridge = message("let me look", message_id="m2", author={**claimed, "id": "grace"})
    await door.call("POST", "/messages", json=by_bridge, scope=None, headers=headers)
    await door.administration.set_person(OURS, "api", Person(id="hopper", name="Hopper", role=Role.ANALYST), by="test")
    by_known = message("done", message_id="m3", author={"id": "hopper", "name": "Hopper", "role": "customer"})
    await door.call("POST", "/messages", json=by_known, scope=Scope.WRITE)
    await door.settle()
    assert [written["author"]["role"] for written in await transcript(door)] == ["bystander", "analyst", "analyst"]


async def test_deliveries_at_the_same_instant_are_one_event(door: Door) -> None:
    twins = await asyncio.gather(*[door.call("POST", "/messages", json=message()) for _ in range(8)])
    assert [twin.status_code for twin in twins] == [202] * 8
    assert len({twin.json()["event_id"] for twin in twins}) == 1
    assert sorted(twin.json()["duplicate"] for twin in twins) == [False] + [True] * 7
    several = [message(message_id=f"n{index}", conversation="T-2") for index in range(8)]
    taken = await asyncio.gather(*[door.call("POST", "/messages", json=body) for body in several])
    assert sorted(receipt.json()["seq"] for receipt in taken) == list(range(1, 9))
