"""A follow-up is shown once, at its time, to whom it may be shown; what is settled before is never shown; what people say of one counts."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from tests.conftest import MORNING
from tests.integration.track.room import ANALYST, CUSTOMER, ROOM, RULES, Room, W
from tests.unit.track.stands import after, asked, promised
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import Incoming, Role
from vigil.domain.decision import DecisionKind, OutcomeKind, Reason
from vigil.domain.followup import FollowUpReason as R
from vigil.domain.followup import FollowUpState as S
from vigil.domain.hours import QuietHours
from vigil.domain.post import PostState, Visibility
from vigil.domain.progress import Standing, Turn
from vigil.domain.ticket import TicketState
from vigil.domain.topic import Autonomy
from vigil.errors import Conflict, InvalidInput
from vigil.store.store import Store

WAITS: dict[str, Any] = {"turn": Turn.ANALYST, "turn_in": "q", "turn_since": after(0), "questions": (asked("q", 0),)}
FIXED: dict[str, Any] = {
    "turn": Turn.CUSTOMER,
    "standing": Standing.FIX_ANNOUNCED,
    "standing_in": "f",
    "standing_since": after(0),
}
OURS: dict[str, Any] = {"turn": Turn.CUSTOMER}
DAY = 1440


@pytest.fixture
async def room(store: Store, clock: ManualClock, ids: CountingIds) -> Room:
    made = Room(store=store, clock=clock, ids=ids)
    await made.open()
    return made


async def test_a_question_that_nobody_answers_is_shown_once_with_words_to_send(room: Room) -> None:
    await room.says(CUSTOMER, "Why is it so?", name="q", **WAITS)
    await room.wait(9)
    assert await room.states() == ["unanswered_question: pending"]
    await room.wait(2 * DAY)
    (shown,) = await room.all()
    assert (shown.state, shown.shown_at, shown.about) == (S.SHOWN, MORNING + timedelta(minutes=10), "q")
    (post,) = await room.posts()
    assert (post.visibility, post.state) == (Visibility.PRIVATE, PostState.SENT)
    decision = (await room.desk.decision(W, post.decision_id)).decision
    assert (decision.kind, decision.reason, decision.message_id) == (DecisionKind.SUGGEST, Reason.FOLLOW_UP, "q")
    assert decision.note == "The customer's question has waited for 10 minutes"
    assert "“Why is it so”" in decision.answer
    assert [each.text for each in room.channel.posted] == [f"{decision.note}. You could write:\n\n{decision.answer}"]


async def test_who_answers_in_time_hears_nothing(room: Room) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    await room.wait(5)
    await room.says(ANALYST, **OURS)
    await room.wait(2 * DAY)
    assert await room.states() == ["unanswered_question: withdrawn"]
    assert room.channel.posted == []


async def test_whoever_says_that_it_is_solved_is_not_asked_about_it_however_the_ticket_stands(room: Room) -> None:
    await room.says(CUSTOMER, "Why is it so?", name="q", **WAITS)
    await room.says(CUSTOMER, "It works now, I found it.", **WAITS)
    await room.wait(DAY)
    assert await room.states() == ["unanswered_question: withdrawn"]
    assert room.channel.posted == []


async def test_who_asks_on_after_it_was_solved_is_heard(room: Room) -> None:
    await room.says(CUSTOMER, "Why is it so?", name="q", **WAITS)
    await room.says(CUSTOMER, "It works now, I found it.", **WAITS)
    await room.says(CUSTOMER, "But why does the other one fail?", **WAITS)
    await room.wait(DAY)
    assert await room.states() == ["unanswered_question: shown"]


async def test_who_answers_while_it_rings_hears_nothing(room: Room) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    room.clock.advance(timedelta(minutes=10))
    await asyncio.gather(room.alarms.fire_due(), room.says(ANALYST, **OURS), room.others.fire_due())
    await room.sender.send_due()
    (one,) = await room.all()
    assert one.state in (S.WITHDRAWN, S.DONE)
    assert room.channel.posted == []


async def test_a_message_that_is_not_worked_off_yet_is_waited_for(room: Room) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    room.clock.advance(timedelta(minutes=10))
    await room.desk.receive(
        W,
        Incoming(
            channel=ROOM.channel,
            conversation=ROOM.external_id,
            external_id="a",
            message_id="a",
            author=ANALYST,
            text="Here",
        ),
        trust_role=True,
    )
    await room.alarms.fire_due()
    assert await room.states() == ["unanswered_question: pending"]
    await room.wait(1)
    assert await room.states() == ["unanswered_question: pending"]


async def test_a_post_that_waits_goes_back_when_the_ticket_goes_on(room: Room) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    room.clock.advance(timedelta(minutes=10))
    await room.alarms.fire_due()
    await room.says(ANALYST, **OURS)
    await room.sender.send_due()
    assert await room.states() == ["unanswered_question: done"]
    assert [(post.state, post.reason) for post in await room.posts()] == [(PostState.WITHDRAWN, "the ticket went on")]


async def test_a_promise_is_looked_at_before_and_after_it_is_due_and_not_when_it_was_kept(room: Room) -> None:
    await room.says(ANALYST, name="p", **OURS, promises=(promised("p", 0, 60),))
    await room.wait(55)
    assert await room.states() == ["promise_due: shown", "promise_overdue: pending"]
    await room.wait(15)
    assert await room.states() == ["promise_due: shown", "promise_overdue: shown"]
    await room.says(ANALYST, **OURS, promises=(replace(promised("p", 0, 60), kept_in="k"),))
    assert await room.states() == ["promise_due: done", "promise_overdue: done"]


async def test_snoozed_it_comes_back_once_and_only_if_it_is_still_wanted(room: Room) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    await room.wait(11)
    (shown,) = await room.all()
    await room.follow_ups.snooze(W, shown.id, until=room.clock.now() + timedelta(minutes=30), by="jonas")
    await room.wait(29)
    assert (await room.states(), len(room.channel.posted)) == (["unanswered_question: snoozed"], 1)
    await room.wait(5)
    assert (await room.states(), len(room.channel.posted)) == (["unanswered_question: shown"], 2)
    await room.follow_ups.snooze(W, shown.id, until=room.clock.now() + timedelta(minutes=30), by="jonas")
    await room.says(ANALYST, **OURS)
    await room.wait(60)
    assert (await room.states(), len(room.channel.posted)) == (["unanswered_question: done"], 2)
    with pytest.raises(Conflict, match="done already"):
        await room.follow_ups.done(W, shown.id, by="jonas")
    with pytest.raises(InvalidInput, match="ahead"):
        await room.follow_ups.snooze(W, shown.id, until=room.clock.now(), by="jonas")


async def test_wrong_is_never_tried_again_in_the_ticket_and_too_often_wrong_is_paused(room: Room) -> None:
    first = ""
    for number in range(3):
        name = f"q{number}"
        now = (room.clock.now() - MORNING) / timedelta(minutes=1)
        await room.says(
            CUSTOMER, name=name, turn=Turn.ANALYST, turn_in=name, turn_since=after(now), questions=(asked(name, now),)
        )
        await room.wait(11)
        if number == 0:
            (shown,) = await room.all()
            first = shown.decision_id or ""
            await room.follow_ups.wrong(W, shown.id, by="jonas", reason="Not needed")
    assert await room.states() == ["unanswered_question: wrong"]
    record = await room.desk.decision(W, first)
    assert [(each.kind, each.reason) for each in record.outcomes] == [(OutcomeKind.DISMISSED, "Not needed")]


async def test_a_reason_that_is_mostly_wrong_is_paused_in_the_workspace(
    store: Store, clock: ManualClock, ids: CountingIds
) -> None:
    first = Room(store=store, clock=clock, ids=ids)
    await first.open()
    for number in range(8):
        room = replace(first, ticket=replace(first.ticket, id=f"tkt_{number}", external_id=f"T-{number}"))
        await room.keep()
        name, now = f"q{number}", (clock.now() - MORNING) / timedelta(minutes=1)
        await room.says(
            CUSTOMER, name=name, turn=Turn.ANALYST, turn_in=name, turn_since=after(now), questions=(asked(name, now),)
        )
        await room.wait(11)
        (shown,) = [each for each in await room.all() if each.about == name]
        assert shown.state is S.SHOWN
        if number % 3 == 0:
            await room.follow_ups.done(W, shown.id, by="jonas")
        else:
            await room.desk.record_outcome(
                W, shown.decision_id or "", kind=OutcomeKind.DISMISSED, by="jonas", reason="Wrong"
            )
    assert (await first.follow_ups.rules(W)).paused == {R.UNANSWERED_QUESTION}


async def test_what_is_sent_from_the_card_is_sent_and_nothing_more_is_asked(room: Room) -> None:
    await room.says(ANALYST, name="p", **OURS, promises=(promised("p", 0, 60),))
    await room.wait(55)
    shown = (await room.all())[0]
    await room.desk.record_outcome(W, shown.decision_id or "", kind=OutcomeKind.ADOPTED, by="jonas")
    assert await room.states() == ["promise_due: sent", "promise_overdue: withdrawn"]


async def test_quiet_hours_put_it_off(room: Room) -> None:
    quiet = QuietHours(zone="UTC", start=time(9, 5), end=time(12))
    await room.administration.set_quiet_hours(W, quiet, by="test")
    await room.says(ANALYST, name="f", **FIXED)
    await room.follow_ups.set_rules(W, replace(RULES, fix_s=3600), by="test")
    await room.says(ANALYST, **FIXED)
    await room.wait(175)
    assert await room.states() == ["fix_not_confirmed: pending"]
    await room.wait(6)
    assert (await room.all())[0].shown_at == MORNING + timedelta(hours=3)


@pytest.mark.parametrize(
    ("autonomy", "state", "visibility"),
    [
        (Autonomy.AUTO, S.SENT, Visibility.PUBLIC),
        (Autonomy.SUGGEST, S.SHOWN, Visibility.PRIVATE),
        (Autonomy.SHADOW, S.WITHDRAWN, None),
    ],
)
async def test_the_topic_says_who_sees_it(
    store: Store, clock: ManualClock, ids: CountingIds, autonomy: Autonomy, state: S, visibility: Visibility | None
) -> None:
    room = Room(store=store, clock=clock, ids=ids)
    await room.open(autonomy)
    await room.says(ANALYST, name="f", **FIXED)
    await room.wait(DAY + 1)
    assert [each.state for each in await room.all()] == [state]
    assert [each.visibility for each in room.channel.posted] == [visibility] * (visibility is not None)
    if visibility is Visibility.PUBLIC:
        said = (await room.desk.transcript(W, room.ticket.id))[-1]
        assert said.by_vigil
        assert said.text.startswith("Did that help?")


async def test_only_a_person_keeps_a_promise(store: Store, clock: ManualClock, ids: CountingIds) -> None:
    room = Room(store=store, clock=clock, ids=ids)
    await room.open(Autonomy.AUTO)
    await room.says(ANALYST, name="p", **OURS, promises=(promised("p", 0, 60),))
    await room.wait(70)
    assert [each.visibility for each in room.channel.posted] == [Visibility.PRIVATE, Visibility.PRIVATE]


async def test_what_looks_resolved_is_listed_and_interrupts_nobody(room: Room) -> None:
    await room.says(CUSTOMER, name="t", standing=Standing.CONFIRMED, standing_in="t", standing_since=after(0))
    await room.wait(DAY + 1)
    assert await room.states() == ["looks_resolved: shown"]
    assert room.channel.posted == []
    await room.desk.change_ticket(W, room.ticket.id, by="jonas", state=TicketState.RESOLVED)
    assert await room.states() == ["looks_resolved: done"]


@pytest.mark.parametrize("how", ["muted", "over", "silenced"])
async def test_where_vigil_is_to_be_quiet_it_is(room: Room, how: str) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    if how == "silenced":
        await room.administration.change_workspace(W, by="test", silenced=True)
    elif how == "muted":
        await room.desk.change_ticket(W, room.ticket.id, by="test", muted=True)
    else:
        await room.desk.change_ticket(W, room.ticket.id, by="test", state=TicketState.RESOLVED)
    await room.wait(60)
    assert (await room.states(), room.channel.posted) == (["unanswered_question: withdrawn"], [])
    if how == "muted":
        await room.desk.change_ticket(W, room.ticket.id, by="test", muted=False)
        await room.wait(1)
        assert await room.states() == ["unanswered_question: shown"]


async def test_it_closes_by_itself_only_where_the_workspace_says_so(room: Room) -> None:
    question: dict[str, Any] = {"turn": Turn.CUSTOMER, "questions": (asked("a", 0, Role.ANALYST),)}
    await room.says(ANALYST, name="a", **question)
    await room.wait(20 * DAY)
    assert (await room.desk.ticket(W, room.ticket.id)).state is TicketState.PENDING_ANALYST
    await room.follow_ups.set_rules(W, replace(RULES, close_after_days=7), by="test")
    await room.says(ANALYST, **question)
    await room.wait(1)
    assert (await room.desk.ticket(W, room.ticket.id)).state is TicketState.CLOSED
    assert [each.state for each in await room.all()] == [S.DONE]


async def test_a_customer_who_answers_in_time_keeps_it_open(room: Room) -> None:
    await room.follow_ups.set_rules(W, replace(RULES, close_after_days=7), by="test")
    await room.says(ANALYST, name="a", turn=Turn.CUSTOMER, questions=(asked("a", 0, Role.ANALYST),))
    await room.wait(6 * DAY)
    await room.says(CUSTOMER, turn=Turn.ANALYST)
    await room.wait(20 * DAY)
    assert (await room.desk.ticket(W, room.ticket.id)).state is TicketState.PENDING_ANALYST


async def test_two_processes_that_look_at_once_show_it_once(room: Room) -> None:
    await room.says(CUSTOMER, name="q", **WAITS)
    room.clock.advance(timedelta(minutes=10))
    await asyncio.gather(room.alarms.fire_due(), room.others.fire_due())
    assert len(await room.posts()) == 1
