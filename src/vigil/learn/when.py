"""When a ticket is learned from: as soon as it is over, or when nobody has written for a while after a human's answer. Each is a durable
timer, set in the commit of what brought it about; what happens when it is due is `loop`'s."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vigil.clock import Ids
from vigil.domain.cron import Cron
from vigil.domain.ticket import OVER, Ticket
from vigil.domain.timer import Timer
from vigil.store.store import Session
from vigil.store.timers import TimerFilter, Timers

KIND: Final = "learn.ticket"
EDIT: Final = "learn.edit"
DOCUMENTS: Final = "learn.documents"
CARE: Final = "learn.care"
SOON: Final = timedelta(seconds=60)
"""Between the end of a ticket and learning from it: a "thanks, that was it" often follows the click."""
EVERY_NIGHT: Final = "17 3 * * *"
"""When `care` looks at what is known: at night, and not at the full hour, when everybody's jobs begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningTimes:
    """Sets the timers.

    Args:
        quiet_s: seconds without a word after which a ticket that a human answered is learned from; 0: only when it is over.
    """

    ids: Ids
    quiet_s: float

    async def over(self, session: Session, ticket: Ticket, *, at: datetime) -> None:
        """A ticket is resolved or closed."""
        await self._set(session, ticket, due=at + SOON, at=at)

    async def reopened(self, session: Session, ticket: Ticket, *, at: datetime) -> None:
        """What came of it isn't known after all."""
        await Timers(session).drop(KIND, ticket.id, at=at)

    async def written(self, session: Session, ticket: Ticket, *, at: datetime) -> None:
        """Somebody wrote in a ticket. While it is over, its end counts."""
        if self.quiet_s > 0 and ticket.human_joined_at is not None and ticket.state not in OVER:
            await self._set(session, ticket, due=at + timedelta(seconds=self.quiet_s), at=at)

    async def edited(self, session: Session, outcome_id: str, *, at: datetime) -> None:
        """Somebody sent an answer with words of their own in it."""
        timer = Timer(id=self.ids.new("tmr"), kind=EDIT, subject=outcome_id, due=at + SOON)
        await Timers(session).set(timer, at=at)

    async def _set(self, session: Session, ticket: Ticket, *, due: datetime, at: datetime) -> None:
        await Timers(session).set(Timer(id=self.ids.new("tmr"), kind=KIND, subject=ticket.id, due=due), at=at)


async def missing_care(session: Session, ids: Ids, *, at: datetime) -> tuple[Timer, ...]:
    """The nightly timer of a session's workspace, where none waits."""
    subject = session.workspace
    if await Timers(session).find(TimerFilter(kind=CARE, subject=subject, limit=1)):
        return ()
    due = Cron.parse(EVERY_NIGHT).after(at)
    return (Timer(id=ids.new("tmr"), kind=CARE, subject=subject, due=due, every=EVERY_NIGHT),)
