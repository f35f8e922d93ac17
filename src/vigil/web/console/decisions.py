"""Decisions as a list that can be filtered, and one decision with its whole story: they are what every number of the insight page
counts."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from vigil.domain.account import Part
from vigil.domain.decision import DecisionKind, OutcomeKind, Reason
from vigil.errors import InvalidInput, NotFound
from vigil.store.figures import ListFilter, Span
from vigil.web.console import words
from vigil.web.console.insight import NO_TOPIC
from vigil.web.console.pages import page
from vigil.web.console.visits import PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/decisions", route_class=PageRoute, include_in_schema=False)

READS = least(Part.VIEWER)
PAGE: Final = 50
KINDS: Final = {
    "said": "Vigil said something",
    DecisionKind.SUGGEST.value: "Suggested",
    DecisionKind.REPLY.value: "Answered the customer",
    DecisionKind.HAND_OFF.value: "Called a person",
    DecisionKind.SILENT.value: "Stayed silent",
}
RESOLUTIONS: Final = {
    "helped": "Tickets in which Vigil helped",
    "confirmed": "Tickets resolved, confirmed by the customer",
    "assumed": "Tickets resolved, assumed",
    "reopened": "Tickets that came back",
}
_SAID: Final = tuple(kind for kind in DecisionKind if kind is not DecisionKind.SILENT)
Word = Annotated[str, Query(max_length=64)]


@router.get("", openapi_extra=READS)
async def decisions_page(
    request: Request,
    visitor: SignedIn,
    console: Console,
    services: Serving,
    opened_from: Word = "",
    opened_until: Word = "",
    topic: Word = "",
    kind: Word = "",
    reason: Word = "",
    outcome: Word = "",
    resolution: Word = "",
    helped: Word = "",
    shown: Word = "",
    called: Word = "",
    before: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The latest first; `before` is where the page before ended."""
    wanted = ListFilter(
        span=_span(opened_from, opened_until, topic),
        kinds=_SAID if kind == "said" else (DecisionKind(kind),) if kind in set(DecisionKind) else (),
        reason=Reason(reason) if reason in set(Reason) else None,
        outcome=OutcomeKind(outcome) if outcome in set(OutcomeKind) else None,
        resolution=resolution if resolution in RESOLUTIONS else "",
        helped=bool(helped),
        shown=bool(shown),
        called=bool(called),
        before=_place(before),
        limit=PAGE + 1,
    )
    listed = await console.insight.decisions(visitor.workspace, wanted)
    last = listed.decisions[PAGE - 1] if len(listed.decisions) > PAGE else None
    topics = {each.key: each.name for each in await services.administration.topics(visitor.workspace)}
    values: dict[str, Any] = {
        "listed": listed,
        "decisions": listed.decisions[:PAGE],
        "following": "" if last is None else f"{last.decided_at.isoformat()} {last.id}",
        "kinds": KINDS,
        "reasons": words.REASONS,
        "outcomes": words.OUTCOMES,
        "resolutions": RESOLUTIONS,
        "topics": topics,
        "no_topic": NO_TOPIC,
        "chosen": {
            "opened_from": opened_from,
            "opened_until": opened_until,
            "topic": topic,
            "kind": kind,
            "reason": reason,
            "outcome": outcome,
            "resolution": resolution,
            "helped": helped,
            "shown": shown,
            "called": called,
        },
        "now": console.clock.now(),
    }
    return page(request, "decisions.html", values)


@router.get("/{decision_id}", openapi_extra=READS)
async def decision_page(
    request: Request, decision_id: str, visitor: SignedIn, console: Console, services: Serving
) -> Response:
    """The whole story of one."""
    record = await services.desk.decision(visitor.workspace, decision_id)
    ticket = None
    if record.decision.ticket_id:
        try:
            ticket = await services.desk.ticket(visitor.workspace, record.decision.ticket_id)
        except NotFound:  # forgotten meanwhile
            ticket = None
    values: dict[str, Any] = {
        "decision": record.decision,
        "outcomes": record.outcomes,
        "posts": record.posts,
        "ticket": ticket,
        "kinds": KINDS,
        "story": services.story(record.decision),
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "now": console.clock.now(),
    }
    return page(request, "decision.html", values)


def _span(opened_from: str, opened_until: str, topic: str) -> Span | None:
    if not (opened_from or opened_until or topic):
        return None
    return Span(
        since=_day(opened_from) if opened_from else datetime(2000, 1, 1, tzinfo=UTC),
        until=(_day(opened_until) if opened_until else datetime(2999, 1, 1, tzinfo=UTC)) + timedelta(days=1),
        topic=None if not topic else "" if topic == NO_TOPIC else topic,
    )


def _day(typed: str) -> datetime:
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput("A day is written as 2026-03-31.") from None


def _place(before: str) -> tuple[datetime, str] | None:
    at, found, decision_id = before.partition(" ")
    try:
        instant = datetime.fromisoformat(at) if found else None
    except ValueError:
        return None
    return None if instant is None or instant.tzinfo is None else (instant, decision_id)
