"""Decisions together with what people said of them. What follows for the next ones is decided above."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select

from vigil.domain.decision import OutcomeKind
from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import decisions, outcomes

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
        rows = await self._session.execute(_LATEST, {"since": since, "most": limit})
        return [
            Judgement(
                decision_id=row.id, ticket_id=row.ticket_id, confidence=row.confidence, kind=OutcomeKind(row.kind)
            )
            for row in rows
        ]
