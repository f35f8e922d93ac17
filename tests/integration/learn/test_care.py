"""At night: what has outlived its time or is contradicted goes by itself, a topic takes a step back, and everybody can read of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.integration.learn.school import ASKS, EVA, MIA, OTTO, SOLVED, School, Scripted, W
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import Person, Role
from vigil.domain.decision import Decision, DecisionKind, Outcome, OutcomeKind, Reason
from vigil.domain.knowledge import Draft, RevisionKind
from vigil.domain.topic import Autonomy, Topic
from vigil.learn.relation import Relation
from vigil.learn.report import report
from vigil.runtime.administration import Administration
from vigil.store.audit import Audit
from vigil.store.decisions import Decisions
from vigil.store.lessons import LessonState
from vigil.store.store import Store


@pytest.fixture
def judge() -> Scripted:
    return Scripted()


@pytest.fixture
async def desk(
    store: Store, clock: ManualClock, ids: CountingIds, school: School, judge: Scripted
) -> AsyncIterator[School]:
    made = School(store=store, clock=clock, ids=ids, reconciles=judge)
    await made.care.arrange()
    yield made
    await made.knowledge.close()


async def audit(desk: School, chain: str) -> list[tuple[str, str, str]]:
    async with desk.store.read(W) as session:
        return [(each.actor, each.action, each.subject) for each in await Audit(session).chain(chain)]


async def dismissed(desk: School, times: int, kind: OutcomeKind = OutcomeKind.DISMISSED) -> None:
    for number in range(times):
        customer = Person(id=f"cust-{kind}-{number}", name=f"Customer{number}", role=Role.CUSTOMER)
        decision = await desk.decide(f"room-{kind}-{number}", customer)
        assert decision.answer
        await desk.desk.record_outcome(W, decision.id, kind=kind, by="eva", reason="wrong")


async def test_what_has_outlived_its_validity_retires_and_a_person_can_bring_it_back(desk: School) -> None:
    until = desk.clock.now() + timedelta(days=2)
    page = Draft(key="hand:1", title="Maintenance", question=ASKS, answer="Wait until Tuesday.", valid_until=until)
    await desk.knowledge.publish(W, [page], by="ada", summary="x")
    await desk.later(days=1)
    assert len(await desk.knowledge.entries(W)) == 1
    await desk.later(days=2)
    assert await desk.knowledge.entries(W) == []
    (entry,) = await desk.knowledge.entries(W, retired=True)
    assert (await desk.knowledge.log(W))[0].summary == "retired by itself: 1 past their validity"
    assert await audit(desk, "knowledge") == [("vigil", "entry.outlived", entry.entry_id)]
    await desk.knowledge.rollback(W, 1, by="ada")
    await desk.later(days=1)
    assert len(await desk.knowledge.entries(W)) == 1, "a person's word stands"


async def test_a_lesson_that_is_often_contradicted_retires_with_notice(desk: School) -> None:
    await desk.taught("room-1", *SOLVED)
    (entry,) = await desk.knowledge.entries(W)
    await dismissed(desk, 3)
    await desk.later(days=1)
    assert len(await desk.knowledge.entries(W)) == 1, "three of four may be chance"
    await dismissed(desk, 7)
    await desk.later(days=1)
    assert await desk.knowledge.entries(W) == []
    assert ("vigil", "entry.contradicted", entry.entry_id) in await audit(desk, "knowledge")
    made = await report(desk.store, W, until=desk.clock.now())
    assert [(line.entry_id, line.reason) for line in made.retired] == [(entry.entry_id, "contradicted")]
    version = await desk.knowledge.version(W)
    await desk.knowledge.rollback(W, version - 1, by="ada")
    await desk.later(days=1)
    assert (await desk.knowledge.entry(W, entry.entry_id)).kind is RevisionKind.PUBLISHED
    assert (await desk.review.trust(W, [entry.entry_id]))[entry.entry_id].words == 0, "what was said before is known"


async def test_customers_alone_take_nothing_out_of_force(desk: School) -> None:
    await desk.taught("room-1", *SOLVED)
    await dismissed(desk, 10, OutcomeKind.REASKED)
    await desk.later(days=1)
    (entry,) = await desk.knowledge.entries(W)
    trust = (await desk.review.trust(W, [entry.entry_id]))[entry.entry_id]
    assert trust.mean < 0.5


async def test_what_a_document_says_is_never_retired_by_what_is_said_of_it(desk: School) -> None:
    page = Draft(key="p#1", title="Backups", question=ASKS, answer="Set BACKUP_WINDOW to 2h.", source="backups.md")
    await desk.knowledge.publish(W, [page], by="ada", summary="x")
    await dismissed(desk, 10)
    await desk.later(days=1)
    assert len(await desk.knowledge.entries(W)) == 1


async def test_a_topic_that_fell_below_the_wanted_precision_takes_a_step_back(desk: School, ids: CountingIds) -> None:
    administration = Administration(store=desk.store, clock=desk.clock, ids=ids)
    topics = [
        Topic(key="backups", name="Backups", autonomy=Autonomy.AUTO),
        Topic(key="dns", name="DNS", autonomy=Autonomy.AUTO),
    ]
    await administration.set_topics(W, topics, by="ada")
    for topic, kind in (("backups", OutcomeKind.DISMISSED), ("dns", OutcomeKind.ADOPTED)):
        for number in range(12):
            ticket = await desk.talk(f"{topic}-{number}", (MIA, ASKS))
            await desk.desk.change_ticket(W, ticket.id, by="ada", topic=topic)
            decision = Decision(
                id=f"dec-{topic}-{number}",
                conversation_id=ticket.conversation_id,
                message_id=f"msg-{topic}-{number}",
                ticket_id=ticket.id,
                kind=DecisionKind.SUGGEST,
                reason=Reason.ANSWERED,
                confidence=0.9,
                decided_at=desk.clock.now(),
            )
            outcome = Outcome(
                id=f"out-{topic}-{number}", decision_id=decision.id, kind=kind, by="eva", at=desk.clock.now()
            )
            async with desk.store.write(W) as session:
                await Decisions(session).add(decision, position=1000)
                await Decisions(session).add_outcome(outcome)
    await desk.later(days=1)
    now = {each.key: each.autonomy for each in await administration.topics(W)}
    assert now == {"backups": Autonomy.SUGGEST, "dns": Autonomy.AUTO}
    assert ("vigil", "topic.suggest", "backups") in await audit(desk, "workspace")


WORDS_OF_THEIR_OWN = (
    "Take BACKUP_WINDOW out of the file again, a window makes this agent fail.",
    "In our version the window must not be there: delete that line from backup.conf.",
)


async def contradicted(desk: School, judge: Scripted) -> LessonState:
    """A lesson, and two independent tickets that say the opposite."""
    await desk.taught("room-1", *SOLVED)
    judge.relation = Relation.CONTRADICTS
    first = await desk.taught("room-2", (OTTO, ASKS), (EVA, WORDS_OF_THEIR_OWN[0]), (OTTO, "that worked"))
    assert first.state is LessonState.CONFLICT
    judge.agrees = True
    ida = Person(id="cust-3", name="Ida", role=Role.CUSTOMER)
    ben = Person(id="ana-3", name="Ben", role=Role.ANALYST)
    second = await desk.taught("room-3", (ida, ASKS), (ben, WORDS_OF_THEIR_OWN[1]), (ida, "that worked"))
    return second.state


async def test_a_newer_and_better_evidenced_side_wins_only_where_the_topic_replies_by_itself(
    desk: School, judge: Scripted, ids: CountingIds
) -> None:
    assert await contradicted(desk, judge) is LessonState.CONFLICT
    assert len(await desk.review.lessons(W)) == 2
    (entry,) = await desk.knowledge.entries(W)
    assert entry.number == 1


async def test_where_it_does_the_other_side_is_replaced_and_both_conflicts_are_over(
    desk: School, judge: Scripted, ids: CountingIds
) -> None:
    administration = Administration(store=desk.store, clock=desk.clock, ids=ids)
    await administration.change_workspace(W, by="ada", default_autonomy=Autonomy.AUTO)
    assert await contradicted(desk, judge) is LessonState.PUBLISHED
    (entry,) = await desk.knowledge.entries(W)
    assert entry.draft.answer == WORDS_OF_THEIR_OWN[1]
    assert (entry.created_by, entry.draft.scope.audience) == ("vigil", "internal")
    assert len(entry.draft.evidence) == 6, "both tickets stand behind it"
    assert await desk.review.lessons(W) == []
    assert [action for _, action, _ in await audit(desk, "knowledge")] == ["lesson.won"]


@pytest.mark.parametrize("confirmed", [True, False], ids=["a person stood by it", "one analyst said both"])
async def test_otherwise_a_person_decides_even_there(
    desk: School, judge: Scripted, ids: CountingIds, confirmed: bool
) -> None:
    administration = Administration(store=desk.store, clock=desk.clock, ids=ids)
    await administration.change_workspace(W, by="ada", default_autonomy=Autonomy.AUTO)
    first = await desk.taught("room-1", *SOLVED)
    assert first.entry_id is not None
    if confirmed:
        await desk.learner.confirm(W, first.entry_id, by="ada")
    judge.relation = Relation.CONTRADICTS
    await desk.taught("room-2", (OTTO, ASKS), (EVA, WORDS_OF_THEIR_OWN[0]), (OTTO, "that worked"))
    judge.agrees = True
    analyst = Person(id="ana-3", name="Ben", role=Role.ANALYST) if confirmed else EVA
    ida = Person(id="cust-3", name="Ida", role=Role.CUSTOMER)
    second = await desk.taught("room-3", (ida, ASKS), (analyst, WORDS_OF_THEIR_OWN[1]), (ida, "that worked"))
    assert second.state is LessonState.CONFLICT
