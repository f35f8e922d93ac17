"""From bytes to text: which encoding it is, and what no reader wants to see taken out. What the text means is the business of `blocks`,
`webpage` and `faq`."""

import codecs
import re

import charset_normalizer

from vigil.errors import UnreadableDocument

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_7", "iso8859_15"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"),
]
"""What is guessed among, where nothing is declared: the encodings that browsers still read (https://encoding.spec.whatwg.org)."""
_DECLARABLE = re.compile(
    r"(utf[-_]?8|utf[-_]?16|utf[-_]?32|ascii|latin|iso8859|cp\d|koi8|mac|shift_jis|euc|gb|big5|hz|iso2022|tis)"
)
"""Names of codecs that a stranger may choose. Python knows others (utf_7, unicode_escape, punycode) that no document is written in."""
_SAMPLE = 100_000
"""Bytes that a guess looks at: it takes 35 ms for as much German in Latin-1, and more would not change it."""
_MOST_CONTROLS = 0.01
"""Share of control characters from which on a file is no text. Text has none; random bytes read as cp1252 have 11 % (29 of 256)."""

_LINE_ENDS = re.compile("\r\n?|[\x0b\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def decode(content: bytes, *, name: str, declared: str = "") -> str:
    """`content` as clean text. A byte order mark is believed first, then UTF-8 if it fits, then `declared`, then the likeliest guess.

    Raises:
        UnreadableDocument: the bytes are no text in any encoding.
    """
    text = _decode(content, declared)
    if text is None or len(_CONTROLS.findall(text)) > _MOST_CONTROLS * len(text) + 1:
        raise UnreadableDocument(f"{name} is not text. Save it as Markdown, HTML, PDF, CSV or plain text in UTF-8.")
    return tidy(text)


def tidy(text: str) -> str:
    """`text` with one kind of line end, no control characters but tab and form feed, and nothing that UTF-8 can't carry.
    Spaces stay: code is read by them."""
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROLS.sub("", text)
    if _SURROGATES.search(
        text
    ):  # JSON's \ud83d\ude00 in two escapes is one character; a half without its other half is none
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _decode(content: bytes, declared: str) -> str | None:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        return _wide(content)
    for encoding in ("utf-8", _codec(declared)):
        try:
            return content.decode(encoding)
        except UnicodeError:
            continue
    found = charset_normalizer.from_bytes(content[:_SAMPLE], cp_isolation=_LEGACY)
    names = [match.encoding for match in found]
    if not names:
        return None
    # Short Western texts fit many code pages; the one that nearly all of them are written in comes first.
    return content.decode("cp1252" if "cp1252" in names else names[0], "replace")


def _wide(content: bytes) -> str | None:
    """UTF-16 without its mark: in most scripts every other byte repeats, and in Latin ones it is zero."""
    even, odd = content[0::2].count(0), content[1::2].count(0)
    if max(even, odd) < len(content) // 5 or min(even, odd) > len(content) // 20:
        return None
    return content.decode("utf-16-le" if odd > even else "utf-16-be", "replace")


def _codec(declared: str) -> str:
    try:
        name = codecs.lookup(declared.strip() or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _DECLARABLE.match(name) else "utf-8"
