"""A desk with its runtime around a scripted assist and a channel that only remembers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo

from vigil.assist.situation import Situation
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import ConversationKind, Incoming, MessageEvent, Person, Role
from vigil.domain.decision import Decision
from vigil.domain.post import Post, Visibility
from vigil.runtime.administration import Administration
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.runtime.lastlook import LastLook
from vigil.runtime.sender import Sender, SendLimits
from vigil.runtime.worker import Worker
from vigil.store.decisions import DecisionFilter
from vigil.store.events import Receipt
from vigil.store.store import Store
from vigil.testing.assist import ScriptedAssist
from vigil.testing.channel import MemoryChannel
from vigil.testing.embedder import HashEmbedder
from vigil.track.follower import Follower

W = "acme"
CUSTOMER = Person(id="cust-1", name="Priya", role=Role.CUSTOMER)
ANALYST = Person(id="ana-1", name="Tomas", role=Role.ANALYST)


class EverythingStands:
    """No entry was ever retired."""

    def __init__(self) -> None:
        self.retired: set[str] = set()

    async def in_force(self, workspace: str, revision_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(revision_ids) - self.retired


@dataclass
class House:
    """Everything that a test needs to write to the desk and see what comes of it."""

    store: Store
    clock: ManualClock
    ids: CountingIds
    desk: Desk
    administration: Administration
    channel: MemoryChannel
    standing: EverythingStands
    answer_of: Callable[[Situation], str | None] = lambda _: None
    visibility: Visibility = Visibility.PRIVATE
    count: int = 0
    bell: Bell = field(default_factory=Bell)

    def __post_init__(self) -> None:
        self.assist = ScriptedAssist(
            clock=self.clock,
            ids=self.ids,
            answer_of=lambda situation: self.answer_of(situation),
            visibility=self.visibility,
        )
        self.drain = self.another_drain("worker-1")
        self.sender = Sender(
            store=self.store,
            channels={"chat": self.channel},
            standing=self.standing,
            last_look=LastLook(HashEmbedder()),
            clock=self.clock,
            ids=self.ids,
            owner="worker-1",
            limits=SendLimits(claim_s=20, patience_s=6),
        )
        self.worker = Worker(store=self.store, drain=self.drain, sender=self.sender, bell=self.bell, clock=self.clock)

    def another_drain(self, owner: str, *, zone: tzinfo = UTC) -> Drain:
        return Drain(
            store=self.store,
            assists=self.assist,
            clock=self.clock,
            ids=self.ids,
            owner=owner,
            limits=DrainLimits(lease_s=20, max_attempts=3, burst_window_s=90),
            follower=Follower(zone=zone),
        )

    async def write(
        self,
        text: str,
        *,
        by: Person = CUSTOMER,
        name: str | None = None,
        about: str | None = None,
        event: MessageEvent = MessageEvent.POSTED,
        room: str = "room-1",
        reply_to: tuple[str, ...] = (),
        after_s: float = 10,
        kind: ConversationKind = ConversationKind.ROOM,
    ) -> Receipt:
        """A message into a room, `after_s` seconds after the one before."""
        self.count += 1
        self.clock.advance(timedelta(seconds=after_s))
        external = name or f"m{self.count}"
        return await self.desk.receive(
            W,
            Incoming(
                channel="chat:1",
                conversation=room,
                external_id=external,
                message_id=about or external,
                event=event,
                author=by,
                text=text,
                sent_at=self.clock.now(),
                kind=kind,
                reply_to=reply_to,
            ),
            trust_role=True,
        )

    async def decisions(self) -> list[Decision]:
        """Oldest first."""
        return list(reversed(await self.desk.decisions(W, DecisionFilter(limit=1000))))

    async def posts(self) -> list[Post]:
        return await self.desk.posts(W, [decision.id for decision in await self.decisions()])
