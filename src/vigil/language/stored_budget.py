"""The budget as the database keeps it: shared by all workers of an installation, and not forgotten by a restart."""

from vigil.clock import Clock
from vigil.language.budget import refuse_if_spent
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces


class StoredBudget:
    """A `Budget` over the table ``budgets``: one row a workspace and day (UTC).

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
        refuse_if_spent(tokens, self._daily_tokens, money, self._daily_money)

    async def spend(self, workspace: str, tokens: int, money: float) -> None:
        async with self._store.write(workspace) as session:
            await Workspaces(session).spend(self._today(), tokens=tokens, money=money)

    def _today(self) -> str:
        return self._clock.now().date().isoformat()
