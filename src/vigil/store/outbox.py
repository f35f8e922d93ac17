"""Posts that wait to be sent, and what became of them. Whether one is still wanted is looked at by `runtime`, just before sending."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, exists, func, insert, literal_column, or_, select, update

from vigil.domain.post import Post, PostState, Visibility
from vigil.store.columns import Instant
from vigil.store.store import WORKSPACE, Session, Store, scoped
from vigil.store.tables import outbox

_mine = outbox.c.workspace_id == WORKSPACE
_is_waiting = outbox.c.state == literal_column("'waiting'")  # written out, so that the partial indexes are found
_at = bindparam("at", type_=Instant())
_until = bindparam("until", type_=Instant())
_free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < _at)
_before = outbox.alias("before")
_overtakes = (
    _before.c.workspace_id == outbox.c.workspace_id,
    _before.c.conversation_id == outbox.c.conversation_id,
    _before.c.state == literal_column("'waiting'"),
    _before.c.id < outbox.c.id,
)
_first_anywhere = ~exists().where(*_overtakes)
_first_here = ~exists().where(_before.c.workspace_id == WORKSPACE, *_overtakes)
_due = (
    select(outbox.c.id)
    .where(_mine, _is_waiting, outbox.c.not_before <= _at, _free, _first_here)
    .order_by(outbox.c.not_before, outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

_EARLIEST = (
    select(outbox.c.workspace_id, func.min(outbox.c.not_before).label("due"))
    .where(_is_waiting, _free, _first_anywhere)
    .group_by(outbox.c.workspace_id)
)
_ADD = insert(outbox)
_CLAIM = scoped(
    update(outbox)
    .where(_mine, outbox.c.id.in_(_due.scalar_subquery()))
    .values(claimed_by=bindparam("owner"), claimed_until=_until)
    .returning(outbox)
)
_SETTLE = scoped(
    update(outbox)
    .where(_mine, outbox.c.id == bindparam("post"), _is_waiting)
    .values(
        state=bindparam("new_state"),
        reason=bindparam("why"),
        external_id=bindparam("name"),
        claimed_by=None,
        claimed_until=None,
        changed_at=_at,
    )
)
_TRY_AGAIN = scoped(
    update(outbox)
    .where(_mine, outbox.c.id == bindparam("post"), _is_waiting)
    .values(
        attempts=bindparam("tried"),
        not_before=_until,
        reason=bindparam("why"),
        claimed_by=None,
        claimed_until=None,
        changed_at=_at,
    )
)
_decisions: BindParameter[str] = bindparam("decisions", expanding=True)
_WITHDRAW = scoped(
    update(outbox)
    .where(_mine, outbox.c.decision_id.in_(_decisions), _is_waiting)
    .values(state=PostState.WITHDRAWN.value, reason=bindparam("why"), changed_at=_at)
)
_WITHDRAWN = scoped(
    select(outbox.c.decision_id).where(
        _mine, outbox.c.decision_id.in_(_decisions), outbox.c.state == PostState.WITHDRAWN.value
    )
)
_OF_DECISIONS = scoped(
    select(outbox).where(_mine, outbox.c.decision_id.in_(_decisions)).order_by(outbox.c.not_before, outbox.c.id)
)


async def earliest_posts(store: Store, *, at: datetime) -> dict[str, datetime]:
    """When the first post of each workspace is due that waits and that nobody has claimed."""
    async with store.across_workspaces(short=True) as connection:
        rows = await connection.execute(_EARLIEST, {"at": at})
        return {row.workspace_id: row.due for row in rows}


class Outbox:
    """The outbox of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, posts: Sequence[Post], *, at: datetime, traceparent: str | None = None) -> None:
        for post in posts:
            await self._session.execute(
                _ADD,
                {
                    "workspace_id": self._session.workspace,
                    "id": post.id,
                    "conversation_id": post.conversation_id,
                    "decision_id": post.decision_id,
                    "visibility": post.visibility.value,
                    "text": post.text,
                    "not_before": post.not_before,
                    "state": post.state.value,
                    "attempts": post.attempts,
                    "reason": post.reason,
                    "changed_at": at,
                    "traceparent": traceparent,
                },
            )

    async def claim(self, *, owner: str, at: datetime, seconds: float, limit: int) -> list[Post]:
        """Posts that are due, claimed so that no other sender takes them until the claim runs out. Of a conversation only the first that
        waits, so that nothing overtakes a post that is put off."""
        wanted = {"owner": owner, "at": at, "until": at + timedelta(seconds=seconds), "limit": limit}
        rows = await self._session.execute(_CLAIM, wanted)
        return sorted((_post(row) for row in rows), key=lambda post: (post.not_before, post.id))

    async def settle(
        self,
        post_id: str,
        *,
        state: PostState,
        at: datetime,
        reason: str = "",
        external_id: str | None = None,
    ) -> bool:
        """Bring a waiting post to its end; False where it is no longer waiting."""
        values = {"post": post_id, "new_state": state.value, "why": reason, "name": external_id, "at": at}
        return (await self._session.execute(_SETTLE, values)).rowcount == 1

    async def try_again(
        self, post: Post, *, not_before: datetime, reason: str, at: datetime, counts: bool = True
    ) -> None:
        """Put a waiting post off; a try that doesn't count leaves its number of attempts alone."""
        tried = post.attempts + 1 if counts else post.attempts
        values = {"post": post.id, "tried": tried, "until": not_before, "why": reason, "at": at}
        await self._session.execute(_TRY_AGAIN, values)

    async def withdraw(self, decision_ids: Sequence[str], *, reason: str, at: datetime) -> int:
        """Withdraw whatever still waits of these decisions; says how many posts that were."""
        if not decision_ids:
            return 0
        values = {"decisions": list(decision_ids), "why": reason, "at": at}
        return (await self._session.execute(_WITHDRAW, values)).rowcount

    async def withdrawn(self, decision_ids: Sequence[str]) -> frozenset[str]:
        """Which of these decisions had a post withdrawn."""
        if not decision_ids:
            return frozenset()
        rows = await self._session.execute(_WITHDRAWN, {"decisions": list(decision_ids)})
        return frozenset(row.decision_id for row in rows)

    async def of_decisions(self, decision_ids: Sequence[str]) -> list[Post]:
        """All posts of these decisions."""
        if not decision_ids:
            return []
        rows = await self._session.execute(_OF_DECISIONS, {"decisions": list(decision_ids)})
        return [_post(row) for row in rows]


def _post(row: Row[Any]) -> Post:
    return Post(
        id=row.id,
        conversation_id=row.conversation_id,
        decision_id=row.decision_id,
        visibility=Visibility(row.visibility),
        text=row.text,
        not_before=row.not_before,
        state=PostState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        external_id=row.external_id,
        traceparent=row.traceparent,
    )
