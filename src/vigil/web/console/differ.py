"""What differs between two states of an entry: line by line, and within a changed line word by word. How it is coloured is the style
sheet's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from vigil.domain.knowledge import Draft

CONTEXT: Final = 2
"""Lines that are shown around a change."""
MOST_LINES: Final = 400
"""Of a difference: more than anybody reads. The rest is counted."""
_ALIKE: Final = 0.3
"""Share of common words from which two lines are shown as one that was changed."""
_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some words of a line."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a difference."""

    kind: str
    """``same``, ``added``, ``removed``, or ``gap`` for lines that are left out."""
    pieces: tuple[Piece, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What differs in one part of an entry."""

    name: str
    lines: tuple[Line, ...]


def fields(before: Draft | None, after: Draft | None) -> tuple[Field, ...]:
    """The parts of an entry that differ; None where there was no entry."""
    old, new = _said(before), _said(after)
    return tuple(Field(name=name, lines=lines_of(old[name], new[name])) for name in new if old[name] != new[name])


def lines_of(before: str, after: str) -> tuple[Line, ...]:
    """Two texts, as what was taken out and what was put in."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > MOST_LINES)
    end = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if group[0][1] > end:
            found.append(Line(kind="gap", left_out=group[0][1] - end))
        end = group[-1][2]
        for kind, a, b, c, d in group:
            if kind == "equal":
                found += [_whole("same", line) for line in old[a:b]]
            else:
                found += _changed(old[a:b], new[c:d])
    if found and len(old) > end:
        found.append(Line(kind="gap", left_out=len(old) - end))
    if len(found) > MOST_LINES:
        found = [*found[:MOST_LINES], Line(kind="gap", left_out=len(found) - MOST_LINES)]
    return tuple(found)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    both = [_words(before, after) for before, after in zip(old, new, strict=False)]
    yield from (left for left, _ in both)
    yield from (_whole("removed", line) for line in old[len(both) :])
    yield from (right for _, right in both)
    yield from (_whole("added", line) for line in new[len(both) :])


def _words(before: str, after: str) -> tuple[Line, Line]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) * len(new) > 250_000 or matcher.ratio() < _ALIKE:
        return _whole("removed", before), _whole("added", after)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if a < b:
            left.append(Piece(text="".join(old[a:b]), changed=kind != "equal"))
        if c < d:
            right.append(Piece(text="".join(new[c:d]), changed=kind != "equal"))
    return Line(kind="removed", pieces=tuple(left)), Line(kind="added", pieces=tuple(right))


def _whole(kind: str, text: str) -> Line:
    return Line(kind=kind, pieces=(Piece(text=text),))


def _said(draft: Draft | None) -> dict[str, str]:
    """An entry's parts by the names that people see, in their order."""
    scope = None if draft is None else draft.scope
    return {
        "Title": "" if draft is None else draft.title,
        "Question": "" if draft is None else draft.question,
        "Answer": "" if draft is None else draft.answer,
        "Holds when": "" if draft is None else draft.conditions,
        "Also called": "" if draft is None else ", ".join(draft.aliases),
        "Product": (scope.product if scope else None) or "",
        "Language": (scope.language if scope else None) or "",
        "For": "" if scope is None else "analysts only" if scope.audience == "internal" else "customers too",
        "Holds from": "" if draft is None or draft.valid_from is None else f"{draft.valid_from:%Y-%m-%d %H:%M %Z}",
        "Holds until": "" if draft is None or draft.valid_until is None else f"{draft.valid_until:%Y-%m-%d %H:%M %Z}",
    }
