"""Events as channels deliver them, in the order in which they came, and the lease under which a conversation is worked off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from vigil.clock import Ids
from vigil.domain.conversation import Conversation, ConversationKind, Incoming, MessageEvent, Person, Role
from vigil.errors import LeaseLost
from vigil.store.columns import Json
from vigil.store.store import Session, Store
from vigil.store.tables import conversations, inbox
from vigil.store.upsert import insert_new

WAITING, DONE, PARKED = "waiting", "done", "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an event at the door."""

    event_id: str
    conversation_id: str
    seq: int
    duplicate: bool
    """It had been delivered before; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One event that is still to be worked off, or that was parked."""

    id: str
    conversation_id: str
    seq: int
    incoming: Incoming
    received_at: datetime
    attempts: int
    reason: str = ""
    traceparent: str | None = None
    """The trace that it came in with, as the W3C writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work off a conversation. Every commit names its epoch; a later holder has a higher one."""

    conversation: Conversation
    owner: str
    epoch: int


async def conversations_waiting(store: Store, *, at: datetime, limit: int = 1000) -> list[tuple[str, str]]:
    """(workspace, conversation) pairs with events to work off and no living lease: what a sweeper wakes."""
    async with store.across_workspaces() as connection:
        rows = await connection.execute(
            select(conversations.c.workspace_id, conversations.c.id)
            .where(
                conversations.c.waiting > 0,
                or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < at),
            )
            .limit(limit)
        )
        return [(row.workspace_id, row.id) for row in rows]


class Inbox:
    """The inbox of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = inbox.c.workspace_id == session.workspace
        self._my_conversations = conversations.c.workspace_id == session.workspace

    async def take(self, incoming: Incoming, *, ids: Ids, at: datetime, traceparent: str | None = None) -> Receipt:
        """Write an event down, once however often it is delivered."""
        seen = await self._seen(incoming)
        if seen is not None:
            return seen
        conversation_id, seq = await self._next_seq(incoming, ids=ids, at=at)
        event_id = ids.new("evt")
        await self._session.execute(
            insert(inbox).values(
                workspace_id=self._session.workspace,
                id=event_id,
                channel=incoming.channel,
                external_id=incoming.external_id,
                conversation_id=conversation_id,
                seq=seq,
                event=_event(incoming),
                received_at=at,
                state=WAITING,
                traceparent=traceparent,
            )
        )
        return Receipt(event_id=event_id, conversation_id=conversation_id, seq=seq, duplicate=False)

    async def lease(self, conversation_id: str, *, owner: str, at: datetime, seconds: float) -> Lease | None:
        """Take the conversation unless somebody else holds it; None where somebody does, or where there is no such conversation."""
        row = (
            await self._session.execute(
                update(conversations)
                .where(
                    self._my_conversations,
                    conversations.c.id == conversation_id,
                    or_(
                        conversations.c.lease_until.is_(None),
                        conversations.c.lease_until < at,
                        conversations.c.lease_owner == owner,
                    ),
                )
                .values(
                    lease_owner=owner,
                    lease_epoch=conversations.c.lease_epoch + 1,
                    lease_until=at + timedelta(seconds=seconds),
                )
                .returning(conversations)
            )
        ).one_or_none()
        return None if row is None else Lease(conversation=conversation_of(row), owner=owner, epoch=row.lease_epoch)

    async def hold(self, lease: Lease, *, at: datetime, seconds: float, done: int = 0) -> int:
        """Renew the lease, count `done` events off, and so bind the whole transaction to the lease's epoch; how many events still wait.

        Raises:
            LeaseLost: another holder has a higher epoch; the transaction must be given up.
        """
        result = await self._session.execute(
            update(conversations)
            .where(
                self._my_conversations,
                conversations.c.id == lease.conversation.id,
                conversations.c.lease_epoch == lease.epoch,
            )
            .values(lease_until=at + timedelta(seconds=seconds), waiting=conversations.c.waiting - done)
            .returning(conversations.c.waiting)
        )
        waiting = result.scalar_one_or_none()
        if waiting is None:
            raise LeaseLost(f"Conversation {lease.conversation.id} went to another worker after epoch {lease.epoch}.")
        return waiting

    async def release(self, lease: Lease) -> None:
        """Give the conversation back; does nothing where the lease was lost."""
        await self._session.execute(
            update(conversations)
            .where(
                self._my_conversations,
                conversations.c.id == lease.conversation.id,
                conversations.c.lease_epoch == lease.epoch,
            )
            .values(lease_owner=None, lease_until=None)
        )

    async def waiting(self, conversation_id: str, *, limit: int) -> list[Waiting]:
        """The next events of a conversation, in order."""
        rows = await self._session.execute(
            select(inbox)
            .where(self._mine, inbox.c.conversation_id == conversation_id, inbox.c.state == WAITING)
            .order_by(inbox.c.seq)
            .limit(limit)
        )
        return [_waiting(row) for row in rows]

    async def finish(self, event_id: str) -> None:
        await self._session.execute(
            update(inbox).where(self._mine, inbox.c.id == event_id).values(state=DONE, reason="")
        )

    async def fail(self, event: Waiting, *, reason: str, park: bool) -> None:
        """Note a failed attempt; a parked event is out of the way until somebody looks."""
        values: dict[str, Any] = {"attempts": event.attempts + 1, "reason": reason}
        if park:
            values["state"] = PARKED
        await self._session.execute(update(inbox).where(self._mine, inbox.c.id == event.id).values(values))

    async def parked(self, *, limit: int = 100) -> list[Waiting]:
        rows = await self._session.execute(
            select(inbox).where(self._mine, inbox.c.state == PARKED).order_by(inbox.c.received_at).limit(limit)
        )
        return [_waiting(row) for row in rows]

    async def _seen(self, incoming: Incoming) -> Receipt | None:
        row = (
            await self._session.execute(
                select(inbox.c.id, inbox.c.conversation_id, inbox.c.seq).where(
                    self._mine, inbox.c.channel == incoming.channel, inbox.c.external_id == incoming.external_id
                )
            )
        ).one_or_none()
        if row is None:
            return None
        return Receipt(event_id=row.id, conversation_id=row.conversation_id, seq=row.seq, duplicate=True)

    async def _next_seq(self, incoming: Incoming, *, ids: Ids, at: datetime) -> tuple[str, int]:
        """The conversation's id and the event's place in it; the update locks the row, so that places are never given twice."""
        bump = (
            update(conversations)
            .where(
                self._my_conversations,
                conversations.c.channel == incoming.channel,
                conversations.c.external_id == incoming.conversation,
            )
            .values(next_seq=conversations.c.next_seq + 1, waiting=conversations.c.waiting + 1)
            .returning(conversations.c.id, conversations.c.next_seq)
        )
        row = (await self._session.execute(bump)).one_or_none()
        if row is None:
            await insert_new(
                self._session,
                conversations,
                {
                    "workspace_id": self._session.workspace,
                    "id": ids.new("cnv"),
                    "channel": incoming.channel,
                    "external_id": incoming.conversation,
                    "kind": incoming.kind.value,
                    "muted": incoming.past,
                    "created_at": at,
                },
                unique=("workspace_id", "channel", "external_id"),
            )
            row = (await self._session.execute(bump)).one()
        return row.id, row.next_seq - 1


def conversation_of(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        channel=row.channel,
        external_id=row.external_id,
        kind=ConversationKind(row.kind),
        muted=row.muted,
    )


def _event(incoming: Incoming) -> Json:
    author = incoming.author
    return {
        "conversation": incoming.conversation,
        "message_id": incoming.message_id,
        "event": incoming.event.value,
        "author": None if author is None else {"id": author.id, "name": author.name, "role": author.role.value},
        "text": incoming.text,
        "sent_at": None if incoming.sent_at is None else incoming.sent_at.isoformat(),
        "kind": incoming.kind.value,
        "ticket": incoming.ticket,
        "thread": incoming.thread,
        "reply_to": list(incoming.reply_to),
        "mentions_vigil": incoming.mentions_vigil,
    }


def _waiting(row: Row[Any]) -> Waiting:
    event: Json = row.event
    author: Json | None = event["author"]
    incoming = Incoming(
        channel=row.channel,
        conversation=event["conversation"],
        external_id=row.external_id,
        message_id=event["message_id"],
        event=MessageEvent(event["event"]),
        author=None if author is None else Person(id=author["id"], name=author["name"], role=Role(author["role"])),
        text=event["text"],
        sent_at=None if event["sent_at"] is None else datetime.fromisoformat(event["sent_at"]),
        kind=ConversationKind(event["kind"]),
        ticket=event["ticket"],
        thread=event["thread"],
        reply_to=tuple(event["reply_to"]),
        mentions_vigil=event["mentions_vigil"],
    )
    return Waiting(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        incoming=incoming,
        received_at=row.received_at,
        attempts=row.attempts,
        reason=row.reason,
        traceparent=row.traceparent,
    )
