"""Who stands behind a lesson: whether a second ticket bears out what a first one taught, so that it may go to customers. A person's yes is
another way, and needs nothing of this."""

from collections.abc import Collection
from dataclasses import dataclass

from vigil.knowledge.words import words

RUN = 5
"""Words in a row that two people seldom choose alike; a command is as long, and therefore counts as copied too, which is the safe side."""
COPIED = 0.5
"""Share of an answer's runs that stand in another text, from which it was copied and not said again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """Who stands behind an answer."""

    tickets: frozenset[str]
    customers: frozenset[str]
    analysts: frozenset[str]


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
