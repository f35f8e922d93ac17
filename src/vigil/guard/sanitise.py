"""Clean text for reading: what a person would see, without what hides, reorders or disguises it. What is stored stays as it was sent;
secrets and personal data are `redact`'s, instructions in disguise are `injection`'s."""

import re
import unicodedata
from functools import lru_cache

MAX_MARKS = 30
"""Most combining marks that one letter keeps: the limit of the Stream-Safe Text Format (Unicode Standard Annex 15, section 13)."""

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, fillers, vowels that draw nothing
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # zero width, marks of direction, overrides and isolates
    "\u3164\ufeff\uffa0\ufff9-\ufffb"  # fillers, byte order mark, interlinear annotation
    "\ufe00-\ufe0e"  # variation selectors but the emoji one
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical format controls; tags and supplementary selectors, which can carry whole texts
    "]"
)
_JOINERS = re.compile("(?<![^\x00-\u02ff])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\u02ff])")
"""Zero-width joiners bind emoji and shape Persian and Indic letters; between Latin ones they only split words that somebody looks for."""
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{{MAX_MARKS}}}){_MARK}+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"[\t\n\x20-\x7e]*")
_SPACES = re.compile("[^\\S\n]+")
_BLANK_LINES = re.compile("\n{3,}")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """`text` in compatibility form (NFKC), one kind of line end, no control, direction, tag or zero-width characters, spaces folded.

    Never longer than 18 times its input (the most that NFKC can grow a character); cleaning twice changes nothing more.
    """
    if not _PLAIN.fullmatch(text):
        text = _SURROGATES.sub("\ufffd", text)
        text = _LINE_ENDS.sub("\n", text)
        text = _HIDDEN.sub("", text)
        text = unicodedata.normalize("NFKC", text)
        text = _MARKS.sub(r"\1", _JOINERS.sub("", _HIDDEN.sub("", text)))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def has_words(text: str) -> bool:
    """Whether there is anything to read: a letter or a digit of any script."""
    return any(character.isalnum() for character in text)


def one_line(text: str, limit: int) -> str:
    """`text` cleaned, on one line, at most `limit` characters, cut at a word with an ellipsis where it was longer."""
    line = " ".join(clean(text).split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"
