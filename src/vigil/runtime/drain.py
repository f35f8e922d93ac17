"""Working off one conversation's inbox, in order, under a lease: each event becomes a message, a decision, an audit record and perhaps a
post, all in one commit or not at all. When a conversation is drained is the worker's affair."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vigil.assist.situation import Said, Situation, Verdict
from vigil.clock import Clock, Ids
from vigil.domain.conversation import Conversation, ConversationKind, Message, MessageEvent, Person, Role
from vigil.domain.decision import Decision, DecisionKind, Reason
from vigil.errors import LeaseLost
from vigil.runtime.meter import Meter, Unmetered
from vigil.runtime.ports import Assists
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.inbox import Inbox, Lease, Waiting
from vigil.store.outbox import Outbox
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces
from vigil.tracing import span, traceparent

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainLimits:
    """How a conversation is worked off."""

    lease_s: float
    """Seconds that a lease holds without being renewed."""
    max_attempts: int
    """How often an event may fail before it is parked."""
    burst_window_s: float
    """Seconds within which a further message by the same author makes one turn."""
    recent_messages: int = 120
    """Messages before the one at hand that assist may see: an hour of a busy channel, or a long ticket's last day."""
    recent_tickets: int = 24
    """Tickets of a channel that a message may belong to."""
    recent_answers: int = 12
    """What Vigil said before, for the check on repetition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one event comes to; committed at once."""

    decision: Decision
    message: Message | None = None
    """A message to add."""
    changed: tuple[str, dict[str, Any]] | None = None
    """A message to change: its id, and columns."""
    verdict: Verdict | None = None
    withdraw: tuple[str, ...] = ()
    """Messages (ids) whose waiting posts are no longer wanted."""
    why: str = ""


class Drain:
    """Works off conversations."""

    def __init__(
        self,
        *,
        store: Store,
        assists: Assists,
        clock: Clock,
        ids: Ids,
        owner: str,
        limits: DrainLimits,
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._assists = assists
        self._clock = clock
        self._ids = ids
        self._owner = owner
        self._limits = limits
        self._meter = meter or Unmetered()

    async def drain(self, workspace: str, conversation_id: str) -> int:
        """Work off what waits in a conversation; says how many events that were. 0 where another worker holds it.

        An event that fails stays where it is, is tried again at the next drain and parked after `max_attempts`, so that it neither
        gets lost nor holds up the conversation for ever.
        """
        limits = self._limits
        async with self._store.write(workspace) as session:
            lease = await Inbox(session).lease(
                conversation_id, owner=self._owner, at=self._clock.now(), seconds=limits.lease_s
            )
        if lease is None:
            return 0
        done, waiting = 0, 1
        try:
            while waiting:
                async with self._store.read(workspace) as session:
                    events = await Inbox(session).waiting(conversation_id, limit=2)
                left = await self._one(workspace, lease, events[0], events[1:]) if events else None
                if left is None:
                    break
                done, waiting = done + 1, left
        except LeaseLost:
            log.warning("lease lost", extra={"workspace": workspace, "conversation": conversation_id})
            return done
        if waiting:  # else the last commit gave the lease back
            async with self._store.write(workspace) as session:
                await Inbox(session).release(lease)
        return done

    async def _one(self, workspace: str, lease: Lease, event: Waiting, next_events: list[Waiting]) -> int | None:
        """Work off one event; says how many still wait, or None where it failed and is to be tried again later."""
        ids = {"vigil.workspace": workspace, "vigil.conversation": event.conversation_id, "vigil.event": event.id}
        try:
            with span("vigil.event", ids, part="consumer", parent=event.traceparent):
                return await self._decided(workspace, lease, event, next_events)
        except LeaseLost:
            raise
        except Exception as error:  # the outermost frame: a fault becomes a parked event, never a lost one
            reason = f"{type(error).__name__} at attempt {event.attempts + 1}"
            log.exception("an event failed", extra={"workspace": workspace, "event_id": event.id})
            return await self._failed(workspace, lease, event, reason)

    async def _decided(self, workspace: str, lease: Lease, event: Waiting, next_events: list[Waiting]) -> int:
        """Decide about an event and store that, however often the ticket changes meanwhile; says how many still wait."""
        while True:
            with span("vigil.load"):
                async with self._store.read(workspace) as session:
                    known = await Conversations(session).find_message(event.conversation_id, event.incoming.message_id)
                    situation = await self._situation(session, lease.conversation, event, known, next_events)
            with span("vigil.decide") as deciding:
                outcome = await self._outcome(event, known, situation)
                decision = outcome.decision
                deciding.set_attributes(
                    {"vigil.decision": decision.id, "vigil.kind": decision.kind, "vigil.reason": decision.reason}
                )
            with span("vigil.commit"):
                left = await self._commit(workspace, lease, event, outcome, situation)
            if left is not None:
                self._meter.decided(decision, lag_s=(self._clock.now() - event.received_at).total_seconds())
                return left

    async def _failed(self, workspace: str, lease: Lease, event: Waiting, reason: str) -> int | None:
        park = event.attempts + 1 >= self._limits.max_attempts
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            inbox = Inbox(session)
            left = await inbox.hold(lease, at=now, seconds=self._limits.lease_s, done=1 if park else 0)
            await inbox.fail(event, reason=reason, park=park)
            if park:
                await Audit(session).add(
                    event.conversation_id, at=now, actor="vigil", action="event.parked", subject=event.id
                )
                await _given_back(inbox, lease, left)
        self._meter.failed(parked=park)
        return left if park else None

    async def _situation(
        self,
        session: Session,
        conversation: Conversation,
        event: Waiting,
        known: Message | None,
        next_events: list[Waiting],
    ) -> Situation:
        limits = self._limits
        conversations = Conversations(session)
        workspaces = Workspaces(session)
        message = await self._message(conversations, conversation, event, known)
        workspace = await workspaces.get()
        return Situation(
            workspace=workspace,
            topics=await workspaces.topics(workspace.topics_version),
            conversation=conversation,
            message=message,
            recent=tuple(await conversations.before(conversation.id, message.seq, limit=limits.recent_messages)),
            tickets=tuple(await conversations.tickets_of(conversation.id, limit=limits.recent_tickets)),
            said=await self._said(session, conversation.id),
            turn_continues=_continues(event, next_events, timedelta(seconds=limits.burst_window_s)),
        )

    async def _said(self, session: Session, conversation_id: str) -> tuple[Said, ...]:
        decisions = await Decisions(session).said(conversation_id, limit=self._limits.recent_answers)
        gone = await Outbox(session).withdrawn([decision.decision_id for decision in decisions])
        return tuple(
            Said(
                decision_id=decision.decision_id,
                ticket_id=decision.ticket_id,
                message_id=decision.message_id,
                entry_ids=decision.entry_ids,
                answer=decision.answer,
                at=decision.at,
                withdrawn=decision.decision_id in gone,
            )
            for decision in decisions
        )

    async def _message(
        self, conversations: Conversations, conversation: Conversation, event: Waiting, known: Message | None
    ) -> Message:
        incoming = event.incoming
        if known is not None:
            edited = incoming.event is MessageEvent.EDITED
            return replace(known, text=incoming.text, edited_at=event.received_at) if edited else known
        ticket = None
        if incoming.ticket is not None:
            ticket = await conversations.find_ticket(conversation.id, incoming.ticket)
        author = incoming.author or Person(id="unknown", name="unknown", role=Role.BYSTANDER)
        return Message(
            id=self._ids.new("msg"),
            external_id=incoming.message_id,
            conversation_id=conversation.id,
            seq=event.seq,
            author=author,
            text=incoming.text,
            sent_at=_plausible(incoming.sent_at, event.received_at),
            received_at=event.received_at,
            ticket_id=None if ticket is None else ticket.id,
            thread=incoming.thread or incoming.ticket,
            reply_to=incoming.reply_to,
            mentions_vigil=incoming.mentions_vigil,
            edited_at=event.received_at if incoming.event is MessageEvent.EDITED else None,
        )

    async def _outcome(self, event: Waiting, known: Message | None, situation: Situation) -> _Outcome:
        message = situation.message
        now = self._clock.now()
        kind = event.incoming.event
        if kind is MessageEvent.DELETED:
            gone: dict[str, Any] = {"deleted_at": event.received_at, "text": ""}
            return _Outcome(
                decision=self._silence(message, Reason.DELETED, "The message was deleted.", now),
                message=replace(message, text="", deleted_at=event.received_at) if known is None else None,
                changed=None if known is None else (message.id, gone),
                withdraw=(message.id,),
                why="the message was deleted",
            )
        if known is not None and (kind is MessageEvent.POSTED or known.deleted_at is not None):
            note = "The message was here already: an edit or a deletion had overtaken it, or Vigil wrote it itself."
            reason = Reason.OWN_MESSAGE if known.by_vigil else Reason.EDITED
            return _Outcome(decision=self._silence(message, reason, note, now))
        if known is not None and await self._others_wrote_since(situation):
            note = "The message was edited after others had written on; its waiting suggestion was withdrawn."
            return _Outcome(
                decision=self._silence(message, Reason.EDITED, note, now),
                changed=_edit(message),
                withdraw=(message.id,),
                why="the message was edited",
            )
        verdict = await self._assists.decide(situation)
        if known is None:
            ticket_id = verdict.ticket.id if verdict.ticket else message.ticket_id
            return _Outcome(
                decision=verdict.decision,
                message=replace(message, ticket_id=ticket_id),
                verdict=self._named(event, verdict, situation),
            )
        return _Outcome(
            decision=verdict.decision,
            changed=_edit(message),
            verdict=self._named(event, verdict, situation),
            withdraw=(message.id,),
            why="the message was edited",
        )

    async def _others_wrote_since(self, situation: Situation) -> bool:
        async with self._store.read(situation.workspace.id) as session:
            later = await Conversations(session).after(situation.conversation.id, situation.message.seq, limit=20)
        return any(message.author.id != situation.message.author.id for message in later)

    def _named(self, event: Waiting, verdict: Verdict, situation: Situation) -> Verdict:
        """A new ticket gets the id by which its channel knows it."""
        ticket = verdict.ticket
        if ticket is None or any(ticket.id == known.id for known in situation.tickets):
            return verdict
        name = event.incoming.ticket
        if name is None and situation.conversation.kind is ConversationKind.ROOM and not situation.tickets:
            name = situation.conversation.external_id
        return verdict if name is None else replace(verdict, ticket=replace(ticket, external_id=name))

    def _silence(self, message: Message, reason: Reason, note: str, now: datetime) -> Decision:
        return Decision(
            id=self._ids.new("dec"),
            conversation_id=message.conversation_id,
            message_id=message.id,
            ticket_id=message.ticket_id,
            kind=DecisionKind.SILENT,
            reason=reason,
            note=note,
            decided_at=now,
            covers=(message.id,),
        )

    async def _commit(
        self, workspace: str, lease: Lease, event: Waiting, outcome: _Outcome, situation: Situation
    ) -> int | None:
        """Write everything at once, and say how many events still wait. None, with nothing written, where a person changed the ticket
        in the meantime."""
        decision, now = outcome.decision, self._clock.now()
        async with self._store.write(workspace) as session:
            inbox, conversations, outbox = Inbox(session), Conversations(session), Outbox(session)
            ticket = None if outcome.verdict is None else outcome.verdict.ticket
            if ticket is not None:
                seen = next((known for known in situation.tickets if known.id == ticket.id), None)
                if seen is not None and await conversations.ticket(ticket.id, lock=True) != seen:
                    return None
                await conversations.save_ticket(ticket)
                if seen is None and situation.conversation.kind is not ConversationKind.CHANNEL:
                    await conversations.adopt(ticket.conversation_id, ticket.id)
            left = await inbox.hold(lease, at=now, seconds=self._limits.lease_s, done=1)
            if outcome.message is not None:
                await conversations.add_message(outcome.message)
            if outcome.changed is not None:
                message_id, columns = outcome.changed
                await conversations.change_message(message_id, **columns)
            for message_id in outcome.withdraw:
                await outbox.withdraw(await Decisions(session).about(message_id), reason=outcome.why, at=now)
            await Decisions(session).add(decision, position=event.seq)
            if outcome.verdict is not None:
                await outbox.withdraw(outcome.verdict.supersedes, reason="the author wrote on", at=now)
                await outbox.add(outcome.verdict.posts, at=now, traceparent=traceparent())
            await Audit(session).add(
                event.conversation_id,
                at=now,
                actor="vigil",
                action=f"decision.{decision.kind}",
                subject=decision.id,
                content=f"{decision.reason}\n{decision.answer}",
            )
            await inbox.finish(event.id)
            return await _given_back(inbox, lease, left)


async def _given_back(inbox: Inbox, lease: Lease, left: int) -> int:
    """`left`; where nothing waits any more, the lease goes back in the same commit."""
    if not left:
        await inbox.release(lease)
    return left


def _edit(message: Message) -> tuple[str, dict[str, Any]]:
    return message.id, {"text": message.text, "edited_at": message.edited_at}


_FIRST_CHAT = datetime(1970, 1, 1, tzinfo=UTC)


def _plausible(sent_at: datetime | None, received_at: datetime) -> datetime:
    """The channel's word on when it was written, unless it lies in the future, or so far back that it means "unknown"."""
    return received_at if sent_at is None or sent_at < _FIRST_CHAT else min(sent_at, received_at)


def _continues(event: Waiting, next_events: list[Waiting], window: timedelta) -> bool:
    if not next_events or event.incoming.author is None:
        return False
    following = next_events[0]
    return (
        following.incoming.event is MessageEvent.POSTED
        and following.incoming.author is not None
        and following.incoming.author.id == event.incoming.author.id
        and _plausible(following.incoming.sent_at, following.received_at)
        - _plausible(event.incoming.sent_at, event.received_at)
        <= window
    )
