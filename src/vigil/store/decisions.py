"""Decisions and what became of them. The body of a decision is kept whole, so that each can be explained for as long as it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Integer, Row, bindparam, insert, literal_column, select

from vigil.domain.decision import Decision, DecisionKind, Outcome, OutcomeKind, Reason
from vigil.errors import NotFound
from vigil.store.paging import earlier
from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import decisions, outcomes

_BODY = TypeAdapter(Decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilter:
    """Which decisions to list; an unset field admits all."""

    ticket_id: str | None = None
    message_id: str | None = None
    conversation_id: str | None = None
    kinds: tuple[DecisionKind, ...] = ()
    reasons: tuple[Reason, ...] = ()
    since: datetime | None = None
    before: tuple[datetime, str] | None = None
    """Only those decided before this (instant, id): where the page before ended."""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a decision said, in short."""

    decision_id: str
    ticket_id: str | None
    message_id: str
    at: datetime
    answer: str
    entry_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A question of a ticket that nothing answered."""

    decision_id: str
    ticket_id: str
    question: str
    at: datetime


_mine = decisions.c.workspace_id == WORKSPACE
_ADD = insert(decisions)
_GET = scoped(select(decisions.c.body).where(_mine, decisions.c.id == bindparam("wanted")))
_SAID = scoped(
    select(
        decisions.c.id,
        decisions.c.ticket_id,
        decisions.c.message_id,
        decisions.c.decided_at,
        decisions.c.body["answer"].label("answer"),
        decisions.c.body["citations"].label("citations"),
    )
    .where(
        _mine,
        decisions.c.conversation_id == bindparam("conversation"),
        decisions.c.kind != literal_column("'silent'"),  # written out, so that the partial index is found
        decisions.c.message_id.not_like(
            "ask\\_%", escape="\\"
        ),  # what a colleague asked in private was not said in the conversation
    )
    .order_by(decisions.c.position.desc())
    .limit(bindparam("limit", type_=Integer()))
)
_ABOUT = scoped(select(decisions.c.id).where(_mine, decisions.c.message_id == bindparam("message")))


class Decisions:
    """The decisions of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _mine(self) -> ColumnElement[bool]:
        return decisions.c.workspace_id == self._session.workspace

    async def add(self, decision: Decision, *, position: int) -> None:
        """Write a decision for the event at `position` of its conversation; a second one for the same event is an error of the database."""
        await self._session.execute(
            _ADD,
            {
                "workspace_id": self._session.workspace,
                "id": decision.id,
                "conversation_id": decision.conversation_id,
                "message_id": decision.message_id,
                "ticket_id": decision.ticket_id,
                "kind": decision.kind.value,
                "reason": decision.reason.value,
                "confidence": decision.confidence,
                "body": _BODY.dump_python(decision, mode="json"),
                "decided_at": decision.decided_at,
                "position": position,
                "words": len(decision.answer.split()),
                "calls": decision.cost.calls,
                "tokens": decision.cost.tokens_in + decision.cost.tokens_out,
                "money": decision.cost.money,
            },
        )

    async def get(self, decision_id: str) -> Decision:
        """Raises NotFound."""
        row = (await self._session.execute(_GET, {"wanted": decision_id})).one_or_none()
        if row is None:
            raise NotFound(
                f"There is no decision {decision_id!r} in this workspace; `vigil decisions` lists the latest."
            )
        return decision_of(row)

    async def find(self, wanted: DecisionFilter) -> list[Decision]:
        """The latest first."""
        query = select(decisions.c.body).where(self._mine)
        if wanted.ticket_id is not None:
            query = query.where(decisions.c.ticket_id == wanted.ticket_id)
        if wanted.message_id is not None:
            query = query.where(decisions.c.message_id == wanted.message_id)
        if wanted.conversation_id is not None:
            query = query.where(decisions.c.conversation_id == wanted.conversation_id)
        if wanted.kinds:
            query = query.where(decisions.c.kind.in_([kind.value for kind in wanted.kinds]))
        if wanted.reasons:
            query = query.where(decisions.c.reason.in_([reason.value for reason in wanted.reasons]))
        if wanted.since is not None:
            query = query.where(decisions.c.decided_at >= wanted.since)
        if wanted.before is not None:
            query = query.where(earlier(decisions.c.decided_at, decisions.c.id, wanted.before))
        rows = await self._session.execute(
            query.order_by(decisions.c.decided_at.desc(), decisions.c.id.desc()).limit(wanted.limit)
        )
        return [decision_of(row) for row in rows]

    async def said(self, conversation_id: str, *, limit: int) -> list[Answered]:
        """The latest decisions of a conversation that said something, oldest first; without their candidates, which are many words."""
        rows = await self._session.execute(_SAID, {"conversation": conversation_id, "limit": limit})
        return [
            Answered(
                decision_id=row.id,
                ticket_id=row.ticket_id,
                message_id=row.message_id,
                at=row.decided_at,
                answer=row.answer,
                entry_ids=tuple(citation["entry_id"] for citation in row.citations),
            )
            for row in reversed(rows.all())
        ]

    async def unanswered(self, reasons: Sequence[Reason], *, since: datetime, limit: int) -> list[Unanswered]:
        """Questions that were passed over for these reasons, the latest first; without their candidates, which are many words."""
        rows = await self._session.execute(
            select(
                decisions.c.id,
                decisions.c.ticket_id,
                decisions.c.decided_at,
                decisions.c.body["question"].label("question"),
            )
            .where(
                self._mine,
                decisions.c.reason.in_([reason.value for reason in reasons]),
                decisions.c.decided_at >= since,
                decisions.c.ticket_id.is_not(None),
            )
            .order_by(decisions.c.decided_at.desc(), decisions.c.id.desc())
            .limit(limit)
        )
        return [
            Unanswered(decision_id=row.id, ticket_id=row.ticket_id, question=row.question, at=row.decided_at)
            for row in rows
            if row.question and row.question.strip()
        ]

    async def about(self, message_id: str) -> list[str]:
        """Ids of the decisions that were made about a message."""
        rows = await self._session.execute(_ABOUT, {"message": message_id})
        return [row.id for row in rows]

    async def add_outcome(self, outcome: Outcome) -> None:
        await self._session.execute(
            insert(outcomes).values(
                workspace_id=self._session.workspace,
                id=outcome.id,
                decision_id=outcome.decision_id,
                kind=outcome.kind.value,
                by=outcome.by,
                at=outcome.at,
                text=outcome.text,
                reason=outcome.reason,
            )
        )

    async def outcome(self, outcome_id: str) -> Outcome:
        """Raises NotFound."""
        mine = (outcomes.c.workspace_id == self._session.workspace, outcomes.c.id == outcome_id)
        row = (await self._session.execute(select(outcomes).where(*mine))).one_or_none()
        if row is None:
            raise NotFound(f"There is no outcome {outcome_id!r} in this workspace.")
        return _outcome(row)

    async def outcomes(self, decision_id: str) -> list[Outcome]:
        """What became of a decision, oldest first."""
        return await self.outcomes_of([decision_id])

    async def outcomes_of(self, decision_ids: Sequence[str]) -> list[Outcome]:
        """What became of these decisions, oldest first."""
        if not decision_ids:
            return []
        rows = await self._session.execute(
            select(outcomes)
            .where(outcomes.c.workspace_id == self._session.workspace, outcomes.c.decision_id.in_(decision_ids))
            .order_by(outcomes.c.at, outcomes.c.id)
        )
        return [_outcome(row) for row in rows]


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        id=row.id,
        decision_id=row.decision_id,
        kind=OutcomeKind(row.kind),
        by=row.by,
        at=row.at,
        text=row.text,
        reason=row.reason,
    )


def decision_of(row: Row[Any]) -> Decision:
    """The decision in a row with its `body`."""
    return _BODY.validate_python(row.body)
