"""Working off one conversation's inbox, in order, under a lease: each event becomes a message, a decision, an audit record and perhaps a
post, all in one commit or not at all. When a conversation is drained is the worker's affair."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from vigil.assist.situation import Situation, Verdict
from vigil.clock import Clock, Ids
from vigil.domain.conversation import ConversationKind, Message, MessageEvent
from vigil.domain.decision import Decision, DecisionKind, Reason
from vigil.errors import LeaseLost
from vigil.learn.when import LearningTimes
from vigil.runtime.following import Following
from vigil.runtime.meter import Meter, Unmetered
from vigil.runtime.ports import Assists
from vigil.runtime.renewal import renewed
from vigil.runtime.situations import Reach, Situations
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.events import Waiting
from vigil.store.inbox import SUSPECT, Inbox, Lease
from vigil.store.outbox import Outbox
from vigil.store.store import Store, is_away
from vigil.tracing import span, traceparent
from vigil.track.follower import Follower
from vigil.track.occasions import SummaryTimes
from vigil.track.schedule import FollowUpSchedule

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainLimits:
    """How a conversation is worked off."""

    lease_s: float
    """Seconds that a lease holds without being renewed."""
    max_attempts: int
    """How often an event may fail, or the workers over it, before it is parked."""
    burst_window_s: float
    """Seconds within which a further message by the same author makes one turn."""
    first_retry_s: float = 1.0
    """Seconds before an event that failed is tried again; doubled for each further time, up to `longest_retry_s`. Its conversation waits,
    because what comes after may only be decided when it is known what came before."""
    longest_retry_s: float = 60.0
    """With five attempts it comes to no more than eight seconds; the limit is for who sets more."""
    events_at_once: int = 10
    """Events that are read at a time."""
    reach: Reach = field(default_factory=Reach)


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
        learning: LearningTimes | None = None,
        follower: Follower | None = None,
        schedule: FollowUpSchedule | None = None,
        summaries: SummaryTimes | None = None,
    ) -> None:
        self._store = store
        self._assists = assists
        self._clock = clock
        self._ids = ids
        self._owner = owner
        self._limits = limits
        self._meter = meter or Unmetered()
        self._learning = learning
        self._following = Following(follower, schedule, summaries)
        self._one_suspect = asyncio.Lock()
        self._situations = Situations(store=store, ids=ids, reach=limits.reach, burst_window_s=limits.burst_window_s)

    async def drain(self, workspace: str, conversation_id: str, *, at_most: int | None = None) -> int:
        """Work off what waits in a conversation, or the first `at_most` events of it; says how many events that were. 0 where another
        worker holds it.

        An event that fails stays where it is, is tried again when some time has passed and parked after `max_attempts`, so that it
        neither gets lost nor holds up the conversation for ever.
        """
        limits = self._limits
        async with self._store.stroke(workspace, short=True) as session:
            inbox = Inbox(session)
            lease = await inbox.lease(conversation_id, owner=self._owner, at=self._clock.now(), seconds=limits.lease_s)
            if lease is None:
                return 0
            events = await inbox.waiting(conversation_id, limit=limits.events_at_once)
        if lease.takeovers < SUSPECT or not events:
            return await self._work_off(workspace, lease, events, at_most)
        async with self._kept(workspace, lease), self._one_suspect:
            if lease.deaths < limits.max_attempts:
                async with self._store.write(workspace, short=True) as session:
                    await Inbox(session).blame(lease)
            else:
                await self._give_up(workspace, lease, events.pop(0), f"{lease.deaths} workers ended over it")
            return await self._work_off(workspace, lease, events, at_most)

    async def _work_off(self, workspace: str, lease: Lease, events: list[Waiting], at_most: int | None) -> int:
        """Work off what waits, beginning with `events`, and give the lease back; says how many that were."""
        limits, conversation_id = self._limits, lease.conversation.id
        done, left = 0, len(events)
        try:
            while left and (at_most is None or done < at_most):
                if len(events) < min(left, 2):
                    async with self._store.read(workspace, short=True) as session:
                        events = await Inbox(session).waiting(conversation_id, limit=limits.events_at_once)
                    if not events:
                        break
                after = await self._one(workspace, lease, events[0], events[1:2])
                if after is None:
                    return done  # it failed, and the lease was given back with it
                del events[0]
                done, left = done + 1, after
        except LeaseLost:
            log.warning("lease lost", extra={"workspace": workspace, "conversation": conversation_id})
            self._situations.forget(workspace, conversation_id)
            return done
        if left or not done:  # else the last commit gave the lease back
            async with self._store.write(workspace, short=True) as session:
                if not events:
                    await Inbox(session).recount(lease)
                await Inbox(session).release(lease, at=self._clock.now())
        return done

    async def _one(self, workspace: str, lease: Lease, event: Waiting, next_events: Sequence[Waiting]) -> int | None:
        """Work off one event; says how many still wait, or None where it failed and is to be tried again later."""
        ids = {"vigil.workspace": workspace, "vigil.conversation": event.conversation_id, "vigil.event": event.id}
        try:
            with span("vigil.event", ids, part="consumer", parent=event.traceparent):
                return await self._decided(workspace, lease, event, next_events)
        except LeaseLost:
            raise
        except Exception as error:  # the outermost frame: a fault becomes a parked event, never a lost one
            log.exception("an event failed", extra={"workspace": workspace, "event_id": event.id})
            self._situations.forget(workspace, event.conversation_id)
            return await self._failed(workspace, lease, event, error)

    async def _decided(self, workspace: str, lease: Lease, event: Waiting, next_events: Sequence[Waiting]) -> int:
        """Decide about an event and store that, however often the ticket changes meanwhile; says how many still wait."""
        while True:
            with span("vigil.load"):
                known, situation = await self._situations.load(workspace, lease, event, next_events)
            with span("vigil.decide") as deciding:
                async with self._kept(workspace, lease):
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

    def _kept(self, workspace: str, lease: Lease) -> AbstractAsyncContextManager[None]:
        """Renew the lease for as long as the block takes: a model may need longer than a lease holds."""
        every_s = self._limits.lease_s / 3
        return renewed(lambda: self._renew(workspace, lease), first_s=every_s, every_s=every_s)

    async def _renew(self, workspace: str, lease: Lease) -> None:
        try:
            async with self._store.stroke(workspace, short=True) as session:
                await Inbox(session).renew(lease, at=self._clock.now(), seconds=self._limits.lease_s)
        except Exception:  # the commit will tell whether the lease held
            log.exception("a lease could not be renewed", extra={"workspace": workspace})

    async def _failed(self, workspace: str, lease: Lease, event: Waiting, error: Exception) -> int | None:
        """Note the failure, and let the conversation rest for a while or the event be parked. That the database was away is not held
        against the event; where it still is, this raises, nothing is written and the lease runs out."""
        limits, now = self._limits, self._clock.now()
        counts = not is_away(error)
        attempts = event.attempts + 1 if counts else event.attempts
        reason = f"{type(error).__name__} at attempt {event.attempts + 1}"
        if attempts >= limits.max_attempts:
            return await self._give_up(workspace, lease, event, reason)
        rest = min(limits.first_retry_s * 2 ** max(attempts - 1, 0), limits.longest_retry_s)
        async with self._store.write(workspace, short=True) as session:
            inbox = Inbox(session)
            await inbox.hold(lease, at=now, seconds=limits.lease_s)
            if counts:
                await inbox.fail(event, reason=reason, park=False)
            await inbox.release(lease, at=now, until=now + timedelta(seconds=rest))
        self._meter.failed(parked=False)
        return None

    async def _give_up(self, workspace: str, lease: Lease, event: Waiting, reason: str) -> int:
        """Park an event; says how many still wait."""
        now = self._clock.now()
        async with self._store.write(workspace, short=True) as session:
            inbox = Inbox(session)
            left = await inbox.hold(lease, at=now, seconds=self._limits.lease_s, done=1)
            await inbox.fail(event, reason=reason, park=True)
            await Audit(session).add(
                event.conversation_id, at=now, actor="vigil", action="event.parked", subject=event.id, held=True
            )
        self._meter.failed(parked=True)
        return left

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
        async with self._store.read(situation.workspace.id, short=True) as session:
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
        reread = outcome.changed is not None
        async with self._store.write(workspace, short=True) as session:
            inbox, conversations, outbox = Inbox(session), Conversations(session), Outbox(session)
            ticket = None if outcome.verdict is None else outcome.verdict.ticket
            if ticket is not None:
                seen = next((known for known in situation.tickets if known.id == ticket.id), None)
                if seen is not None and await conversations.ticket(ticket.id, lock=True) != seen:
                    return None
                await conversations.save_ticket(ticket)
                if seen is None and situation.conversation.kind is not ConversationKind.CHANNEL:
                    await conversations.adopt(ticket.conversation_id, ticket.id)
                    reread = True
            before = [told for message_id in outcome.withdraw for told in await Decisions(session).about(message_id)]
            # First what locks nothing that others want, then the conversation, then what is locked after it everywhere: the doors wait
            # for the conversation's row, so it is held for as short as can be.
            if outcome.message is not None:
                await conversations.add_message(outcome.message)
            await Decisions(session).add(decision, position=event.seq)
            if outcome.verdict is not None:
                await outbox.add(outcome.verdict.posts, at=now, traceparent=traceparent())
            await inbox.finish(event.id)
            left = await inbox.hold(lease, at=now, seconds=self._limits.lease_s, done=1)
            if outcome.changed is not None:
                message_id, columns = outcome.changed
                await conversations.change_message(message_id, **columns)
            await outbox.withdraw(before, reason=outcome.why, at=now)
            if outcome.verdict is not None:
                await outbox.withdraw(outcome.verdict.supersedes, reason="the author wrote on", at=now)
            await Audit(session).add(
                event.conversation_id,
                at=now,
                actor="vigil",
                action=f"decision.{decision.kind}",
                subject=decision.id,
                content=f"{decision.reason}\n{decision.answer}",
                held=True,
            )
            if ticket is not None and self._learning is not None and not situation.conversation.muted:
                await self._learning.written(session, ticket, at=now)
            progress = await self._following.moved(
                session, lease, situation, ticket, outcome.message, changed=outcome.changed is not None, at=now
            )
        self._following.committed(workspace, lease, progress)
        if reread:
            self._situations.forget(workspace, event.conversation_id)
        else:
            self._situations.committed(workspace, lease, outcome.message, decision)
        return left


def _edit(message: Message) -> tuple[str, dict[str, Any]]:
    return message.id, {"text": message.text, "edited_at": message.edited_at}
