"""Recorded tickets, lived through again by the runtime with a clock that is moved: the messages come in by the door, and timers fire at
their due time. What is made of that is `followups`'s."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import Role
from vigil.domain.followup import FollowUp, FollowUpState
from vigil.domain.workspace import Workspace
from vigil.evaluate.recording import RecordedMessage
from vigil.runtime.administration import Administration
from vigil.runtime.alarms import AlarmLimits, Alarms
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.followups import FollowUps
from vigil.store.store import Store
from vigil.store.timers import next_timer
from vigil.testing.assist import ScriptedAssist
from vigil.track.follower import Follower
from vigil.track.nudges import Nudges
from vigil.track.schedule import KIND, FollowUpSchedule

W: Final = "replay"
START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
APART: Final = timedelta(minutes=7)
"""Between the beginnings of two tickets, so that some dozens are open at a time."""
AFTERWARDS: Final = timedelta(days=4)
"""What the clock goes on for after the last message: each reason's time is over by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One ticket, as it was lived through."""

    name: str
    follow_ups: tuple[FollowUp, ...]
    shown: tuple[str, ...]
    """Ids of follow-ups in the order in which they were shown or sent; one that was twice stands there twice."""
    messages: tuple[RecordedMessage, ...]
    """At the times of the replay."""
    ids: Mapping[str, str]
    """Of its messages: the recording's, by Vigil's."""


class Replay:
    """A desk on which nothing is answered by Vigil: only what follows is looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clock, self._ids = ManualClock(START), CountingIds()
        clock, ids, schedule = self._clock, self._ids, FollowUpSchedule(ids=CountingIds())
        self._desk = Desk(store=store, clock=clock, ids=ids, bell=Bell(), schedule=schedule)
        self._drain = Drain(
            store=store,
            assists=ScriptedAssist(clock=clock, ids=ids),
            clock=clock,
            ids=ids,
            owner="replay",
            limits=DrainLimits(lease_s=20, max_attempts=3, burst_window_s=90),
            follower=Follower(),
            schedule=schedule,
        )
        nudges = Nudges(store=store, clock=clock, ids=ids, schedule=schedule)
        self._alarms = Alarms(
            store=store, alarms={KIND: nudges}, clock=clock, owner="replay", limits=AlarmLimits(max_attempts=3)
        )

    async def play(self, tickets: Mapping[str, Sequence[RecordedMessage]]) -> list[Replayed]:
        """All of them, side by side, as they would come to one desk."""
        administration = Administration(store=self._store, clock=self._clock, ids=self._ids)
        await administration.create_workspace(Workspace(id=W, name="Replay"), by="benchmark")
        moved = {name: tuple(_moved(messages, number)) for number, (name, messages) in enumerate(tickets.items())}
        tickets_of: dict[str, str] = {}
        for message in heapq.merge(*moved.values(), key=lambda each: each.at):
            await self._until(message.at)
            tickets_of[message.conversation] = await self._receive(message)
        await self._until(self._clock.now() + AFTERWARDS)
        return [await self._told(tickets_of[name], name, messages) for name, messages in moved.items()]

    async def _receive(self, message: RecordedMessage) -> str:
        """Take a message in and work it off; the id of its conversation."""
        receipt = await self._desk.receive(W, message.incoming(), trust_role=True)
        await self._drain.drain(W, receipt.conversation_id)
        return receipt.conversation_id

    async def _until(self, instant: datetime) -> None:
        """Time passes, and whatever is due on the way happens, each at its own time."""
        while (due := await next_timer(self._store, at=self._clock.now(), kinds=[KIND])) and due <= instant:
            self._clock.move_to(due)
            await self._alarms.fire_due()
        self._clock.move_to(instant)

    async def _told(self, conversation_id: str, name: str, messages: tuple[RecordedMessage, ...]) -> Replayed:
        async with self._store.read(W) as session:
            conversations = Conversations(session)
            (ticket,) = await conversations.tickets_of(conversation_id, limit=2)
            written = await conversations.of_ticket(ticket.id, limit=len(messages))
            audit = await Audit(session).chain(f"ticket:{ticket.id}")
            brought_up = {f"followup.{FollowUpState.SHOWN}", f"followup.{FollowUpState.SENT}"}
            return Replayed(
                name=name,
                follow_ups=tuple(await FollowUps(session).of_ticket(ticket.id)),
                shown=tuple(record.subject for record in audit if record.action in brought_up),
                messages=messages,
                ids={message.id: message.external_id for message in written},
            )


def _moved(messages: Sequence[RecordedMessage], number: int) -> Iterator[RecordedMessage]:
    """The messages at the times of the replay."""
    by = START + number * APART - messages[0].at
    for message in messages:
        yield replace(message, at=message.at + by)


def customer_of(messages: Sequence[RecordedMessage]) -> str:
    """Who opened the ticket."""
    return next((each.author for each in messages if each.role is Role.CUSTOMER), messages[0].author)
