"""Writes the figures of a replay down: as JSON, and as one HTML page that needs nothing but itself. Counting is `counting`'s, the words on
the page stand in templates/report.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vigil.domain.decision import Reason
from vigil.evaluate import charts
from vigil.evaluate.charts import Mark
from vigil.evaluate.figures import Figures
from vigil.evaluate.metrics import Bin, Share

REASONS = {
    Reason.OWN_MESSAGE: "Its own message",
    Reason.BOT_MESSAGE: "A bot's message",
    Reason.NOT_A_QUESTION: "Nothing was asked",
    Reason.ADDRESSED_TO_OTHERS: "Meant for somebody else",
    Reason.ANALYST_AT_WORK: "An analyst at work",
    Reason.TURN_CONTINUES: "The author wrote on",
    Reason.UNASSIGNED: "In doubt which ticket",
    Reason.NO_EVIDENCE: "Nothing known about it",
    Reason.NOT_SURE: "Not sure enough",
    Reason.ALREADY_SAID: "Said before",
    Reason.FOLLOW_UP: "Time to look again",
    Reason.TOPIC_SHADOW: "The topic is in shadow",
    Reason.TICKET_OVER: "The ticket is over",
    Reason.MODEL_DECLINED: "The model found no answer",
    Reason.UNREADABLE: "No words in it",
    Reason.FAILED: "Something broke",
}
"""Silences in words; the others are shown by their name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture and the table behind it."""

    title: str
    note: str
    picture: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def to_json(figures: Figures) -> str:
    """The figures with stable keys, indented; see docs/reference/replay-report.md."""
    return figures.model_dump_json(indent=2)


def to_html(figures: Figures) -> str:
    """One self-contained page: no script, no outside address, everything that people wrote escaped."""
    template = _environment().get_template("report.html")
    return template.render(f=figures, charts=_charts(figures), lead=_words_of_lead(figures))


def write(figures: Figures, folder: Path, *, stem: str) -> tuple[Path, Path]:
    """Write ``stem.json`` and ``stem.html`` into a folder, made where it is missing; returns both paths. Blocking."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_html = folder / f"{stem}.json", folder / f"{stem}.html"
    as_json.write_text(to_json(figures) + "\n", encoding="utf-8")
    as_html.write_text(to_html(figures), encoding="utf-8")
    return as_json, as_html


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("vigil.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=_number, percent=_percent, interval=_interval, span=_span, money=_money, day=_day, minute=_minute, ms=_ms
    )
    return environment


def _charts(f: Figures) -> dict[str, Chart]:
    return {
        "borne_out": _borne_out(f),
        "lead": _lead_chart(f),
        "confidence": _confidence_chart(f),
        "silence": _silence_chart(f),
        "interruptions": _interruptions_chart(f),
        "there_first": _there_first_chart(f),
    }


def _borne_out(f: Figures) -> Chart:
    s = f.suggestions
    rows = (
        ("A human answered this customer", s.answered, False),
        ("The answer bears it out", s.hit, False),
        ("… by chance", s.control, True),
        ("Borne out, where answered", s.hit_where_answered, False),
        ("… by chance ", s.control_where_answered, True),
    )
    return Chart(
        title="Did the humans say the same?",
        note="Of what Vigil showed. By chance: suggestions made to other customers, held against the same answers.",
        picture=charts.intervals(rows, title="Shares of suggestions that humans answered and bore out, beside chance"),
        head=("of suggestions shown", "share", "95 % interval", "count"),
        rows=tuple(_share_row(label, share) for label, share, _ in rows),
    )


def _lead_chart(f: Figures) -> Chart:
    marks = [Mark(label=_bin_label(each), value=each.n, shown=f"{each.n:,}") for each in f.lead.bins]
    return Chart(
        title="How early was it?",
        note="Minutes from a suggestion to the first human answer to the same customer; “at once” is the same minute.",
        picture=charts.columns(marks, title="Suggestions by lead time"),
        head=("minutes", "suggestions"),
        rows=tuple((mark.label, mark.shown) for mark in marks),
    )


def _confidence_chart(f: Figures) -> Chart:
    error = "" if f.calibration.error is None else f" Mean gap: {f.calibration.error:.2f}."
    return Chart(
        title="Does the confidence keep its word?",
        note="Answered suggestions by confidence. On the dashed line it does; a right answer in other words doesn't count, so dots tend to "
        f"lie below.{error}",
        picture=charts.reliability(f.calibration.bins, title="Confidence against the share that was borne out"),
        head=("confidence", "suggestions", "borne out", "95 % interval"),
        rows=tuple(
            (f"{each.low:.0%} to {each.high:.0%}", f"{each.n:,}", _percent(each.right), _interval(each.right))
            for each in f.calibration.bins
        ),
    )


def _silence_chart(f: Figures) -> Chart:
    words = {reason.value: said for reason, said in REASONS.items()}
    total = sum(f.decisions.silent_by_reason.values()) or 1
    marks = [
        Mark(label=words.get(reason, reason), value=n, shown=f"{n:,}")
        for reason, n in f.decisions.silent_by_reason.items()
    ]
    return Chart(
        title="Why was it silent?",
        note="Every message gets a decision; a silence has a reason.",
        picture=charts.bars(marks[:8], title="Silent decisions by reason"),
        head=("reason", "decisions", "share of silences"),
        rows=tuple((mark.label, mark.shown, f"{mark.value / total:.1%}") for mark in marks),
    )


def _interruptions_chart(f: Figures) -> Chart:
    marks = [
        Mark(
            label=_day(each.first_at),
            value=100 * each.suggestions / each.human_messages if each.human_messages else 0.0,
            shown=f"{100 * each.suggestions / each.human_messages if each.human_messages else 0.0:.2f}",
        )
        for each in f.over_time
    ]
    return Chart(
        title="How often did it speak?",
        note="Suggestions per 100 human messages, over equal parts of the messages.",
        picture=charts.columns(marks, title="Suggestions per 100 human messages over time", labels_every=7),
        head=("from", "until", "human messages", "suggestions", "per 100"),
        rows=tuple(
            (
                _minute(each.first_at),
                _minute(each.last_at),
                f"{each.human_messages:,}",
                str(each.suggestions),
                mark.shown,
            )
            for each, mark in zip(f.over_time, marks, strict=True)
        ),
    )


def _there_first_chart(f: Figures) -> Chart:
    marks = [
        Mark(
            label=_day(each.first_at),
            value=each.openings_covered / each.openings if each.openings else 0.0,
            shown=f"{each.openings_covered / each.openings:.0%}" if each.openings else "none",
        )
        for each in f.over_time
    ]
    return Chart(
        title="How often was it there first?",
        note="Share of answered openings that had a suggestion before the first human answer, over the same parts.",
        picture=charts.columns(marks, title="Openings with help before the human's, over time", labels_every=7),
        head=("from", "answered openings", "Vigil first", "share", "suggestions borne out"),
        rows=tuple(
            (_minute(each.first_at), str(each.openings), str(each.openings_covered), mark.shown, str(each.hits))
            for each, mark in zip(f.over_time, marks, strict=True)
        ),
    )


def _words_of_lead(f: Figures) -> str:
    median = f.lead.seconds.p50
    return "–" if median is None else _span(median)


def _share_row(label: str, share: Share) -> tuple[str, ...]:
    return (label.strip(), _percent(share), _interval(share), f"{share.hits:,.0f} of {share.n:,.0f}")


def _bin_label(each: Bin) -> str:
    if each.high is None:
        return f"{each.low / 60:.0f} +"
    if each.high <= 1:
        return "at once"
    return f"{each.low // 60:.0f}–{each.high / 60:.0f}"


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _percent(share: Share) -> str:
    return "–" if share.value is None else f"{share.value:.1%}".replace("%", "\N{NARROW NO-BREAK SPACE}%")


def _interval(share: Share) -> str:
    return "–" if share.low is None or share.high is None else f"{100 * share.low:.1f} to {100 * share.high:.1f}"


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _money(dollars: float | None) -> str:
    if dollars is None:
        return "–"
    return "$0" if dollars == 0 else f"${dollars:,.2f}" if dollars >= 0.1 else f"${dollars:.4f}"


def _day(at: datetime | None) -> str:
    return "–" if at is None else at.strftime("%Y-%m-%d")


def _minute(at: datetime | None) -> str:
    return "–" if at is None else at.strftime("%Y-%m-%d %H:%M")


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def summary(figures: Figures) -> Sequence[tuple[str, str]]:
    """The handful of figures that a terminal shows, as (what, how much)."""
    s, c = figures.suggestions, figures.coverage
    return (
        ("messages", f"{figures.about.messages:,} in {figures.about.conversations:,} conversations"),
        *(
            (("without a decision", f"{figures.about.undecided:,} (a fault; see the log)"),)
            if figures.about.undecided
            else ()
        ),
        ("suggestions shown", f"{s.shown:,} of {s.made:,} made"),
        ("interruptions", f"{s.interruptions:,}, {_number(s.interruptions_per_100.value, 2)} per 100 human messages"),
        ("there first (openings)", f"{_percent(c.openings)} ({_interval(c.openings)})"),
        ("there first (follow-ups)", f"{_percent(c.follow_ups)} ({_interval(c.follow_ups)})"),
        ("borne out where answered", f"{_percent(s.hit_where_answered)} ({_interval(s.hit_where_answered)})"),
        ("… by chance", _percent(s.control_where_answered)),
        ("median lead", _words_of_lead(figures)),
        ("cost", f"{_money(figures.costs.money)}, {figures.costs.model_calls:,} model calls"),
        ("speed", f"{figures.about.messages_per_s:,.0f} messages a second"),
    )
