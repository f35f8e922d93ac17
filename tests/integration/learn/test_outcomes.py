"""What became of Vigil's answers is seen in the ticket, or said by people; it moves the trust of the entries, the search and the bar."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.learn.school import (
    ANSWER,
    EVA,
    OPPOSITE,
    OTHER_WORDS,
    OTTO,
    SOLVED,
    School,
    Scripted,
    W,
)
from vigil.clock import CountingIds, ManualClock
from vigil.domain.decision import Decision, OutcomeKind
from vigil.domain.knowledge import EvidenceKind
from vigil.domain.ticket import TicketState
from vigil.learn.relation import Relation
from vigil.store.lessons import LessonState, Origin
from vigil.store.store import Store
from vigil.store.uses import Uses
from vigil.trust.standing import Trust

AGAIN = "the backup job of our orders database fails with error BK-12 every night, what can I do?"


@pytest.fixture
def judge() -> Scripted:
    return Scripted()


@pytest.fixture
async def desk(
    store: Store, clock: ManualClock, ids: CountingIds, school: School, judge: Scripted
) -> AsyncIterator[School]:
    """It has learned one thing."""
    made = School(store=store, clock=clock, ids=ids, reconciles=judge)
    await made.taught("room-1", *SOLVED)
    yield made
    await made.knowledge.close()


async def trust(desk: School) -> Trust:
    (entry,) = await desk.knowledge.entries(W)
    return (await desk.review.trust(W, [entry.entry_id]))[entry.entry_id]


async def outcomes(desk: School, decision: Decision) -> list[OutcomeKind]:
    return [each.kind for each in await desk.desk.outcomes(W, [decision.id])]


async def over(desk: School, room: str) -> None:
    await desk.end(await desk.ticket(room))
    await desk.later(minutes=2)


async def test_an_analyst_who_says_it_too_has_adopted_it(desk: School, judge: Scripted) -> None:
    before = await trust(desk)
    judge.relation = Relation.SAME
    decision = await desk.decide("room-2", OTTO, AGAIN)
    assert decision.answer == ANSWER
    await desk.write("room-2", EVA, f"Hi Otto, {ANSWER}")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.ADOPTED]
    after = await trust(desk)
    assert after.mean > before.mean
    assert after.words == before.words + 2, "the outcome, and the ticket that taught the same"
    async with desk.store.read(W) as session:
        (use,) = await Uses(session).after(0, limit=10)
    assert use.reference == decision.id, "and questions like it find it sooner"


async def test_a_customer_whom_it_helped_confirms_it(desk: School, judge: Scripted) -> None:
    judge.relation = Relation.SAME
    decision = await desk.decide("room-2", OTTO, AGAIN)
    await desk.write("room-2", EVA, OTHER_WORDS)
    await desk.write("room-2", OTTO, "that worked, thanks!")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.CONFIRMED]


async def test_an_analyst_who_says_otherwise_contradicts_it(desk: School, judge: Scripted) -> None:
    before = await trust(desk)
    decision = await desk.decide("room-2", OTTO, AGAIN)
    judge.relation = Relation.CONTRADICTS
    await desk.write("room-2", EVA, OPPOSITE)
    await desk.write("room-2", OTTO, "that worked, thanks")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.CONTRADICTED]
    after = await trust(desk)
    assert after.mean < before.mean
    assert after.bad == pytest.approx(1.5), "the outcome, and the conflict that waits"  # pyright: ignore[reportUnknownMemberType]


async def test_a_customer_who_asks_again_was_not_helped(desk: School, judge: Scripted) -> None:
    judge.relation = Relation.SAME
    decision = await desk.decide("room-2", OTTO, AGAIN)
    await desk.write("room-2", EVA, ANSWER)
    await desk.write("room-2", OTTO, "no, it still fails every night with the same error")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.REASKED]


async def test_what_a_person_said_goes_before_what_is_seen(desk: School, judge: Scripted) -> None:
    decision = await desk.decide("room-2", OTTO, AGAIN)
    await desk.desk.record_outcome(W, decision.id, kind=OutcomeKind.DISMISSED, by="eva", reason="old agent")
    judge.relation = Relation.SAME
    await desk.write("room-2", EVA, ANSWER)
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.DISMISSED]
    assert (await trust(desk)).bad == pytest.approx(1.0, abs=0.01)  # pyright: ignore[reportUnknownMemberType]


async def test_a_ticket_that_is_opened_again_speaks_against_what_its_customer_was_told(
    desk: School, judge: Scripted
) -> None:
    (entry,) = await desk.knowledge.entries(W)
    await desk.learner.confirm(W, entry.entry_id, by="ada")
    decision = await desk.decide("room-2", OTTO, AGAIN)
    judge.relation = Relation.SAME
    await desk.write("room-2", OTTO, "thanks, works now")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.CONFIRMED]
    high = (await trust(desk)).mean
    await desk.end(await desk.ticket("room-2"), TicketState.REOPENED)
    await desk.write("room-2", OTTO, "It came back this morning.")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.CONFIRMED, OutcomeKind.REOPENED]
    assert (await trust(desk)).mean < high


async def test_an_edited_answer_is_the_better_one(desk: School, judge: Scripted) -> None:
    decision = await desk.decide("room-2", OTTO, AGAIN)
    judge.relation = Relation.REFINES
    better = "Hi Otto, set BACKUP_WINDOW=2h in backup.conf, restart the agent, and run the job once by hand."
    await desk.desk.record_outcome(W, decision.id, kind=OutcomeKind.EDITED, by="eva", text=better)
    assert await desk.later(minutes=2) == 1
    (entry,) = await desk.knowledge.entries(W)
    assert entry.number == 2
    assert entry.draft.answer == "set BACKUP_WINDOW=2h in backup.conf, restart the agent, and run the job once by hand."
    assert "Otto" not in entry.draft.answer
    assert entry.draft.scope.audience == "internal"
    assert [each.reference for each in entry.draft.evidence if each.kind is EvidenceKind.PERSON] == ["eva"]
    (record,) = [each for each in await desk.records(await desk.ticket("room-2")) if each.origin is Origin.EDIT]
    assert (record.state, record.relation) == (LessonState.PUBLISHED, "refines")
    assert await desk.later(minutes=2) == 0


async def test_an_edit_of_what_a_person_confirmed_waits_for_a_person(desk: School, judge: Scripted) -> None:
    (entry,) = await desk.knowledge.entries(W)
    await desk.learner.confirm(W, entry.entry_id, by="ada")
    decision = await desk.decide("room-2", OTTO, AGAIN)
    judge.relation = Relation.REFINES
    await desk.desk.record_outcome(
        W, decision.id, kind=OutcomeKind.EDITED, by="eva", text=f"{ANSWER} Then run the job once by hand."
    )
    await desk.later(minutes=2)
    (waiting,) = await desk.review.lessons(W)
    assert (waiting.reason, waiting.entry_id) == ("would_change_what_is_confirmed", entry.entry_id)


async def test_trust_fades_with_silence(desk: School) -> None:
    fresh = await trust(desk)
    await desk.later(days=360)
    old = await trust(desk)
    assert 0.5 < old.mean < fresh.mean
    assert old.low < fresh.low
    assert old.good == pytest.approx(fresh.good / 4, rel=0.01)  # pyright: ignore[reportUnknownMemberType]


async def test_the_same_is_seen_once(desk: School, judge: Scripted) -> None:
    judge.relation = Relation.SAME
    decision = await desk.decide("room-2", OTTO, AGAIN)
    await desk.write("room-2", EVA, ANSWER)
    await over(desk, "room-2")
    await desk.write("room-2", OTTO, "one more thing: where is the log of the agent?")
    await over(desk, "room-2")
    assert await outcomes(desk, decision) == [OutcomeKind.ADOPTED]
