"""Charts as inline SVG, drawn from plain numbers: bars, columns, intervals on a scale, and a reliability plot. What they mean is said by
the page around them; colours come from its style sheet, so that they follow light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from vigil.evaluate.metrics import ConfidenceBin, Share

WIDTH = 360
"""Units across: a phone shows them one to one, so that twelve units of type stay readable."""

_ROW, _PAD = 38, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One bar or column."""

    label: str
    value: float
    shown: str
    """The value in words, such as ``1,204`` or ``18 %``."""
    quiet: bool = False
    """Drawn in the quieter colour."""


def bars(marks: Sequence[Mark], *, title: str) -> Markup:
    """Horizontal bars, label above each, value at the right."""
    largest = max((mark.value for mark in marks), default=0.0) or 1.0
    full = WIDTH - 72
    parts: list[Markup] = []
    for row, mark in enumerate(marks):
        y = _PAD + row * _ROW
        length = max(1.0, full * mark.value / largest) if mark.value > 0 else 0.0
        parts.append(_text(0, y + 11, mark.label))
        parts.append(_rect(0, y + 17, full, 10, "track"))
        parts.append(_rect(0, y + 17, length, 10, "quiet" if mark.quiet else "bar"))
        parts.append(_text(WIDTH, y + 26, mark.shown, anchor="end", kind="value"))
    return _svg(parts, height=_PAD + len(marks) * _ROW, title=title)


def columns(marks: Sequence[Mark], *, title: str, labels_every: int = 1) -> Markup:
    """Vertical columns, label below, value above where there are few."""
    height, bottom, top = 180, 154, 22
    largest = max((mark.value for mark in marks), default=0.0) or 1.0
    step = WIDTH / max(1, len(marks))
    parts: list[Markup] = [_line(0, bottom, WIDTH, bottom, "axis")]
    for place, mark in enumerate(marks):
        size = (bottom - top) * mark.value / largest
        left = place * step
        parts.append(
            _rect(left + step * 0.12, bottom - size, step * 0.76, size, "quiet" if mark.quiet else "bar", mark)
        )
        if place % labels_every == 0:
            anchor = "middle" if labels_every == 1 else "start"
            x = left + step / 2 if labels_every == 1 else left
            parts.append(_text(x, bottom + 16, mark.label, anchor=anchor, kind="small"))
        if len(marks) <= 10:
            parts.append(_text(left + step / 2, bottom - size - 5, mark.shown, anchor="middle", kind="value"))
    if len(marks) > 10:
        parts.append(_text(WIDTH, top - 8, f"highest: {max(marks, key=_value).shown}", anchor="end", kind="small"))
    return _svg(parts, height=height, title=title)


def intervals(rows: Sequence[tuple[str, Share, bool]], *, title: str) -> Markup:
    """Shares as dots with their 95 % intervals on a scale from 0 to 100 %; each row (label, share, whether to draw it quietly)."""
    left, right = 4, WIDTH - 4
    height = _PAD + len(rows) * _ROW + 22
    bottom = height - 20

    def x(value: float) -> float:
        return left + (right - left) * value

    parts: list[Markup] = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = "start" if tick == 0 else "end" if tick == 1 else "middle"
        parts.append(_line(x(tick), _PAD, x(tick), bottom, "grid"))
        parts.append(_text(x(tick), height - 5, f"{tick:.0%}", anchor=anchor, kind="small"))
    for row, (label, share, quiet) in enumerate(rows):
        y = _PAD + row * _ROW
        parts.append(_text(left, y + 11, label, kind="on-grid"))
        if share.value is None or share.low is None or share.high is None:
            parts.append(_text(left, y + 28, "nothing to count", kind="small"))
            continue
        kind = "quiet" if quiet else "bar"
        parts.append(_line(x(share.low), y + 24, x(share.high), y + 24, f"whisker {kind}"))
        parts.append(_dot(x(share.value), y + 24, 5, kind, f"{label}: {share.value:.1%}"))
    return _svg(parts, height=height, title=title)


def reliability(bins: Sequence[ConfidenceBin], *, title: str) -> Markup:
    """How often decisions of a confidence were right: on the diagonal it keeps its word. Larger dots stand for more decisions."""
    size, left, top = 280, 44, 28
    bottom = top + size
    most = max((each.n for each in bins), default=1)

    def x(value: float) -> float:
        return left + size * value

    def y(value: float) -> float:
        return bottom - size * value

    parts: list[Markup] = [_line(x(0), y(0), x(1), y(1), "diagonal")]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_line(x(0), y(tick), x(1), y(tick), "grid"))
        parts.append(_text(left - 6, y(tick) + 4, f"{tick:.0%}", anchor="end", kind="small"))
        parts.append(_text(x(tick), bottom + 16, f"{tick:.0%}", anchor="middle", kind="small"))
    for each in bins:
        right = each.right
        if right.value is None or right.low is None or right.high is None:
            continue
        said = f"confidence {each.confidence:.0%}: right in {right.value:.0%} of {each.n}"
        parts.append(_line(x(each.confidence), y(right.low), x(each.confidence), y(right.high), "whisker bar"))
        parts.append(_dot(x(each.confidence), y(right.value), 3 + 5 * (each.n / most) ** 0.5, "bar", said))
    parts.append(_text(x(0.5), bottom + 34, "confidence", anchor="middle", kind="small"))
    parts.append(_text(0, 12, "borne out", kind="small"))
    return _svg(parts, height=bottom + 40, title=title)


def _value(mark: Mark) -> float:
    return mark.value


def _svg(parts: Sequence[Markup], *, height: float, title: str) -> Markup:
    opening = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, round(height), title
    )
    return opening + Markup("").join(parts) + Markup("</svg>")


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "label") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="{}">{}</text>').format(x, y, kind, anchor, words)


def _rect(x: float, y: float, width: float, height: float, kind: str, mark: Mark | None = None) -> Markup:
    inside = Markup("") if mark is None else Markup("<title>{}: {}</title>").format(mark.label, mark.shown)
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2" class="{}">{}</rect>').format(
        x, y, max(0.0, width), max(0.0, height), kind, inside
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(x1, y1, x2, y2, kind)


def _dot(x: float, y: float, radius: float, kind: str, title: str) -> Markup:
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}"><title>{}</title></circle>').format(
        x, y, radius, kind, escape(title)
    )
