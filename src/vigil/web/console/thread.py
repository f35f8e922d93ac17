"""A ticket as its page shows it: each message with what Vigil made of it. It is read through the desk's verbs and put together here; how it
looks is the templates'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from vigil.domain.conversation import Conversation, Message, Role
from vigil.domain.decision import ASKED, Decision, DecisionKind, Outcome, OutcomeKind, Reason
from vigil.domain.followup import FollowUp, FollowUpState
from vigil.domain.post import Post, PostState, Visibility
from vigil.domain.ticket import OVER, TRANSITIONS, Ticket, TicketState
from vigil.errors import InvalidInput
from vigil.runtime.desk import Desk
from vigil.store.decisions import DecisionFilter

DECISIONS = 400
"""Decisions of a ticket that are shown; one has seldom more than some dozens."""
TOGETHER = timedelta(minutes=5)
"""Messages of one author that are less than this apart are shown under one name."""
_JUDGED = frozenset({OutcomeKind.ADOPTED, OutcomeKind.EDITED, OutcomeKind.DISMISSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What Vigil said about a message, or wanted to."""

    decision: Decision
    post: Post | None
    outcomes: tuple[Outcome, ...]
    judged: Outcome | None
    """What an analyst did with it."""
    open: bool
    """It waits for an analyst."""
    follow_up: FollowUp | None = None
    """The follow-up that it shows."""

    @property
    def withdrawn(self) -> bool:
        return self.post is not None and self.post.state is PostState.WITHDRAWN

    @property
    def public(self) -> bool:
        """The customer has seen it."""
        return self.post is not None and self.post.visibility is Visibility.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message, and what Vigil made of it."""

    message: Message
    ours: bool
    """It stands on the desk's side: an analyst or a bot wrote it."""
    continues: bool
    """The same author as above, a moment later."""
    silence: Decision | None
    """Why Vigil said nothing to it."""
    suggestions: tuple[Suggestion, ...]
    asked: tuple[Decision, ...]
    """What colleagues asked Vigil itself after it."""
    by_decision: Decision | None
    """For what Vigil wrote itself, or an analyst sent for it: the decision behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A ticket's page."""

    ticket: Ticket
    conversation: Conversation
    lines: tuple[Line, ...]
    customer: str
    spent: float
    """US dollars for models in this ticket."""
    calls: int
    writable: bool
    """What is written here reaches the customer."""
    can_resolve: bool
    can_reopen: bool

    @property
    def current(self) -> Suggestion | None:
        """What the keys act on: the latest that waits."""
        waiting = [each for line in self.lines for each in line.suggestions if each.open]
        return waiting[-1] if waiting else None


async def thread_of(
    desk: Desk, workspace: str, ticket_id: str, *, built_in: frozenset[str], follow_ups: Sequence[FollowUp] = ()
) -> Thread:
    """Raises NotFound."""
    ticket = await desk.ticket(workspace, ticket_id)
    conversation = await desk.conversation(workspace, ticket.conversation_id)
    messages = await desk.transcript(workspace, ticket.id)
    decisions = await desk.decisions(workspace, DecisionFilter(ticket_id=ticket.id, limit=DECISIONS))
    ids = [decision.id for decision in decisions]
    asked = [decision for decision in decisions[::-1] if decision.message_id.startswith(ASKED)]
    posts = await desk.posts(workspace, ids)
    outcomes = await desk.outcomes(workspace, ids)
    return Thread(
        ticket=ticket,
        conversation=conversation,
        lines=_lines(
            ticket,
            messages,
            [each for each in decisions[::-1] if each not in asked],
            posts,
            outcomes,
            asked,
            follow_ups,
        ),
        customer=_customer(ticket, messages),
        spent=sum(decision.cost.money for decision in decisions),
        calls=sum(decision.cost.calls for decision in decisions),
        writable=writable(conversation, built_in),
        can_resolve=TicketState.RESOLVED in TRANSITIONS[ticket.state],
        can_reopen=ticket.state in OVER,
    )


def writable(conversation: Conversation, built_in: frozenset[str]) -> bool:
    """Whether what is written here reaches the customer: on another system's channel only that system can."""
    return conversation.channel.partition(":")[0] in built_in


def check_writable(conversation: Conversation, built_in: frozenset[str]) -> None:
    """Raises InvalidInput where what is written here would reach nobody."""
    if not writable(conversation, built_in):
        raise InvalidInput(f"This conversation lives on {conversation.channel}; answer there, and Vigil reads along.")


def sent_as(decision_id: str) -> str:
    """The id of the message with which a suggestion is sent: the same one however often the key is pressed."""
    return f"sent-{decision_id}"


def _lines(
    ticket: Ticket,
    messages: Sequence[Message],
    decisions: Sequence[Decision],
    posts: Sequence[Post],
    outcomes: Sequence[Outcome],
    asked: Sequence[Decision],
    follow_ups: Sequence[FollowUp],
) -> tuple[Line, ...]:
    shown_first = sorted(posts, key=lambda post: post.visibility is Visibility.PRIVATE)
    post_of = {
        post.decision_id: post for post in shown_first
    }  # where analysts and customer are told, what analysts are told
    coming = {
        name
        for name, post in post_of.items()
        if post.visibility is Visibility.PRIVATE and post.state is PostState.WAITING
    }  # shown once they are there: until then they may still be withdrawn, and a card that opens later moves what is below it
    outcomes_of: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        outcomes_of.setdefault(outcome.decision_id, []).append(outcome)
    behind: dict[str, Decision] = {sent_as(decision.id): decision for decision in decisions}
    by_id = {decision.id: decision for decision in decisions}
    shows = {each.decision_id: each for each in follow_ups}
    behind |= {
        name: by_id[post.decision_id]
        for post in posts
        if post.visibility is Visibility.PUBLIC and post.decision_id in by_id
        for name in (post.id, post.external_id or post.id)
    }
    about: dict[str, list[Decision]] = {}
    for decision in decisions:
        about.setdefault(decision.message_id, []).append(decision)
    lines: list[Line] = []
    before: Message | None = None
    asked_after = _after_which(messages, asked)
    for message in messages:
        here = about.get(message.id, [])
        said = [each for each in here if each.kind is not DecisionKind.SILENT and each.id not in coming]
        silent = [each for each in here if each.kind is DecisionKind.SILENT]
        lines.append(
            Line(
                message=message,
                ours=message.by_vigil or message.author.role in (Role.ANALYST, Role.BOT),
                continues=before is not None and _continues(before, message),
                silence=silent[-1] if silent and not said and not message.by_vigil else None,
                suggestions=tuple(
                    _suggestion(ticket, each, post_of.get(each.id), outcomes_of.get(each.id, []), shows.get(each.id))
                    for each in said
                ),
                asked=asked_after.get(message.id, ()),
                by_decision=behind.get(message.external_id),
            )
        )
        before = message
    return tuple(lines)


def _after_which(messages: Sequence[Message], asked: Sequence[Decision]) -> dict[str, tuple[Decision, ...]]:
    """By message what was asked before the next one came."""
    found: dict[str, tuple[Decision, ...]] = {}
    for decision in asked:
        before = [message for message in messages if message.received_at <= decision.decided_at] or messages[:1]
        if before:
            found[before[-1].id] = (*found.get(before[-1].id, ()), decision)
    return found


def _suggestion(
    ticket: Ticket, decision: Decision, post: Post | None, outcomes: Sequence[Outcome], follow_up: FollowUp | None
) -> Suggestion:
    judged = [outcome for outcome in outcomes if outcome.kind in _JUDGED]
    shown = post is not None and post.visibility is Visibility.PRIVATE and post.state is PostState.SENT
    current = decision.reason is not Reason.FOLLOW_UP or (
        follow_up is not None and follow_up.state is FollowUpState.SHOWN
    )
    return Suggestion(
        decision=decision,
        post=post,
        outcomes=tuple(outcomes),
        judged=judged[-1] if judged else None,
        open=shown and not judged and bool(decision.answer) and ticket.state not in OVER and current,
        follow_up=follow_up,
    )


def _continues(before: Message, message: Message) -> bool:
    return (
        before.author.id == message.author.id
        and before.by_vigil == message.by_vigil
        and message.received_at - before.received_at < TOGETHER
    )


def _customer(ticket: Ticket, messages: Sequence[Message]) -> str:
    named = [message.author.name for message in messages if message.author.id == ticket.customer_id]
    return named[-1] if named else ticket.customer_id
