"""Posts that wait to be sent, and what became of them. Whether one is still wanted is looked at by `runtime`, just before sending."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from vigil.domain.post import Post, PostState, Visibility
from vigil.store.store import Session, Store
from vigil.store.tables import outbox


async def workspaces_with_due_posts(store: Store, *, at: datetime) -> list[str]:
    """Workspaces in which a post is due."""
    async with store.across_workspaces() as connection:
        rows = await connection.execute(
            select(outbox.c.workspace_id)
            .where(outbox.c.state == PostState.WAITING.value, outbox.c.not_before <= at)
            .distinct()
        )
        return [row.workspace_id for row in rows]


async def next_due(store: Store) -> datetime | None:
    """When the next post of any workspace is due; None where nothing waits."""
    async with store.across_workspaces() as connection:
        return (
            await connection.execute(
                select(func.min(outbox.c.not_before)).where(outbox.c.state == PostState.WAITING.value)
            )
        ).scalar_one()


class Outbox:
    """The outbox of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = outbox.c.workspace_id == session.workspace

    async def add(self, posts: Sequence[Post], *, at: datetime, traceparent: str | None = None) -> None:
        for post in posts:
            await self._session.execute(
                insert(outbox).values(
                    workspace_id=self._session.workspace,
                    id=post.id,
                    conversation_id=post.conversation_id,
                    decision_id=post.decision_id,
                    visibility=post.visibility.value,
                    text=post.text,
                    not_before=post.not_before,
                    state=post.state.value,
                    attempts=post.attempts,
                    reason=post.reason,
                    changed_at=at,
                    traceparent=traceparent,
                )
            )

    async def claim(self, *, owner: str, at: datetime, seconds: float, limit: int) -> list[Post]:
        """Posts that are due, claimed so that no other sender takes them until the claim runs out."""
        due = (
            select(outbox.c.id)
            .where(
                self._mine,
                outbox.c.state == PostState.WAITING.value,
                outbox.c.not_before <= at,
                or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < at),
            )
            .order_by(outbox.c.not_before, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = await self._session.execute(
            update(outbox)
            .where(self._mine, outbox.c.id.in_(due.scalar_subquery()))
            .values(claimed_by=owner, claimed_until=at + timedelta(seconds=seconds))
            .returning(outbox)
        )
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
        result = await self._session.execute(
            update(outbox)
            .where(self._mine, outbox.c.id == post_id, outbox.c.state == PostState.WAITING.value)
            .values(
                state=state.value,
                reason=reason,
                external_id=external_id,
                claimed_by=None,
                claimed_until=None,
                changed_at=at,
            )
        )
        return result.rowcount == 1

    async def try_again(self, post: Post, *, not_before: datetime, reason: str, at: datetime) -> None:
        """Note a failed delivery and when to try next."""
        await self._session.execute(
            update(outbox)
            .where(self._mine, outbox.c.id == post.id, outbox.c.state == PostState.WAITING.value)
            .values(
                attempts=post.attempts + 1,
                not_before=not_before,
                reason=reason,
                claimed_by=None,
                claimed_until=None,
                changed_at=at,
            )
        )

    async def withdraw(self, decision_ids: Sequence[str], *, reason: str, at: datetime) -> int:
        """Withdraw whatever still waits of these decisions; says how many posts that were."""
        if not decision_ids:
            return 0
        result = await self._session.execute(
            update(outbox)
            .where(self._mine, outbox.c.decision_id.in_(decision_ids), outbox.c.state == PostState.WAITING.value)
            .values(state=PostState.WITHDRAWN.value, reason=reason, changed_at=at)
        )
        return result.rowcount

    async def withdrawn(self, decision_ids: Sequence[str]) -> frozenset[str]:
        """Which of these decisions had a post withdrawn."""
        if not decision_ids:
            return frozenset()
        rows = await self._session.execute(
            select(outbox.c.decision_id).where(
                self._mine, outbox.c.decision_id.in_(decision_ids), outbox.c.state == PostState.WITHDRAWN.value
            )
        )
        return frozenset(row.decision_id for row in rows)

    async def of_decisions(self, decision_ids: Sequence[str]) -> list[Post]:
        """All posts of these decisions."""
        if not decision_ids:
            return []
        rows = await self._session.execute(
            select(outbox)
            .where(self._mine, outbox.c.decision_id.in_(decision_ids))
            .order_by(outbox.c.not_before, outbox.c.id)
        )
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
