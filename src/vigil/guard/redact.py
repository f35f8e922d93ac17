"""Takes personal data and secrets out of texts before they leave, and puts them back into what returns.
What is personal is decided in `patterns`; instructions hidden in a text are another room's business."""

import re
from collections.abc import Iterator, Sequence

from vigil.guard.patterns import Finding, findings

_PLACEHOLDER = re.compile(r"<[A-Z]+(?:_[A-Z]+)*_\d+>")
_WORD = re.compile(r"\w+")
_SHORTEST_PART = 3
"""Characters that a part of a name must have to be redacted by itself: "Ana" of "Ana Novak" is, "J" of "J Novak" is not."""
_NOT_PERSONAL = frozenset(
    {
        "the",
        "and",
        "for",
        "von",
        "van",
        "der",
        "den",
        "del",
        "della",
        "dos",
        "ibn",
        "bin",
        "team",
        "support",
        "service",
        "services",
    }
    | {"admin", "bot", "customer", "help", "desk", "user", "guest", "sales"}
)
"""Parts of display names that say nothing about who somebody is, and that a prompt can't do without."""
_UNSPACED = re.compile("[\u2e80-\U0003ffff]")
"""Scripts that put no spaces between words, so that a name is found anywhere within a run of letters."""


class Vault:
    """Swaps what is personal for placeholders such as ``<EMAIL_1>`` and back; one value has one placeholder in all texts of a vault.

    ``restore(redact(text)) == text`` for any text. What looks like a placeholder already in a text is swapped too (``<LITERAL_1>``), so
    nobody can write one and get somebody else's data in its place.

    Args:
        names: of people, as they are known here; each is redacted whole and word by word, in any case.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._names = _by_first_word(names)
        self._unspaced = [re.escape(name) for name in names if _UNSPACED.search(name)]

    def redact(self, text: str) -> str:
        """`text` with placeholders instead of what is personal."""
        parts: list[str] = []
        at = 0
        for start, end, kind in _merged([*findings(text), *self._people(text), *_literals(text)]):
            parts += text[at:start], self._placeholder(text[start:end], kind)
            at = end
        return "".join((*parts, text[at:]))

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

    def _people(self, text: str) -> Iterator[Finding]:
        if not self._names:
            return
        for word in _WORD.finditer(text):
            for offset, name in self._names.get(word[0].casefold(), ()):
                start = word.start() - offset
                end = start + len(name)
                if start >= 0 and text[start:end].casefold() == name and not text[end : end + 1].isalnum():
                    yield start, end, "PERSON"
                    break
        for name in self._unspaced:
            for match in re.finditer(name, text):
                yield match.start(), match.end(), "PERSON"


def _by_first_word(names: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Names and their parts by their first word: how far into the name it begins, and the name; the longest names first."""
    whole = {name.strip().casefold() for name in names}
    parts = {part for name in whole for part in _WORD.findall(name) if len(part) >= _SHORTEST_PART} - _NOT_PERSONAL
    found: dict[str, list[tuple[int, str]]] = {}
    for name in sorted(whole | parts, key=len, reverse=True):
        if word := _WORD.search(name):
            found.setdefault(word[0], []).append((word.start(), name))
    return found


def _literals(text: str) -> Iterator[Finding]:
    if "<" in text:
        for match in _PLACEHOLDER.finditer(text):
            yield match.start(), match.end(), "LITERAL"


def _merged(found: list[Finding]) -> list[Finding]:
    """Findings in order, overlapping ones joined into one of the surest kind, so that no part of either is left over."""
    merged: list[tuple[int, int, int]] = []
    for start, end, rank in sorted((start, end, rank) for rank, (start, end, _) in enumerate(found)):
        if merged and start < merged[-1][1]:
            last = merged[-1]
            merged[-1] = (last[0], max(last[1], end), min(last[2], rank))
        else:
            merged.append((start, end, rank))
    return [(start, end, found[rank][2]) for start, end, rank in merged]
