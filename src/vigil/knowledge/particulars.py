"""What a document's front matter or a row of a table says about itself: for whom it holds, in which language, until when, under which
other names. The text itself is read elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from vigil.domain.knowledge import Scope
from vigil.errors import InvalidInput

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_FENCE = re.compile(r"---[ \t]*")
_PAIR = re.compile(r"([A-Za-z][\w .-]{0,40}?)\s*:(?:\s+(.*)|)")
_MOST_FRONT_LINES = 100
"""Lines within which front matter must end; otherwise the first line was only a rule across the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What holds for a whole document, or for one row."""

    title: str = ""
    scope: Scope = field(default_factory=Scope)
    aliases: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


NOTHING_SAID = Particulars()


def field_name(name: str) -> str:
    """``Valid until``, ``valid-until`` and ``VALID_UNTIL`` are one name."""
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def particulars(fields: Mapping[str, object]) -> Particulars:
    """Read `fields`, whose names went through `field_name`; those that it doesn't know are left alone.

    Raises:
        InvalidInput: a field has a value that would be misunderstood; the message names the field and the fix.
    """
    return Particulars(
        title=" ".join(_word(fields, "title").split()),
        scope=Scope(
            product=_word(fields, "product") or None,
            audience=_audience(_word(fields, "audience")),
            language=_language(_word(fields, "language") or _word(fields, "lang")),
        ),
        aliases=_names(fields.get("aliases", fields.get("alias"))),
        valid_from=_instant("valid_from", _word(fields, "valid_from"), last=False),
        valid_until=_instant("valid_until", _word(fields, "valid_until"), last=True),
    )


def front_matter(text: str) -> tuple[dict[str, object], str]:
    """The ``key: value`` lines between two lines of ``---`` at the very start, and the text below them.

    A value may also be a list: ``[a, b]``, or lines of ``- a`` below an empty value. That is all of YAML that is read;
    text that starts otherwise has no front matter.
    """
    if not text.startswith("---"):
        return {}, text
    head = text.split("\n", _MOST_FRONT_LINES)
    fences = [number for number, line in enumerate(head[:_MOST_FRONT_LINES]) if _FENCE.fullmatch(line)]
    if fences[:1] != [0] or len(fences) < 2:
        return {}, text
    fields: dict[str, object] = {}
    lists: dict[str, list[str]] = {}
    name = ""
    for line in head[1 : fences[1]]:
        if pair := _PAIR.fullmatch(line.rstrip()):
            name = field_name(pair[1])
            fields[name] = _unquoted(pair[2] or "")
        elif name and line.lstrip().startswith("- "):
            lists.setdefault(name, []).append(_unquoted(line.lstrip()[2:]))
        elif line.strip() and not line.startswith((" ", "\t", "#")):
            return {}, text  # prose between two rules
    return fields | lists, "\n".join(head[fences[1] + 1 :])


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _word(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise InvalidInput(f"{name} must be one piece of text.")


def _names(value: object) -> tuple[str, ...]:
    """A list, or one text with semicolons between the names; with commas where there is no semicolon."""
    if isinstance(value, str):
        value = value.strip().removeprefix("[").removesuffix("]")
        value = [_unquoted(part) for part in value.split(";" if ";" in value else ",")]
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidInput("aliases must be a list of names, or names with semicolons between them.")
    names = [" ".join(str(name).split()) for name in value if isinstance(name, str | int | float)]  # pyright: ignore[reportUnknownVariableType]
    return tuple(dict.fromkeys(name for name in names if name))


def _audience(value: str) -> str | None:
    if value.casefold() not in ("", "public", "internal"):
        raise InvalidInput(
            f"audience is {value[:40]!r}: write public (customers may see it) or internal (analysts only)."
        )
    return value.casefold() or None


def _language(value: str) -> str | None:
    tag = value.replace("_", "-")
    if tag and not _LANGUAGE.fullmatch(tag):
        raise InvalidInput(f"language is {value[:40]!r}: write a code such as en or pt-BR.")
    return tag or None


def _instant(name: str, value: str, *, last: bool) -> datetime | None:
    """An instant in UTC. A bare date means the day's first instant, or with `last` the end of that day."""
    if not value:
        return None
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        if last and _DATE.fullmatch(value):
            if instant.date() == date.max:
                return None  # 9999-12-31 is how databases write "for ever"
            instant += timedelta(days=1)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{name} is {value[:40]!r}: write a date such as 2026-12-31.") from error
