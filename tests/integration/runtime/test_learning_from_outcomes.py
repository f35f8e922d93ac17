"""What became of an answer is told to whoever learns from it."""

from collections.abc import Collection

from tests.integration.runtime.house import House, W
from tests.integration.runtime.test_outbox import cited
from vigil.domain.decision import OutcomeKind
from vigil.errors import ModelUnavailable
from vigil.runtime.desk import Desk


class Notebook:
    """A memory that writes down what it is told, or fails."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.broken = False

    async def answered(self, workspace: str, question: str, entry_ids: Collection[str], *, reference: str) -> None:
        if self.broken:
            raise ModelUnavailable("the embedder is away")
        self.told.append((workspace, question, *entry_ids, reference))

    async def not_answered(self, workspace: str, references: Collection[str]) -> None:
        self.told.append((workspace, *references))


async def test_an_adopted_answer_is_remembered_and_a_dismissed_one_taken_back(house: House) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.worker.settle()
    (decision,) = await house.decisions()
    notebook = Notebook()
    desk = Desk(store=house.store, clock=house.clock, ids=house.ids, bell=house.bell, memory=notebook)
    await desk.record_outcome(W, decision.id, kind=OutcomeKind.ADOPTED, by="tomas")
    await desk.record_outcome(W, decision.id, kind=OutcomeKind.IGNORED, by="tomas")
    await desk.record_outcome(W, decision.id, kind=OutcomeKind.CONTRADICTED, by="tomas")
    entries = [citation.entry_id for citation in decision.citations]
    assert notebook.told == [(W, decision.question, *entries, decision.id), (W, decision.id)]
    notebook.broken = True
    outcome = await desk.record_outcome(W, decision.id, kind=OutcomeKind.CONFIRMED, by="tomas")
    assert outcome in (await desk.decision(W, decision.id)).outcomes, "the outcome stands, remembered or not"
