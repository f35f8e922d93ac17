"""A ticket is told without anybody asking when somebody else takes over and when it is over: once, however often the clock rings."""

import pytest

from tests.integration.track.room import ANALYST, CUSTOMER, Room, W
from tests.unit.track.stands import after, asked
from vigil.clock import CountingIds, ManualClock
from vigil.domain.progress import Turn
from vigil.domain.summary import Audience, Occasion
from vigil.domain.ticket import TicketState
from vigil.runtime.alarms import AlarmLimits, Alarms
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.store.store import Store
from vigil.store.timers import next_timer
from vigil.track.occasions import KIND, SummaryTimes
from vigil.track.summaries import Summaries


class Told:
    """A room whose tickets are told when there is an occasion."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.desk = Desk(
            store=room.store, clock=room.clock, ids=room.ids, bell=Bell(), summaries=SummaryTimes(ids=room.ids)
        )
        self.summaries = Summaries(store=room.store, clock=room.clock)
        self.first, self.second = self.process("one"), self.process("two")

    def process(self, owner: str) -> Alarms:
        limits = AlarmLimits(max_attempts=3)
        alarms = {KIND: self.summaries}
        return Alarms(store=self.room.store, alarms=alarms, clock=self.room.clock, owner=owner, limits=limits)

    async def known(self) -> dict[Audience, Occasion]:
        found = await self.summaries.known(W, self.room.ticket.id)
        return {audience: summary.occasion for audience, summary in found.items()}


@pytest.fixture
async def told(store: Store, clock: ManualClock, ids: CountingIds) -> Told:
    room = Room(store=store, clock=clock, ids=ids)
    await room.open()
    await room.says(CUSTOMER, "Why is it so?", name="q", turn=Turn.ANALYST, questions=(asked("q", 0),))
    return Told(room)


async def test_an_escalation_a_new_assignee_and_the_end_each_tell_it_to_who_will_read_it(told: Told) -> None:
    change, ticket_id = told.desk.change_ticket, told.room.ticket.id
    await change(W, ticket_id, by="jonas", state=TicketState.ESCALATED)
    assert await told.first.fire_due() == 1
    assert await told.known() == {Audience.ANALYST: Occasion.ESCALATION}
    await told.room.says(ANALYST, "I'll have a look.", turn=Turn.ANALYST, turn_in="q", turn_since=after(0))
    await change(W, ticket_id, by="jonas", assignee_id="grace")
    assert await told.first.fire_due() == 1
    assert await told.known() == {Audience.ANALYST: Occasion.HANDOVER}
    await change(W, ticket_id, by="grace", state=TicketState.RESOLVED)
    assert await told.first.fire_due() == 1
    assert await told.known() == {
        Audience.ANALYST: Occasion.HANDOVER,
        Audience.LEAD: Occasion.CLOSING,
        Audience.CUSTOMER: Occasion.CLOSING,
    }
    assert await next_timer(told.room.store, at=told.room.clock.now(), kinds=[KIND]) is None


async def test_two_occasions_before_it_is_told_are_told_once_for_the_last(told: Told) -> None:
    await told.desk.change_ticket(W, told.room.ticket.id, by="jonas", state=TicketState.ESCALATED)
    await told.desk.change_ticket(W, told.room.ticket.id, by="jonas", state=TicketState.RESOLVED)
    assert await told.first.fire_due() + await told.second.fire_due() == 1
    assert set(await told.known()) == {Audience.LEAD, Audience.CUSTOMER}


async def test_what_does_not_change_hands_is_not_told(told: Told) -> None:
    await told.desk.change_ticket(W, told.room.ticket.id, by="jonas", muted=True)
    assert await told.first.fire_due() == 0
    assert await told.known() == {}
