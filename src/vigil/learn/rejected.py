"""What a person said no to, and whether a lesson says the same again: then nobody is asked a second time."""

import numpy as np

from vigil.domain.knowledge import Draft
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.vectors import unpack
from vigil.learn.relation import Known, Reconciles, Relation
from vigil.store.lessons import Lessons
from vigil.store.store import Store

MOST = 500
"""Rejected lessons that are compared with, the latest: some years of a team that rejects two a week."""
NEAREST = 3
NEAR = 0.6
"""Cosine from which a rejected lesson is worth a comparison of the words: what says the same was never below .7 on the pairs that
`reconcile` was chosen on."""


class Rejected:
    """Remembers what people rejected."""

    def __init__(self, *, store: Store, knowledge: KnowledgeBase, reconciles: Reconciles) -> None:
        self._store = store
        self._knowledge = knowledge
        self._reconciles = reconciles

    async def before(self, workspace: str, draft: Draft) -> bool:
        """Whether a person has rejected this, or what says the same."""
        async with self._store.read(workspace) as session:
            rejected = await Lessons(session).rejected(limit=MOST)
        if not rejected:
            return False
        staged = await self._knowledge.stage(workspace, draft)
        vector = staged.vector[0]
        near: list[tuple[float, Known]] = []
        for record, embedding in rejected:
            if record.draft is None or len(embedding.vector) != 2 * len(vector):
                continue
            cosine = float(np.dot(unpack([embedding.vector])[0], vector))
            if record.draft.answer == draft.answer or cosine >= NEAR:
                near.append((cosine, Known(entry_id=record.id, draft=record.draft)))
        nearest = [known for _, known in sorted(near, key=lambda each: -each[0])[:NEAREST]]
        if any(known.draft.answer == draft.answer and known.draft.question == draft.question for known in nearest):
            return True
        if not nearest:
            return False
        return (await self._reconciles.relate(draft, nearest)).relation is Relation.SAME
