"""What a worker remembers of a conversation: never more, and never anything else, than what is stored."""

from tests.integration.runtime.house import ANALYST, House, W
from vigil.domain.conversation import MessageEvent
from vigil.domain.post import Visibility
from vigil.runtime.situations import Situations
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions


async def test_each_situation_is_what_a_stranger_would_read(house: House) -> None:
    house.answer_of = lambda situation: "an answer" if "?" in situation.message.text else None
    house.assist._visibility = Visibility.PUBLIC  # pyright: ignore[reportPrivateUsage]
    await house.write("hi", name="a")
    await house.write("how?", name="b")
    await house.worker.settle()  # Vigil's own words come in between
    await house.write("like this", by=ANALYST, name="c")
    await house.worker.settle()
    await house.write("hi there", name="a2", about="a", event=MessageEvent.EDITED)
    await house.write("", name="c2", about="c", event=MessageEvent.DELETED)
    await house.write("and this?", name="d")
    await house.worker.settle()

    for seen in house.assist.situations[-1:]:
        async with house.store.read(W) as session:
            stored = await Conversations(session).before(seen.conversation.id, seen.message.seq, limit=120)
            said = await Decisions(session).said(seen.conversation.id, limit=12)
        assert list(seen.recent) == stored
        assert [m.text for m in seen.recent] == ["hi there", "how?", "an answer"]
        assert [each.decision_id for each in seen.said] == [each.decision_id for each in said[:-1]]


async def test_another_worker_in_between_is_noticed(house: House) -> None:
    other = house.another_drain("worker-2")
    first = await house.write("one")
    await house.drain.drain(W, first.conversation_id)
    await house.write("two", by=ANALYST)
    await other.drain(W, first.conversation_id)
    await house.write("three")
    await house.drain.drain(W, first.conversation_id)
    assert [m.text for m in house.assist.situations[-1].recent] == ["one", "two"]


async def test_whoever_changes_words_raises_the_epoch_and_nothing_old_is_seen(house: House) -> None:
    first = await house.write("my name is Priya")
    await house.worker.settle()
    async with house.store.write(W) as session:  # as forgetting does it
        await session.connection.exec_driver_sql("UPDATE messages SET text = ''")
        await session.connection.exec_driver_sql("UPDATE conversations SET lease_epoch = lease_epoch + 1")
    await house.write("hello again")
    await house.drain.drain(W, first.conversation_id)
    assert [m.text for m in house.assist.situations[-1].recent] == [""]


async def test_only_so_many_messages_are_remembered(house: House) -> None:
    from vigil.runtime.situations import Reach

    few = Reach(messages=3)
    house.drain._situations = Situations(  # pyright: ignore[reportPrivateUsage]
        store=house.store, ids=house.ids, reach=few, burst_window_s=90
    )
    for number in range(6):
        await house.write(f"{number}")
        await house.worker.settle()
    assert [m.text for m in house.assist.situations[-1].recent] == ["2", "3", "4"]
