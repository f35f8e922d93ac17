"""Timers as verbs: set one, cancel one, see which there are. An ability that wants one in the commit of its own work uses
`store.timers.Timers` there; what happens when one is due is in `alarms`."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from vigil.clock import Clock, Ids
from vigil.domain.cron import Cron
from vigil.domain.timer import Timer
from vigil.errors import InvalidInput
from vigil.store.audit import Audit
from vigil.store.store import Store
from vigil.store.timers import TimerFilter
from vigil.store.timers import Timers as StoredTimers
from vigil.store.workspaces import Workspaces

_KIND = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_LONGEST_SUBJECT = 256
_LONGEST_ID = 256
"""Characters in a value of the payload: what an id has, and no room for a message."""


class Timers:
    """The timers of all workspaces of an installation."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def set(
        self,
        workspace: str,
        kind: str,
        subject: str,
        *,
        at: datetime | None = None,
        every: str = "",
        payload: Mapping[str, str] | None = None,
    ) -> Timer:
        """Set a timer for an instant, or with `every` (a cron expression) again and again; one that waits for the same is moved.

        Args:
            at: when; with `every` the first time, which is its next one by default.
            payload: more ids that it needs. No words: those may have to be forgotten before it is due.

        Raises:
            InvalidInput: neither or a bad time, kind or payload.
            NotFound: there is no such workspace.
        """
        now = self._clock.now()
        timer = timer_of(self._ids, kind, subject, at=at, every=every, payload=payload or {}, now=now)
        async with self._store.write(workspace) as session:
            await Workspaces(session).get()
            return await StoredTimers(session).set(timer, at=now)

    async def find(self, workspace: str, wanted: TimerFilter) -> Sequence[Timer]:
        """The soonest first."""
        async with self._store.read(workspace) as session:
            return await StoredTimers(session).find(wanted)

    async def cancel(self, workspace: str, timer_id: str, *, by: str) -> Timer:
        """The timer as it was cancelled.

        Raises:
            NotFound: there is no such timer.
            Conflict: it has fired, failed or been cancelled already.
        """
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            stored = StoredTimers(session)
            await stored.cancel(timer_id, at=now)
            await Audit(session).add("timers", at=now, actor=by, action="timer.cancelled", subject=timer_id)
            return await stored.get(timer_id)


def timer_of(
    ids: Ids, kind: str, subject: str, *, at: datetime | None, every: str, payload: Mapping[str, str], now: datetime
) -> Timer:
    """A timer that may be stored. Raises InvalidInput, as `Timers.set` says."""
    if not _KIND.fullmatch(kind):
        raise InvalidInput(
            f"A timer's kind is lower-case letters, digits, . or _, as in track.follow_up; got {kind!r}."
        )
    if not subject or len(subject) > _LONGEST_SUBJECT:
        raise InvalidInput(f"A timer's subject is an id of 1 to {_LONGEST_SUBJECT} characters.")
    for name, value in payload.items():
        if len(value) > _LONGEST_ID or any(letter.isspace() for letter in value):
            raise InvalidInput(f"`{name}` in a timer's payload must be an id; words have no place in it.")
    if every:
        try:
            at = at or Cron.parse(every).after(now)
        except ValueError as error:
            raise InvalidInput(f"`every` can't be used: {error}.") from error
    if at is None:
        raise InvalidInput("A timer needs `at`, an instant, or `every`, a cron expression.")
    if at.tzinfo is None:
        raise InvalidInput("`at` needs a time zone.")
    return Timer(id=ids.new("tmr"), kind=kind, subject=subject, due=at, every=every, payload=payload)
