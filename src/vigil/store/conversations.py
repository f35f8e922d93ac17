"""Messages and tickets as they stand. Which message belongs to which ticket is decided above; here it is only kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, insert, or_, select, update

from vigil.domain.conversation import Conversation, Message, Person, Role
from vigil.domain.ticket import Ticket, TicketState
from vigil.errors import NotFound
from vigil.store.columns import Counter
from vigil.store.entries import batches
from vigil.store.inbox import conversation_of
from vigil.store.paging import earlier
from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import conversations, messages, tickets
from vigil.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets to list; an unset field admits all."""

    states: tuple[TicketState, ...] = ()
    topic: str | None = None
    assignee_id: str | None = None
    words: str = ""
    """Must stand in the subject or be its external id."""
    before: tuple[datetime, str] | None = None
    """Only those last touched before this (instant, id): where the page before ended."""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """That somebody wrote, and when."""

    role: Role
    at: datetime
    by_vigil: bool


_my_messages = messages.c.workspace_id == WORKSPACE
_my_tickets = tickets.c.workspace_id == WORKSPACE
_of_conversation = messages.c.conversation_id == bindparam("conversation")
_place = bindparam("place", type_=Counter)
_limit = bindparam("limit", type_=Integer())

_CONVERSATION = scoped(
    select(conversations).where(conversations.c.workspace_id == WORKSPACE, conversations.c.id == bindparam("wanted"))
)
_CALLED = scoped(
    select(conversations).where(
        conversations.c.workspace_id == WORKSPACE,
        conversations.c.channel == bindparam("on"),
        conversations.c.external_id == bindparam("wanted"),
    )
)
_LOCK = scoped(
    select(conversations.c.id)
    .where(conversations.c.workspace_id == WORKSPACE, conversations.c.id == bindparam("wanted"))
    .with_for_update()
)
_NEXT_SEQ = scoped(
    update(conversations)
    .where(conversations.c.workspace_id == WORKSPACE, conversations.c.id == bindparam("wanted"))
    .values(next_seq=conversations.c.next_seq + 1)
    .returning(conversations.c.next_seq)
)
_ADD_MESSAGE = insert(messages)
_ADOPT = scoped(
    update(messages)
    .where(_my_messages, _of_conversation, messages.c.ticket_id.is_(None))
    .values(ticket_id=bindparam("ticket"))
)
_MESSAGE = scoped(select(messages).where(_my_messages, messages.c.id == bindparam("wanted")))
_FIND_MESSAGE = scoped(
    select(messages).where(_my_messages, _of_conversation, messages.c.external_id == bindparam("wanted"))
)
_BEFORE = scoped(
    select(messages)
    .where(
        _my_messages,
        _of_conversation,
        messages.c.seq < _place,
        messages.c.seq > bindparam("after", type_=Counter),
        messages.c.deleted_at.is_(None),
    )
    .order_by(messages.c.seq.desc())
    .limit(_limit)
)
_AFTER = scoped(
    select(messages)
    .where(_my_messages, _of_conversation, messages.c.seq > _place)
    .order_by(messages.c.seq)
    .limit(_limit)
)
_TICKET = scoped(select(tickets).where(_my_tickets, tickets.c.id == bindparam("wanted")))
_LOCKED_TICKET = scoped(_TICKET.with_for_update())
_TICKETS_CALLED = scoped(select(tickets).where(_my_tickets, tickets.c.external_id == bindparam("wanted")).limit(2))
_in_conversation = tickets.c.conversation_id == bindparam("conversation")
_FIND_TICKET = scoped(
    select(tickets).where(_my_tickets, _in_conversation, tickets.c.external_id == bindparam("wanted"))
)
_TICKETS_OF = scoped(
    select(tickets)
    .where(_my_tickets, _in_conversation)
    .order_by(tickets.c.updated_at.desc(), tickets.c.id.desc())
    .limit(_limit)
)


class Conversations:
    """Conversations, messages and tickets of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._workspace = session.workspace

    async def conversation(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        row = (await self._session.execute(_CONVERSATION, {"wanted": conversation_id})).one_or_none()
        if row is None:
            raise NotFound(f"There is no conversation {conversation_id!r} in this workspace.")
        return conversation_of(row)

    async def called(self, channel: str, external_id: str) -> Conversation:
        """By the id that its channel gave it. Raises NotFound."""
        row = (await self._session.execute(_CALLED, {"on": channel, "wanted": external_id})).one_or_none()
        if row is None:
            raise NotFound(f"There is no conversation {external_id!r} on {channel} in this workspace.")
        return conversation_of(row)

    async def lock(self, conversation_id: str) -> None:
        """Nobody else changes the conversation, or adds to it, before this transaction ends."""
        await self._session.execute(_LOCK, {"wanted": conversation_id})

    async def next_seq(self, conversation_id: str) -> int:
        """A place in the conversation for something that Vigil itself wrote."""
        return (await self._session.execute(_NEXT_SEQ, {"wanted": conversation_id})).scalar_one() - 1

    async def add_message(self, message: Message) -> None:
        await self._session.execute(
            _ADD_MESSAGE,
            {
                "workspace_id": self._workspace,
                "id": message.id,
                "conversation_id": message.conversation_id,
                "external_id": message.external_id,
                "seq": message.seq,
                "ticket_id": message.ticket_id,
                "author_id": message.author.id,
                "author_name": message.author.name,
                "author_role": message.author.role.value,
                "text": message.text,
                "sent_at": message.sent_at,
                "received_at": message.received_at,
                "thread": message.thread,
                "reply_to": list(message.reply_to),
                "mentions_vigil": message.mentions_vigil,
                "by_vigil": message.by_vigil,
                "edited_at": message.edited_at,
                "deleted_at": message.deleted_at,
            },
        )

    async def change_message(self, message_id: str, **values: Any) -> None:
        """Set columns of a message: its text and `edited_at`, `deleted_at`, or its ticket."""
        await self._session.execute(
            update(messages)
            .where(messages.c.workspace_id == self._workspace, messages.c.id == message_id)
            .values(values)
        )

    async def adopt(self, conversation_id: str, ticket_id: str) -> None:
        """Put what is on no ticket yet on this one: in a room, a greeting before the first question."""
        await self._session.execute(_ADOPT, {"conversation": conversation_id, "ticket": ticket_id})

    async def message(self, message_id: str) -> Message:
        """Raises NotFound."""
        row = (await self._session.execute(_MESSAGE, {"wanted": message_id})).one_or_none()
        if row is None:
            raise NotFound(f"There is no message {message_id!r} in this workspace.")
        return message_of(row)

    async def messages(self, message_ids: Iterable[str]) -> list[Message]:
        """Those of these messages that there are."""
        found: list[Message] = []
        for some in batches(message_ids):
            mine = messages.c.workspace_id == self._workspace
            found += [
                message_of(row)
                for row in await self._session.execute(select(messages).where(mine, messages.c.id.in_(some)))
            ]
        return found

    async def find_message(self, conversation_id: str, external_id: str) -> Message | None:
        wanted = {"conversation": conversation_id, "wanted": external_id}
        row = (await self._session.execute(_FIND_MESSAGE, wanted)).one_or_none()
        return None if row is None else message_of(row)

    async def before(self, conversation_id: str, seq: int, *, limit: int, after: int = 0) -> list[Message]:
        """The last messages of a conversation before a place in it and past another, oldest first, deleted ones left out."""
        wanted = {"conversation": conversation_id, "place": seq, "after": after, "limit": limit}
        rows = await self._session.execute(_BEFORE, wanted)
        return [message_of(row) for row in reversed(rows.all())]

    async def after(self, conversation_id: str, seq: int, *, limit: int = 200) -> list[Message]:
        """The messages of a conversation after a place in it, oldest first."""
        rows = await self._session.execute(_AFTER, {"conversation": conversation_id, "place": seq, "limit": limit})
        return [message_of(row) for row in rows]

    async def of_ticket(self, ticket_id: str, *, limit: int = 1000) -> list[Message]:
        """A ticket's messages, oldest first; of more than `limit` the newest."""
        rows = await self._session.execute(
            select(messages)
            .where(messages.c.workspace_id == self._workspace, messages.c.ticket_id == ticket_id)
            .order_by(messages.c.seq.desc())
            .limit(limit)
        )
        return [message_of(row) for row in reversed(rows.all())]

    async def written(self, ticket_ids: Iterable[str]) -> dict[str, list[Written]]:
        """When who wrote in these tickets, by ticket, the oldest first; no words."""
        found: dict[str, list[Written]] = {}
        for some in batches(ticket_ids):
            rows = await self._session.execute(
                select(messages.c.ticket_id, messages.c.author_role, messages.c.sent_at, messages.c.by_vigil)
                .where(messages.c.workspace_id == self._workspace, messages.c.ticket_id.in_(some))
                .order_by(messages.c.sent_at, messages.c.id)
            )
            for row in rows:
                one = Written(role=Role(row.author_role), at=row.sent_at, by_vigil=row.by_vigil)
                found.setdefault(row.ticket_id, []).append(one)
        return found

    async def names_on(self, ticket_ids: Iterable[str]) -> set[str]:
        """Display names of everybody who wrote in these tickets, but Vigil's."""
        found: set[str] = set()
        for some in batches(ticket_ids):
            rows = await self._session.execute(
                select(messages.c.author_name)
                .where(
                    messages.c.workspace_id == self._workspace,
                    messages.c.ticket_id.in_(some),
                    messages.c.by_vigil.is_(False),
                )
                .distinct()
            )
            found |= {row.author_name for row in rows}
        return found

    async def save_ticket(self, ticket: Ticket) -> None:
        """Write a ticket as it is to stand, new or not."""
        await upsert(
            self._session,
            tickets,
            {"workspace_id": self._workspace, "id": ticket.id},
            {
                "external_id": ticket.external_id,
                "conversation_id": ticket.conversation_id,
                "state": ticket.state.value,
                "subject": ticket.subject,
                "customer_id": ticket.customer_id,
                "opened_at": ticket.opened_at,
                "updated_at": ticket.updated_at,
                "topic": ticket.topic,
                "topic_by_person": ticket.topic_by_person,
                "human_joined_at": ticket.human_joined_at,
                "assignee_id": ticket.assignee_id,
                "resolved_at": ticket.resolved_at,
                "reopened_at": ticket.reopened_at,
                "muted": ticket.muted,
                "product": ticket.product,
                "language": ticket.language,
            },
        )

    async def ticket(self, ticket_id: str, *, lock: bool = False) -> Ticket:
        """By its id, or by its external id where only one ticket has it. With `lock`, nobody changes it before this transaction ends.

        Raises:
            NotFound: no ticket, or more than one.
        """
        by_id = _LOCKED_TICKET if lock else _TICKET
        row = (await self._session.execute(by_id, {"wanted": ticket_id})).one_or_none()
        if row is None:
            called = (await self._session.execute(_TICKETS_CALLED, {"wanted": ticket_id})).all()
            if len(called) != 1:
                problem = "There is no ticket" if not called else "More than one ticket is called"
                raise NotFound(
                    f"{problem} {ticket_id!r} in this workspace; `vigil tickets list` shows them with their ids."
                )
            row = called[0]
            if lock:
                row = (await self._session.execute(by_id, {"wanted": row.id})).one()
        return ticket_of(row)

    async def find_ticket(self, conversation_id: str, external_id: str) -> Ticket | None:
        """By the id that its channel or Vigil gave it."""
        wanted = {"conversation": conversation_id, "wanted": external_id}
        row = (await self._session.execute(_FIND_TICKET, wanted)).one_or_none()
        if row is None:
            row = (await self._session.execute(_TICKET, {"wanted": external_id})).one_or_none()
        return None if row is None or row.conversation_id != conversation_id else ticket_of(row)

    async def tickets_of(self, conversation_id: str, *, limit: int) -> list[Ticket]:
        """Tickets of a conversation, the most recently touched first."""
        rows = await self._session.execute(_TICKETS_OF, {"conversation": conversation_id, "limit": limit})
        return [ticket_of(row) for row in rows]

    async def tickets(self, wanted: TicketFilter) -> list[Ticket]:
        """Tickets of the workspace, the most recently touched first."""
        query = select(tickets).where(tickets.c.workspace_id == self._workspace)
        if wanted.states:
            query = query.where(tickets.c.state.in_([state.value for state in wanted.states]))
        if wanted.topic is not None:
            query = query.where(tickets.c.topic == wanted.topic)
        if wanted.assignee_id is not None:
            query = query.where(tickets.c.assignee_id == wanted.assignee_id)
        if wanted.words:
            query = query.where(
                or_(tickets.c.subject.icontains(wanted.words, autoescape=True), tickets.c.external_id == wanted.words)
            )
        if wanted.before is not None:
            query = query.where(earlier(tickets.c.updated_at, tickets.c.id, wanted.before))
        rows = await self._session.execute(
            query.order_by(tickets.c.updated_at.desc(), tickets.c.id.desc()).limit(wanted.limit)
        )
        return [ticket_of(row) for row in rows]


def message_of(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        external_id=row.external_id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        author=Person(id=row.author_id, name=row.author_name, role=Role(row.author_role)),
        text=row.text,
        sent_at=row.sent_at,
        received_at=row.received_at,
        ticket_id=row.ticket_id,
        thread=row.thread,
        reply_to=tuple(row.reply_to),
        mentions_vigil=row.mentions_vigil,
        by_vigil=row.by_vigil,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
    )


def ticket_of(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        external_id=row.external_id,
        conversation_id=row.conversation_id,
        state=TicketState(row.state),
        subject=row.subject,
        customer_id=row.customer_id,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        topic=row.topic,
        topic_by_person=row.topic_by_person,
        human_joined_at=row.human_joined_at,
        assignee_id=row.assignee_id,
        resolved_at=row.resolved_at,
        reopened_at=row.reopened_at,
        muted=row.muted,
        product=row.product,
        language=row.language,
    )
