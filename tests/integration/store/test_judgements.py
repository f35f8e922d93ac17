"""A workspace's own bar, out of what its people made of earlier answers, on every database."""

from datetime import UTC, datetime, timedelta

import pytest

from vigil.clock import CountingIds, ManualClock
from vigil.domain.decision import Decision, DecisionKind, Outcome, OutcomeKind, Reason
from vigil.domain.workspace import Workspace
from vigil.store.decisions import Decisions
from vigil.store.judgements import Judgements
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces
from vigil.trust.outcomes import AGAIN, WINDOW, EarnedThresholds

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
W = "own"


@pytest.fixture
async def clock(store: Store) -> ManualClock:
    async with store.write(W) as session:
        await Workspaces(session).create(Workspace(id=W, name=W), at=NOW)
    return ManualClock(NOW)


async def judge(
    store: Store, ids: CountingIds, confidence: float, kind: OutcomeKind, *, ticket: str, at: datetime = NOW
) -> None:
    decision = Decision(
        id=ids.new("dec"),
        conversation_id="c",
        message_id=ids.new("msg"),
        ticket_id=ticket,
        kind=DecisionKind.SUGGEST,
        reason=Reason.ANSWERED,
        confidence=confidence,
        decided_at=at,
    )
    outcome = Outcome(id=ids.new("out"), decision_id=decision.id, kind=kind, by="tom", at=at)
    async with store.write(W) as session:
        await Decisions(session).add(decision, position=int(decision.id.rpartition("_")[2], 36))
        await Decisions(session).add_outcome(outcome)


def earned(store: Store, clock: ManualClock) -> EarnedThresholds:
    return EarnedThresholds(store=store, clock=clock, precision=0.7, least=0.6)


async def test_without_outcomes_what_was_set_holds(store: Store, clock: ManualClock) -> None:
    assert await earned(store, clock).of(W) is None


async def test_wrong_answers_just_above_the_bar_raise_it(store: Store, clock: ManualClock) -> None:
    ids = CountingIds()
    for number in range(30):
        await judge(store, ids, 0.62, OutcomeKind.DISMISSED, ticket=f"bad{number}")
        await judge(store, ids, 0.9, OutcomeKind.ADOPTED, ticket=f"good{number}")
    assert await earned(store, clock).of(W) == 0.65


async def test_good_answers_never_lower_it(store: Store, clock: ManualClock) -> None:
    ids = CountingIds()
    for number in range(40):
        await judge(store, ids, 0.7, OutcomeKind.CONFIRMED, ticket=f"t{number}")
    assert await earned(store, clock).of(W) == 0.6


async def test_many_words_on_one_ticket_count_once_and_old_ones_not_at_all(store: Store, clock: ManualClock) -> None:
    ids = CountingIds()
    for _ in range(40):
        await judge(store, ids, 0.9, OutcomeKind.ADOPTED, ticket="one")
    for number in range(40):
        await judge(store, ids, 0.9, OutcomeKind.ADOPTED, ticket=f"t{number}", at=NOW - WINDOW - timedelta(days=1))
    assert await earned(store, clock).of(W) is None
    async with store.read(W) as session:
        assert len(await Judgements(session).latest(since=NOW - WINDOW, limit=10)) == 10


async def test_new_outcomes_count_after_a_while(store: Store, clock: ManualClock) -> None:
    own, ids = earned(store, clock), CountingIds()
    assert await own.of(W) is None
    for number in range(40):
        await judge(store, ids, 0.8, OutcomeKind.ADOPTED, ticket=f"t{number}")
    assert await own.of(W) is None
    clock.move_to(NOW + AGAIN)
    assert await own.of(W) == 0.6
