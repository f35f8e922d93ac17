"""What somebody leaves behind in words: their ids, their names, and runs of words that they wrote. Finds these in any text and puts a mark
in their place; where is looked is `looking`'s and what is done `erasing`'s."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

RUN = 6
"""Words in a row that two people hardly ever write by chance. A shorter text counts as a whole."""
SHORTEST_RUN, SHORTEST_TEXT = 3, 20
"""Words and characters of the shortest text that is looked for elsewhere: "thank you very much" is nobody's."""
SHORTEST_ID, SHORTEST_NAME = 4, 3
"""Characters of an id that is looked for inside of texts, and of a name that is looked for at all. A shorter id counts as a whole value."""
ERASED = "[erased]"
"""Stands where words were taken out of a text that goes on."""
GONE = "(erased)"
"""Stands for a name or a text that is gone as a whole."""

_WORD = re.compile(r"\w+")
_COMMON_NAMES = frozenset({"customer", "analyst", "bot", "bystander", "unknown", "you", "vigil"})
"""What people are called whose name nobody said."""


class Kind(StrEnum):
    """What was found of somebody."""

    ID = "id"
    NAME = "name"
    WORDS = "words"


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What to look for. Most texts hold none of it, so each is first asked for single words."""

    ids: frozenset[str]
    names: frozenset[str]
    runs: frozenset[int]
    """Hashes of runs of words; they live as long as the process."""
    vocabulary: frozenset[str]
    """Every word of the runs."""
    pseudonym: str
    """Stands for an id."""

    @classmethod
    def of(
        cls,
        *,
        ids: Collection[str] = (),
        names: Collection[str] = (),
        texts: Iterable[str] = (),
        pseudonym: str,
    ) -> "Traces":
        """The traces of who has these ids and names and wrote these texts."""
        runs: set[int] = set()
        vocabulary: set[str] = set()
        for text in texts:
            folded = _words(text)
            runs |= _runs(folded, long_enough=len(text.strip()) >= SHORTEST_TEXT)
            vocabulary.update(folded)
        return cls(
            ids=frozenset(ids),
            names=frozenset(names),
            runs=frozenset(runs),
            vocabulary=frozenset(vocabulary if runs else ()),
            pseudonym=pseudonym,
        )

    def less(self, documents: Iterable[str]) -> "Traces":
        """Without what documents say too, which is nobody's."""
        said = {run for text in documents for run in _all_runs(_words(text)) if run in self.runs}
        return replace(self, runs=self.runs - said) if said else self

    @cached_property
    def wide(self) -> "Traces":
        """What is looked for where the person never was: ids, full names and runs of words. A first name may be anybody's."""
        return replace(self, names=frozenset(name for name in self.names if len(_WORD.findall(name)) > 1))

    @cached_property
    def without_words(self) -> "Traces":
        """The same, in texts that others wrote elsewhere: the same words are then their own."""
        return replace(self, runs=frozenset(), vocabulary=frozenset())

    def found_in(self, text: str) -> Kind | None:
        """What of it is in a text; None where nothing is."""
        if text in self.ids:
            return Kind.ID
        folded = _words(text)
        if self._called(folded):
            if self._id_pattern and self._id_pattern.search(text):
                return Kind.ID
            if self._name_pattern and self._name_pattern.search(text):
                return Kind.NAME
        return Kind.WORDS if self._hits(folded) else None

    def scrubbed(self, text: str) -> str:
        """The text without it."""
        if text in self.ids:
            return self.pseudonym
        folded = _words(text)
        hits = self._hits(folded)
        if hits:
            words = list(_WORD.finditer(text))
            for start, end in reversed(list(_joined(hits))):
                text = text[: words[start].start()] + ERASED + text[words[end - 1].end() :]
        if self._called(folded):
            if self._id_pattern:
                text = self._id_pattern.sub(self.pseudonym, text)
            if self._name_pattern:
                text = self._name_pattern.sub(ERASED, text)
        return text

    @cached_property
    def _id_pattern(self) -> re.Pattern[str] | None:
        return _any_of(each for each in self.ids if len(each) >= SHORTEST_ID)

    @cached_property
    def _name_pattern(self) -> re.Pattern[str] | None:
        return _any_of(self.names)

    @cached_property
    def _first_words(self) -> frozenset[str] | None:
        """Of ids and names; None where one has no word in it."""
        firsts = [_words(each)[:1] for each in (*self.ids, *self.names)]
        return frozenset(first[0] for first in firsts if first) if all(firsts) else None

    def _called(self, folded: Sequence[str]) -> bool:
        """Whether an id or a name may stand among these words."""
        return self._first_words is None or not self._first_words.isdisjoint(folded)

    def _hits(self, folded: Sequence[str]) -> list[tuple[int, int]]:
        """Runs of theirs among these words, as places from and to."""
        found: list[tuple[int, int]] = []
        for start, end in self._known(folded):
            for length in range(SHORTEST_RUN, RUN + 1):
                for at in range(start, end - length + 1):
                    if hash(tuple(folded[at : at + length])) in self.runs:
                        found.append((at, at + length))
        return found

    def _known(self, folded: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Stretches of words that they ever used, where a run could be."""
        if not self.runs:
            return
        start = 0
        for at, word in enumerate(folded):
            if word not in self.vocabulary:
                if at - start >= SHORTEST_RUN:
                    yield start, at
                start = at + 1
        if len(folded) - start >= SHORTEST_RUN:
            yield start, len(folded)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(folded: Sequence[str], *, long_enough: bool) -> set[int]:
    """Of a long text all runs of `RUN` words, of a short one itself."""
    if len(folded) > RUN:
        return {hash(tuple(folded[start : start + RUN])) for start in range(len(folded) - RUN + 1)}
    return {hash(tuple(folded))} if len(folded) >= SHORTEST_RUN and long_enough else set()


def _all_runs(folded: Sequence[str]) -> set[int]:
    """Every run of every length that `_runs` could name."""
    lengths = range(SHORTEST_RUN, RUN + 1)
    return {hash(tuple(folded[at : at + length])) for length in lengths for at in range(len(folded) - length + 1)}


def names_worth_looking_for(names: Collection[str]) -> frozenset[str]:
    """With the parts that they are made of, without those that are too short or that many people have."""
    parts = {part for name in names for part in (name, *name.split())}
    return frozenset(
        part for part in parts if len(part) >= SHORTEST_NAME and part.casefold() not in _COMMON_NAMES and part != GONE
    )


def strings_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from strings_in(item)


def scrub_json(value: Any, traces: Traces) -> Any:
    """A JSON value with every text in it scrubbed."""
    if isinstance(value, str):
        return traces.scrubbed(value)
    if isinstance(value, dict):
        return {key: scrub_json(item, traces) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [scrub_json(item, traces) for item in cast("list[Any]", value)]
    return value


def _any_of(wanted: Iterable[str]) -> re.Pattern[str] | None:
    parts = [re.escape(each) for each in sorted(wanted, key=len, reverse=True)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans that overlap, as one."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last
