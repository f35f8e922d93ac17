"""Charts as SVG, drawn from plain numbers: columns over time, and an interval on a scale. What they mean is said by the page around them;
their colours come from its style sheet, so that they follow light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from markupsafe import Markup

from vigil.trust.standing import Trust

WIDTH: Final = 360
"""Units across: a phone shows them one to one, so that eleven units of type stay readable."""
_HEIGHT, _BOTTOM, _TOP, _LEFT = 170, 146, 10, 34
_HALF_LABEL: Final = 18
"""Units: half of the widest label, such as "28 Aug", which is not to be cut off at the right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One place on the time axis."""

    label: str
    """Below it, where there is room."""
    values: tuple[float, ...]
    """One for each series, stacked from the bottom up."""
    told: str
    """All of it in words, for a pointer that rests on it."""


def columns(found: Sequence[Column], *, title: str, series: Sequence[str]) -> Markup:
    """Stacked columns. `series` names a style for each of a column's values."""
    top = _ceiling(max((sum(column.values) for column in found), default=0.0))
    step = (WIDTH - _LEFT) / max(1, len(found))
    every = max(1, -(-len(found) // 7))  # labels that don't run into one another
    parts: list[Markup] = []
    for tick in (0.0, 0.5, 1.0):
        y = _BOTTOM - (_BOTTOM - _TOP) * tick
        parts.append(_line(y, "axis" if tick == 0 else "rule"))
        parts.append(_text(_LEFT - 5, y + 4, _short(top * tick), "scale"))
    for place, column in enumerate(found):
        left = _LEFT + place * step
        y = float(_BOTTOM)
        bars: list[Markup] = [Markup("<title>{}</title>").format(column.told)]
        for value, kind in zip(column.values, series, strict=True):
            height = (_BOTTOM - _TOP) * value / top
            if height > 0:
                y -= height
                bars.append(_bar(left + step * 0.14, y, step * 0.72, height, kind))
        parts.append(Markup("<g>{}</g>").format(Markup("").join(bars)))
        if place % every == 0:
            parts.append(_text(min(left + step / 2, WIDTH - _HALF_LABEL), _BOTTOM + 16, column.label, "step"))
    opening = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, _HEIGHT, title)
    return opening + Markup("").join(parts) + Markup("</svg>")


def share(value: float) -> Markup:
    """A share of 0 to 1 as a bar, beside the number that a reader hears."""
    width = 60 * min(1.0, max(0.0, value))
    return Markup(
        '<svg class="share" viewBox="0 0 60 8" width="60" height="8" aria-hidden="true"><rect class="track" width="60" height="8" rx="2"/>'
        '<rect class="one" width="{:.1f}" height="8" rx="2"/></svg>'
    ).format(width)


def interval(trust: Trust) -> Markup:
    """A mean with its interval on a scale from 0 to 1."""
    return Markup(
        '<svg class="share" viewBox="0 0 60 8" width="60" height="8" aria-hidden="true"><rect class="track" y="3" width="60" height="2"/>'
        '<rect class="span" x="{:.1f}" y="2" width="{:.1f}" height="4" rx="2"/><circle class="one" cx="{:.1f}" cy="4" r="3.5"/></svg>'
    ).format(60 * trust.low, 60 * (trust.high - trust.low), 60 * trust.mean)


def _ceiling(value: float) -> float:
    """The next round number, so that the axis can be read."""
    if value <= 0:
        return 1.0
    size = 10.0 ** floor(log10(value))
    return next(size * step for step in (1, 2, 4, 5, 8, 10) if size * step >= value * 0.999)


def _short(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:.0f}k"
    return f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.2g}"


def _text(x: float, y: float, words: str, kind: str) -> Markup:
    return Markup('<text x="{}" y="{}" class="{}">{}</text>').format(_at(x), _at(y), kind, words)


def _bar(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    across, down = _at(width), _at(height)
    return Markup('<path class="{}" d="M{} {}h{}v{}h-{}z"/>').format(kind, _at(x), _at(y), across, down, across)


def _line(y: float, kind: str) -> Markup:
    return Markup('<path class="{}" d="M{} {}H{}"/>').format(kind, _LEFT, _at(y), WIDTH)


def _at(value: float) -> str:
    """Tenths of a unit are finer than any screen; a page has a thousand of them, so they are written as briefly as they can be."""
    return f"{value:.1f}".removesuffix(".0")
