"""Insight: the figures of a time as a page, with a chart and a table for each question, and every number leading to the decisions that it
counts. What the figures mean is `runtime.insight`'s."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from vigil.domain.account import Part
from vigil.runtime.insight import KEPT, READING, WRITING, Tally
from vigil.store.figures import Span
from vigil.web.console.charts import Column, columns
from vigil.web.console.pages import page
from vigil.web.console.visits import PageRoute, SignedIn, least
from vigil.web.console.words import money, seconds
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/insight", route_class=PageRoute, include_in_schema=False)

PERIODS: Final = {"7": "The last 7 days", "28": "The last 4 weeks", "91": "The last 13 weeks", "364": "The last year"}
STEPS: Final = {"7": 1, "28": 1, "91": 7, "364": 28}
"""Days in one step of the charts and of their tables: what a line of type can tell apart, and a page carry."""
NO_TOPIC: Final = "-"
"""In an address: tickets without a topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number of a table, and where the decisions behind it are."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One question: its chart, and the table behind it."""

    id: str
    title: str
    drawn: Markup
    legend: tuple[tuple[str, str], ...]
    """Names of the series with their styles."""
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def span_of(days: int, topic: str, now: datetime) -> Span:
    """The last `days` days, today included; days begin at midnight UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(
        since=midnight - timedelta(days=days - 1),
        until=midnight + timedelta(days=1),
        topic=None if not topic else "" if topic == NO_TOPIC else topic,
        width_s=STEPS[str(days)] * 86_400,
    )


@router.get("", openapi_extra=least(Part.VIEWER))
async def insight_page(
    request: Request, visitor: SignedIn, console: Console, services: Serving, days: str = "7", topic: str = ""
) -> Response:
    days = days if days in PERIODS else "7"
    topics = {each.key: each.name for each in await services.administration.topics(visitor.workspace)}
    span = span_of(int(days), topic, console.clock.now())
    look = await console.insight.look(visitor.workspace, span)

    def link(since: datetime = span.since, until: datetime = span.until, **more: str) -> str:
        return _address(since, until, **{"topic": topic, **more})

    values: dict[str, Any] = {
        "look": look,
        "total": look.total,
        "charts": _charts(look.steps, span, link),
        "topics": topics,
        "topic": topic,
        "no_topic": NO_TOPIC,
        "days": days,
        "periods": PERIODS,
        "link": link,
        "writing": WRITING,
        "reading": READING,
        "kept": KEPT,
    }
    return page(request, "insight.html", values)


def _address(since: datetime, until: datetime, **more: str) -> str:
    days = {"opened_from": f"{since:%Y-%m-%d}", "opened_until": f"{until - timedelta(days=1):%Y-%m-%d}"}
    return f"/decisions?{urlencode({**days, **{name: value for name, value in more.items() if value}})}"


def _charts(steps: Sequence[Tally], span: Span, link: Callable[..., str]) -> list[Chart]:
    width = timedelta(seconds=span.width_s)
    starts = [span.since + place * width for place in range(len(steps))]
    step = {1: "Day", 7: "Week from"}.get(width.days, f"{width.days} days from")

    def chart(
        name: str,
        title: str,
        series: Sequence[tuple[str, str, Callable[[Tally], float], dict[str, str] | None]],
        *,
        more: Sequence[tuple[str, Callable[[Tally], str]]] = (),
        shown: Callable[[float], str] = lambda value: f"{value:,.0f}",
    ) -> Chart:
        drawn: list[Column] = []
        rows: list[tuple[Cell, ...]] = []
        for start, tally in zip(starts, steps, strict=True):
            day, end = f"{start:%-d %b}", min(start + width, span.until)
            found = [(label, max(0.0, value(tally)), value(tally), where) for label, _, value, where in series]
            drawn.append(
                Column(
                    label=day,
                    values=tuple(drawn_value for _, drawn_value, _, _ in found),
                    told=f"{day}: " + ", ".join(f"{label} {shown(value)}" for label, _, value, _ in found),
                )
            )
            numbers = [
                Cell(text=shown(value), link=link(start, end, **where) if where is not None and value else "")
                for _, _, value, where in found
            ]
            rows.append((Cell(text=day), *numbers, *(Cell(text=told(tally)) for _, told in more)))
        return Chart(
            id=name,
            title=title,
            drawn=columns(
                drawn,
                title=f"{title}, over time; the table below has the numbers",
                series=[kind for _, kind, _, _ in series],
            ),
            legend=tuple((label, kind) for label, kind, _, _ in series) if len(series) > 1 else (),
            head=(step, *(label for label, _, _, _ in series), *(label for label, _ in more)),
            rows=tuple(rows),
        )

    found = [
        chart(
            "helped",
            "Tickets, and those in which Vigil helped",
            [
                ("Vigil helped", "one", lambda t: t.helped, {"resolution": "helped"}),
                ("without", "quiet", lambda t: t.tickets - t.helped, None),
            ],
            more=[("share", lambda t: f"{t.helped_share:.0%}" if t.tickets else "–")],
        ),
        chart(
            "fate",
            "What became of Vigil’s answers",
            [
                ("sent as they were", "one", lambda t: t.adopted, {"outcome": "adopted"}),
                ("sent with changes", "two", lambda t: t.edited, {"outcome": "edited"}),
                ("dismissed", "three", lambda t: t.dismissed, {"outcome": "dismissed"}),
                ("nothing said", "quiet", lambda t: t.unjudged, None),
            ],
        ),
        chart(
            "ended",
            "How tickets ended",
            [
                ("confirmed", "one", lambda t: t.confirmed, {"resolution": "confirmed"}),
                ("assumed", "two", lambda t: t.assumed, {"resolution": "assumed"}),
                ("not over", "quiet", lambda t: t.open, None),
            ],
            more=[("came back", lambda t: f"{t.reopened:,}")],
        ),
        chart("saved", "Minutes saved", [("minutes", "one", lambda t: t.minutes, {"helped": "1"})]),
        chart(
            "interruptions",
            "Interruptions for each ticket",
            [("for each ticket", "three", lambda t: t.interruptions, {"shown": "1"})],
            shown=lambda value: f"{value:.2f}",
        ),
        chart(
            "waits",
            "Median wait for a person",
            [("minutes until a person wrote", "two", lambda t: (t.first_person_s or 0.0) / 60, None)],
            more=[("until Vigil had an answer", lambda t: seconds(t.first_help_s))],
            shown=lambda value: f"{value:.1f}",
        ),
    ]
    if any(tally.calls for tally in steps):
        found.append(
            chart(
                "cost",
                "What models cost, in US cents",
                [("cents", "two", lambda t: t.money * 100, {"called": "1"})],
                more=[("calls", lambda t: f"{t.calls:,}"), ("tokens", lambda t: f"{t.tokens:,}")],
                shown=lambda value: money(value / 100),
            )
        )
    return found
