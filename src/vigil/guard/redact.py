"""Takes personal data and secrets out of texts before they leave, and puts them back into what returns.
What is personal is decided in `patterns`, `names`, `capitals` and `cues`; instructions hidden in a text are `injection`'s business."""

import re
from collections.abc import Iterator, Sequence

from vigil.guard.capitals import capitals
from vigil.guard.cues import cues
from vigil.guard.names import Names
from vigil.guard.patterns import Finding, findings

_PLACEHOLDER = re.compile(r"<[A-Z]+(?:_[A-Z]+)*_\d+>")


class Vault:
    """Swaps what is personal for placeholders such as ``<EMAIL_1>`` and back; one value has one placeholder in all texts of a vault.

    ``restore(redact(text)) == text`` for any text. What looks like a placeholder already in a text is swapped too (``<LITERAL_1>``), so
    nobody can write one and get somebody else's data in its place.

    Args:
        names: of people, as they are known here; each is redacted whole and word by word, in any case, and misspelt by a letter.
        mentions: also take out whoever and wherever else the text mentions: people, places, organisations, dates, ages, addresses. Meant
            for what is kept and shown to others, which a name too few harms more than a word too few.
    """

    def __init__(self, names: Sequence[str] = (), *, mentions: bool = False) -> None:
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._names = Names(names)
        self._mentions = mentions

    def redact(self, text: str) -> str:
        """`text` with placeholders instead of what is personal."""
        parts: list[str] = []
        at = 0
        for start, end, kind in self.found(text):
            parts += text[at:start], self._placeholder(text[start:end], kind)
            at = end
        return "".join((*parts, text[at:]))

    def found(self, text: str) -> list[Finding]:
        """What is personal in `text`, in order and without overlaps."""
        found = [*findings(text), *self._names.find(text), *_literals(text)]
        if self._mentions:
            found += *cues(text), *capitals(text)
        return _merged(found)

    def restore(self, text: str) -> str:
        """`text` with the values of this vault's placeholders; a placeholder that the vault never gave stays as it is."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(match[0], match[0]), text)

    def __len__(self) -> int:
        """How many different values were taken out."""
        return len(self._values)

    def _placeholder(self, value: str, kind: str) -> str:
        if value not in self._placeholders:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"<{kind}_{self._counts[kind]}>"
            self._placeholders[value] = placeholder
            self._values[placeholder] = value
        return self._placeholders[value]


def _literals(text: str) -> Iterator[Finding]:
    if "<" in text:
        for match in _PLACEHOLDER.finditer(text):
            yield match.start(), match.end(), "LITERAL"


def _merged(found: list[Finding]) -> list[Finding]:
    """Findings in order, overlapping ones joined into one of the surest kind, so that no part of either is left over."""
    if len(found) < 2:
        return found
    merged: list[tuple[int, int, int]] = []
    for start, end, rank in sorted((start, end, rank) for rank, (start, end, _) in enumerate(found)):
        if merged and start < merged[-1][1]:
            last = merged[-1]
            merged[-1] = (last[0], max(last[1], end), min(last[2], rank))
        else:
            merged.append((start, end, rank))
    return [(start, end, found[rank][2]) for start, end, rank in merged]
