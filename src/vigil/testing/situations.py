"""A small desk for tests of assist: say who writes what, and see what is decided. It does in memory what the runtime does with a database:
it keeps messages and tickets, and posts what goes out in public."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from vigil.assist.situation import Said, Situation, Verdict
from vigil.clock import ManualClock
from vigil.domain.conversation import Conversation, ConversationKind, Message, Person, Role
from vigil.domain.decision import DecisionKind
from vigil.domain.post import Post, Visibility
from vigil.domain.ticket import Ticket
from vigil.domain.topic import Topic
from vigil.domain.workspace import Workspace

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

MIA = Person(id="cust-1", name="Mia", role=Role.CUSTOMER)
OTTO = Person(id="cust-2", name="Otto", role=Role.CUSTOMER)
TOM = Person(id="ana-1", name="Tom", role=Role.ANALYST)
ROBOT = Person(id="bot-1", name="Larry", role=Role.BOT)
STRANGER = Person(id="who-1", name="Kim", role=Role.BYSTANDER)
VIGIL = Person(id="vigil", name="Vigil", role=Role.BOT)


class Decides(Protocol):
    async def decide(self, situation: Situation) -> Verdict: ...


@dataclass(slots=True)
class SmallDesk:
    """One conversation with its tickets, worked off message by message."""

    assist: Decides
    clock: ManualClock
    kind: ConversationKind = ConversationKind.ROOM
    workspace: Workspace = field(default_factory=lambda: Workspace(id="w", name="Test"))
    topics: tuple[Topic, ...] = ()
    muted: bool = False
    messages: list[Message] = field(default_factory=list[Message])
    tickets: dict[str, Ticket] = field(default_factory=dict[str, Ticket])
    said: list[Said] = field(default_factory=list[Said])
    posts: list[Post] = field(default_factory=list[Post])
    """Everything posted so far."""

    @property
    def ticket(self) -> Ticket:
        """The only ticket."""
        (ticket,) = self.tickets.values()
        return ticket

    async def say(
        self,
        author: Person,
        text: str,
        *,
        after: timedelta = timedelta(minutes=5),
        mention: bool = False,
        thread: str | None = None,
        reply_to: Sequence[Message] = (),
        ticket: str | None = None,
        turn_continues: bool = False,
    ) -> Verdict:
        """Somebody writes `text`, `after` the message before; what Vigil posts in public is read by everybody at once."""
        situation = self.situation(
            author,
            text,
            after=after,
            mention=mention,
            thread=thread,
            reply_to=reply_to,
            ticket=ticket,
            turn_continues=turn_continues,
        )
        verdict = await self.assist.decide(situation)
        self._keep(situation.message, verdict)
        return verdict

    def situation(
        self,
        author: Person,
        text: str,
        *,
        after: timedelta = timedelta(minutes=5),
        mention: bool = False,
        thread: str | None = None,
        reply_to: Sequence[Message] = (),
        ticket: str | None = None,
        turn_continues: bool = False,
    ) -> Situation:
        """What assist would see, without deciding it."""
        self.clock.advance(after)
        now, seq = self.clock.now(), len(self.messages) + 1
        message = Message(
            id=f"m{seq}",
            external_id=f"x{seq}",
            conversation_id="c",
            seq=seq,
            author=author,
            text=text,
            sent_at=now,
            received_at=now,
            ticket_id=ticket,
            thread=thread,
            reply_to=tuple(one.external_id for one in reply_to),
            mentions_vigil=mention,
            by_vigil=author == VIGIL,
        )
        touched = sorted(self.tickets.values(), key=lambda one: one.updated_at, reverse=True)
        return Situation(
            workspace=self.workspace,
            topics=self.topics,
            conversation=Conversation(id="c", channel="test", external_id="c", kind=self.kind, muted=self.muted),
            message=message,
            recent=tuple(self.messages),
            tickets=tuple(touched),
            said=tuple(self.said),
            turn_continues=turn_continues,
        )

    def change_ticket(self, ticket: Ticket) -> None:
        """A person changed it."""
        self.tickets[ticket.id] = ticket

    def _keep(self, message: Message, verdict: Verdict) -> None:
        decision = verdict.decision
        if verdict.ticket is not None:
            self.tickets[verdict.ticket.id] = verdict.ticket
        self.messages.append(replace(message, ticket_id=decision.ticket_id))
        self.said = [
            replace(one, withdrawn=one.withdrawn or one.decision_id in verdict.supersedes) for one in self.said
        ]
        if decision.kind is not DecisionKind.SILENT:
            self.said.append(
                Said(
                    decision_id=decision.id,
                    ticket_id=decision.ticket_id,
                    message_id=message.id,
                    entry_ids=tuple(citation.entry_id for citation in decision.citations),
                    answer=decision.answer,
                    at=decision.decided_at,
                )
            )
        self.posts += verdict.posts
        for post in verdict.posts:
            if post.visibility is Visibility.PUBLIC:
                self.clock.move_to(post.not_before)
                seq = len(self.messages) + 1
                self.messages.append(
                    Message(
                        id=f"m{seq}",
                        external_id=post.id,
                        conversation_id="c",
                        seq=seq,
                        author=VIGIL,
                        text=post.text,
                        sent_at=self.clock.now(),
                        received_at=self.clock.now(),
                        ticket_id=decision.ticket_id,
                        by_vigil=True,
                    )
                )
