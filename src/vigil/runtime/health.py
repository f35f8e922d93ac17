"""Whether this process can do its work: database, search index and model, each asked and each named. Telling it is `web`'s affair."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from vigil.knowledge.base import Readiness
from vigil.store.backlog import answers
from vigil.store.store import Store
from vigil.store.workspaces import all_workspaces

PATIENCE_S: Final = 3.0
"""Seconds that a check may take. Kubernetes waits one by default; the how-to says to give it five."""

INDEXES_AT_ONCE: Final = 8
"""Search indexes asked in one look, some milliseconds each; with more workspaces the next look goes on where this one ended."""

_MODEL_TROUBLE: Final = {
    "timeout": "the last call had no answer in time",
    "malformed": "the last call was answered in no usable shape",
    "unavailable": "the last call failed",
    "over_budget": "the day's budget of a workspace is spent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One part that was asked."""

    name: str
    ok: bool
    detail: str
    """In words, without secrets and without anybody's text."""
    needed: bool = True
    """Without it the process is not ready. The model is not needed: answers are quoted instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All parts at one moment."""

    checks: tuple[Check, ...]

    @property
    def ready(self) -> bool:
        return all(check.ok for check in self.checks if check.needed)


class Indexed(Protocol):
    """Knows whether searches can be relied on."""

    async def ready_check(self, workspace: str) -> Readiness: ...


class Health:
    """Asks the parts of an open installation.

    Args:
        model_last: how the last call to the model ended, empty before the first; None where there is no model.
        patience_s: seconds that a part may take to answer.
    """

    def __init__(
        self,
        *,
        store: Store,
        knowledge: Indexed,
        model_last: Callable[[], str] | None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._model_last = model_last
        self._patience_s = patience_s
        self._running: dict[str, asyncio.Task[str]] = {}
        self._asked_up_to = ""

    async def report(self) -> Report:
        """Ask everything, side by side. Takes no longer than its patience."""
        database, index = await asyncio.gather(
            self._asked("database", self._database), self._asked("index", self._indexes)
        )
        return Report(checks=(database, index, self._model()))

    async def close(self) -> None:
        """Wait for what is still being asked."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _asked(self, name: str, ask: Callable[[], Awaitable[str]]) -> Check:
        """A query is never cut off: one that hangs is left to end, and until then it is the answer to whoever asks again."""
        running = self._running.get(name)
        if running is None or running.done():
            running = self._running[name] = asyncio.ensure_future(ask())
        done, _ = await asyncio.wait({running}, timeout=self._patience_s)
        if not done:
            return Check(name=name, ok=False, detail=f"no answer within {self._patience_s:g} s")
        error = running.exception()
        if isinstance(error, _NotReady):
            return Check(name=name, ok=False, detail=str(error))
        if error is not None:
            return Check(name=name, ok=False, detail=f"it failed with {type(error).__name__}; the log has more")
        return Check(name=name, ok=True, detail=running.result())

    async def _database(self) -> str:
        await answers(self._store)
        return f"{self._store.dialect} answers"

    async def _indexes(self) -> str:
        workspaces = [workspace.id for workspace in await all_workspaces(self._store)]
        later = [each for each in workspaces if each > self._asked_up_to]
        chosen = (later + [each for each in workspaces if each <= self._asked_up_to])[:INDEXES_AT_ONCE]
        notes: list[str] = []
        for workspace in chosen:
            readiness = await self._knowledge.ready_check(workspace)
            if not readiness.ready:
                raise _NotReady(f"workspace {workspace}: {readiness.note}")
            notes.append(readiness.note)
        self._asked_up_to = chosen[-1] if chosen else ""
        if len(workspaces) == 1:
            return notes[0]
        return f"{len(chosen)} of {len(workspaces)} workspaces asked, all found what they hold"

    def _model(self) -> Check:
        if self._model_last is None:
            return Check(name="model", ok=True, detail="none is set up; answers are quoted", needed=False)
        last = self._model_last()
        trouble = _MODEL_TROUBLE.get(last)
        if trouble is not None:
            return Check(name="model", ok=False, detail=f"{trouble}; answers are quoted meanwhile", needed=False)
        return Check(
            name="model", ok=True, detail="the last call was answered" if last else "not asked yet", needed=False
        )


class _NotReady(Exception):
    """A part answered, and what it said is that it can't be relied on."""
