"""How a ticket stands is written with each message, in the same commit, and is read again where a message was changed."""

from datetime import datetime, timedelta, tzinfo

import pytest

from tests.integration.runtime.house import ANALYST, CUSTOMER, House, W
from vigil.domain.conversation import MessageEvent
from vigil.domain.progress import FactKind, Progress, Standing, Turn
from vigil.store.progress import ProgressOfTickets
from vigil.track.stored import StoredProgress


class Unreadable(tzinfo):
    """A zone in which no time can be told."""

    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
        raise LookupError("no such zone: hunter2")

    def tzname(self, dt: datetime | None, /) -> str | None:
        return None

    def dst(self, dt: datetime | None, /) -> timedelta | None:
        return None


async def stands(house: House) -> Progress:
    (decision, *_) = await house.decisions()
    progress = await StoredProgress(house.store).of(W, decision.ticket_id or "")
    assert progress is not None
    return progress


async def texts(house: House, progress: Progress) -> dict[str, str]:
    return {message.id: message.text for message in await house.desk.transcript(W, progress.ticket_id)}


async def test_a_ticket_is_followed_from_its_first_message_to_its_last(house: House) -> None:
    await house.write("My backup fails with ERR_QUOTA_EXCEEDED since we updated to version 2.4. How can I fix that?")
    await house.worker.settle()
    progress = await stands(house)
    assert progress.turn is Turn.ANALYST
    assert progress.wants is not None
    assert {fact.kind for fact in progress.facts} >= {FactKind.ERROR, FactKind.VERSION}

    await house.write("Which region is it in?", by=ANALYST)
    await house.worker.settle()
    assert (await stands(house)).turn is Turn.CUSTOMER

    await house.write("It's in eu-west-1.")
    await house.write("Thanks. I'll raise the quota and get back to you in an hour.", by=ANALYST)
    made = house.clock.now()
    await house.worker.settle()
    progress = await stands(house)
    assert progress.turn is Turn.ANALYST
    assert [promise.due for promise in progress.open_promises] == [made + timedelta(hours=1)]

    await house.write("Done: the quota is raised, please try again.", by=ANALYST, after_s=1800)
    await house.worker.settle()
    assert (await stands(house)).open_promises == ()

    await house.write("It works now, thank you!")
    await house.worker.settle()
    progress = await stands(house)
    assert progress.standing is Standing.CONFIRMED
    assert progress.turn is Turn.NOBODY
    assert not progress.open_questions
    said = await texts(house, progress)
    assert progress.wants is not None
    assert progress.standing_in is not None
    assert said[progress.wants.message_id].startswith("My backup fails")
    assert said[progress.standing_in] == "It works now, thank you!"
    assert all(fact.message_id in said for fact in progress.facts)


async def test_who_wrote_last_is_known_where_a_channel_tells_only_minutes(house: House) -> None:
    await house.write("How do I rotate my key?", after_s=0)
    await house.write("Click on rotate.", by=ANALYST, after_s=0)
    await house.worker.settle()
    progress = await stands(house)
    assert progress.customer_wrote_at is not None
    assert progress.analyst_wrote_at is not None
    assert progress.customer_wrote_at < progress.analyst_wrote_at
    await house.write("And how do I revoke it?", after_s=0)
    await house.worker.settle()
    (question,) = (await stands(house)).open_questions
    assert question.at > progress.analyst_wrote_at


async def test_who_comes_back_finds_the_ticket_with_what_was_done_last_time_and_old_questions_rest(
    house: House,
) -> None:
    await house.write("How do I rotate my key? Mine fails with ERR_SECRET_LEAKED.")
    await house.write("Open the settings and click on rotate.", by=ANALYST)
    await house.write("Thank you, that worked!")
    await house.worker.settle()
    over = await stands(house)
    assert over.standing is Standing.CONFIRMED
    await house.write("Hello again, it is broken: how do I get a new key now?", after_s=86_400)
    await house.worker.settle()
    again = await stands(house)
    assert again.ticket_id == over.ticket_id
    assert (again.standing, again.turn) == (Standing.OPEN, Turn.ANALYST)
    (back,) = again.returns
    assert back.last_time is not None
    said = await texts(house, again)
    assert said[back.last_time.message_id] == "Open the settings and click on rotate."
    assert [said[question.message_id] for question in again.open_questions] == [said[back.message_id]]

    await house.write("Which error do you see?", by=ANALYST)
    await house.write("How do I get a new key, please?", after_s=600)
    await house.worker.settle()
    assert (await stands(house)).returns == again.returns


async def test_a_message_that_can_not_be_read_leaves_the_ticket_as_it_stood_and_is_worked_off(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    drain = house.another_drain("worker-2", zone=Unreadable())
    receipt = await house.write("How do I rotate my key?")
    await house.write("I'll write to you tomorrow at nine about hunter2.", by=ANALYST)
    await drain.drain(W, receipt.conversation_id)
    stood = await stands(house)
    assert (stood.turn, stood.promises) == (Turn.ANALYST, ())
    assert len(await house.decisions()) == 2
    (told,) = [each for each in caplog.records if each.name == "vigil.track.follower"]
    assert vars(told)["error"] == "LookupError"
    assert "hunter2" not in caplog.text

    await house.write("Thank you!")
    await house.worker.settle()
    assert (await stands(house)).customer_wrote_at == house.clock.now()


async def test_what_was_deleted_is_in_it_no_more(house: House) -> None:
    await house.write("How do I rotate my key? Mine fails with ERR_SECRET_LEAKED.", name="m-1")
    await house.write("Anybody?")
    await house.worker.settle()
    assert "ERR_SECRET_LEAKED" in str(await stands(house))
    await house.write("", about="m-1", event=MessageEvent.DELETED)
    await house.worker.settle()
    assert "ERR_SECRET_LEAKED" not in str(await stands(house))


async def test_an_edit_is_read_anew(house: House) -> None:
    await house.write("It fails on version 2.4.", name="m-1")
    await house.write("What can I do?")
    await house.worker.settle()
    await house.write("It fails on version 2.5.", about="m-1", event=MessageEvent.EDITED)
    await house.worker.settle()
    assert [fact.text for fact in (await stands(house)).facts] == ["2.5"]


async def test_a_ticket_of_which_nothing_is_known_is_read_from_its_messages(house: House) -> None:
    await house.write("How do I rotate my key?")
    await house.write("Open the settings and click on rotate.", by=ANALYST)
    await house.worker.settle()
    (decision, *_) = await house.decisions()
    async with house.store.write(W) as session:
        await ProgressOfTickets(session).drop([decision.ticket_id or ""])

    drain = house.another_drain("worker-2")
    receipt = await house.write("Thank you, that worked!")
    await drain.drain(W, receipt.conversation_id)
    progress = await stands(house)
    assert progress.standing is Standing.CONFIRMED
    assert progress.wants is not None


async def test_two_workers_by_turns_write_on_where_the_other_stopped(house: House) -> None:
    other = house.another_drain("worker-2")
    receipt = await house.write("How do I rotate my key?")
    await house.worker.settle()
    await house.write("Open the settings and click on rotate.", by=ANALYST)
    await other.drain(W, receipt.conversation_id)
    await house.write("Which settings?", by=CUSTOMER, after_s=300)
    await house.worker.settle()
    questions = (await stands(house)).questions
    assert [question.open for question in questions] == [False, True]
