"""The desk: what people and programs do with tickets, as verbs. The REST API, the CLI and the demo all come through here."""

import logging
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Conversation, ConversationKind, Incoming, Message, Person, Role
from vigil.domain.decision import Decision, Outcome, OutcomeKind, Reason
from vigil.domain.post import Post
from vigil.domain.progress import Progress
from vigil.domain.ticket import OVER, Ticket, TicketState, check_transition
from vigil.errors import InvalidInput, ModelUnavailable, NotFound
from vigil.learn.plan import speak
from vigil.learn.when import LearningTimes
from vigil.runtime.bell import Bell
from vigil.runtime.followups import judged, planned_anew
from vigil.runtime.meter import Meter, Unmetered
from vigil.runtime.room import Room
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations, TicketFilter
from vigil.store.decisions import DecisionFilter, Decisions
from vigil.store.events import Receipt, Waiting
from vigil.store.inbox import Inbox
from vigil.store.outbox import Outbox
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces
from vigil.tracing import traceparent
from vigil.track.occasions import SummaryTimes
from vigil.track.schedule import FollowUpSchedule

log = logging.getLogger(__name__)

MAX_ID_LENGTH = 200
"""Characters in an id that a channel gives: what the columns hold, with room for a prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision with all that followed from it."""

    decision: Decision
    outcomes: tuple[Outcome, ...]
    posts: tuple[Post, ...]


class Memory(Protocol):
    """Who learns from what became of an answer; the knowledge base."""

    async def answered(self, workspace: str, question: str, entry_ids: Collection[str], *, reference: str) -> None: ...

    async def not_answered(self, workspace: str, references: Collection[str]) -> None: ...


class Desk:
    """Tickets, messages, decisions and their outcomes, for whoever comes in by a door."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        ids: Ids,
        bell: Bell,
        inbox_limit: int = 10_000,
        meter: Meter | None = None,
        memory: Memory | None = None,
        learning: LearningTimes | None = None,
        schedule: FollowUpSchedule | None = None,
        summaries: SummaryTimes | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._bell = bell
        self._room = Room(inbox_limit)
        self._meter = meter or Unmetered()
        self._memory = memory
        self._learning = learning
        self._schedule = schedule
        self._summaries = summaries

    async def receive(self, workspace: str, incoming: Incoming, *, trust_role: bool = False) -> Receipt:
        """Write an event into the inbox, once however often it comes, and wake whoever works it off.

        Raises:
            InvalidInput: an id is missing, too long or not printable.
            NotFound: there is no such workspace.
            Busy: too many events of the workspace wait already. What is history is taken all the same: nobody waits for an answer to it;
                what is here already is only said to be.
        """
        cleaned = _storable(incoming)
        for _ in range(2):  # two deliveries at the same instant: the second try finds the first one's row
            try:
                async with self._store.write(workspace, short=True) as session:
                    inbox = Inbox(session)
                    known = await inbox.knock(cleaned)
                    if known.receipt is not None:
                        return known.receipt
                    if not cleaned.past:
                        await self._room.check(session, at=self._clock.now())
                    event = _with_role(cleaned, known.role, trust_role=trust_role)
                    receipt = await inbox.take(event, ids=self._ids, at=self._clock.now(), traceparent=traceparent())
                break
            except IntegrityError:
                continue
        else:
            raise InvalidInput("This event could not be written; its ids contradict what is stored.")
        self._bell.ring(workspace, receipt.conversation_id)
        return receipt

    async def parked(
        self, workspace: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> list[Waiting]:
        """Events that failed too often, the latest first."""
        async with self._store.read(workspace) as session:
            return await Inbox(session).parked(before=before, limit=limit)

    async def retry_parked(self, workspace: str, event_id: str, *, by: str) -> Waiting:
        """Let a parked event wait again, in its old place. Raises NotFound."""
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            event = await Inbox(session).retry(event_id, at=now)
            await Audit(session).add(
                event.conversation_id, at=now, actor=by, action="event.retried", subject=event_id, held=True
            )
        self._bell.ring(workspace, event.conversation_id)
        return event

    async def drop_parked(self, workspace: str, event_id: str, *, by: str) -> None:
        """Give a parked event up. Raises NotFound."""
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            event = await Inbox(session).drop(event_id)
            await Conversations(session).lock(event.conversation_id)
            await Audit(session).add(
                event.conversation_id, at=now, actor=by, action="event.dropped", subject=event_id, held=True
            )

    async def tickets(self, workspace: str, wanted: TicketFilter) -> list[Ticket]:
        """The most recently touched first."""
        async with self._store.read(workspace) as session:
            return await Conversations(session).tickets(wanted)

    async def ticket(self, workspace: str, ticket_id: str) -> Ticket:
        """By id or by an external id that only one ticket has. Raises NotFound."""
        async with self._store.read(workspace) as session:
            return await Conversations(session).ticket(ticket_id)

    async def transcript(self, workspace: str, ticket_id: str) -> list[Message]:
        """A ticket's messages, oldest first. Raises NotFound."""
        async with self._store.read(workspace) as session:
            conversations = Conversations(session)
            return await conversations.of_ticket((await conversations.ticket(ticket_id)).id)

    async def progress(self, workspace: str, ticket_id: str) -> Progress:
        """How a ticket stands, by its messages; at place 0 where nothing was read of it yet. Raises NotFound."""
        async with self._store.read(workspace) as session:
            found = (await Conversations(session).ticket(ticket_id)).id
            return await ProgressOfTickets(session).of(found) or Progress(ticket_id=found, seq=0)

    async def change_ticket(
        self,
        workspace: str,
        ticket_id: str,
        *,
        by: str,
        state: TicketState | None = None,
        topic: str | None = None,
        assignee_id: str | None = None,
        muted: bool | None = None,
    ) -> Ticket:
        """Do to a ticket what a person wants done to it.

        Raises:
            NotFound: no such ticket, or no such topic in the workspace's list.
            IllegalTransition: the state can't be reached from where the ticket is.
        """
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            conversations = Conversations(session)
            ticket = before = await conversations.ticket(ticket_id, lock=True)
            actions: list[str] = []
            if state is not None and state is not ticket.state:
                check_transition(ticket.state, state)
                resolved_at = now if state in OVER else None
                ticket = replace(
                    ticket,
                    state=state,
                    resolved_at=ticket.resolved_at if state is TicketState.CLOSED else resolved_at,
                    reopened_at=now if state is TicketState.REOPENED else ticket.reopened_at,
                )
                actions.append(f"ticket.{state}")
                await self._learn_from(session, ticket, at=now)
            if topic is not None:
                keys = [known.key for known in await Workspaces(session).topics()]
                if topic not in keys:
                    raise NotFound(f"There is no topic {topic!r}; there are: {', '.join(keys) or 'none yet'}.")
                ticket = replace(ticket, topic=topic, topic_by_person=True)
                actions.append("ticket.topic")
            if assignee_id is not None:
                ticket = replace(ticket, assignee_id=assignee_id or None)
                actions.append("ticket.assigned")
            if muted is not None:
                ticket = replace(ticket, muted=muted)
                actions.append("ticket.muted" if muted else "ticket.unmuted")
            if actions:
                ticket = replace(ticket, updated_at=now)
                await conversations.save_ticket(ticket)
                if self._schedule is not None:
                    await planned_anew(session, self._schedule, ticket, at=now)
                if self._summaries is not None:
                    await self._summaries.changed(session, before, ticket, at=now)
            for action in actions:
                await Audit(session).add(f"ticket:{ticket.id}", at=now, actor=by, action=action, subject=ticket.id)
        return ticket

    async def decisions(self, workspace: str, wanted: DecisionFilter) -> list[Decision]:
        """The latest first."""
        async with self._store.read(workspace) as session:
            return await Decisions(session).find(wanted)

    async def decision(self, workspace: str, decision_id: str) -> DecisionRecord:
        """Raises NotFound."""
        async with self._store.read(workspace) as session:
            decision = await Decisions(session).get(decision_id)
            return DecisionRecord(
                decision=decision,
                outcomes=tuple(await Decisions(session).outcomes(decision_id)),
                posts=tuple(await Outbox(session).of_decisions([decision_id])),
            )

    async def posts(self, workspace: str, decision_ids: Sequence[str]) -> list[Post]:
        """What these decisions wanted to send, and what became of it."""
        async with self._store.read(workspace) as session:
            return await Outbox(session).of_decisions(decision_ids)

    async def outcomes(self, workspace: str, decision_ids: Sequence[str]) -> list[Outcome]:
        """What became of these decisions, oldest first."""
        async with self._store.read(workspace) as session:
            return await Decisions(session).outcomes_of(decision_ids)

    async def conversation(self, workspace: str, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        async with self._store.read(workspace, short=True) as session:
            return await Conversations(session).conversation(conversation_id)

    async def room(self, workspace: str, channel: str, external_id: str) -> tuple[Conversation, list[Message]]:
        """A conversation by its channel's id, and what was said there, oldest first; of more than 200 messages the newest.

        Raises:
            NotFound: nothing has come from there yet.
        """
        async with self._store.read(workspace) as session:
            conversations = Conversations(session)
            conversation = await conversations.called(channel, external_id)
            return conversation, await conversations.before(conversation.id, sys.maxsize, limit=200)

    async def record_outcome(
        self, workspace: str, decision_id: str, *, kind: OutcomeKind, by: str, text: str = "", reason: str = ""
    ) -> Outcome:
        """Note what became of a decision; a later word stands beside the earlier, it doesn't replace it.

        Raises:
            NotFound: no such decision.
            InvalidInput: an edited answer without its text, a dismissal without a reason, or an outcome of a silence.
        """
        if kind is OutcomeKind.EDITED and not text.strip():
            raise InvalidInput("An edited answer needs `text`: the words that were sent instead.")
        if kind is OutcomeKind.DISMISSED and not reason.strip():
            raise InvalidInput("A dismissal needs `reason`: a word on why is what Vigil learns from.")
        now = self._clock.now()
        outcome = Outcome(
            id=self._ids.new("out"),
            decision_id=decision_id,
            kind=kind,
            by=by,
            at=now,
            text=_clean(text),
            reason=_clean(reason),
        )
        async with self._store.write(workspace) as session:
            decision = await Decisions(session).get(decision_id)
            if not decision.answer:
                raise InvalidInput("This decision said nothing, so nothing can have become of it.")
            if decision.reason is Reason.FOLLOW_UP and self._schedule is not None:
                await judged(session, self._schedule, outcome, at=now)
            await Decisions(session).add_outcome(outcome)
            await speak(session, self._ids, decision, outcome)
            if kind is OutcomeKind.EDITED and self._learning is not None:
                await self._learning.edited(session, outcome.id, at=now)
            if kind is OutcomeKind.DISMISSED:
                await Outbox(session).withdraw([decision_id], reason="dismissed by a person", at=now)
            await Audit(session).add(
                f"decision:{decision_id}", at=now, actor=by, action=f"outcome.{kind}", subject=decision_id, content=text
            )
        await self._remember(workspace, decision, kind)
        self._meter.judged(outcome)
        return outcome

    async def _learn_from(self, session: Session, ticket: Ticket, *, at: datetime) -> None:
        """A ticket that is over teaches something; one that is reopened doesn't yet."""
        if self._learning is None:
            return
        if ticket.state in OVER:
            await self._learning.over(session, ticket, at=at)
        elif ticket.state is TicketState.REOPENED:
            await self._learning.reopened(session, ticket, at=at)

    async def _remember(self, workspace: str, decision: Decision, kind: OutcomeKind) -> None:
        """What helped is found sooner the next time. The outcome stands whether or not that can be kept."""
        if self._memory is None:
            return
        try:
            if kind in (OutcomeKind.ADOPTED, OutcomeKind.CONFIRMED):
                entries = [citation.entry_id for citation in decision.citations]
                await self._memory.answered(workspace, decision.question, entries, reference=decision.id)
            elif kind in (OutcomeKind.DISMISSED, OutcomeKind.CONTRADICTED, OutcomeKind.REASKED):
                await self._memory.not_answered(workspace, [decision.id])
        except (ModelUnavailable, SQLAlchemyError) as error:
            log.warning("What became of decision %s is not remembered (%s).", decision.id, type(error).__name__)


def _with_role(incoming: Incoming, known: Role | None, *, trust_role: bool) -> Incoming:
    """The author with the role in which the workspace knows them; a claim alone makes nobody an analyst."""
    if incoming.author is None:
        return incoming
    claimed = incoming.author.role
    if known is not None:
        role = known
    elif (
        trust_role
        or claimed is Role.BOT
        or (claimed is Role.CUSTOMER and incoming.kind is not ConversationKind.CHANNEL)
    ):
        role = claimed
    else:
        role = Role.BYSTANDER
    return replace(incoming, author=replace(incoming.author, role=role))


def _storable(incoming: Incoming) -> Incoming:
    for field in ("channel", "conversation", "external_id", "message_id"):
        _check_id(field, getattr(incoming, field))
    for field in ("ticket", "thread"):
        value: str | None = getattr(incoming, field)
        if value is not None:
            _check_id(field, value)
    for value in incoming.reply_to:
        _check_id("reply_to", value)
    author = incoming.author
    if author is not None:
        _check_id("author.id", author.id)
        author = Person(id=author.id, name=_clean(author.name)[:MAX_ID_LENGTH] or author.id, role=author.role)
    return replace(incoming, author=author, text=_clean(incoming.text))


def _check_id(field: str, value: str) -> None:
    if not value or len(value) > MAX_ID_LENGTH or not value.isprintable() or value != value.strip():
        raise InvalidInput(
            f"`{field}` must be 1 to {MAX_ID_LENGTH} printable characters without spaces around them; got {len(value)} characters."
        )


def _clean(text: str) -> str:
    """What both databases can hold: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
