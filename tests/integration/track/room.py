"""A desk with follow-ups, and progress that a test states instead of reading it from words."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from tests.integration.runtime.house import EverythingStands
from tests.unit.track.stands import ROOM, stands, ticket
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import Message, Person, Role
from vigil.domain.followup import FollowUp, FollowUpRules
from vigil.domain.post import Post
from vigil.domain.ticket import Ticket
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import Workspace
from vigil.runtime.administration import Administration
from vigil.runtime.alarms import AlarmLimits, Alarms
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.followups import FollowUpDesk
from vigil.runtime.lastlook import LastLook
from vigil.runtime.sender import Sender, SendLimits
from vigil.store.conversations import Conversations
from vigil.store.followups import FollowUpFilter
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Store
from vigil.store.tables import conversations
from vigil.store.timers import next_timer
from vigil.store.workspaces import Workspaces
from vigil.testing.channel import MemoryChannel
from vigil.testing.embedder import HashEmbedder
from vigil.track.nudges import Nudges
from vigil.track.schedule import KIND, FollowUpSchedule

W = "acme"
RULES = FollowUpRules(unanswered_s=600, promise_lead_s=600, promise_grace_s=300, stalled_s=7200)
CUSTOMER = Person(id="cust-1", name="Priya", role=Role.CUSTOMER)
ANALYST = Person(id="ana-1", name="Tomas", role=Role.ANALYST)


@dataclass
class Room:
    """One ticket, and everything that follows it."""

    store: Store
    clock: ManualClock
    ids: CountingIds
    channel: MemoryChannel = field(default_factory=MemoryChannel)
    ticket: Ticket = field(default_factory=lambda: ticket(topic="billing"))
    count: int = 0

    def __post_init__(self) -> None:
        self.schedule = FollowUpSchedule(ids=self.ids)
        self.follow_ups = FollowUpDesk(store=self.store, clock=self.clock, ids=self.ids, schedule=self.schedule)
        self.desk = Desk(store=self.store, clock=self.clock, ids=self.ids, bell=Bell(), schedule=self.schedule)
        self.administration = Administration(store=self.store, clock=self.clock, ids=self.ids)
        self.alarms, self.others = self.process("one"), self.process("two")
        self.sender = Sender(
            store=self.store,
            channels={"chat": self.channel},
            standing=EverythingStands(),
            last_look=LastLook(HashEmbedder()),
            clock=self.clock,
            ids=self.ids,
            owner="one",
            limits=SendLimits(claim_s=20, patience_s=6),
        )

    def process(self, owner: str) -> Alarms:
        nudges = Nudges(store=self.store, clock=self.clock, ids=self.ids, schedule=self.schedule)
        limits = AlarmLimits(claim_s=30, max_attempts=3)
        return Alarms(store=self.store, alarms={KIND: nudges}, clock=self.clock, owner=owner, limits=limits)

    async def open(self, autonomy: Autonomy = Autonomy.SUGGEST, rules: FollowUpRules = RULES) -> None:
        """The workspace, with a topic for the ticket, and its conversation."""
        await self.administration.create_workspace(Workspace(id=W, name="Acme"), by="test")
        await self.administration.set_topics(W, [Topic(key="billing", name="Billing", autonomy=autonomy)], by="test")
        await self.follow_ups.set_rules(W, rules, by="test")
        async with self.store.write(W) as session:
            row = {"id": ROOM.id, "channel": ROOM.channel, "external_id": ROOM.external_id, "kind": ROOM.kind.value}
            at = self.clock.now()
            await session.execute(insert(conversations).values(workspace_id=W, created_at=at, **row))
        await self.keep()

    async def keep(self) -> None:
        """Write the ticket as it stands."""
        async with self.store.write(W) as session:
            await Conversations(session).save_ticket(self.ticket)

    async def says(self, by: Person, text: str = "Hello", *, name: str | None = None, **progress: Any) -> str:
        """A message is committed, and with it how the ticket stands then; its id."""
        self.count += 1
        name = name or f"m{self.count}"
        async with self.store.write(W) as session:
            rows = Conversations(session)
            now = self.clock.now()
            message = Message(
                id=name,
                external_id=f"x-{name}",
                conversation_id=ROOM.id,
                seq=await rows.next_seq(ROOM.id),
                author=by,
                text=text,
                sent_at=now,
                received_at=now,
                ticket_id=self.ticket.id,
            )
            await rows.add_message(message)
            at = "customer_wrote_at" if by is CUSTOMER else "analyst_wrote_at"
            now_stands = replace(stands(**{at: now, **progress}), ticket_id=self.ticket.id)
            await ProgressOfTickets(session).save(now_stands)
            await self.schedule.settle(
                session,
                ROOM,
                await rows.ticket(self.ticket.id),
                now_stands,
                await Workspaces(session).get(),
                at=now,
            )
        return name

    async def wait(self, minutes: float) -> None:
        """Time passes, and whatever is due then happens, at its own time."""
        until = self.clock.now() + timedelta(minutes=minutes)
        while True:
            due = await next_timer(self.store, at=self.clock.now(), kinds=[KIND])
            self.clock.move_to(until if due is None else min(until, due))
            await self.alarms.fire_due()
            await self.sender.send_due()
            if self.clock.now() >= until:
                return

    async def all(self) -> list[FollowUp]:
        """Every follow-up that there ever was, by when they are due."""
        return await self.follow_ups.find(W, FollowUpFilter(states=()))

    async def states(self) -> list[str]:
        return [f"{each.reason}: {each.state}" for each in await self.all()]

    async def posts(self) -> list[Post]:
        return await self.desk.posts(W, [each.decision_id for each in await self.all() if each.decision_id])
