"""The budget as the database keeps it: shared by all workers of an installation, and not forgotten by a restart."""

from vigil.clock import Clock
from vigil.errors import ModelOff, OverBudget
from vigil.language.budget import refuse_if_spent
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces


class StoredBudget:
    """A `Budget` over the table ``budgets``: one row a workspace and day (UTC). What the workspace itself allows is read each time, so that
    a change holds from the next call on, in every process.

    Args:
        daily_tokens: in and out together; 0 for no limit.
        daily_money: US dollars; 0 for no limit.
    """

    def __init__(self, *, store: Store, clock: Clock, daily_tokens: int, daily_money: float) -> None:
        self._store = store
        self._clock = clock
        self._daily_tokens = daily_tokens
        self._daily_money = daily_money

    async def check(self, workspace: str) -> None:
        async with self._store.read(workspace) as session:
            tokens, money = await Workspaces(session).spent(self._today())
            rules = await Workspaces(session).model_rules()
        if not rules.on:
            raise ModelOff("This workspace uses no language model; an admin switches it on under Settings, Model.")
        refuse_if_spent(tokens, self._daily_tokens, money, self._daily_money)
        own_tokens, own_money = rules.daily_tokens, rules.daily_money
        if (own_tokens is not None and tokens >= own_tokens) or (own_money is not None and money >= own_money):
            raise OverBudget(
                "What this workspace allows for a day is spent; an admin can raise it under Settings, Model."
            )

    async def spend(self, workspace: str, tokens: int, money: float) -> None:
        async with self._store.write(workspace) as session:
            await Workspaces(session).spend(self._today(), tokens=tokens, money=money)

    def _today(self) -> str:
        return self._clock.now().date().isoformat()
