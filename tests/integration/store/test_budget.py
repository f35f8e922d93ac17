"""What was spent on models is kept by day and workspace, for all workers together."""

from datetime import timedelta

import pytest

from vigil.clock import ManualClock
from vigil.errors import OverBudget
from vigil.language.stored_budget import StoredBudget
from vigil.store.store import Store


async def test_a_spent_budget_refuses_until_the_next_day(store: Store, clock: ManualClock) -> None:
    budget = StoredBudget(store=store, clock=clock, daily_tokens=100, daily_money=1.0)
    await budget.check("a")
    await budget.spend("a", 60, 0.1)
    await budget.spend("a", 60, 0.1)
    with pytest.raises(OverBudget, match="100 tokens"):
        await budget.check("a")
    await budget.check("b")
    clock.advance(timedelta(days=1))
    await budget.check("a")


async def test_money_is_a_limit_too_and_an_estimate_is_given_back(store: Store, clock: ManualClock) -> None:
    budget = StoredBudget(store=store, clock=clock, daily_tokens=100, daily_money=1.0)
    await budget.spend("a", 99, 0.0)
    await budget.spend("a", -90, 1.5)
    with pytest.raises(OverBudget, match="US dollars"):
        await budget.check("a")
