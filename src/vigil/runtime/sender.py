"""Working off the outbox: look again, then send or withdraw. At-least-once, with the post's id as idempotency key."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Conversation, Message, Person, Role
from vigil.domain.post import Post, PostState, Visibility
from vigil.errors import DeliveryFailed, InvalidInput, NotFound
from vigil.runtime.lastlook import LastLook, View
from vigil.runtime.meter import Meter, Unmetered
from vigil.runtime.ports import Channel, Delivery, Standing
from vigil.runtime.situations import TopicLists
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.outbox import Outbox, earliest_posts
from vigil.store.store import Session, Store, is_away
from vigil.store.workspaces import Workspaces
from vigil.tracing import span

log = logging.getLogger(__name__)

VIGIL = Person(id="vigil", name="Vigil", role=Role.BOT)
"""The author of what Vigil writes to customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLimits:
    """How the outbox is worked off."""

    claim_s: float
    """Seconds that a claimed post is left to its sender before another may try."""
    patience_s: float
    """Seconds for which a post is tried again and again before it is given up."""
    first_retry_s: float = 2.0
    """Seconds before the second try; doubled for each further one, up to `longest_retry_s`."""
    longest_retry_s: float = 60.0
    """A channel that was down is tried again within a minute of its return."""
    at_once: int = 20
    """Posts of one workspace that are sent side by side: each may wait for a slow receiver."""

    def wait_s(self, attempts: int) -> float | None:
        """Seconds until a post that failed is tried again after so many attempts before; None where that is no longer worth it."""
        waits = [min(self.first_retry_s * 2 ** min(number, 20), self.longest_retry_s) for number in range(attempts + 1)]
        return waits[-1] if sum(waits[:-1]) < self.patience_s else None


class Sender:
    """Sends what waits in the outbox."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Mapping[str, Channel],
        standing: Standing,
        last_look: LastLook,
        clock: Clock,
        ids: Ids,
        owner: str,
        limits: SendLimits,
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._standing = standing
        self._last_look = last_look
        self._clock = clock
        self._ids = ids
        self._owner = owner
        self._limits = limits
        self._meter = meter or Unmetered()
        self._topics = TopicLists()

    async def send_due(self) -> int:
        """Bring every post that is due to its end, or to its next try; says how many were looked at. Workspaces don't wait for one
        another's receivers."""
        now = self._clock.now()
        earliest = await earliest_posts(self._store, at=now)
        due = [workspace for workspace, at in earliest.items() if at <= now]
        return sum(await asyncio.gather(*(self.send_all(workspace) for workspace in due)))

    async def send_all(self, workspace: str) -> int:
        """The same in one workspace."""
        count = 0
        while posts := await self._claim(workspace):
            # Side by side, so that a slow receiver doesn't outlast the claims on everybody's posts: each is of another conversation.
            await asyncio.gather(*(self._send(workspace, post) for post in posts))
            count += len(posts)
        return count

    async def _claim(self, workspace: str) -> list[Post]:
        async with self._store.stroke(workspace, short=True) as session:
            return await Outbox(session).claim(
                owner=self._owner,
                at=self._clock.now(),
                seconds=self._limits.claim_s,
                limit=self._limits.at_once,
            )

    async def _send(self, workspace: str, post: Post) -> None:
        ids = {"vigil.workspace": workspace, "vigil.post": post.id, "vigil.decision": post.decision_id}
        try:
            with span("vigil.post", ids, part="producer", parent=post.traceparent):
                await self._look_and_send(workspace, post)
        except Exception as error:  # the outermost frame: a fault in one post must not hold up the others
            log.exception("a post failed", extra={"workspace": workspace, "post": post.id})
            await self._put_off(workspace, post, type(error).__name__, counts=not is_away(error))

    async def _look_and_send(self, workspace: str, post: Post) -> None:
        view = await self._view(workspace, post)
        reason = await self._last_look.reason_to_withdraw(view)
        if reason is not None:
            await self._settle(workspace, post, state=PostState.WITHDRAWN, reason=reason)
            return
        try:
            external_id = await self._channel(view.conversation).post(workspace, _delivery(view))
        except InvalidInput as error:
            await self._settle(workspace, post, state=PostState.FAILED, reason=str(error))
        except DeliveryFailed as error:
            await self._put_off(workspace, post, str(error))
        else:
            await self._sent(workspace, post, view, external_id)

    async def _view(self, workspace: str, post: Post) -> View:
        async with self._store.read(workspace, short=True) as session:
            decision = await Decisions(session).get(post.decision_id)
            conversations = Conversations(session)
            covered = [await conversations.message(message_id) for message_id in decision.covers]
            last = max((message.seq for message in covered), default=0)
            ticket = None
            if decision.ticket_id is not None:
                try:
                    ticket = await conversations.ticket(decision.ticket_id)
                except NotFound:
                    ticket = None
            later = await conversations.after(post.conversation_id, last)
            settings = await Workspaces(session).get()
            topics = await self._topics.of(session, settings)
            conversation = await conversations.conversation(post.conversation_id)
        cited = [citation.revision_id for citation in decision.citations]
        in_force = await self._standing.in_force(workspace, cited) if cited else frozenset[str]()
        return View(
            workspace=settings,
            topics=topics,
            conversation=conversation,
            ticket=ticket,
            decision=decision,
            post=post,
            covered=covered,
            later=[message for message in later if message.deleted_at is None],
            standing=in_force.issuperset(cited),
        )

    def _channel(self, conversation: Conversation) -> Channel:
        kind = conversation.channel.partition(":")[0]
        channel = self._channels.get(kind)
        if channel is None:
            raise InvalidInput(f"No channel called {kind!r} is set up here, so nothing can be posted to it.")
        return channel

    async def _sent(self, workspace: str, post: Post, view: View, external_id: str | None) -> None:
        now = self._clock.now()
        async with self._store.write(workspace, short=True) as session:
            await Conversations(session).lock(post.conversation_id)
            settled = await Outbox(session).settle(post.id, state=PostState.SENT, at=now, external_id=external_id)
            if settled and post.visibility is Visibility.PUBLIC:
                await self._keep(session, post, view, external_id or post.id, now)
            if settled:
                await self._note(session, post, "post.sent", now)
        if settled:
            self._meter.posted(post, PostState.SENT)

    async def _keep(self, session: Session, post: Post, view: View, external_id: str, now: datetime) -> None:
        """What Vigil said to everybody is part of the conversation from now on."""
        conversations = Conversations(session)
        if await conversations.find_message(post.conversation_id, external_id) is not None:
            return  # the channel's echo was faster
        await conversations.add_message(
            Message(
                id=self._ids.new("msg"),
                external_id=external_id,
                conversation_id=post.conversation_id,
                seq=await conversations.next_seq(post.conversation_id),
                author=VIGIL,
                text=post.text,
                sent_at=now,
                received_at=now,
                ticket_id=view.decision.ticket_id,
                reply_to=tuple(message.external_id for message in view.covered),
                by_vigil=True,
            )
        )

    async def _settle(self, workspace: str, post: Post, *, state: PostState, reason: str) -> None:
        now = self._clock.now()
        async with self._store.write(workspace, short=True) as session:
            await Conversations(session).lock(post.conversation_id)
            settled = await Outbox(session).settle(post.id, state=state, at=now, reason=reason)
            if settled:
                await self._note(session, post, f"post.{state}", now)
        if settled:
            self._meter.posted(post, state)

    async def _put_off(self, workspace: str, post: Post, reason: str, *, counts: bool = True) -> None:
        limits, now = self._limits, self._clock.now()
        wait = limits.wait_s(post.attempts) if counts else limits.first_retry_s
        if wait is None:
            await self._settle(workspace, post, state=PostState.FAILED, reason=f"given up: {reason}")
            return
        log.warning("a post is put off", extra={"workspace": workspace, "post": post.id, "wait_s": wait})
        not_before = now + timedelta(seconds=wait)
        async with self._store.write(workspace, short=True) as session:
            await Outbox(session).try_again(post, not_before=not_before, reason=reason, at=now, counts=counts)

    async def _note(self, session: Session, post: Post, action: str, now: datetime) -> None:
        """Of a conversation that is locked: in the order in which a drain locks, first the conversation, then its posts."""
        await Audit(session).add(post.conversation_id, at=now, actor="vigil", action=action, subject=post.id, held=True)


def _delivery(view: View) -> Delivery:
    return Delivery(
        key=view.post.id,
        conversation=view.conversation,
        visibility=view.post.visibility,
        text=view.post.text,
        decision=view.decision,
        ticket=view.ticket,
        reply_to=view.covered[-1].external_id if view.covered else None,
    )
