"""A desk that learns: the whole house with a small embedder, on a real database, with a clock that is turned by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from vigil.assist.pipeline import Pipeline, Thresholds
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import Incoming, Person, Role
from vigil.domain.decision import Decision
from vigil.domain.ticket import Ticket, TicketState
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.documents import Limits
from vigil.learn.care import Care
from vigil.learn.edits import Edits
from vigil.learn.loop import Learner
from vigil.learn.relation import Known, Related, Relation
from vigil.learn.review import Review
from vigil.learn.shared import Links, Shared
from vigil.learn.when import CARE, DOCUMENTS, EDIT, KIND, LearningTimes
from vigil.runtime.alarms import AlarmLimits, Alarms
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.runtime.lastlook import LastLook
from vigil.runtime.sender import Sender, SendLimits
from vigil.settings import Settings
from vigil.store.conversations import TicketFilter
from vigil.store.decisions import DecisionFilter
from vigil.store.lessons import LessonRecord, Lessons
from vigil.store.store import Store
from vigil.testing.channel import MemoryChannel
from vigil.testing.embedder import HashEmbedder
from vigil.testing.fetch import ScriptedFetch
from vigil.testing.hearing import shipped_hearing
from vigil.testing.index import MemoryShelf
from vigil.testing.learn import Repetition

W = "acme"
MIA = Person(id="cust-1", name="Mia", role=Role.CUSTOMER)
OTTO = Person(id="cust-2", name="Otto", role=Role.CUSTOMER)
TOM = Person(id="ana-1", name="Tom", role=Role.ANALYST)
EVA = Person(id="ana-2", name="Eva", role=Role.ANALYST)
ASKS = "the backup job of our billing database fails with error BK-12 every night, any idea?"
ANSWER = "Set BACKUP_WINDOW=2h in backup.conf and restart the agent."
OTHER_WORDS = (
    "You need a longer window for it: put 2h as BACKUP_WINDOW into the agent's backup.conf, then bounce the service."
)
QUIET_S = 3600.0


@dataclass
class Scripted:
    """Says of every lesson what it was told to say of the nearest entry."""

    relation: Relation = Relation.NEW
    agrees: bool = False
    """Whether what contradicts an entry says the same as what contradicted it before."""

    async def relate(self, lesson: object, known: list[Known]) -> Related:
        if self.agrees and [each.entry_id for each in known] == ["earlier"]:
            return Related(relation=Relation.SAME, entry_id="earlier")
        entry_id = known[0].entry_id if known and self.relation is not Relation.NEW else None
        return Related(relation=self.relation if entry_id else Relation.NEW, entry_id=entry_id)


SOLVED = ((MIA, ASKS), (TOM, f"Hello Mia, {ANSWER}"), (MIA, "that worked, thanks!"))
OPPOSITE = "Never set BACKUP_WINDOW, remove it from backup.conf."


@dataclass
class School:
    """Everything that a test needs to let tickets happen and see what is learned."""

    store: Store
    clock: ManualClock
    ids: CountingIds
    reconciles: object = field(default_factory=Repetition)
    suspects: Callable[[str], bool] = lambda _: False
    domains: tuple[str, ...] = ()
    fetch: ScriptedFetch = field(default_factory=lambda: ScriptedFetch({}))
    count: int = 0
    rooms: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        bell, embedder = Bell(), HashEmbedder(dimensions=256)
        self.embedder = embedder
        self.knowledge = KnowledgeBase(
            store=self.store,
            embedder=embedder,
            shelf=MemoryShelf(),
            clock=self.clock,
            ids=self.ids,
            index_from=0,
        )
        self.learner = Learner(
            store=self.store,
            knowledge=self.knowledge,
            reconciles=self.reconciles,  # pyright: ignore[reportArgumentType]
            clock=self.clock,
            ids=self.ids,
            least_confidence=0.0,
            suspects=self.suspects,
            links=Links(self.domains),
        )
        self.shared = Shared(
            store=self.store,
            knowledge=self.knowledge,
            fates=self.learner.fates,
            clock=self.clock,
            ids=self.ids,
            links=Links(self.domains),
            fetch=self.fetch,
            count=lambda text: len(text.split()),
            limits=Limits(),
        )
        self.edits = Edits(
            store=self.store, knowledge=self.knowledge, fates=self.learner.fates, clock=self.clock, ids=self.ids
        )
        self.care = Care(
            store=self.store, knowledge=self.knowledge, clock=self.clock, ids=self.ids, least=0.85, bar=0.7
        )
        self.review = Review(
            store=self.store, knowledge=self.knowledge, embedder=embedder, clock=self.clock, ids=self.ids
        )
        learning = LearningTimes(ids=self.ids, quiet_s=QUIET_S)
        self.desk = Desk(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            bell=bell,
            learning=learning,
            memory=self.knowledge,
        )
        self.drain = Drain(
            store=self.store,
            assists=Pipeline(
                knowledge=self.knowledge,
                embedder=embedder,
                clock=self.clock,
                ids=self.ids,
                thresholds=Thresholds.of(Settings(suggest_confidence=0.0, reply_confidence=0.0)),
                hearing=shipped_hearing(),
            ),
            clock=self.clock,
            ids=self.ids,
            owner="worker-1",
            limits=DrainLimits(lease_s=20, max_attempts=3, burst_window_s=90),
            learning=learning,
        )
        self.alarms = self.another_worker("alarms-1")

    def another_worker(self, owner: str) -> Alarms:
        return Alarms(
            store=self.store,
            alarms={KIND: self.learner, EDIT: self.edits, CARE: self.care, DOCUMENTS: self.shared},
            clock=self.clock,
            owner=owner,
            limits=AlarmLimits(claim_s=30, max_attempts=3),
        )

    async def write(self, room: str, author: Person, text: str, *, past: bool = False) -> None:
        """Somebody writes, five minutes after the last message."""
        self.count += 1
        self.clock.advance(timedelta(minutes=5))
        name = f"m{self.count}"
        receipt = await self.desk.receive(
            W,
            Incoming(
                channel="chat:1",
                conversation=room,
                external_id=name,
                message_id=name,
                author=author,
                text=text,
                sent_at=self.clock.now(),
                past=past,
            ),
            trust_role=True,
        )
        self.rooms[room] = receipt.conversation_id
        await self.drain.drain(W, receipt.conversation_id)

    async def talk(self, room: str, *said: tuple[Person, str], past: bool = False) -> Ticket:
        """Messages of one room, and its ticket."""
        for author, text in said:
            await self.write(room, author, text, past=past)
        return await self.ticket(room)

    async def ticket(self, room: str) -> Ticket:
        tickets = await self.desk.tickets(W, TicketFilter(limit=1000))
        return next(each for each in tickets if each.conversation_id == self.rooms[room])

    async def end(self, ticket: Ticket, state: TicketState = TicketState.RESOLVED) -> None:
        await self.desk.change_ticket(W, ticket.id, by="tom", state=state)

    async def later(self, **span: float) -> int:
        """Let time pass, and fire what is due."""
        self.clock.advance(timedelta(**span))
        return await self.alarms.fire_due()

    async def send(self) -> None:
        """Bring what Vigil wants to say before people."""
        channel = MemoryChannel()
        await Sender(
            store=self.store,
            channels={"chat": channel},
            standing=self.knowledge,
            last_look=LastLook(self.embedder),
            clock=self.clock,
            ids=self.ids,
            owner="worker-1",
            limits=SendLimits(claim_s=20, patience_s=6),
        ).send_due()

    async def decide(self, room: str, customer: Person, text: str = ASKS) -> Decision:
        """A customer asks, and what Vigil says to it is sent."""
        ticket = await self.talk(room, (customer, text))
        self.clock.advance(timedelta(seconds=10))
        await self.send()
        return (await self.desk.decisions(W, DecisionFilter(ticket_id=ticket.id)))[0]

    async def taught(self, room: str, *said: tuple[Person, str]) -> LessonRecord:
        """A ticket that is over, and the first lesson of it."""
        ticket = await self.talk(room, *said)
        await self.end(ticket)
        await self.later(minutes=2)
        return (await self.records(ticket))[0]

    async def records(self, ticket: Ticket) -> list[LessonRecord]:
        async with self.store.read(W) as session:
            return await Lessons(session).of_ticket(ticket.id)
