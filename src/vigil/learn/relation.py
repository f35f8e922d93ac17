"""How a lesson stands to what is known: the port of whoever judges that, and a plain judge that only sees repetition. The real one weighs
versions, numbers, negations and opposite advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from vigil.domain.knowledge import Draft
from vigil.knowledge.claims import particulars
from vigil.knowledge.words import words

SAME_WORDS = 0.8
"""Share of the words of both answers that they have in common, from which they say the same if their numbers, commands and denials agree
too: one of five words differs when somebody types a sentence again."""


class Relation(StrEnum):
    NEW = "new"
    SAME = "same"
    """It is known; here is more evidence."""
    REFINES = "refines"
    """It says what is known better, or under which conditions."""
    CONTRADICTS = "contradicts"
    RETIRES = "retires"
    """It says that what is known no longer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry that a lesson may have to do with."""

    entry_id: str
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What a lesson is to what is known."""

    relation: Relation
    entry_id: str | None = None
    """The entry that it is about; None for a new one."""
    note: str = ""
    """Why, in a sentence for a person. No customer's words."""


class Reconciles(Protocol):
    """Judges how a lesson stands to what is known."""

    async def relate(self, lesson: Draft, known: Sequence[Known]) -> Related:
        """The nearest entries come first. Nothing among them to do with it: NEW."""
        ...


class Repetition:
    """Sees what is known already, word for word or nearly so, and nothing else."""

    async def relate(self, lesson: Draft, known: Sequence[Known]) -> Related:
        said = set(words(lesson.answer))
        for each in known:
            other = set(words(each.draft.answer))
            alike = len(said & other) / max(1, len(said | other)) >= SAME_WORDS
            if alike and particulars(lesson.answer) == particulars(each.draft.answer):
                return Related(relation=Relation.SAME, entry_id=each.entry_id, note="the same words")
        return Related(relation=Relation.NEW)
