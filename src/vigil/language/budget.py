"""What a workspace may spend on language models in a day. The port and its in-memory form live here, the stored one with the store."""

from collections import defaultdict
from datetime import date
from typing import Protocol

from vigil.clock import Clock
from vigil.errors import OverBudget


class Budget(Protocol):
    """Counts tokens and money by workspace and day (UTC).

    A caller checks, spends an estimate of its tokens at once, and after the call spends the difference to what it really took. Calls
    that run at the same time thus see each other's tokens; their money is only known afterwards.
    """

    async def check(self, workspace: str) -> None:
        """Raises:
        OverBudget: the day's tokens or money are spent.
        """
        ...

    async def spend(self, workspace: str, tokens: int, money: float) -> None:
        """Add to what was spent today. Tokens may be negative: an estimate that was too high is given back."""
        ...


class MemoryBudget:
    """A budget that a restart forgets: for one process, and for tests.

    Args:
        daily_tokens: in and out together; 0 for no limit.
        daily_money: US dollars; 0 for no limit.
        clock: says when a day is over.
    """

    def __init__(self, daily_tokens: int, daily_money: float, clock: Clock) -> None:
        self._daily_tokens = daily_tokens
        self._daily_money = daily_money
        self._clock = clock
        self._day: date = clock.now().date()
        self._tokens: defaultdict[str, int] = defaultdict(int)
        self._money: defaultdict[str, float] = defaultdict(float)

    async def check(self, workspace: str) -> None:
        self._turn_page()
        refuse_if_spent(self._tokens[workspace], self._daily_tokens, self._money[workspace], self._daily_money)

    async def spend(self, workspace: str, tokens: int, money: float) -> None:
        self._turn_page()
        self._tokens[workspace] = max(0, self._tokens[workspace] + tokens)
        self._money[workspace] += money

    def spent(self, workspace: str) -> tuple[int, float]:
        """Tokens and US dollars of `workspace` today."""
        self._turn_page()
        return self._tokens[workspace], self._money[workspace]

    def _turn_page(self) -> None:
        today = self._clock.now().date()
        if today != self._day:
            self._day = today
            self._tokens.clear()
            self._money.clear()


def refuse_if_spent(tokens: int, daily_tokens: int, money: float, daily_money: float) -> None:
    """The rule that every budget follows; a limit of 0 is none.

    Raises:
        OverBudget: a limit is reached.
    """
    if 0 < daily_tokens <= tokens:
        raise OverBudget(
            f"Today's {daily_tokens:,} tokens are spent; raise VIGIL_MODEL_DAILY_TOKENS or wait for the next day (UTC)."
        )
    if 0 < daily_money <= money:
        raise OverBudget(
            f"Today's {daily_money:.2f} US dollars are spent; raise VIGIL_MODEL_DAILY_MONEY or wait for the next day (UTC)."
        )
