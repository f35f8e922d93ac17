"""Who stands behind a lesson: whether a second ticket bears out what a first one taught, so that it may go to customers. A person's yes is
another way, and needs nothing of this."""

from collections.abc import Collection
from dataclasses import dataclass

from vigil.domain.conversation import Message
from vigil.domain.knowledge import Draft, EvidenceKind
from vigil.knowledge.words import words
from vigil.store.conversations import Conversations

RUN = 5
"""Words in a row that two people seldom choose alike; a command is as long, and therefore counts as copied too, which is the safe side."""
COPIED = 0.5
"""Share of an answer's runs that stand in another text, from which it was copied and not said again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """Who stands behind an answer."""

    tickets: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    analysts: frozenset[str] = frozenset()

    @property
    def strength(self) -> int:
        """How many could have said it without one another: as many as there are of the fewest."""
        return min(len(self.tickets), len(self.customers), len(self.analysts))

    def __or__(self, other: "Backing") -> "Backing":
        return Backing(
            tickets=self.tickets | other.tickets,
            customers=self.customers | other.customers,
            analysts=self.analysts | other.analysts,
        )


async def backing_of(conversations: Conversations, draft: Draft) -> Backing:
    """Who stands behind an entry, by the messages that it rests on."""
    references = [each.reference for each in draft.evidence if each.kind is EvidenceKind.MESSAGE]
    answered = {each.reference for each in draft.evidence if each.title == "answered"}
    messages: list[Message] = [each for each in await conversations.messages(references) if each.ticket_id]
    tickets = [await conversations.ticket(each) for each in sorted({m.ticket_id for m in messages if m.ticket_id})]
    return Backing(
        tickets=frozenset(each.id for each in tickets),
        customers=frozenset(each.customer_id for each in tickets),
        analysts=frozenset(m.author.id for m in messages if m.id in answered and not m.by_vigil),
    )


def bears_out(before: Backing, after: Backing, answer: str, heard: Collection[str]) -> bool:
    """Whether a second ticket's answer counts as independent of the first one's: another ticket, customer and analyst, and words of its
    own.

    Args:
        heard: what the second analyst may have copied: what the entry says, and what Vigil said in the ticket.
    """
    apart = (
        not before.tickets & after.tickets
        and not before.customers & after.customers
        and not before.analysts & after.analysts
    )
    somebody = bool(before.analysts) and bool(after.analysts) and bool(before.customers) and bool(after.customers)
    return apart and somebody and not any(copied(answer, text) for text in heard)


def copied(answer: str, text: str) -> bool:
    """Whether `answer` was taken from `text`, by the runs of words that they share."""
    mine, theirs = _runs(answer), _runs(text)
    if not mine:
        return set(words(answer)) <= set(words(text))
    return len(mine & theirs) >= COPIED * len(mine)


def _runs(text: str) -> set[tuple[str, ...]]:
    plain = text.casefold().split()
    return {tuple(plain[at : at + RUN]) for at in range(len(plain) - RUN + 1)}
