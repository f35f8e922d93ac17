"""Before a lesson is published, old questions are asked again: what was right must stay right, and it must answer its own."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from vigil.domain.knowledge import Draft, Revision, RevisionKind
from vigil.knowledge.finding import Question
from vigil.knowledge.search import Staged
from vigil.learn.rehearse import MOST, Past, rehearse
from vigil.testing.situations import START

DRAFT = Draft(key="lesson:t1:1", title="T", question="why does the backup fail?", answer="Set the window.")
NEW = "staged:lesson:t1:1"


def staged(instead_of: str | None = None) -> Staged:
    revision = Revision(
        id=NEW,
        entry_id=NEW,
        number=1,
        version=1,
        kind=RevisionKind.PUBLISHED,
        draft=DRAFT,
        created_at=START,
        created_by="v",
    )
    return Staged(revision=revision, vector=np.ones((1, 1), np.float32), instead_of=instead_of)


@dataclass
class Told:
    """A knowledge base that finds first what it was told to, without and with the lesson in place."""

    without: dict[str, str] = field(default_factory=dict[str, str])
    within: dict[str, str] = field(default_factory=dict[str, str])
    sure: float = 0.9
    asked: int = 0

    async def rehearse(
        self, workspace: str, question: Question, staged: Staged | None = None
    ) -> tuple[str | None, float]:
        self.asked += 1
        assert question.scope.audience == "internal"
        assert not question.use_model
        found = self.without if staged is None else {DRAFT.question: NEW, **self.within}
        return found.get(question.text), self.sure


PAST = [Past(question="old one", entry_id="e1"), Past(question="other", entry_id="e2")]


async def test_a_lesson_that_leaves_right_answers_alone_passes() -> None:
    knowledge = Told(without={"old one": "e1"}, within={"old one": "e1", "other": NEW})
    found = await rehearse(knowledge, "w", DRAFT, staged(), PAST, least=0.5)
    assert found.why_held == "", "the other question was not answered rightly before"
    assert found.figures() == {"asked": 2, "broken": [], "first": True, "confidence": 0.9}


async def test_a_lesson_that_takes_a_right_answers_place_is_held() -> None:
    knowledge = Told(without={"old one": "e1"}, within={"old one": NEW})
    found = await rehearse(knowledge, "w", DRAFT, staged(), PAST, least=0.5)
    assert (found.why_held, found.broken) == ("breaks_answers", ("e1",))


async def test_a_revision_may_answer_what_its_entry_answered() -> None:
    knowledge = Told(without={"old one": "e1"}, within={"old one": NEW})
    assert (await rehearse(knowledge, "w", DRAFT, staged("e1"), PAST, least=0.5)).why_held == ""


@pytest.mark.parametrize(("first", "sure"), [("e1", 0.9), (NEW, 0.4)])
async def test_a_lesson_that_does_not_answer_its_own_question_is_held(first: str, sure: float) -> None:
    found = await rehearse(Told(within={DRAFT.question: first}, sure=sure), "w", DRAFT, staged(), [], least=0.5)
    assert found.why_held == "does_not_answer_itself"


async def test_no_more_is_asked_than_it_may_cost() -> None:
    knowledge = Told()
    past = [Past(question=f"question {number}", entry_id="e") for number in range(50)]
    assert (await rehearse(knowledge, "w", DRAFT, staged(), past, least=0.5)).asked == MOST
    assert knowledge.asked == MOST + 1
