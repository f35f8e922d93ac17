"""What assist is shown about one event: read from the store, as far as it isn't remembered from the event before. What comes of it is
`drain`'s."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vigil.assist.situation import Said, Situation
from vigil.clock import Ids
from vigil.domain.conversation import Conversation, Message, MessageEvent, Person, Role
from vigil.domain.decision import Decision, DecisionKind
from vigil.domain.topic import Topic
from vigil.domain.workspace import Workspace
from vigil.store.conversations import Conversations
from vigil.store.decisions import Answered, Decisions
from vigil.store.events import Waiting
from vigil.store.inbox import Lease
from vigil.store.outbox import Outbox
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces

CONVERSATIONS: Final = 200
"""Conversations that are remembered: with 120 messages of some hundred characters in each, 20 MB."""
TOPIC_LISTS: Final = 1_000
"""Workspaces whose topic list is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far back assist may see."""

    messages: int = 120
    """Messages before the one at hand: an hour of a busy channel, or a long ticket's last day."""
    tickets: int = 24
    """Tickets of a channel that a message may belong to."""
    answers: int = 12
    """What Vigil said before, for the check on repetition."""


class TopicLists:
    """Topic lists of workspaces. A list never changes: a change is a new version."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, tuple[Topic, ...]]] = OrderedDict()

    async def of(self, session: Session, workspace: Workspace) -> tuple[Topic, ...]:
        """The list in force in a workspace, read at most once a version."""
        version, topics = self._known.get(workspace.id, (0, ()))
        if version != workspace.topics_version:
            version = workspace.topics_version
            topics = await Workspaces(session).topics(version)
            self._known[workspace.id] = (version, topics)
            if len(self._known) > TOPIC_LISTS:
                self._known.popitem(last=False)
        return topics


@dataclass(slots=True, kw_only=True)
class _Remembered:
    """What a conversation's holder knows of it. Nobody else adds a message but a sender, whose place lies past `upto`."""

    epoch: int
    """The lease under which it was known. It holds under the next one too, where that has the next epoch: then nobody was in between."""
    upto: int
    """Everything up to this place of the conversation is known."""
    messages: list[Message]
    said: list[Answered]


class Situations:
    """Loads situations.

    Args:
        burst_window_s: seconds within which a further message by the same author makes one turn.
    """

    def __init__(self, *, store: Store, ids: Ids, reach: Reach, burst_window_s: float) -> None:
        self._store = store
        self._ids = ids
        self._reach = reach
        self._burst_window = timedelta(seconds=burst_window_s)
        self._topics = TopicLists()
        self._remembered: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    async def load(
        self, workspace: str, lease: Lease, event: Waiting, next_events: Sequence[Waiting]
    ) -> tuple[Message | None, Situation]:
        """The message that the event is about, where it is stored already, and the situation."""
        conversation = lease.conversation
        async with self._store.read(workspace, short=True) as session:
            conversations = Conversations(session)
            known = await conversations.find_message(conversation.id, event.incoming.message_id)
            message = await self._message(conversations, conversation, event, known)
            settings = await Workspaces(session).get()
            remembered = await self._recall(session, lease, message.seq)
            return known, Situation(
                workspace=settings,
                topics=await self._topics.of(session, settings),
                conversation=conversation,
                message=message,
                recent=tuple(remembered.messages),
                tickets=tuple(await conversations.tickets_of(conversation.id, limit=self._reach.tickets)),
                said=await _said(session, remembered.said),
                turn_continues=_continues(event, next_events, self._burst_window),
            )

    def committed(self, workspace: str, lease: Lease, message: Message | None, decision: Decision) -> None:
        """Remember what the holder of the lease has just written, a new `message` and a decision about it."""
        remembered = self._remembered.get((workspace, lease.conversation.id))
        if remembered is None or remembered.epoch != lease.epoch or message is None or message.seq <= remembered.upto:
            self.forget(workspace, lease.conversation.id)  # something further back was changed: it is read anew
            return
        remembered.upto = message.seq
        if message.deleted_at is None:
            remembered.messages = [*remembered.messages, message][-self._reach.messages :]
        if decision.kind is not DecisionKind.SILENT:
            remembered.said = [*remembered.said, _answered(decision)][-self._reach.answers :]

    def forget(self, workspace: str, conversation_id: str) -> None:
        """Read this conversation anew the next time."""
        self._remembered.pop((workspace, conversation_id), None)

    async def _recall(self, session: Session, lease: Lease, place: int) -> _Remembered:
        """What is known before a place of the conversation, brought up to it."""
        key, limit = (session.workspace, lease.conversation.id), self._reach.messages
        conversations = Conversations(session)
        found = self._remembered.get(key)
        if found is not None and found.upto < place and found.epoch in (lease.epoch, lease.epoch - 1):
            if found.upto < place - 1:
                late = await conversations.before(lease.conversation.id, place, after=found.upto, limit=limit)
                found.messages = [*found.messages, *late][-limit:]
            found.epoch, found.upto = lease.epoch, place - 1
            self._remembered.move_to_end(key)
            return found
        read = _Remembered(
            epoch=lease.epoch,
            upto=place - 1,
            messages=await conversations.before(lease.conversation.id, place, limit=limit),
            said=await Decisions(session).said(lease.conversation.id, limit=self._reach.answers),
        )
        if found is None or found.upto < place:
            self._remembered[key] = read
            if len(self._remembered) > CONVERSATIONS:
                self._remembered.popitem(last=False)
        return read

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


async def _said(session: Session, decisions: Sequence[Answered]) -> tuple[Said, ...]:
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


def _answered(decision: Decision) -> Answered:
    return Answered(
        decision_id=decision.id,
        ticket_id=decision.ticket_id,
        message_id=decision.message_id,
        at=decision.decided_at,
        answer=decision.answer,
        entry_ids=tuple(citation.entry_id for citation in decision.citations),
    )


_FIRST_CHAT = datetime(1970, 1, 1, tzinfo=UTC)


def _plausible(sent_at: datetime | None, received_at: datetime) -> datetime:
    """The channel's word on when it was written, unless it lies in the future, or so far back that it means "unknown"."""
    return received_at if sent_at is None or sent_at < _FIRST_CHAT else min(sent_at, received_at)


def _continues(event: Waiting, next_events: Sequence[Waiting], window: timedelta) -> bool:
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
