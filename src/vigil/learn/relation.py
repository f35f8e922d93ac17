"""How a lesson stands to what is known: the port of whoever judges that. Versions, numbers, negations and opposite advice are weighed in
`reconcile`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from vigil.domain.knowledge import Draft


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
    firm: bool = True
    """False where a doubt is called a contradiction, so that a person looks."""


class Reconciles(Protocol):
    """Judges how a lesson stands to what is known."""

    async def relate(self, lesson: Draft, known: Sequence[Known]) -> Related:
        """The nearest entries come first. Nothing among them to do with it: NEW."""
        ...
