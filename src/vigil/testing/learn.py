"""A stand-in for the judge of lessons, which sees repetition and nothing else."""

from collections.abc import Sequence

from vigil.domain.knowledge import Draft
from vigil.knowledge.claims import particulars
from vigil.knowledge.words import words
from vigil.learn.relation import Known, Related, Relation

SAME_WORDS = 0.8
"""Share of the words of both answers that they have in common, from which they say the same if their numbers, commands and denials agree
too: one of five words differs when somebody types a sentence again."""


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
