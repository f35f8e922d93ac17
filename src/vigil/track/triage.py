"""Handing out a ticket, without a model: how urgent it is and why, who should have it, what was like it before and how that ended, and
whether the customer had the same before. People correct it; what they said goes first."""

from typing import Final, Protocol

from vigil.clock import Clock
from vigil.domain.knowledge import Scope
from vigil.domain.progress import Progress
from vigil.domain.ticket import Ticket
from vigil.domain.triage import Earlier, Triage, Urgency
from vigil.knowledge.search import SearchResult
from vigil.language.embedder import Embedder
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.entries import Entries
from vigil.store.handing import Handing
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces
from vigil.track.routing import fits
from vigil.track.urgency import urgency_of

SIMILAR: Final = 3
"""Tickets that are shown: who hands one out glances at them."""
LOOKED_AT: Final = 20
"""A customer's earlier tickets that are compared, and entries that a search brings up: the same problem comes back soon or is no help."""
ALIKE: Final = 0.5
"""Least cosine of two questions that are called alike: of 2,142 pairs of openings on different topics of the demo desk, one passes."""
SAME: Final = 0.6
"""Least cosine at which a customer's question is called the same again; on the demo desk only a ticket sent twice passes."""
INTERNAL: Final = "internal"


class Searches(Protocol):
    """Finds what was learned. The knowledge base."""

    async def search(
        self, workspace: str, text: str, *, scope: Scope | None = None, limit: int = 10
    ) -> SearchResult: ...


class Triages:
    """Hands out the tickets of all workspaces."""

    def __init__(self, *, store: Store, knowledge: Searches, embedder: Embedder, clock: Clock) -> None:
        self._store = store
        self._knowledge = knowledge
        self._embedder = embedder
        self._clock = clock

    async def of(self, workspace: str, ticket_id: str) -> Triage:
        """A ticket as it is to be handed out now.

        Raises:
            NotFound: there is no such ticket.
            ModelUnavailable: a remote embedder gave no usable answer.
        """
        async with self._store.read(workspace) as session:
            ticket = await Conversations(session).ticket(ticket_id)
            stored = ProgressOfTickets(session)
            progress = await stored.of(ticket.id) or Progress(ticket_id=ticket.id, seq=0)
            handing = Handing(session)
            said = await handing.urgency(ticket.id)
            topic = next((each for each in await Workspaces(session).topics() if each.key == ticket.topic), None)
            solved = await handing.solved(ticket.topic or "")
            who = fits(None if topic is None else topic.owner, solved, await handing.load())
            theirs = await handing.earlier(ticket, limit=LOOKED_AT)
            past = await stored.of_all([each.id for each in theirs])
        return Triage(
            ticket_id=ticket.id,
            topic=ticket.topic,
            topic_by_person=ticket.topic_by_person,
            wants=progress.wants,
            urgent=said or urgency_of(progress, now=self._clock.now()),
            who=who,
            similar=await self._similar(workspace, ticket, progress),
            back=_this_again(ticket, progress) or await self._same_again(progress, theirs, past),
        )

    async def set_urgency(self, workspace: str, ticket_id: str, urgency: Urgency | None, *, by: str) -> None:
        """A person's word on how urgent a ticket is; None leaves it to Vigil again. Raises NotFound."""
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            ticket = await Conversations(session).ticket(ticket_id)
            await Handing(session).set_urgency(ticket.id, urgency, by=by, at=now)
            action = "ticket.urgency" if urgency is not None else "ticket.urgency_taken_back"
            await Audit(session).add(f"ticket:{ticket.id}", at=now, actor=by, action=action, subject=ticket.id)

    async def _similar(self, workspace: str, ticket: Ticket, progress: Progress) -> tuple[Earlier, ...]:
        """Tickets that were learned from and are like this one, with what resolved them."""
        if progress.wants is None:
            return ()
        text = progress.wants.text
        scope = Scope(product=ticket.product, audience=INTERNAL, language=ticket.language)
        found = (await self._knowledge.search(workspace, text, scope=scope, limit=LOOKED_AT)).candidates
        async with self._store.read(workspace) as session:
            learned = await _learned_from(session, [each.entry_id for each in found])
        lessons = [
            (each, learned[each.entry_id]) for each in found if learned.get(each.entry_id, ticket.id) != ticket.id
        ]
        if not lessons:
            return ()
        vectors = await self._embedder.embed([text, *(each.question or each.title for each, _ in lessons)])
        alike = sorted(
            (
                Earlier(
                    ticket_id=ticket_id,
                    title=each.title,
                    likeness=round(float(vector @ vectors[0]), 3),
                    resolved_by=each.text,
                )
                for (each, ticket_id), vector in zip(lessons, vectors[1:], strict=True)
            ),
            key=lambda each: -each.likeness,
        )
        return tuple(each for each in alike if each.likeness >= ALIKE)[:SIMILAR]

    async def _same_again(self, progress: Progress, theirs: list[Ticket], past: dict[str, Progress]) -> Earlier | None:
        """The customer's latest ticket about the same thing."""
        asked = [
            (ticket, known.wants) for ticket in theirs if (known := past.get(ticket.id)) is not None and known.wants
        ]
        if progress.wants is None or not asked:
            return None
        vectors = await self._embedder.embed([progress.wants.text, *(wants.text for _, wants in asked)])
        for (ticket, wants), vector in zip(asked, vectors[1:], strict=True):
            likeness = float(vector @ vectors[0])
            if likeness >= SAME:
                fix = past[ticket.id].fix
                return Earlier(
                    ticket_id=ticket.id,
                    title=wants.text,
                    likeness=round(likeness, 3),
                    resolved_by="" if fix is None else fix.text,
                    same_customer=True,
                    at=ticket.opened_at,
                )
        return None


def _this_again(ticket: Ticket, progress: Progress) -> Earlier | None:
    """This very ticket was over before."""
    if not progress.returns:
        return None
    last = progress.returns[-1]
    return Earlier(
        ticket_id=ticket.id,
        title=ticket.subject,
        likeness=1.0,
        resolved_by="" if last.last_time is None else last.last_time.text,
        same_customer=True,
        at=last.at,
    )


async def _learned_from(session: Session, entry_ids: list[str]) -> dict[str, str]:
    """The tickets that these entries were learned from, those that were learned."""
    standing = await Entries(session).standing(entry_ids)
    keys = {entry_id: each.revision.draft.key.split(":") for entry_id, each in standing.items()}
    return {entry_id: parts[1] for entry_id, parts in keys.items() if parts[0] == "lesson" and len(parts) > 1}
