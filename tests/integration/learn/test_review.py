"""What was held or is in conflict waits for a person, who sees both sides, and whose word stands."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.learn.school import ANSWER, ASKS, EVA, MIA, OPPOSITE, OTTO, SOLVED, TOM, School, Scripted, W
from vigil.clock import CountingIds, ManualClock
from vigil.domain.knowledge import Draft, RevisionKind, Scope
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.learn.relation import Relation
from vigil.store.audit import Audit
from vigil.store.lessons import LessonRecord, LessonState
from vigil.store.store import Store

CONTRADICTION = ((OTTO, ASKS), (EVA, OPPOSITE), (OTTO, "that worked, thanks"))


@pytest.fixture
def judge() -> Scripted:
    return Scripted()


@pytest.fixture
async def desk(
    store: Store, clock: ManualClock, ids: CountingIds, school: School, judge: Scripted
) -> AsyncIterator[School]:
    made = School(store=store, clock=clock, ids=ids, reconciles=judge)
    yield made
    await made.knowledge.close()


async def conflict(desk: School, judge: Scripted) -> LessonRecord:
    await desk.taught("room-1", *SOLVED)
    judge.relation = Relation.CONTRADICTS
    record = await desk.taught("room-2", *CONTRADICTION)
    assert record.state is LessonState.CONFLICT
    return record


async def audit(desk: School) -> list[tuple[str, str, str]]:
    async with desk.store.read(W) as session:
        return [(each.actor, each.action, each.subject) for each in await Audit(session).chain("knowledge")]


async def test_a_conflict_shows_both_sides_with_what_they_rest_on(desk: School, judge: Scripted) -> None:
    record = await conflict(desk, judge)
    (listed,) = await desk.review.lessons(W)
    assert listed.id == record.id
    assert listed.draft is not None
    case = await desk.review.show(W, record.id)
    assert case.new is not None
    assert case.known is not None
    assert case.new.draft.answer == OPPOSITE
    assert case.known.draft.answer == ANSWER
    assert [(said.author, said.part) for said in case.new.said] == [
        ("Otto", "asked"),
        ("Eva", "answered"),
        ("Otto", "confirmed"),
    ]
    assert "BACKUP_WINDOW=2h" in case.known.said[1].text
    assert (case.known.tickets, case.new.tickets) == (1, 1)
    assert case.known.trust is not None
    assert case.known.trust.low < case.known.trust.mean < case.known.trust.high


async def test_accepting_one_side_replaces_the_other_under_a_persons_name(desk: School, judge: Scripted) -> None:
    record = await conflict(desk, judge)
    version = await desk.review.accept(W, record.id, by="ada")
    (entry,) = await desk.knowledge.entries(W)
    assert (entry.draft.answer, entry.created_by, entry.version) == (OPPOSITE, "ada", version)
    assert entry.draft.scope.audience == "internal"
    assert [revision.draft.answer for revision in await desk.knowledge.history(W, entry.entry_id)] == [ANSWER, OPPOSITE]
    assert await audit(desk) == [("ada", "lesson.accepted", record.id)]
    case = await desk.review.show(W, record.id)
    assert (case.lesson.state, case.lesson.decided_by, case.lesson.version) == (LessonState.PUBLISHED, "ada", version)
    assert await desk.review.lessons(W) == []
    await desk.knowledge.rollback(W, version - 1, by="ada")
    assert (await desk.knowledge.entry(W, entry.entry_id)).draft.answer == ANSWER


async def test_accepted_for_customers_it_is_for_customers(desk: School, judge: Scripted) -> None:
    record = await conflict(desk, judge)
    await desk.review.accept(W, record.id, by="ada", to_customers=True)
    (found,) = (await desk.knowledge.search(W, ASKS, scope=Scope(audience="public"))).candidates
    assert found.text == OPPOSITE


async def test_what_a_document_says_is_retired_and_not_rewritten(desk: School, judge: Scripted) -> None:
    page = Draft(key="page#1", title="Backups", question=ASKS, answer=ANSWER, source="docs/backups.md")
    await desk.knowledge.publish(W, [page], by="ada", summary="the docs")
    judge.relation = Relation.CONTRADICTS
    record = await desk.taught("room-2", *CONTRADICTION)
    await desk.review.accept(W, record.id, by="ada")
    (entry,) = await desk.knowledge.entries(W)
    assert entry.draft.answer == OPPOSITE
    (retired,) = await desk.knowledge.entries(W, retired=True)
    assert retired.draft.key == "page#1"


async def test_keeping_what_is_known_changes_nothing_and_speaks_for_it(desk: School, judge: Scripted) -> None:
    record = await conflict(desk, judge)
    assert record.entry_id is not None
    before = (await desk.review.trust(W, [record.entry_id]))[record.entry_id]
    await desk.review.keep(W, record.id, by="ada")
    after = (await desk.review.trust(W, [record.entry_id]))[record.entry_id]
    assert (await desk.knowledge.entry(W, record.entry_id)).draft.answer == ANSWER
    assert after.mean > before.mean
    assert after.low > before.low
    assert await audit(desk) == [("ada", "lesson.kept_known", record.id)]


async def test_what_was_rejected_does_not_come_back_by_itself(desk: School, judge: Scripted) -> None:
    record = await conflict(desk, judge)
    await desk.review.reject(W, record.id, by="ada", reason="Only holds for the old agent.")
    shown = (await desk.review.show(W, record.id)).lesson
    assert (shown.state, shown.note, shown.decided_by) == (
        LessonState.REJECTED,
        "Only holds for the old agent.",
        "ada",
    )
    again = await desk.taught("room-3", (MIA, ASKS), (TOM, OPPOSITE), (MIA, "that worked"))
    assert (again.state, again.reason) == (LessonState.REJECTED, "was_rejected")
    judge.relation = Relation.SAME
    words = "Please remove BACKUP_WINDOW from backup.conf, never set it."
    other = await desk.taught("room-4", (MIA, ASKS), (TOM, words), (MIA, "that worked"))
    assert (other.state, other.reason) == (LessonState.REJECTED, "was_rejected")
    assert await desk.review.lessons(W) == []
    (entry,) = await desk.knowledge.entries(W)
    assert entry.draft.answer == ANSWER


async def test_a_held_lesson_is_accepted_as_an_entry_of_its_own(
    store: Store, clock: ManualClock, ids: CountingIds, school: School
) -> None:
    desk = School(store=store, clock=clock, ids=ids, suspects=lambda text: "restart" in text)
    record = await desk.taught("room-1", *SOLVED)
    assert (record.state, record.reason) == (LessonState.HELD, "instructions_to_a_machine")
    case = await desk.review.show(W, record.id)
    assert case.known is None
    await desk.review.accept(W, record.id, by="ada")
    (entry,) = await desk.knowledge.entries(W)
    assert (entry.draft.answer, entry.draft.evidence[-1].reference) == (ANSWER, "ada")
    await desk.knowledge.close()


async def test_a_retired_lesson_that_is_taught_again_comes_back_with_a_yes(school: School) -> None:
    first = await school.taught("room-1", *SOLVED)
    (entry,) = await school.knowledge.entries(W)
    await school.knowledge.publish(W, [], retire=[entry.draft.key], by="ada", summary="wrong")
    await school.write("room-1", MIA, "Thanks again for the help with this, Tom.")
    ticket = await school.ticket("room-1")
    (held,) = await school.learner.learn(W, ticket.id)
    assert (held.state, held.reason, held.entry_id) == (LessonState.HELD, "was_retired", first.entry_id)
    await school.review.accept(W, held.id, by="ada")
    assert (await school.knowledge.history(W, entry.entry_id))[-1].kind is RevisionKind.PUBLISHED


async def test_a_decision_is_taken_once_and_a_bad_one_says_why(desk: School, judge: Scripted) -> None:
    record = await conflict(desk, judge)
    with pytest.raises(InvalidInput, match="reason"):
        await desk.review.reject(W, record.id, by="ada", reason=" ")
    with pytest.raises(NotFound):
        await desk.review.accept(W, "les-none", by="ada")
    await desk.review.accept(W, record.id, by="ada")
    with pytest.raises(Conflict, match="waits for nobody"):
        await desk.review.accept(W, record.id, by="eva")
    with pytest.raises(Conflict, match="waits for nobody"):
        await desk.review.keep(W, record.id, by="eva")


async def test_nothing_can_be_kept_where_nothing_is_known(
    store: Store, clock: ManualClock, ids: CountingIds, school: School
) -> None:
    desk = School(store=store, clock=clock, ids=ids, suspects=lambda _: True)
    record = await desk.taught("room-1", *SOLVED)
    with pytest.raises(InvalidInput, match="accept or reject"):
        await desk.review.keep(W, record.id, by="ada")
    await desk.knowledge.close()
