"""Counting tickets, what Vigil said in them and what became of it, for the tickets opened in a time. No decision's body is read: what is
counted stands in indexes. What the counts mean is `runtime.insight`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, case, func, literal_column, select, type_coerce

from vigil.domain.decision import ASKED, Decision, DecisionKind, OutcomeKind, Reason
from vigil.domain.post import PostState, Visibility
from vigil.domain.ticket import OVER
from vigil.store.decisions import decision_of
from vigil.store.paging import earlier
from vigil.store.store import Session
from vigil.store.tables import decisions, outbox, outcomes, tickets

HELPED: Final = (OutcomeKind.ADOPTED, OutcomeKind.EDITED, OutcomeKind.CONFIRMED)
"""Words that say that an answer was of use."""
_OVER: Final = tuple(sorted(state.value for state in OVER))
_ANSWERS: Final = (DecisionKind.SUGGEST.value, DecisionKind.REPLY.value)
_MICROSECONDS: Final = 1_000_000
_NOT_SILENT: Final = decisions.c.kind != literal_column("'silent'")
"""Written out, so that the partial index is found."""
FOLLOW_UPS: Final = "follow_ups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The tickets that are counted: opened in this time, and of this topic where one is named."""

    since: datetime
    until: datetime
    topic: str | None = None
    width_s: int = 86_400
    """Seconds in one step of the time axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFigures:
    """One ticket, as far as it is counted."""

    step: int
    """Which step of the time axis it was opened in, from 0."""
    topic: str | None
    over: bool
    reopened: bool
    confirmed: bool
    """A customer said that an answer of Vigil's helped."""
    helped: bool
    """An answer was sent as it was or changed, or a customer said that it helped."""
    first_help_s: float | None
    """Seconds from the opening to the first answer, private or public."""
    first_person_s: float | None
    """Seconds until a person wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something happened in the tickets of one step and topic."""

    step: int
    topic: str | None
    what: str
    number: int
    words: int = 0
    """Of the answers that it happened to."""
    tokens: int = 0
    money: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which decisions to list; an unset field admits all."""

    span: Span | None = None
    """Only those in tickets opened then."""
    kinds: tuple[DecisionKind, ...] = ()
    reason: Reason | None = None
    outcome: OutcomeKind | None = None
    helped: bool = False
    """Only those of which somebody said that they helped."""
    unjudged: bool = False
    """Only answers of which nobody has said anything."""
    shown: bool = False
    """Only those that were laid before the analysts."""
    called: bool = False
    """Only those that asked a model."""
    resolution: str = ""
    """``confirmed``, ``assumed``, ``reopened`` or ``helped``: of the ticket."""
    before: tuple[datetime, str] | None = None
    limit: int = 50


class Figures:
    """Counts in the workspace of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._workspace = session.workspace

    async def tickets(self, span: Span) -> list[TicketFigures]:
        """Every ticket of a time."""
        told, said = self._answered(), self._outcomes()
        opened = type_coerce(tickets.c.opened_at, BigInteger)
        statement = (
            select(
                self._step(span).label("step"),
                tickets.c.topic,
                tickets.c.state,
                tickets.c.reopened_at,
                (type_coerce(tickets.c.human_joined_at, BigInteger) - opened).label("joined"),
                func.min(
                    case((decisions.c.kind.in_(_ANSWERS), type_coerce(decisions.c.decided_at, BigInteger) - opened))
                ).label("first"),
                func.max(case((outcomes.c.kind == OutcomeKind.CONFIRMED.value, 1), else_=0)).label("confirmed"),
                func.max(case((outcomes.c.kind.in_([each.value for each in HELPED]), 1), else_=0)).label("helped"),
            )
            .select_from(tickets.outerjoin(decisions, told).outerjoin(outcomes, said))
            .where(*self._mine(span))
            .group_by(
                tickets.c.id,
                tickets.c.opened_at,
                tickets.c.topic,
                tickets.c.state,
                tickets.c.reopened_at,
                tickets.c.human_joined_at,
            )
        )
        return [
            TicketFigures(
                step=row.step,
                topic=row.topic,
                over=row.state in _OVER,
                reopened=row.reopened_at is not None,
                confirmed=bool(row.confirmed),
                helped=bool(row.helped),
                first_help_s=None if row.first is None else max(0.0, row.first / _MICROSECONDS),
                first_person_s=None if row.joined is None else max(0.0, row.joined / _MICROSECONDS),
            )
            for row in await self._session.execute(statement)
        ]

    async def said(self, span: Span) -> list[Count]:
        """What Vigil said in conversations, by kind; its looks at tickets for which nobody wrote as `FOLLOW_UPS`."""
        return await self._counted(
            span,
            tickets.outerjoin(decisions, and_(self._told(), ~_asked(decisions))),
            case((decisions.c.reason == Reason.FOLLOW_UP.value, FOLLOW_UPS), else_=decisions.c.kind),
            func.count(decisions.c.id),
            words=func.sum(decisions.c.words),
        )

    async def judged(self, span: Span) -> list[Count]:
        """What became of its answers, by outcome. An answer of which the same was said twice counts once."""
        return await self._counted(
            span,
            tickets.outerjoin(decisions, self._answered()).outerjoin(outcomes, self._outcomes()),
            outcomes.c.kind,
            func.count(decisions.c.id.distinct()),
            words=func.sum(decisions.c.words),
        )

    async def shown(self, span: Span) -> list[Count]:
        """What was laid before the analysts, as ``shown``."""
        posts = and_(
            outbox.c.workspace_id == self._workspace,
            outbox.c.decision_id == decisions.c.id,
            outbox.c.visibility == Visibility.PRIVATE.value,
            outbox.c.state == PostState.SENT.value,
        )
        return await self._counted(
            span,
            tickets.outerjoin(decisions, self._told()).outerjoin(outbox, posts),
            case((outbox.c.id.is_not(None), "shown")),
            func.count(decisions.c.id.distinct()),
            words=func.sum(decisions.c.words),
        )

    async def called(self, span: Span) -> list[Count]:
        """Model calls with what they cost, as ``called``."""
        calls = and_(
            decisions.c.workspace_id == self._workspace,
            decisions.c.ticket_id == tickets.c.id,
            decisions.c.calls > 0,
        )
        return await self._counted(
            span,
            tickets.outerjoin(decisions, calls),
            case((decisions.c.calls > 0, "called")),
            func.sum(decisions.c.calls),
            tokens=func.sum(decisions.c.tokens),
            money=func.sum(decisions.c.money),
        )

    async def decisions(self, wanted: ListFilter) -> list[Decision]:
        """The latest first."""
        query = self._listed(select(decisions.c.body), wanted)
        if wanted.before is not None:
            query = query.where(earlier(decisions.c.decided_at, decisions.c.id, wanted.before))
        rows = await self._session.execute(
            query.order_by(decisions.c.decided_at.desc(), decisions.c.id.desc()).limit(wanted.limit)
        )
        return [decision_of(row) for row in rows]

    async def count(self, wanted: ListFilter) -> tuple[int, int]:
        """How many decisions there are, and in how many tickets."""
        query = select(func.count().label("number"), func.count(decisions.c.ticket_id.distinct()).label("tickets"))
        row = (await self._session.execute(self._listed(query.select_from(decisions), wanted))).one()
        return row.number, row.tickets

    def _listed(self, query: Any, wanted: ListFilter) -> Any:
        query = query.where(decisions.c.workspace_id == self._workspace)
        if wanted.span is not None or wanted.resolution:
            within = [] if wanted.span is None else self._mine(wanted.span)
            mine = select(tickets.c.id).where(
                tickets.c.workspace_id == self._workspace, *within, *_resolved(wanted.resolution)
            )
            query = query.where(decisions.c.ticket_id.in_(mine))
            if wanted.resolution == "confirmed":
                query = query.where(self._ticket_said([OutcomeKind.CONFIRMED]))
            elif wanted.resolution == "assumed":
                query = query.where(~self._ticket_said([OutcomeKind.CONFIRMED]))
            elif wanted.resolution == "helped":
                query = query.where(self._ticket_said(HELPED))
        if wanted.kinds:
            query = query.where(decisions.c.kind.in_([kind.value for kind in wanted.kinds]))
        if wanted.reason is not None:
            query = query.where(decisions.c.reason == wanted.reason.value)
        answered = _NOT_SILENT if wanted.reason is Reason.FOLLOW_UP else and_(_NOT_SILENT, _answers(decisions))
        if wanted.outcome is not None:
            query = query.where(answered, self._said([wanted.outcome]))
        if wanted.helped:
            query = query.where(answered, self._said(HELPED))
        if wanted.unjudged:
            query = query.where(answered, decisions.c.kind.in_(_ANSWERS), ~self._said(tuple(OutcomeKind)))
        if wanted.shown:
            query = query.where(
                _NOT_SILENT,
                select(outbox.c.id)
                .where(
                    outbox.c.workspace_id == self._workspace,
                    outbox.c.decision_id == decisions.c.id,
                    outbox.c.visibility == Visibility.PRIVATE.value,
                    outbox.c.state == PostState.SENT.value,
                )
                .exists(),
            )
        if wanted.called:
            query = query.where(decisions.c.calls > 0)
        return query

    def _said(self, kinds: Sequence[OutcomeKind]) -> ColumnElement[bool]:
        """Somebody said so of the decision."""
        return (
            select(outcomes.c.id)
            .where(
                outcomes.c.workspace_id == self._workspace,
                outcomes.c.decision_id == decisions.c.id,
                outcomes.c.kind.in_([kind.value for kind in kinds]),
            )
            .exists()
        )

    def _ticket_said(self, kinds: Sequence[OutcomeKind]) -> ColumnElement[bool]:
        """Somebody said so of any answer in the decision's ticket. Looked up once, not for each decision."""
        other = decisions.alias("other")
        said = select(other.c.ticket_id).where(
            other.c.workspace_id == self._workspace,
            outcomes.c.workspace_id == self._workspace,
            outcomes.c.decision_id == other.c.id,
            outcomes.c.kind.in_([kind.value for kind in kinds]),
            other.c.ticket_id.is_not(None),
            _answers(other),
        )
        return decisions.c.ticket_id.in_(said)

    async def _counted(
        self, span: Span, source: Any, what: ColumnElement[Any], number: ColumnElement[int], **sums: ColumnElement[Any]
    ) -> list[Count]:
        step = self._step(span).label("step")
        labelled = what.label("what")
        statement = (
            select(
                step,
                tickets.c.topic,
                labelled,
                number.label("number"),
                *(value.label(name) for name, value in sums.items()),
            )
            .select_from(source)
            .where(*self._mine(span))
            .group_by(step, tickets.c.topic, labelled)
        )
        return [
            Count(
                step=row.step,
                topic=row.topic,
                what=row.what,
                number=row.number or 0,
                **{name: getattr(row, name) or 0 for name in sums},
            )
            for row in await self._session.execute(statement)
            if row.what is not None
        ]

    def _step(self, span: Span) -> ColumnElement[int]:
        since = int(span.since.timestamp() * _MICROSECONDS)
        return (type_coerce(tickets.c.opened_at, BigInteger) - since) // (span.width_s * _MICROSECONDS)

    def _mine(self, span: Span) -> list[ColumnElement[bool]]:
        mine = [
            tickets.c.workspace_id == self._workspace,
            tickets.c.opened_at >= span.since,
            tickets.c.opened_at < span.until,
        ]
        if span.topic is not None:
            mine.append(tickets.c.topic == span.topic if span.topic else tickets.c.topic.is_(None))
        return mine

    def _told(self) -> ColumnElement[bool]:
        """Joins what Vigil said to a ticket; from the left, so that the databases begin with the tickets of the time."""
        return and_(
            decisions.c.workspace_id == self._workspace,
            decisions.c.ticket_id == tickets.c.id,
            _NOT_SILENT,
        )

    def _answered(self) -> ColumnElement[bool]:
        """Joins the answers to what was written in a ticket: neither what colleagues asked Vigil itself, nor its follow-ups."""
        return and_(self._told(), _answers(decisions))

    def _outcomes(self) -> ColumnElement[bool]:
        return and_(outcomes.c.workspace_id == self._workspace, outcomes.c.decision_id == decisions.c.id)


def _asked(said: FromClause) -> ColumnElement[bool]:
    return said.c.message_id.startswith(ASKED, autoescape=True)


def _answers(said: FromClause) -> ColumnElement[bool]:
    return and_(said.c.reason != Reason.FOLLOW_UP.value, ~_asked(said))


def _resolved(resolution: str) -> list[ColumnElement[bool]]:
    if resolution in ("confirmed", "assumed"):
        return [tickets.c.state.in_(_OVER)]
    return [tickets.c.reopened_at.is_not(None)] if resolution == "reopened" else []
