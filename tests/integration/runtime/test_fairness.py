"""A flood: the doors say so, and nobody else has to wait for it."""

from datetime import timedelta

import pytest

from tests.integration.runtime.house import CUSTOMER, House, W
from vigil.domain.conversation import Incoming
from vigil.domain.workspace import Workspace
from vigil.errors import Busy
from vigil.runtime.desk import Desk
from vigil.runtime.turns import Turns
from vigil.store.inbox import conversations_waiting


def event(number: int, room: str = "r", *, past: bool = False) -> Incoming:
    return Incoming(
        channel="chat:1",
        conversation=room,
        external_id=f"{room}-{number}",
        message_id=f"{room}-{number}",
        author=CUSTOMER,
        text="hello",
        past=past,
    )


async def test_past_a_depth_the_door_says_later_and_takes_again_when_there_is_room(house: House) -> None:
    desk = Desk(store=house.store, clock=house.clock, ids=house.ids, bell=house.bell, inbox_limit=5)
    for number in range(5):
        await desk.receive(W, event(number))
    with pytest.raises(Busy) as busy:
        await desk.receive(W, event(5))
    assert busy.value.retry_after_s > 0
    await desk.receive(W, event(6, past=True))  # history is nobody's question

    await house.worker.settle()
    house.clock.advance(timedelta(seconds=1))
    assert not (await desk.receive(W, event(5))).duplicate


async def test_another_workspace_has_room_of_its_own(house: House) -> None:
    await house.administration.create_workspace(Workspace(id="other", name="Other"), by="test")
    desk = Desk(store=house.store, clock=house.clock, ids=house.ids, bell=house.bell, inbox_limit=2)
    for number in range(2):
        await desk.receive(W, event(number))
    with pytest.raises(Busy):
        await desk.receive(W, event(2))
    await desk.receive("other", event(0))


async def test_workspaces_take_turns_however_much_one_of_them_brings(house: House) -> None:
    await house.administration.create_workspace(Workspace(id="other", name="Other"), by="test")
    for number in range(6):
        await house.write("flood", room=f"room-{number}")
    await house.desk.receive("other", event(0))

    waiting = await conversations_waiting(house.store, at=house.clock.now(), limit=4, each=3)
    assert [workspace for workspace, _ in waiting] == [W, "other", W, W]


async def test_a_conversation_lets_others_go_first_after_its_turn(house: House) -> None:
    long = await house.write("one")
    for _ in range(4):
        await house.write("more")
    short = await house.write("hello", room="room-2")

    house.clock.advance(timedelta(seconds=1))
    assert await house.drain.drain(W, long.conversation_id, at_most=3) == 3
    waiting = await conversations_waiting(house.store, at=house.clock.now())
    assert [conversation for _, conversation in waiting] == [short.conversation_id, long.conversation_id]


def test_one_workspace_never_has_all_the_room() -> None:
    turns = Turns(at_once=3, of_one=2)
    for number in range(5):
        turns.add(("a", f"{number}"))
    turns.add(("b", "0"))

    begun = [turns.next() for _ in range(4)]
    assert begun == [("a", "0"), ("b", "0"), ("a", "1"), None]
    turns.done(("b", "0"))
    assert turns.next() is None  # two of `a` are enough, even with room to spare
    turns.done(("a", "0"))
    assert turns.next() == ("a", "2")
