"""Finds names by their capitals: words in a row that begin with one, where the sentence doesn't ask for it and not everybody says the word.
Cues that hold without capitals are in `cues`."""

import re
import unicodedata
from collections.abc import Iterator

from vigil.guard.ordinary import is_ordinary
from vigil.guard.patterns import Finding

UPPER = "".join(chr(code) for code in range(0x41, 0x590) if unicodedata.category(chr(code)) == "Lu")
_REST = r"(?:\w|['’](?!s\b)\w|[-‐]\w)*+(?:(?:(?<=\b\w)|(?<=\bInc)|(?<=\bLtd)|(?<=\bSt)|(?<=\bDr))\.)?"
CAPITAL = rf"[{UPPER}]{_REST}"
"""A word that begins with a capital: Latin, Greek, Cyrillic, Armenian. A dot belongs to an initial or one of a few abbreviations."""
PARTICLE = r"(?:de|del|della|di|da|do|dos|du|la|le|van|von|der|den|ten|te|nad|al|of|the|&|and)"
"""Small words inside names: Ludwig van Beethoven, Bank of Ireland."""

_RUN = re.compile(rf"[{UPPER}](?<![\w@#/\\.$=`~<-].){_REST}(?:[ ]{{1,2}}(?:{PARTICLE}[ ]){{0,2}}{CAPITAL})*+")
_FIRM = re.compile(rf"[{UPPER}](?<![\w’'-].){_REST}, {CAPITAL},? and {CAPITAL}")
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:\A|[.!?\n]|:\n|(?:\A|\s)[\"“'(*-])[\"'“”)\]]*\s*\Z")
_CODE_AFTER = re.compile(r"[\w/\\=@`]|\.\w|:\w\w|\(\)")
"""Behind the words: the rest of a path, an address or code."""
_SUBJECT = re.compile(
    r"['’]s\b|, (?:can|could|please|would|will|i|you|do|is|thanks?)\b|:[ ]?[\"“]"
    r"| (?:is|was|has|had|will|of|and|from|spent|began|said|says|wrote|told|made|[a-z]{2,}(?:[^s]ed|[bcdfgklmnprtvwy]s))\b",
    re.IGNORECASE,
)
"""What follows somebody with whom a sentence begins: a verb of the third person, a possessive, a comma and a request."""
_INSIDE = re.compile(r"[a-zß-ÿ][A-Z]")
_SCOTS = re.compile(r"\A(?:Ma?c|O['’]|D['’]|Fitz|De|Van)[A-Z]")
_LONGEST_ACRONYM = 5
"""Letters of a word all in capitals that is no name by itself: CEO, ATM, SQL."""


def capitals(text: str) -> Iterator[Finding]:
    """Names of anything, as far as capitals give them away; none in a text that is all capitals."""
    if len(text) > 20 and text.isupper():
        return
    for run in _RUN.finditer(text):
        if found := _named(text, run.start(), run.end()):
            yield *found, "NAME"
    if ", " in text and " and " in text:
        for firm in _FIRM.finditer(text):
            if not all(is_ordinary(word) for word in _WORD.findall(firm[0].replace(" and ", " "))):
                yield firm.start(), firm.end(), "NAME"


def _named(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where in a row of capitalised words the name stands, if there is one."""
    if _CODE_AFTER.match(text, end) and text[end - 1] != ".":
        return None
    if "_" in text[start:end]:
        return None  # a setting or an error: AWS_DEFAULT_REGION
    words = list(_WORD.finditer(text, start, end))
    while words and is_ordinary(words[0][0]):
        words.pop(0)
    begins = bool(words) and words[0].start() == start and bool(_BEGINS.search(text[max(0, start - 8) : start]))
    rare = [word for word in words if len(word[0]) > 1 and not is_ordinary(word[0])]
    if not rare:
        return None
    if len(words) == 1:
        name = words[0][0]
        if name.isupper() and len(name) <= _LONGEST_ACRONYM:
            return None
        if _INSIDE.search(text[start:end]) and not _SCOTS.match(name):
            return None  # a product or a class: NetworkManager
        if begins and not _SUBJECT.match(text, end):
            return None
    begin = words[0].start()
    return begin, end - (text[end - 1] == ".")
