"""Tickets told for somebody: on request, or when a timer says that somebody will want to read it. Each is made once for a reader and a last
message, so that a model is asked once. What is told is `summary`'s and `retelling`'s."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from vigil.clock import Clock
from vigil.domain.progress import Progress
from vigil.domain.summary import Audience, Occasion, Summary
from vigil.domain.timer import Timer
from vigil.errors import NotFound
from vigil.language.model import Model
from vigil.store.conversations import Conversations
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Session, Store
from vigil.store.summaries import Summaries as Stored
from vigil.track.retelling import tell
from vigil.track.summary import lines_of

READERS: Final[Mapping[Occasion, tuple[Audience, ...]]] = {
    Occasion.ESCALATION: (Audience.ANALYST,),
    Occasion.HANDOVER: (Audience.ANALYST,),
    Occasion.CLOSING: (Audience.LEAD, Audience.CUSTOMER),
}
"""Who will want to read, and when."""


class Summaries:
    """Tells tickets of all workspaces."""

    def __init__(self, *, store: Store, clock: Clock, model: Model | None = None) -> None:
        self._store = store
        self._clock = clock
        self._model = model

    async def of(
        self, workspace: str, ticket_id: str, audience: Audience, *, occasion: Occasion = Occasion.REQUEST
    ) -> Summary:
        """A ticket as it stands now, told for somebody. Raises NotFound."""
        known, made = await self._made(workspace, ticket_id, audience, occasion)
        if known is not None:
            return known
        async with self._store.write(workspace) as session:
            await Stored(session).save(made)
        return made

    async def known(self, workspace: str, ticket_id: str) -> dict[Audience, Summary]:
        """What was told of a ticket last, by reader; some of it may be older than its last message."""
        async with self._store.read(workspace) as session:
            return await Stored(session).of(ticket_id)

    async def ring(self, workspace: str, timer: Timer) -> Callable[[Session], Awaitable[None]]:
        """The alarm: somebody will want to read this ticket."""
        occasion = Occasion(timer.payload["occasion"])
        try:
            told = [await self._made(workspace, timer.subject, each, occasion) for each in READERS.get(occasion, ())]
        except NotFound:  # forgotten meanwhile
            told = []

        async def effect(session: Session) -> None:
            for known, made in told:
                if known is None:
                    await Stored(session).save(made)

        return effect

    async def _made(
        self, workspace: str, ticket_id: str, audience: Audience, occasion: Occasion
    ) -> tuple[Summary | None, Summary]:
        """What is there already for this reader and last message, and otherwise a new one."""
        async with self._store.read(workspace) as session:
            conversations = Conversations(session)
            ticket = await conversations.ticket(ticket_id)
            messages = await conversations.of_ticket(ticket.id)
            progress = await ProgressOfTickets(session).of(ticket.id) or Progress(ticket_id=ticket.id, seq=0)
            known = (await Stored(session).of(ticket.id)).get(audience)
        through = messages[-1].id if messages else ""
        now = self._clock.now()
        if known is not None and known.through == through and known.at >= ticket.updated_at:
            return known, known
        if self._model is None:
            lines, by_model = lines_of(ticket, progress, audience, now=now), False
        else:
            lines, by_model = await tell(self._model, workspace, ticket, progress, messages, audience, now=now)
        made = Summary(
            ticket_id=ticket.id,
            audience=audience,
            lines=lines,
            through=through,
            occasion=occasion,
            by_model=by_model,
            at=now,
        )
        return None, made
