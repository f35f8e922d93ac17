"""Finds given people in texts: whole names, their parts, in any case, in the possessive, and as they get misspelt. Names of people that
nobody gave are for `capitals` and `cues`."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from vigil.guard.ordinary import is_ordinary
from vigil.guard.patterns import Finding

_WORD = re.compile(r"\w+")
_PART = re.compile(r"[^\W\d_]+")
_SHORTEST_PART = 3
"""Characters that a part of a name must have to be redacted by itself: "Ana" of "Ana Novak" is, "J" of "J Novak" is not."""
_SHORTEST_MISSPELT = 5
"""Letters from which one wrong letter still leaves a name; in shorter ones only a doubled letter does: "Anna" for "Ana"."""
_NOT_PERSONAL = frozenset(
    {"the", "and", "for", "von", "van", "der", "den", "del", "della", "dos", "ibn", "bin", "team", "support", "service", "services"}
    | {"admin", "bot", "customer", "help", "desk", "user", "guest", "sales"}
)  # fmt: skip
"""Parts of display names that say nothing about who somebody is, and that a prompt can't do without."""
_UNSPACED = re.compile("[\u2e80-\U0003ffff]")
"""Scripts that put no spaces between words, so that a name is found anywhere within a run of letters."""
_ADDRESSED_BEFORE = re.compile(
    r"(?:\A|\n|@|\b(?:hi|hello|hey|dear|thanks|thank you|thx|ty|cheers|and),? )\Z", re.IGNORECASE
)
_ADDRESSED_AFTER = re.compile(r"[:,]|['’]s\b|\s*(?:\Z|\n)")


class Names:
    """Known people, found in any text.

    A nickname that is an ordinary word (``linux``, ``will``) is only found where somebody is addressed by it: otherwise the word itself
    could no longer be said. Where such a name was given with a capital (``Mark``), it is found with one, too.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._by_first_word, self._addressed = _by_first_word(names)
        self._capital = {form for name in names if name[:1].isupper() for form in (name.strip(), name.strip().upper())}
        self._unspaced = [re.escape(name) for name in names if _UNSPACED.search(name)]
        parts = {part for name in names for part in _PART.findall(_plain(name)) if part not in _NOT_PERSONAL}
        self._squeezed = {_squeezed(part) for part in parts if len(part) >= _SHORTEST_PART}
        self._lengths = {len(part) + more for part in parts if len(part) >= _SHORTEST_MISSPELT for more in (-1, 0, 1)}
        """Of words that may be such a part with one letter wrong."""
        self._near: dict[str, list[str]] = {}
        for part in parts:
            if len(part) >= _SHORTEST_MISSPELT:
                for form in (part, *_shortened(part)):
                    self._near.setdefault(form, []).append(part)

    def find(self, text: str) -> Iterator[Finding]:
        """Where they are named. Findings may overlap."""
        if not self._by_first_word and not self._addressed:
            return
        for word in _WORD.finditer(text):
            known = word[0].casefold()
            for offset, name in self._by_first_word.get(known, ()):
                start = word.start() - offset
                end = start + len(name)
                if start >= 0 and text[start:end].casefold() == name and not text[end : end + 1].isalnum():
                    yield start, end, "PERSON"
                    break
            else:
                if known in self._addressed:
                    if word[0] in self._capital or _is_addressed(text, word.start(), word.end()):
                        yield word.start(), word.end(), "PERSON"
                elif self._misspelt(word[0]):
                    yield word.start(), word.end(), "PERSON"
        for name in self._unspaced:
            for match in re.finditer(name, text):
                yield match.start(), match.end(), "PERSON"

    def _misspelt(self, word: str) -> bool:
        """Whether a rare word is a name with a letter doubled, lost, added, changed or swapped, or without its accents."""
        if len(word) < _SHORTEST_PART or is_ordinary(word):
            return False
        plain = _plain(word)
        if _squeezed(plain) in self._squeezed:
            return True
        if len(plain) not in self._lengths:
            return False
        return any(_one_apart(plain, part) for form in (plain, *_shortened(plain)) for part in self._near.get(form, ()))


def _is_addressed(text: str, start: int, end: int) -> bool:
    return bool(_ADDRESSED_BEFORE.search(text, max(0, start - 12), start) and _ADDRESSED_AFTER.match(text, end))


def _by_first_word(names: Sequence[str]) -> tuple[dict[str, list[tuple[int, str]]], set[str]]:
    """Names and their parts by their first word: how far into the name it begins, and the name; the longest names first. Apart from them
    the names that are ordinary words."""
    whole = {name.strip().casefold() for name in names}
    addressed = {name for name in whole if _WORD.fullmatch(name) and is_ordinary(name)}
    parts = {part for name in whole for part in _WORD.findall(name) if len(part) >= _SHORTEST_PART}
    parts |= {
        part for name in whole for part in _PART.findall(name) if len(part) > _SHORTEST_PART and not is_ordinary(part)
    }
    found: dict[str, list[tuple[int, str]]] = {}
    for name in sorted((whole - addressed) | (parts - addressed - _NOT_PERSONAL), key=len, reverse=True):
        if word := _WORD.search(name):
            found.setdefault(word[0], []).append((word.start(), name))
    return found, addressed - _NOT_PERSONAL


def _plain(word: str) -> str:
    """Lower case without accents."""
    if word.isascii():
        return word.lower()
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", word.casefold())
        if not unicodedata.combining(character)
    )


def _squeezed(word: str) -> str:
    """Doubled letters as one."""
    return "".join(character for at, character in enumerate(word) if at == 0 or character != word[at - 1])


def _shortened(word: str) -> list[str]:
    """`word` with each letter left out once."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _one_apart(word: str, name: str) -> bool:
    """One letter lost, added or changed, or two neighbours swapped (Damerau, 1964)."""
    at = 0
    while at < min(len(word), len(name)) and word[at] == name[at]:
        at += 1
    one, two = word[at:], name[at:]
    return (
        one[1:] == two
        or one == two[1:]
        or one[1:] == two[1:]
        or (len(one) > 1 and one[:2] == two[1::-1] and one[2:] == two[2:])
    )
