"""A system for tests of replays: it answers by a script instead of thinking, in memory, and remembers what it was shown and when."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from vigil.domain.conversation import Incoming, Role
from vigil.domain.decision import Citation, Cost, Decision, DecisionKind, Reason, Stage
from vigil.domain.post import Post, PostState, Visibility
from vigil.errors import InvalidInput
from vigil.evaluate.system import Decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the script says to one message."""

    answer: str
    confidence: float = 0.8
    entry_id: str = "ent_1"
    kind: DecisionKind = DecisionKind.SUGGEST


class ScriptedSystem:
    """Says what the script says, after a delay, unless another human writes in the conversation first.

    Args:
        script: from an event to what is said to it, None for nothing.
        delay: simulated time that a post waits.
        withdraws: whether a human's message withdraws what waits.
        refuse: ids of messages that the door doesn't take.
    """

    def __init__(
        self,
        script: Callable[[Incoming], Line | None],
        *,
        delay: timedelta = timedelta(seconds=2),
        withdraws: bool = True,
        refuse: frozenset[str] = frozenset(),
    ) -> None:
        self._script = script
        self._delay = delay
        self._withdraws = withdraws
        self._refuse = refuse
        self._decided: list[Decided] = []
        self._waiting: dict[str, tuple[Decided, Incoming]] = {}
        self.now = datetime(1970, 1, 1, tzinfo=UTC)
        self.seen: list[tuple[datetime, Incoming]] = []
        """Each event with the simulated time at which it came in."""
        self._new: list[Incoming] = []

    def move_to(self, instant: datetime) -> None:
        self.now = max(self.now, instant)

    async def receive(self, incoming: Incoming) -> None:
        if incoming.message_id in self._refuse:
            raise InvalidInput("The script refuses this message.")
        self.seen.append((self.now, incoming))
        self._new.append(incoming)

    async def settle(self) -> None:
        for incoming in self._new:
            if self._withdraws:
                self._withdraw(incoming)
            self._decide(incoming)
        self._new.clear()
        for key, (decided, _) in list(self._waiting.items()):
            if decided.posts[0].not_before <= self.now:
                self._close(key, PostState.SENT, "")

    async def decided(self) -> AsyncIterator[Decided]:
        for each in [*self._decided, *(waiting for waiting, _ in self._waiting.values())]:
            yield each

    def _decide(self, incoming: Incoming) -> None:
        number = len(self.seen)
        line = self._script(incoming)
        decision = Decision(
            id=f"dec_{number:08d}",
            conversation_id=incoming.conversation,
            message_id=f"msg_{number:08d}",
            ticket_id=incoming.ticket,
            kind=DecisionKind.SILENT if line is None else line.kind,
            reason=Reason.NOT_A_QUESTION if line is None else Reason.ANSWERED,
            question="" if line is None else incoming.text,
            answer="" if line is None else line.answer,
            confidence=None if line is None else line.confidence,
            citations=()
            if line is None
            else (Citation(revision_id="rev_1", entry_id=line.entry_id, title=line.entry_id, quote=line.answer),),
            stages=(Stage(name="gate", outcome="scripted", milliseconds=1.0),),
            cost=Cost(milliseconds=2.0),
            decided_at=self.now,
        )
        if line is None:
            self._decided.append(Decided(decision=decision, message=incoming.message_id))
            return
        post = Post(
            id=f"pst_{number:08d}",
            conversation_id=incoming.conversation,
            decision_id=decision.id,
            visibility=Visibility.PRIVATE,
            text=line.answer,
            not_before=self.now + self._delay,
        )
        decided = Decided(decision=decision, message=incoming.message_id, posts=(post,))
        self._waiting[decision.id] = (decided, incoming)

    def _withdraw(self, incoming: Incoming) -> None:
        for key, (_, about) in list(self._waiting.items()):
            author, asker = incoming.author, about.author
            if author is None or asker is None or author.role is Role.BOT:
                continue
            if about.conversation == incoming.conversation and author.id != asker.id:
                self._close(key, PostState.WITHDRAWN, "a human answered")

    def _close(self, key: str, state: PostState, reason: str) -> None:
        decided, _ = self._waiting.pop(key)
        closed = replace(decided.posts[0], state=state, reason=reason)
        self._decided.append(replace(decided, posts=(closed,)))
