"""A workspace's day of tokens and money."""

from datetime import UTC, datetime, timedelta

import pytest

from vigil.clock import ManualClock
from vigil.errors import OverBudget
from vigil.language.budget import Budget, MemoryBudget


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


async def test_a_spent_budget_refuses_until_the_next_day(clock: ManualClock) -> None:
    budget: Budget = MemoryBudget(1000, 0, clock)
    await budget.check("acme")
    await budget.spend("acme", 1000, 0.1)
    with pytest.raises(OverBudget, match="VIGIL_MODEL_DAILY_TOKENS"):
        await budget.check("acme")
    clock.advance(timedelta(hours=12))
    await budget.check("acme")


async def test_money_counts_too(clock: ManualClock) -> None:
    budget = MemoryBudget(0, 5.0, clock)
    await budget.spend("acme", 10_000_000, 4.99)
    await budget.check("acme")
    await budget.spend("acme", 1, 0.01)
    with pytest.raises(OverBudget, match="VIGIL_MODEL_DAILY_MONEY"):
        await budget.check("acme")


async def test_workspaces_do_not_pay_for_each_other(clock: ManualClock) -> None:
    budget = MemoryBudget(10, 0, clock)
    await budget.spend("acme", 10, 0)
    await budget.check("globex")


async def test_no_limit_is_never_reached(clock: ManualClock) -> None:
    budget = MemoryBudget(0, 0, clock)
    await budget.spend("acme", 10**9, 10**6)
    await budget.check("acme")


async def test_an_estimate_that_was_too_high_is_given_back(clock: ManualClock) -> None:
    budget = MemoryBudget(100, 0, clock)
    await budget.spend("acme", 100, 0)
    await budget.spend("acme", -60, 0.2)
    await budget.check("acme")
    assert budget.spent("acme") == (40, 0.2)
