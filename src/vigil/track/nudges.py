"""What happens when a ticket's follow-ups are due: the world is looked at again, and what is still wanted becomes a nudge to the analysts,
a message to the customer, or a ticket that closes. When that is, is `schedule`'s; what is said, `nudge_words`'s."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Conversation, ConversationKind, Message, Role
from vigil.domain.decision import Decision, DecisionKind, Reason, Stage
from vigil.domain.followup import ASKS_CUSTOMER, FollowUp, FollowUpReason, FollowUpState
from vigil.domain.hours import free
from vigil.domain.parts import part_of
from vigil.domain.post import Post, Visibility
from vigil.domain.progress import Progress, Standing
from vigil.domain.ticket import TRANSITIONS, Ticket, TicketState
from vigil.domain.timer import Timer
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import Workspace
from vigil.errors import NotFound
from vigil.language.reading import read
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.followups import FollowUps
from vigil.store.inbox import Inbox
from vigil.store.outbox import Outbox
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces
from vigil.track import nudge_words
from vigil.track.followups import NOTHING, Plan
from vigil.track.schedule import VIGIL, Changes, FollowUpSchedule, plan_of, reconcile, write

AGAIN: Final = timedelta(seconds=5)
"""When to look again where a message is just being decided about: it may settle everything. Ten times what that takes."""
LAST_WORDS: Final = 20
"""Messages that are read once more before something is shown: the customer's last word is among them, unless twenty of others follow it."""
_S = FollowUpState


Effect: TypeAlias = Callable[[Session], Awaitable[None]]
"""Writes what a timer brings about, inside the commit that ends it."""


class TicketEnds(Protocol):
    """Who wants to know that a ticket is over; `learn` does."""

    async def over(self, session: Session, ticket: Ticket, *, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """The world as it stands when a ticket's timer rings."""

    workspace: Workspace
    topics: tuple[Topic, ...]
    conversation: Conversation
    ticket: Ticket
    progress: Progress
    follow_ups: Sequence[FollowUp]
    busy: bool
    """A message of the conversation waits to be decided about."""
    about: Mapping[str, Message]
    """The messages that its follow-ups are about, by id, those that are still there."""
    last_words: Sequence[Message]
    """The last messages of the ticket, oldest first."""

    @property
    def autonomy(self) -> Autonomy:
        for topic in self.topics:
            if topic.key == self.ticket.topic:
                return topic.autonomy
        return self.workspace.default_autonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One follow-up as it is to stand, with what is said for it."""

    before: FollowUp
    after: FollowUp
    decision: Decision | None = None
    position: int = 0
    post: Post | None = None


class Nudges:
    """The alarm of `schedule.KIND`: one ring a ticket, however many of its follow-ups are due."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        ids: Ids,
        schedule: FollowUpSchedule,
        ends: TicketEnds | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._schedule = schedule
        self._ends = ends

    async def ring(self, workspace: str, timer: Timer) -> Effect:
        """Look, and prepare what is to be written. A message that is committed meanwhile moves the timer, and then nothing is."""
        view = await self._view(workspace, timer.subject)
        if view is None:
            return _nothing
        now = self._clock.now()
        wants = plan_of(view.conversation, view.ticket, view.progress, view.workspace)
        changes = reconcile(view.ticket, view.follow_ups, wants, at=now, ids=self._ids)
        if view.busy:
            return self._look_again(view, wants, changes, now)
        free_at = free(view.workspace.quiet, now)
        due = [each for each in changes.after if each.state in (_S.PENDING, _S.SNOOZED) and each.due <= now]
        if due and free_at > now:  # the hours were changed, or a snooze ends at night
            moved = {each.id: replace(each, due=free_at, changed_at=now) for each in due}
            return self._effect(view, wants, _with(changes, moved), (), None, now)
        closed = None if wants.closes_at is None or wants.closes_at > now else _closed(view.ticket, now)
        if closed is not None:
            left = reconcile(closed, view.follow_ups, NOTHING, at=now, ids=self._ids)
            return self._effect(view, NOTHING, left, (), closed, now)
        said = [await self._say(workspace, view, each, now) for each in due]
        return self._effect(view, wants, changes, said, None, now)

    async def _view(self, workspace: str, ticket_id: str) -> _View | None:
        async with self._store.read(workspace, short=True) as session:
            conversations = Conversations(session)
            try:
                ticket = await conversations.ticket(ticket_id)
            except NotFound:
                return None
            progress = await ProgressOfTickets(session).of(ticket.id)
            if progress is None:
                return None
            settings = await Workspaces(session).get()
            follow_ups = await FollowUps(session).of_ticket(ticket.id)
            about = await conversations.messages({each.about for each in follow_ups})
            return _View(
                workspace=settings,
                topics=await Workspaces(session).topics(settings.topics_version),
                conversation=await conversations.conversation(ticket.conversation_id),
                ticket=ticket,
                progress=progress,
                follow_ups=follow_ups,
                busy=bool(await Inbox(session).waiting(ticket.conversation_id, limit=1)),
                about={message.id: message for message in about if message.deleted_at is None},
                last_words=await conversations.of_ticket(ticket.id, limit=LAST_WORDS),
            )

    async def _say(self, workspace: str, view: _View, each: FollowUp, now: datetime) -> _Said:
        """What becomes of one that is due."""
        obstacle = _obstacle(view, each)
        if obstacle:
            return _Said(before=each, after=replace(each, state=_S.WITHDRAWN, changed_at=now, by="", note=obstacle))
        public = _reaches_customer(view, each.reason)
        first = each.shown_at or now
        if each.reason is FollowUpReason.LOOKS_RESOLVED and not public:
            return _Said(before=each, after=replace(each, state=_S.SHOWN, shown_at=first, changed_at=now))
        async with self._store.write(workspace, short=True) as session:  # a place that stays empty harms nobody
            position = await Conversations(session).next_seq(view.conversation.id)
        decision = self._decision(view, each, now, public=public)
        after = replace(
            each,
            state=_S.SENT if public else _S.SHOWN,
            decision_id=decision.id,
            shown_at=first,
            changed_at=now,
            by=VIGIL if public else "",
        )
        post = Post(
            id=self._ids.new("pst"),
            conversation_id=view.conversation.id,
            decision_id=decision.id,
            visibility=Visibility.PUBLIC if public else Visibility.PRIVATE,
            text=decision.answer if public else nudge(decision),
            not_before=now,
        )
        return _Said(before=each, after=after, decision=decision, position=position, post=post)

    def _decision(self, view: _View, each: FollowUp, now: datetime, *, public: bool) -> Decision:
        written_at = view.about[each.about].sent_at
        why = nudge_words.why(each.reason, each.about, view.progress, written_at, now)
        return Decision(
            id=self._ids.new("dec"),
            conversation_id=view.conversation.id,
            message_id=each.about,
            ticket_id=view.ticket.id,
            kind=DecisionKind.REPLY if public else DecisionKind.SUGGEST,
            reason=Reason.FOLLOW_UP,
            note=why,
            answer=nudge_words.draft(each.reason, each.about, view.progress),
            stages=(
                Stage(
                    name="follow-up",
                    outcome=f"{each.reason.value.replace('_', ' ')}, due {each.due:%Y-%m-%d %H:%M} UTC",
                ),
            ),
            knowledge_version=view.workspace.knowledge_version,
            decided_at=now,
            covers=(each.about,),
        )

    def _look_again(self, view: _View, wants: Plan, changes: Changes, now: datetime) -> Effect:
        moved = {
            each.id: replace(each, due=now + AGAIN)
            for each in changes.after
            if each.state in (_S.PENDING, _S.SNOOZED) and each.due <= now
        }
        later = replace(wants, closes_at=wants.closes_at and max(wants.closes_at, now + AGAIN))
        after = [moved.get(each.id, each) for each in changes.after]

        async def effect(session: Session) -> None:
            await self._schedule.wind(session, view.ticket, after, later, at=now)

        return effect

    def _effect(
        self,
        view: _View,
        wants: Plan,
        changes: Changes,
        said: Sequence[_Said],
        closes: Ticket | None,
        now: datetime,
    ) -> Effect:
        became = {each.before.id: each.after for each in said}
        changes = _with(changes, became)

        async def effect(session: Session) -> None:
            await self._schedule.wind(session, view.ticket, changes.after, wants, at=now)
            written = await write(session, changes, at=now)
            for each in said:
                if each.after.id in written:
                    await _note(session, each, now)
            if closes is not None:
                await self._close(session, view.ticket, closes, now)

        return effect

    async def _close(self, session: Session, seen: Ticket, closed: Ticket, now: datetime) -> None:
        conversations = Conversations(session)
        if await conversations.ticket(seen.id, lock=True) != seen:
            return  # somebody changed it: it is planned anew with that
        await conversations.save_ticket(closed)
        await Audit(session).add(f"ticket:{seen.id}", at=now, actor=VIGIL, action="ticket.closed", subject=seen.id)
        if self._ends is not None:
            await self._ends.over(session, closed, at=now)


def nudge(decision: Decision) -> str:
    """A follow-up's private post: why, and what could be written."""
    return f"{decision.note}. You could write:\n\n{decision.answer}"


async def _nothing(_session: Session) -> None:
    """The ticket is gone, or nothing is known of it."""


async def _note(session: Session, said: _Said, now: datetime) -> None:
    decision, post, follow_up = said.decision, said.post, said.after
    if decision is not None and post is not None:
        await Decisions(session).add(decision, position=said.position)
        await Outbox(session).add([post], at=now)
    await Audit(session).add(
        f"ticket:{follow_up.ticket_id}",
        at=now,
        actor=VIGIL,
        action=f"followup.{follow_up.state}",
        subject=follow_up.id,
        content="" if decision is None else decision.answer,
    )


def _with(changes: Changes, became: dict[str, FollowUp]) -> Changes:
    """The changes, with these follow-ups standing otherwise than was planned."""
    was = {then.id: before for before, then in changes.changed}
    new = {each.id for each in changes.new}
    first = {each.id: was.get(each.id, each) for each in changes.after}
    after = tuple(became.get(each.id, each) for each in changes.after)
    return Changes(
        new=tuple(each for each in after if each.id in new),
        changed=tuple((first[each.id], each) for each in after if each.id not in new and first[each.id] != each),
        after=after,
    )


def _obstacle(view: _View, each: FollowUp) -> str:
    """Why nothing is said after all; empty where it may be."""
    if view.workspace.silenced:
        return "Vigil is switched off in this workspace"
    if view.conversation.channel in view.workspace.silent_on:
        return "Vigil is switched off on this channel"
    if view.autonomy is Autonomy.SHADOW:
        return "the topic is in shadow"
    if each.about not in view.about:
        return "the message was deleted"
    if each.reason is not FollowUpReason.LOOKS_RESOLVED and _is_solved(view, view.about[each.about].seq):
        return "the customer has said that it is solved"
    return ""


def _is_solved(view: _View, seq: int) -> bool:
    """The customer's own words since then: the last of them that asks or says that it is solved says so. How the ticket stands is judged on
    whole messages, and a wrong judgement must not ask about what the customer can be quoted on."""
    for message in reversed(view.last_words):
        if message.seq <= seq:
            return False
        part = part_of(message, view.ticket, view.conversation.kind)
        if part is Role.CUSTOMER and message.deleted_at is None:
            said = read(message.text)
            if said.solved or said.question:
                return said.solved and not said.question
    return False


def _reaches_customer(view: _View, reason: FollowUpReason) -> bool:
    """Only what asks for the customer's word, where the topic lets Vigil reply, and nobody else reads along. Who has said that it works is
    not asked again."""
    return (
        reason in ASKS_CUSTOMER
        and view.autonomy is Autonomy.AUTO
        and view.conversation.kind is ConversationKind.ROOM
        and view.progress.standing is not Standing.CONFIRMED
    )


def _closed(ticket: Ticket, now: datetime) -> Ticket | None:
    if TicketState.CLOSED not in TRANSITIONS[ticket.state]:
        return None
    return replace(ticket, state=TicketState.CLOSED, resolved_at=now, updated_at=now)
