"""What a replay needs of a running system, and how one over a store gives it. Building that system is the composition root's; feeding it is
`replay`'s."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vigil.clock import ManualClock
from vigil.domain.conversation import Incoming
from vigil.domain.decision import Decision, DecisionKind
from vigil.domain.post import Post, PostState
from vigil.runtime.desk import Desk
from vigil.store.conversations import Conversations
from vigil.store.decisions import DecisionFilter
from vigil.store.store import Store

PAGE = 500
"""Rows that are read from the store at a time; a decision with its candidates is some ten kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision, placed in the recording that it was made for."""

    decision: Decision
    message: str
    """Id of the message in the recording."""
    posts: tuple[Post, ...] = ()
    """What it wanted to send and what became of it; empty for a silence."""

    @property
    def left_at(self) -> datetime | None:
        """When the first of it left the house; None where nothing did."""
        return min((post.not_before for post in self.posts if post.state is PostState.SENT), default=None)

    @property
    def sent(self) -> bool:
        """Something of it left the house."""
        return self.left_at is not None


class System(Protocol):
    """A whole Vigil that lives by a simulated clock. It starts empty of conversations, with its knowledge in place."""

    def move_to(self, instant: datetime) -> None:
        """Let the simulated time be `instant`."""
        ...

    async def receive(self, incoming: Incoming) -> None:
        """Take an event in by the production door, believing the recording about roles.

        Raises:
            InvalidInput: the event can't be taken.
        """
        ...

    async def settle(self) -> None:
        """Work off what waits and send what is due at this moment of the simulated time."""
        ...

    def decided(self) -> AsyncIterator[Decided]:
        """Every decision made so far, in no particular order."""
        ...


class StoredSystem:
    """A system over a desk and a store that serve nothing else.

    Args:
        workspace: the workspace that the recording is played into.
        clock: the one that all parts of the system were given.
        settle: the worker's, which drains every inbox and sends every due post.
        page: rows that are read back at a time.
    """

    def __init__(
        self,
        *,
        workspace: str,
        desk: Desk,
        store: Store,
        clock: ManualClock,
        settle: Callable[[], Awaitable[None]],
        page: int = PAGE,
    ) -> None:
        self._workspace = workspace
        self._desk = desk
        self._store = store
        self._clock = clock
        self._settle = settle
        self._page = page
        self._conversations: dict[str, None] = {}

    def move_to(self, instant: datetime) -> None:
        self._clock.move_to(instant)

    async def receive(self, incoming: Incoming) -> None:
        receipt = await self._desk.receive(self._workspace, incoming, trust_role=True)
        self._conversations[receipt.conversation_id] = None

    async def settle(self) -> None:
        await self._settle()

    async def decided(self) -> AsyncIterator[Decided]:
        for conversation_id in self._conversations:
            names = await self._external_ids(conversation_id)
            async for page in self._pages(conversation_id):
                spoke = [decision.id for decision in page if decision.kind is not DecisionKind.SILENT]
                posts: dict[str, list[Post]] = {}
                for post in await self._desk.posts(self._workspace, spoke):
                    posts.setdefault(post.decision_id, []).append(post)
                for decision in page:
                    if decision.message_id in names:
                        yield Decided(
                            decision=decision,
                            message=names[decision.message_id],
                            posts=tuple(posts.get(decision.id, ())),
                        )

    async def _pages(self, conversation_id: str) -> AsyncIterator[list[Decision]]:
        before: tuple[datetime, str] | None = None
        while True:
            page = await self._desk.decisions(
                self._workspace, DecisionFilter(conversation_id=conversation_id, before=before, limit=self._page)
            )
            yield page
            if len(page) < self._page:
                return
            before = (page[-1].decided_at, page[-1].id)

    async def _external_ids(self, conversation_id: str) -> dict[str, str]:
        """The recording's message ids by Vigil's."""
        names: dict[str, str] = {}
        seq = 0
        async with self._store.read(self._workspace) as session:
            while messages := await Conversations(session).after(conversation_id, seq, limit=self._page):
                names.update((message.id, message.external_id) for message in messages)
                seq = messages[-1].seq
        return names
