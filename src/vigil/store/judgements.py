"""Decisions together with what people said of them. What follows for the next ones is decided above."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Result, bindparam, select

from vigil.domain.decision import OutcomeKind
from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import decisions, outcomes, tickets

_LATEST = scoped(
    select(decisions.c.id, decisions.c.ticket_id, decisions.c.confidence, outcomes.c.kind)
    .join(
        outcomes,
        (outcomes.c.decision_id == decisions.c.id) & (outcomes.c.workspace_id == WORKSPACE),
    )
    .where(
        decisions.c.workspace_id == WORKSPACE,
        decisions.c.confidence.is_not(None),
        outcomes.c.at >= bindparam("since"),
    )
    .order_by(outcomes.c.at.desc(), outcomes.c.id.desc())
    .limit(bindparam("most", type_=Integer()))
)


_OF_TOPIC = scoped(
    select(decisions.c.id, decisions.c.ticket_id, decisions.c.confidence, outcomes.c.kind)
    .join(
        outcomes,
        (outcomes.c.decision_id == decisions.c.id) & (outcomes.c.workspace_id == WORKSPACE),
    )
    .join(tickets, (tickets.c.id == decisions.c.ticket_id) & (tickets.c.workspace_id == WORKSPACE))
    .where(
        decisions.c.workspace_id == WORKSPACE,
        tickets.c.topic == bindparam("topic"),
        decisions.c.confidence >= bindparam("least"),
        outcomes.c.at >= bindparam("since"),
    )
    .order_by(outcomes.c.at.desc(), outcomes.c.id.desc())
    .limit(bindparam("most", type_=Integer()))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One word on a decision that said something."""

    decision_id: str
    ticket_id: str | None
    confidence: float
    kind: OutcomeKind


class Judgements:
    """The judgements of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def latest(self, *, since: datetime, limit: int) -> list[Judgement]:
        """The newest first."""
        return _judgements(await self._session.execute(_LATEST, {"since": since, "most": limit}))

    async def of_topic(self, topic: str, *, least: float, since: datetime, limit: int) -> list[Judgement]:
        """Those of one topic whose confidence was `least` or more, the newest first."""
        wanted = {"topic": topic, "least": least, "since": since, "most": limit}
        return _judgements(await self._session.execute(_OF_TOPIC, wanted))


def _judgements(rows: Result[Any]) -> list[Judgement]:
    return [
        Judgement(decision_id=row.id, ticket_id=row.ticket_id, confidence=row.confidence, kind=OutcomeKind(row.kind))
        for row in rows
    ]
