"""Follow-ups in the database: ids, instants and reasons, never words; those stand in the messages and in the decision that showed one. What
a ticket wants is planned above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update

from vigil.domain.followup import FollowUp, FollowUpReason, FollowUpState
from vigil.errors import NotFound
from vigil.store.entries import batches
from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import follow_ups
from vigil.store.upsert import insert_new

OPEN: Final = frozenset({FollowUpState.PENDING, FollowUpState.SHOWN, FollowUpState.SNOOZED})
"""States that may still change."""
_UNIQUE = ("workspace_id", "ticket_id", "reason", "about")
_OF_TICKET = scoped(
    select(follow_ups)
    .where(follow_ups.c.workspace_id == WORKSPACE, follow_ups.c.ticket_id == bindparam("ticket"))
    .order_by(follow_ups.c.due, follow_ups.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFilter:
    """Which follow-ups are wanted; an unset field admits all."""

    states: Collection[FollowUpState] = (FollowUpState.SHOWN,)
    """Empty: all."""
    reasons: Collection[FollowUpReason] = ()
    ticket_id: str | None = None
    after: tuple[datetime, str] | None = None
    """Go on after the one that was due then and has this id."""
    limit: int = 50


class FollowUps:
    """The follow-ups of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _mine(self) -> ColumnElement[bool]:
        return follow_ups.c.workspace_id == self._session.workspace

    async def of_ticket(self, ticket_id: str) -> list[FollowUp]:
        """All that a ticket ever wanted, by when they are due."""
        return [_follow_up(row) for row in await self._session.execute(_OF_TICKET, {"ticket": ticket_id})]

    async def get(self, follow_up_id: str) -> FollowUp:
        """Raises NotFound."""
        wanted = select(follow_ups).where(self._mine, follow_ups.c.id == follow_up_id)
        row = (await self._session.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound(
                f"There is no follow-up {follow_up_id!r} in this workspace; `vigil followups list` shows them."
            )
        return _follow_up(row)

    async def behind(self, decision_id: str) -> FollowUp | None:
        """The follow-up that a decision shows; None where it shows none, or another one does by now."""
        wanted = select(follow_ups).where(self._mine, follow_ups.c.decision_id == decision_id)
        row = (await self._session.execute(wanted)).one_or_none()
        return None if row is None else _follow_up(row)

    async def find(self, wanted: FollowUpFilter) -> list[FollowUp]:
        """Those that are wanted, the soonest due first."""
        query = select(follow_ups).where(self._mine)
        if wanted.states:
            query = query.where(follow_ups.c.state.in_([state.value for state in wanted.states]))
        if wanted.reasons:
            query = query.where(follow_ups.c.reason.in_([reason.value for reason in wanted.reasons]))
        if wanted.ticket_id is not None:
            query = query.where(follow_ups.c.ticket_id == wanted.ticket_id)
        if wanted.after is not None:
            due, last = wanted.after
            query = query.where((follow_ups.c.due > due) | ((follow_ups.c.due == due) & (follow_ups.c.id > last)))
        rows = await self._session.execute(query.order_by(follow_ups.c.due, follow_ups.c.id).limit(wanted.limit))
        return [_follow_up(row) for row in rows]

    async def open_of(self, ticket_ids: Collection[str]) -> dict[str, list[FollowUp]]:
        """What is open of these tickets, by ticket, the soonest due first."""
        found: dict[str, list[FollowUp]] = {}
        for some in batches(ticket_ids):
            rows = await self._session.execute(
                select(follow_ups)
                .where(
                    self._mine,
                    follow_ups.c.ticket_id.in_(some),
                    follow_ups.c.state.in_([state.value for state in OPEN]),
                )
                .order_by(follow_ups.c.due, follow_ups.c.id)
            )
            for row in rows:
                found.setdefault(row.ticket_id, []).append(_follow_up(row))
        return found

    async def add(self, follow_up: FollowUp) -> bool:
        """Write a new one; False where the ticket has one for this reason and message."""
        values = {
            "workspace_id": self._session.workspace,
            "id": follow_up.id,
            "ticket_id": follow_up.ticket_id,
            "conversation_id": follow_up.conversation_id,
            "reason": follow_up.reason.value,
            "about": follow_up.about,
            "due": follow_up.due,
            "state": follow_up.state.value,
            "decision_id": follow_up.decision_id,
            "shown_at": follow_up.shown_at,
            "changed_at": follow_up.changed_at,
            "by": follow_up.by,
            "note": follow_up.note,
        }
        return await insert_new(self._session, follow_ups, values, unique=_UNIQUE)

    async def change(self, follow_up: FollowUp, *, was: FollowUpState) -> bool:
        """Write one as it is to stand; False where it no longer stands as it was, and then nothing is written."""
        result = await self._session.execute(
            update(follow_ups)
            .where(self._mine, follow_ups.c.id == follow_up.id, follow_ups.c.state == was.value)
            .values(
                due=follow_up.due,
                state=follow_up.state.value,
                decision_id=follow_up.decision_id,
                shown_at=follow_up.shown_at,
                changed_at=follow_up.changed_at,
                by=follow_up.by,
                note=follow_up.note,
            )
        )
        return result.rowcount == 1

    async def counts(self, *, since: datetime) -> Mapping[FollowUpReason, Mapping[FollowUpState, int]]:
        """What became of those that were shown or sent since then, by reason."""
        rows = await self._session.execute(
            select(follow_ups.c.reason, follow_ups.c.state, func.count().label("number"))
            .where(self._mine, follow_ups.c.shown_at >= since)
            .group_by(follow_ups.c.reason, follow_ups.c.state)
        )
        found: dict[FollowUpReason, dict[FollowUpState, int]] = {}
        for row in rows:
            found.setdefault(FollowUpReason(row.reason), {})[FollowUpState(row.state)] = row.number
        return found

    async def judged(self, reason: FollowUpReason, *, limit: int) -> list[bool]:
        """What people said of the latest ones of a reason, the newest first: True where one was of use."""
        rows = await self._session.execute(
            select(follow_ups.c.state)
            .where(
                self._mine,
                follow_ups.c.reason == reason.value,
                follow_ups.c.by.not_in(("", "vigil")),
                follow_ups.c.state.in_([FollowUpState.DONE.value, FollowUpState.SENT.value, FollowUpState.WRONG.value]),
            )
            .order_by(follow_ups.c.changed_at.desc(), follow_ups.c.id.desc())
            .limit(limit)
        )
        return [row.state != FollowUpState.WRONG.value for row in rows]


def _follow_up(row: Row[Any]) -> FollowUp:
    return FollowUp(
        id=row.id,
        ticket_id=row.ticket_id,
        conversation_id=row.conversation_id,
        reason=FollowUpReason(row.reason),
        about=row.about,
        due=row.due,
        state=FollowUpState(row.state),
        decision_id=row.decision_id,
        shown_at=row.shown_at,
        changed_at=row.changed_at,
        by=row.by,
        note=row.note,
    )
