"""What the learning runs learn with: a real database and a real index, an embedder that counts words (a start takes a second), and tickets
that are written down as they ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from vigil.clock import RandomIds, SystemClock
from vigil.domain.conversation import Incoming, Message, Person, Role
from vigil.domain.ticket import Ticket, TicketState
from vigil.domain.workspace import Workspace
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.lance import LanceShelf
from vigil.learn.loop import Learner
from vigil.learn.reconcile import Reconciler
from vigil.runtime.administration import Administration
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.store.conversations import Conversations
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An open one."""

    store: Store
    knowledge: KnowledgeBase
    learner: Learner
    ids: RandomIds
    clock: SystemClock

    async def room(self, workspace: str) -> str:
        """A conversation to hold tickets; its id. Makes the workspace, where it isn't there."""
        administration = Administration(store=self.store, clock=self.clock, ids=self.ids)
        if workspace == "default":
            await administration.ensure_default()
        else:
            await administration.create_workspace(Workspace(id=workspace, name=workspace), by="benchmark")
        desk = Desk(store=self.store, clock=self.clock, ids=self.ids, bell=Bell())
        hello = Incoming(
            channel="chat:1",
            conversation="room",
            external_id="m-0",
            message_id="m-0",
            author=Person(id="customer", name="customer", role=Role.CUSTOMER),
            text="hello",
            sent_at=self.clock.now(),
            past=True,
        )
        return (await desk.receive(workspace, hello, trust_role=True)).conversation_id

    async def ticket(self, workspace: str, room: str, said: Sequence[tuple[Person, str]]) -> str:
        """A ticket that is resolved, opened by whoever spoke first, in one commit; its id."""
        ticket_id, now = self.ids.new("tkt"), self.clock.now()
        ticket = Ticket(
            id=ticket_id,
            external_id=ticket_id,
            conversation_id=room,
            state=TicketState.RESOLVED,
            subject="",
            customer_id=said[0][0].id,
            opened_at=now,
            updated_at=now,
        )
        async with self.store.write(workspace) as session:
            conversations = Conversations(session)
            await conversations.lock(room)
            await conversations.save_ticket(ticket)
            await self._say(conversations, ticket_id, room, said)
        return ticket_id

    async def more(self, workspace: str, room: str, ticket_id: str, said: Sequence[tuple[Person, str]]) -> None:
        """Messages that come to a ticket later."""
        async with self.store.write(workspace) as session:
            conversations = Conversations(session)
            await conversations.lock(room)
            await self._say(conversations, ticket_id, room, said)

    async def close(self) -> None:
        await self.knowledge.close()
        await self.store.close()

    async def _say(
        self, conversations: Conversations, ticket_id: str, room: str, said: Sequence[tuple[Person, str]]
    ) -> None:
        now = self.clock.now()
        for number, (author, text) in enumerate(said):
            await conversations.add_message(
                Message(
                    id=self.ids.new("msg"),
                    external_id=self.ids.new("ext"),
                    conversation_id=room,
                    seq=await conversations.next_seq(room),
                    author=author,
                    text=text,
                    sent_at=now + timedelta(seconds=20 * number),
                    received_at=now,
                    ticket_id=ticket_id,
                )
            )


async def open_house(
    url: str, folder: Path, *, durable: bool = True, suspects: Callable[[str], bool] = lambda _: False
) -> House:
    """Open one.

    Args:
        durable: False where a lost machine may lose it.
        suspects: as in `Learner`.
    """
    clock = SystemClock()
    ids, embedder = RandomIds(clock), HashEmbedder(dimensions=256)
    store = await Store.open(url, durable=durable)
    knowledge = KnowledgeBase(
        store=store, embedder=embedder, shelf=LanceShelf(str(folder / "index")), clock=clock, ids=ids, index_from=0
    )
    await knowledge.open()
    learner = Learner(
        store=store,
        knowledge=knowledge,
        reconciles=Reconciler(embedder),
        clock=clock,
        ids=ids,
        least_confidence=0.0,
        suspects=suspects,
    )
    return House(store=store, knowledge=knowledge, learner=learner, ids=ids, clock=clock)
