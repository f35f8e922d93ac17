"""Colleagues who ask Vigil about a ticket: what was said with the customer is loaded, the answer is decided, and decision and audit are one
commit. Nothing of it is a message of the conversation. How the answer is found is `assist.asked`'s."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vigil.assist.asked import SAID, Answering, Inquiry
from vigil.clock import Clock, Ids
from vigil.domain.conversation import Message
from vigil.domain.decision import ASKED, Decision
from vigil.errors import InvalidInput, NotFound
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.past import said_with
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces

PAST: Final = 400
"""Messages of one customer that are looked through: years of a busy one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was said before, as an answer points at it."""

    message: Message
    ticket_id: str
    subject: str


class Asking:
    """Questions to Vigil in the tickets of all workspaces.

    Args:
        longest: characters that a question may have.
    """

    def __init__(self, *, store: Store, answering: Answering, clock: Clock, ids: Ids, longest: int) -> None:
        self._store = store
        self._answering = answering
        self._clock = clock
        self._ids = ids
        self._longest = longest

    async def ask(self, workspace: str, ticket_id: str, text: str, *, by: str) -> Decision:
        """Answer a colleague, and keep the answer with the ticket.

        Raises:
            NotFound: there is no such ticket.
            InvalidInput: nothing is asked, or too much.
        """
        text = text.strip()
        if not text:
            raise InvalidInput("Write a question after @vigil.")
        if len(text) > self._longest:
            raise InvalidInput(f"That is longer than {self._longest:,} characters; ask in fewer words.")
        async with self._store.read(workspace) as session:
            conversations = Conversations(session)
            ticket = await conversations.ticket(ticket_id)
            inquiry = Inquiry(
                id=self._ids.new(ASKED.rstrip("_")),
                text=text,
                by=by,
                workspace=await Workspaces(session).get(),
                conversation=await conversations.conversation(ticket.conversation_id),
                ticket=ticket,
                past=await said_with(session, ticket, limit=PAST),
            )
        decision = await self._answering.decide(inquiry, decision_id=self._ids.new("dec"))
        now, chain = self._clock.now(), ticket.conversation_id
        async with self._store.write(workspace) as session:
            place = await Conversations(session).next_seq(chain)
            await Decisions(session).add(decision, position=place)
            audit = Audit(session)
            await audit.add(chain, at=now, actor=by, action="vigil.asked", subject=decision.id, content=text)
            await audit.add(
                chain,
                at=now,
                actor="vigil",
                action=f"decision.{decision.kind}",
                subject=decision.id,
                content=f"{decision.reason}\n{decision.answer}",
            )
        return decision

    async def told(self, workspace: str, decisions: Iterable[Decision]) -> dict[str, Told]:
        """The messages that these answers point at, by the reference; those that were deleted since are left out."""
        wanted = {
            citation.reference.removeprefix(SAID): citation.reference
            for decision in decisions
            for citation in decision.citations
            if citation.reference.startswith(SAID)
        }
        if not wanted:
            return {}
        found: dict[str, Told] = {}
        async with self._store.read(workspace) as session:
            conversations = Conversations(session)
            for message in await conversations.messages(wanted):
                if message.deleted_at is not None or message.ticket_id is None:
                    continue
                try:
                    ticket = await conversations.ticket(message.ticket_id)
                except NotFound:
                    continue
                found[wanted[message.id]] = Told(message=message, ticket_id=ticket.id, subject=ticket.subject)
        return found
