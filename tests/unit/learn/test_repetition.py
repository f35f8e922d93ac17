"""The plain judge sees what is known already, and takes nothing else for it."""

import pytest

from vigil.domain.knowledge import Draft
from vigil.learn.relation import Known, Relation
from vigil.testing.learn import Repetition

KNOWN = Known(
    entry_id="e1", draft=Draft(key="k", title="T", answer="Set BACKUP_WINDOW=2h in backup.conf and restart the agent.")
)


@pytest.mark.parametrize(
    ("answer", "relation"),
    [
        ("set BACKUP_WINDOW=2h in backup.conf, and restart the agent", Relation.SAME),
        ("Set BACKUP_WINDOW=4h in backup.conf and restart the agent.", Relation.NEW),
        ("Do not set BACKUP_WINDOW=2h in backup.conf and restart the agent.", Relation.NEW),
        ("Choose the printer on the third floor.", Relation.NEW),
    ],
)
async def test_only_the_same_words_are_the_same(answer: str, relation: Relation) -> None:
    related = await Repetition().relate(Draft(key="l", title="L", answer=answer), [KNOWN])
    assert related.relation is relation
    assert related.entry_id == ("e1" if relation is Relation.SAME else None)
