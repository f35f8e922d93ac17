"""Events as channels deliver them, in the order in which they came, and the lease under which a conversation is worked off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, case, func, insert, literal_column, or_, select, update

from vigil.clock import Ids
from vigil.domain.conversation import Conversation, ConversationKind, Incoming, Role
from vigil.errors import LeaseLost, NotFound
from vigil.store.columns import Instant
from vigil.store.events import Receipt, Waiting, body_of, waiting_of
from vigil.store.paging import earlier
from vigil.store.store import WORKSPACE, Session, Store, scoped
from vigil.store.tables import conversations, inbox, people, workspaces
from vigil.store.upsert import insert_new
from vigil.store.workspaces import no_workspace

SUSPECT = 2
"""Leases in a row that ran out with nothing done, from which a conversation is worked on as the only suspect of its worker."""
WAITING, DONE, PARKED, DROPPED = "waiting", "done", "parked", "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What the workspace knows of an event that has come."""

    receipt: Receipt | None
    """The one of an earlier delivery."""
    role: Role | None
    """As whom the workspace knows its author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work off a conversation. Every commit names its epoch; a later holder has a higher one."""

    conversation: Conversation
    owner: str
    epoch: int
    takeovers: int = 0
    """Up to `SUSPECT`: holders before this one, one after the other, whose lease ran out with nothing done. They died, over this
    conversation or one of the others that they had. Past it: how often one ended while it worked on this one as its only suspect."""

    @property
    def deaths(self) -> int:
        """How often a worker ended over this conversation."""
        return max(0, self.takeovers - SUSPECT)


_mine = inbox.c.workspace_id == WORKSPACE
_ours = and_(conversations.c.workspace_id == WORKSPACE, conversations.c.id == bindparam("conversation"))
_held = and_(_ours, conversations.c.lease_epoch == bindparam("epoch"))
_event_id = inbox.c.id == bindparam("event_id")
_is_waiting = inbox.c.state == literal_column("'waiting'")  # written out, so that the partial indexes are found
_is_parked = inbox.c.state == literal_column("'parked'")
_some_wait = conversations.c.waiting > literal_column("0")
_at = bindparam("at", type_=Instant())
_until = bindparam("until", type_=Instant())
_free = or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < _at)
_left = conversations.c.waiting - bindparam("done", type_=Integer())

_place = func.row_number().over(
    partition_by=conversations.c.workspace_id,
    order_by=(func.coalesce(conversations.c.waiting_since, 0), conversations.c.id),
)
_candidates = (
    select(conversations.c.workspace_id, conversations.c.id, _place.label("place")).where(_some_wait, _free).subquery()
)
_TURNS = (
    select(_candidates.c.workspace_id, _candidates.c.id)
    .where(_candidates.c.place <= bindparam("each"))
    .order_by(_candidates.c.place, _candidates.c.workspace_id)
    .limit(bindparam("limit"))
)
_ADD = insert(inbox)
_KNOCK = scoped(
    select(people.c.role, inbox.c.id, inbox.c.conversation_id, inbox.c.seq)
    .select_from(workspaces)
    .outerjoin(
        people,
        and_(
            people.c.workspace_id == WORKSPACE,
            people.c.channel == bindparam("on"),
            people.c.person_id == bindparam("person"),
        ),
    )
    .outerjoin(inbox, and_(_mine, inbox.c.channel == bindparam("on"), inbox.c.external_id == bindparam("name")))
    .where(workspaces.c.workspace_id == WORKSPACE)
)
_BUMP = scoped(
    update(conversations)
    .where(
        conversations.c.workspace_id == WORKSPACE,
        conversations.c.channel == bindparam("on"),
        conversations.c.external_id == bindparam("name"),
    )
    .values(
        next_seq=conversations.c.next_seq + 1,
        waiting=conversations.c.waiting + 1,
        waiting_since=case((_some_wait, conversations.c.waiting_since), else_=_at),
    )
    .returning(conversations.c.id, conversations.c.next_seq)
)
_ONE_MORE = scoped(
    update(conversations)
    .where(_ours)
    .values(
        waiting=conversations.c.waiting + 1,
        waiting_since=case((_some_wait, conversations.c.waiting_since), else_=_at),
    )
)
_DEPTH = scoped(
    select(func.coalesce(func.sum(conversations.c.waiting), 0)).where(
        conversations.c.workspace_id == WORKSPACE, _some_wait
    )
)
_LEASE = scoped(
    update(conversations)
    .where(_ours, _some_wait, or_(_free, conversations.c.lease_owner == bindparam("new_owner")))
    .values(
        lease_owner=bindparam("new_owner"),
        lease_epoch=conversations.c.lease_epoch + 1,
        lease_until=_until,
        takeovers=case(
            (conversations.c.lease_owner.is_(None), conversations.c.takeovers),
            (conversations.c.lease_owner == bindparam("new_owner"), conversations.c.takeovers),
            (conversations.c.takeovers >= SUSPECT, conversations.c.takeovers),
            else_=conversations.c.takeovers + 1,
        ),
    )
    .returning(conversations)
)
_BLAME = scoped(update(conversations).where(_held).values(takeovers=conversations.c.takeovers + 1))
_LOCK = scoped(update(conversations).where(_held).values(lease_epoch=conversations.c.lease_epoch))
_COUNT = scoped(select(func.count()).where(_mine, inbox.c.conversation_id == bindparam("conversation"), _is_waiting))
_SET_COUNT = scoped(update(conversations).where(_ours).values(waiting=bindparam("counted")))
_RENEW = scoped(update(conversations).where(_held).values(lease_until=_until))
_HOLD = scoped(
    update(conversations)
    .where(_held)
    .values(
        waiting=_left,
        takeovers=0,
        lease_until=case((_left > 0, _until), else_=None),
        lease_owner=case((_left > 0, conversations.c.lease_owner), else_=None),
    )
    .returning(conversations.c.waiting)
)
_RELEASE = scoped(update(conversations).where(_held).values(lease_owner=None, lease_until=_until, waiting_since=_at))
_WAITING = scoped(
    select(inbox)
    .where(_mine, inbox.c.conversation_id == bindparam("conversation"), _is_waiting)
    .order_by(inbox.c.seq)
    .limit(bindparam("limit"))
)
_FINISH = scoped(update(inbox).where(_mine, _event_id).values(state=DONE, reason=""))
_FAIL = scoped(
    update(inbox)
    .where(_mine, _event_id)
    .values(state=bindparam("new_state"), attempts=bindparam("new_attempts"), reason=bindparam("new_reason"))
)
_PARKED = select(inbox).where(_mine, _is_parked).order_by(inbox.c.received_at.desc(), inbox.c.id.desc())
_UNPARK = scoped(
    update(inbox)
    .where(_mine, _event_id, _is_parked)
    .values(state=bindparam("new_state"), attempts=0, reason="")
    .returning(inbox)
)


async def conversations_waiting(
    store: Store, *, at: datetime, limit: int = 1000, each: int = 1000
) -> list[tuple[str, str]]:
    """(workspace, conversation) pairs with events to work off and no living lease: what a sweeper wakes. First the one of each workspace
    that has waited longest, then the second of each, and so on; at most `each` of one workspace."""
    async with store.across_workspaces(short=True) as connection:
        rows = await connection.execute(_TURNS, {"at": at, "limit": limit, "each": each})
        return [(row.workspace_id, row.id) for row in rows]


class Inbox:
    """The inbox of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def knock(self, incoming: Incoming) -> Knock:
        """What there is to know before an event is taken.

        Raises:
            NotFound: there is no such workspace.
        """
        author = "" if incoming.author is None else incoming.author.id
        wanted = {"on": incoming.channel, "name": incoming.external_id, "person": author}
        row = (await self._session.execute(_KNOCK, wanted)).one_or_none()
        if row is None:
            raise no_workspace(self._session.workspace)
        seen = None
        if row.id is not None:
            seen = Receipt(event_id=row.id, conversation_id=row.conversation_id, seq=row.seq, duplicate=True)
        return Knock(receipt=seen, role=None if row.role is None else Role(row.role))

    async def take(self, incoming: Incoming, *, ids: Ids, at: datetime, traceparent: str | None = None) -> Receipt:
        """Write an event down that isn't here yet."""
        conversation_id, seq = await self._next_seq(incoming, ids=ids, at=at)
        event_id = ids.new("evt")
        await self._session.execute(
            _ADD,
            {
                "workspace_id": self._session.workspace,
                "id": event_id,
                "channel": incoming.channel,
                "external_id": incoming.external_id,
                "conversation_id": conversation_id,
                "seq": seq,
                "event": body_of(incoming),
                "received_at": at,
                "state": WAITING,
                "traceparent": traceparent,
            },
        )
        return Receipt(event_id=event_id, conversation_id=conversation_id, seq=seq, duplicate=False)

    async def depth(self) -> int:
        """How many events of the workspace wait."""
        return (await self._session.execute(_DEPTH)).scalar_one()

    async def lease(self, conversation_id: str, *, owner: str, at: datetime, seconds: float) -> Lease | None:
        """Take the conversation; None where somebody else holds it, where nothing waits in it (another worker was faster), or where there
        is no such conversation."""
        wanted = {
            "conversation": conversation_id,
            "at": at,
            "new_owner": owner,
            "until": at + timedelta(seconds=seconds),
        }
        row = (await self._session.execute(_LEASE, wanted)).one_or_none()
        if row is None:
            return None
        return Lease(conversation=conversation_of(row), owner=owner, epoch=row.lease_epoch, takeovers=row.takeovers)

    async def renew(self, lease: Lease, *, at: datetime, seconds: float) -> bool:
        """Hold the lease for longer; False where it was lost."""
        values = {**_named(lease), "until": at + timedelta(seconds=seconds)}
        return (await self._session.execute(_RENEW, values)).rowcount == 1

    async def hold(self, lease: Lease, *, at: datetime, seconds: float, done: int = 0) -> int:
        """Renew the lease, count `done` events off, and so bind the whole transaction to the lease's epoch; how many events still wait.
        Where none does, the conversation is given back at once.

        Raises:
            LeaseLost: another holder has a higher epoch; the transaction must be given up.
        """
        values = {**_named(lease), "until": at + timedelta(seconds=seconds), "done": done}
        waiting = (await self._session.execute(_HOLD, values)).scalar_one_or_none()
        if waiting is None:
            raise LeaseLost(f"Conversation {lease.conversation.id} went to another worker after epoch {lease.epoch}.")
        return waiting

    async def blame(self, lease: Lease) -> None:
        """Note that a suspected conversation is worked on, before it is: should the worker end over it, the note remains.

        Raises:
            LeaseLost: another holder has a higher epoch.
        """
        if (await self._session.execute(_BLAME, _named(lease))).rowcount != 1:
            raise LeaseLost(f"Conversation {lease.conversation.id} went to another worker after epoch {lease.epoch}.")

    async def recount(self, lease: Lease) -> None:
        """Set right how many events wait, should something have changed the inbox without counting. Does nothing where the lease was
        lost."""
        held = await self._session.execute(_LOCK, _named(lease))  # locks the row: from now on nobody adds an event
        if held.rowcount == 1:
            wanted = {"conversation": lease.conversation.id}
            waiting = (await self._session.execute(_COUNT, wanted)).scalar_one()
            await self._session.execute(_SET_COUNT, {**wanted, "counted": waiting})

    async def release(self, lease: Lease, *, at: datetime, until: datetime | None = None) -> None:
        """Give the conversation back, and let the others of its workspace go first; does nothing where the lease was lost. With `until`
        nobody may take it before then."""
        await self._session.execute(_RELEASE, {**_named(lease), "at": at, "until": until})

    async def waiting(self, conversation_id: str, *, limit: int) -> list[Waiting]:
        """The next events of a conversation, in order."""
        rows = await self._session.execute(_WAITING, {"conversation": conversation_id, "limit": limit})
        return [waiting_of(row) for row in rows]

    async def finish(self, event_id: str) -> None:
        await self._session.execute(_FINISH, {"event_id": event_id})

    async def fail(self, event: Waiting, *, reason: str, park: bool) -> None:
        """Note a failed attempt; a parked event is out of the way until somebody looks."""
        values = {
            "event_id": event.id,
            "new_attempts": event.attempts + 1,
            "new_reason": reason,
            "new_state": PARKED if park else WAITING,
        }
        await self._session.execute(_FAIL, values)

    async def parked(self, *, before: tuple[datetime, str] | None = None, limit: int = 100) -> list[Waiting]:
        """Events that failed too often, the latest first; with `before` those that came before this (instant, id)."""
        statement = _PARKED if before is None else _PARKED.where(earlier(inbox.c.received_at, inbox.c.id, before))
        rows = await self._session.execute(statement.limit(limit), {"workspace": self._session.workspace})
        return [waiting_of(row) for row in rows]

    async def retry(self, event_id: str, *, at: datetime) -> Waiting:
        """Let a parked event wait again, as if it had never failed.

        Raises:
            NotFound: no parked event has this id.
        """
        event = await self._unpark(event_id, WAITING)
        await self._session.execute(_ONE_MORE, {"conversation": event.conversation_id, "at": at})
        return event

    async def drop(self, event_id: str) -> Waiting:
        """Give a parked event up: it is never decided about.

        Raises:
            NotFound: no parked event has this id.
        """
        return await self._unpark(event_id, DROPPED)

    async def _unpark(self, event_id: str, state: str) -> Waiting:
        row = (await self._session.execute(_UNPARK, {"event_id": event_id, "new_state": state})).one_or_none()
        if row is None:
            raise NotFound(f"There is no parked event {event_id!r} in this workspace; `vigil inbox list` shows them.")
        return waiting_of(row)

    async def _next_seq(self, incoming: Incoming, *, ids: Ids, at: datetime) -> tuple[str, int]:
        """The conversation's id and the event's place in it; the update locks the row, so that places are never given twice."""
        wanted = {"on": incoming.channel, "name": incoming.conversation, "at": at}
        row = (await self._session.execute(_BUMP, wanted)).one_or_none()
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
            row = (await self._session.execute(_BUMP, wanted)).one()
        return row.id, row.next_seq - 1


def _named(lease: Lease) -> dict[str, Any]:
    return {"conversation": lease.conversation.id, "epoch": lease.epoch}


def conversation_of(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        channel=row.channel,
        external_id=row.external_id,
        kind=ConversationKind(row.kind),
        muted=row.muted,
    )
