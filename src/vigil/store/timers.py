"""Timers in the database: set, moved, cancelled and claimed, each inside the caller's transaction. What fires them is `runtime.alarms`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Row, func, literal_column, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from vigil.domain.timer import Timer, TimerState
from vigil.errors import Conflict, NotFound
from vigil.store.store import Session, Store
from vigil.store.tables import timers

_is_waiting: Final = timers.c.state == literal_column("'waiting'")  # written out, so that the partial indexes are found
_WAITING: Final = text("state = 'waiting'")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFilter:
    """Which timers are wanted."""

    states: Collection[TimerState] = (TimerState.WAITING,)
    """Empty: all."""
    kind: str | None = None
    subject: str | None = None
    after: tuple[datetime, str] | None = None
    """Go on after the timer that was due then and has this id."""
    limit: int = 50


def _set(insert: postgresql.Insert | sqlite.Insert) -> Executable:
    """Insert a timer, or move the one of its kind and subject that waits."""
    moved = ("due", "not_before", "every", "payload", "attempts", "reason", "claimed_by", "claimed_until", "changed_at")
    return insert.on_conflict_do_update(
        index_elements=[timers.c.workspace_id, timers.c.kind, timers.c.subject],
        index_where=_WAITING,
        set_={name: insert.excluded[name] for name in moved},
    ).returning(timers)


_SET = {"postgresql": _set(postgresql.insert(timers)), "sqlite": _set(sqlite.insert(timers))}


async def due_kinds(store: Store, *, at: datetime, kinds: Collection[str]) -> list[tuple[str, str]]:
    """Workspaces, and which of these kinds is due there in a timer that nobody has claimed."""
    async with store.across_workspaces(short=True) as connection:
        rows = await connection.execute(
            select(timers.c.workspace_id, timers.c.kind)
            .where(_is_waiting, timers.c.not_before <= at, timers.c.kind.in_(kinds), _free(at))
            .distinct()
        )
        return [(row.workspace_id, row.kind) for row in rows]


async def next_timer(store: Store, *, at: datetime, kinds: Collection[str]) -> datetime | None:
    """When the next timer of these kinds may be claimed: it is due, or the claim on one that is due runs out. None where none waits."""
    mine = (_is_waiting, timers.c.kind.in_(kinds))
    unclaimed = select(func.min(timers.c.not_before)).where(*mine, timers.c.claimed_until.is_(None))
    claimed = select(func.min(timers.c.claimed_until)).where(
        *mine, timers.c.claimed_until.is_not(None), timers.c.not_before <= at
    )
    async with store.across_workspaces(short=True) as connection:
        row = (await connection.execute(select(unclaimed.scalar_subquery(), claimed.scalar_subquery()))).one()
    return min((each for each in row if each is not None), default=None)


class Timers:
    """The timers of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _mine(self) -> ColumnElement[bool]:
        return timers.c.workspace_id == self._session.workspace

    async def set(self, timer: Timer, *, at: datetime) -> Timer:
        """Set a timer, or move the one of its kind and subject that waits. It is as it was set: what somebody is doing about it at this
        moment will not be kept. The timer as it now waits, with the id that it had before where it was moved."""
        statement = _SET[self._session.connection.dialect.name]
        values = {
            "workspace_id": self._session.workspace,
            "id": timer.id,
            "kind": timer.kind,
            "subject": timer.subject,
            "state": TimerState.WAITING.value,
            "due": timer.due,
            "not_before": timer.due,
            "every": timer.every,
            "payload": dict(timer.payload),
            "attempts": 0,
            "reason": "",
            "claimed_by": None,
            "claimed_until": None,
            "changed_at": at,
        }
        row = (await self._session.execute(statement, values)).one()
        return _timer(row)

    async def drop(self, kind: str, subject: str, *, at: datetime) -> bool:
        """Cancel the waiting timer of a kind and a subject; False where there is none."""
        return await self._end(timers.c.kind == kind, timers.c.subject == subject, state=TimerState.CANCELLED, at=at)

    async def cancel(self, timer_id: str, *, at: datetime) -> None:
        """Raises NotFound, or Conflict for one that no longer waits."""
        if not await self._end(timers.c.id == timer_id, state=TimerState.CANCELLED, at=at):
            timer = await self.get(timer_id)
            raise Conflict(f"The timer {timer_id} is {timer.state} already; only a waiting one can be cancelled.")

    async def get(self, timer_id: str) -> Timer:
        """Raises NotFound."""
        row = (await self._session.execute(select(timers).where(self._mine, timers.c.id == timer_id))).one_or_none()
        if row is None:
            raise NotFound(f"There is no timer {timer_id!r} in this workspace; `vigil timers list --all` shows them.")
        return _timer(row)

    async def find(self, wanted: TimerFilter) -> list[Timer]:
        """Those that are wanted, the soonest first."""
        conditions: list[ColumnElement[bool]] = [self._mine]
        if wanted.states:
            conditions.append(timers.c.state.in_([state.value for state in wanted.states]))
        if wanted.kind is not None:
            conditions.append(timers.c.kind == wanted.kind)
        if wanted.subject is not None:
            conditions.append(timers.c.subject == wanted.subject)
        if wanted.after is not None:
            due, last = wanted.after
            conditions.append(or_(timers.c.due > due, (timers.c.due == due) & (timers.c.id > last)))
        rows = await self._session.execute(
            select(timers).where(*conditions).order_by(timers.c.due, timers.c.id).limit(wanted.limit)
        )
        return [_timer(row) for row in rows]

    async def claim(
        self, *, owner: str, kinds: Collection[str], at: datetime, seconds: float, limit: int
    ) -> Sequence[Timer]:
        """Timers that are due, claimed so that nobody else takes them until the claim runs out."""
        due = (
            select(timers.c.id)
            .where(self._mine, _is_waiting, timers.c.not_before <= at, timers.c.kind.in_(kinds), _free(at))
            .order_by(timers.c.not_before, timers.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = await self._session.execute(
            update(timers)
            .where(self._mine, timers.c.id.in_(due.scalar_subquery()))
            .values(claimed_by=owner, claimed_until=at + timedelta(seconds=seconds))
            .returning(timers)
        )
        return sorted((_timer(row) for row in rows), key=lambda timer: (timer.due, timer.id))

    async def renew(self, timer: Timer, *, owner: str, at: datetime, seconds: float) -> bool:
        """Keep a claimed timer for longer. False as for `fired`."""
        claimed_until = at + timedelta(seconds=seconds)
        return await self._change(timer, owner=owner, values={"claimed_until": claimed_until})

    async def fired(self, timer: Timer, *, owner: str, at: datetime, again: datetime | None) -> bool:
        """Bring a claimed timer to its end, or let it wait for its next time; False where it is not this owner's any more: it was moved,
        cancelled, or the claim ran out and another has it. Then nothing of the transaction may be kept."""
        values: dict[str, Any] = {"fired_at": at, "attempts": 0, "reason": ""}
        values |= {"state": TimerState.FIRED.value} if again is None else {"due": again, "not_before": again}
        return await self._give_back(timer, owner=owner, at=at, values=values)

    async def try_again(self, timer: Timer, *, owner: str, at: datetime, reason: str, not_before: datetime) -> bool:
        """Note a failed try and when to try next. False as for `fired`."""
        values = {"attempts": timer.attempts + 1, "reason": reason, "not_before": not_before}
        return await self._give_back(timer, owner=owner, at=at, values=values)

    async def give_up(self, timer: Timer, *, owner: str, at: datetime, reason: str, again: datetime | None) -> bool:
        """Note the last failed try; one that comes again goes on with its next time. False as for `fired`."""
        values: dict[str, Any] = {"attempts": 0, "reason": reason}
        values |= {"state": TimerState.FAILED.value} if again is None else {"due": again, "not_before": again}
        return await self._give_back(timer, owner=owner, at=at, values=values)

    async def _give_back(self, timer: Timer, *, owner: str, at: datetime, values: Mapping[str, Any]) -> bool:
        freed = {"claimed_by": None, "claimed_until": None, "changed_at": at}
        return await self._change(timer, owner=owner, values={**freed, **values})

    async def _change(self, timer: Timer, *, owner: str, values: Mapping[str, Any]) -> bool:
        result = await self._session.execute(
            update(timers)
            .where(
                self._mine,
                timers.c.id == timer.id,
                timers.c.state == TimerState.WAITING.value,
                timers.c.due == timer.due,
                timers.c.claimed_by == owner,
            )
            .values(**values)
        )
        return result.rowcount == 1

    async def _end(self, *which: ColumnElement[bool], state: TimerState, at: datetime) -> bool:
        result = await self._session.execute(
            update(timers)
            .where(self._mine, *which, timers.c.state == TimerState.WAITING.value)
            .values(state=state.value, claimed_by=None, claimed_until=None, changed_at=at)
        )
        return result.rowcount == 1


def _free(at: datetime) -> ColumnElement[bool]:
    return or_(timers.c.claimed_until.is_(None), timers.c.claimed_until <= at)


def _timer(row: Row[Any]) -> Timer:
    return Timer(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        due=row.due,
        every=row.every,
        payload=row.payload,
        state=TimerState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        fired_at=row.fired_at,
    )
