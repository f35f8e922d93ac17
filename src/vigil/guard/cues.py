"""Finds names, ages, dates and postal addresses by what stands around them: "my name is", "Mr", "Address:", a house number beside a
street, the lines of a signature. Names that only their capitals give away are in `capitals`."""

import re
from collections.abc import Iterator

from vigil.guard.capitals import CAPITAL, PARTICLE, UPPER
from vigil.guard.ordinary import is_ordinary
from vigil.guard.patterns import Finding

_NAME = r"[^\W\d_](?:[\w'’-])*(?: (?:[^\W\d_]\.? )?[^\W\d_](?:[\w'’-])*)?"
_CAPITALS = rf"{CAPITAL}(?: (?:{PARTICLE} )?{CAPITAL}){{0,3}}"
_CALLED = re.compile(
    rf"\b(?i:my (?:full |user)?name(?: is|['’]s)|(?:her|his|their|maiden|last|first|sur) ?name is|calls? me"
    rf"|(?:signed(?: off)?|written|directed) by:?|regards,?|sincerely,?)\s{{1,6}}({_CAPITALS})"
)
_HERE = re.compile(rf"[TtIi](?<!\w.)(?i:his is|['’]m| am) ({_CAPITALS})")
_CALLED_LOW = re.compile(rf"(?i)\b(?:my name is|maiden name is|my name['’]s|everyone calls me)[ ]{{1,2}}({_NAME})")
_TITLE = re.compile(
    rf"\b((?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|Señora?|Miss)\b\.? {_CAPITALS}|(?:mr|mrs|ms|dr|prof)\. [^\W\d_][\w'’-]{{2,}})"
)
_LABEL = re.compile(
    r"(?im)^[ \t]*(?:full |first |last |sur|given |family |contact |customer |company |billing |shipping |postal |home |mailing )?"
    r"(?:name|city|town|country|zip(?: code)?|post(?:al )?code|company|employer|organi[sz]ation|website|birthday|date of birth|dob)"
    r"[ \t]*:[ \t]*\n?[ \t]*(\S[^\n]{0,70})"
)
_LABELLED_ADDRESS = re.compile(
    r"(?im)^[ \t]*(?:\w{1,12} )?address[ \t]*:\s{0,8}(\S[^\n]{0,80}(?:\n[ \t,]*[^\s:][^\n:]{0,60}(?=\n|\Z)){0,7})"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    r"\d(?<![\w.].)(?:(?<=[12])(?:(?<=1)9|(?<=2)0)\d\d-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?|\d?([/.])\d{1,2}\1(?:19|20)\d\d)(?![\w-]|\.\d)"
)
_YEAR = re.compile(r"[12](?<![\w.].)(?:(?<=1)9|(?<=2)0)\d\d(?![\w-]|\.\d)")
_YEAR_AFTER = (" in ", "since ", "during ", "act of ", "born ", " is a ", " was a ")
_DAY = re.compile(
    rf"(?i)\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b\.?,?(?: (?:19|20)\d\d)?"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?)\b"
)
_WEEKDAY = re.compile(r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_AGE = re.compile(
    r"[1-9](?<![\w.,:/$€-].)\d{0,2}(?!\d)(?:([ -](?:years?[ -]old|y/o\b|yrs? old))|(?![\w%]|[.:/,-]\d| ?[$€%]| [a-z]+s\b))"
)
_AGE_AFTER = (
    "age of ", " aged ", " turn ", " turned ", " turns ", " turning ", "he is ", "he was ", "she is ", "she was ", "i am ", "i was ",
    "i'm ", "he's ", "she's ", "i’m ", "he’s ", "she’s ",
)  # fmt: skip
_ID = re.compile(r"(?i)\b(?:driver['’]?s? )?licen[sc]e(?: number| no\.?)? is ([A-Z0-9-]{5,20})")
_PART = rf"(?:\d[\d/-]*[A-Za-z]?\b\.?|\([^()\n]{{2,30}}\)|C/|{CAPITAL})"
_SMALL = rf"(?:(?:{PARTICLE}|ul\.|nan|via|rue|av|y|i|u|street|st)(?=[ ,\n]))"
_CHAIN = re.compile(
    rf"[\d{UPPER}](?<![\w.:@/-].)(?:(?<=\d)[\d/-]*[A-Za-z]?\b\.?|(?<=C)/|(?<!\d)(?:\w|['’-]\w)*+\.?)"
    rf"(?:(?:,?[ ]{{1,2}}|,?[ ]?\n[ ]{{0,8}},?[ ]?|-)(?:{_PART}|{_SMALL}))++"
)
"""House numbers, streets, towns and codes in a row, over the ends of lines."""
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w-])\d{1,6}[A-Za-z]?(?![\w-])")
_CAP_WORD = re.compile(CAPITAL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_STREET = frozenset(
    {"street", "str", "st", "road", "rd", "avenue", "ave", "av", "lane", "drive", "boulevard", "blvd", "court", "close", "crescent"}
    | {"place", "square", "via", "rua", "rue", "calle", "apt", "suite", "unit", "box", "psc", "apo", "dpo", "fpo", "ul"}
)  # fmt: skip
_STREET_ENDS = (
    "strasse",
    "straße",
    "gata",
    "gatan",
    "veien",
    "vej",
    "weg",
    "gasse",
    "straat",
    "katu",
    "laan",
    "utca",
    "terrasse",
)
_WHERE = (
    "address ", "address is ", "address? ", "address: ", "return to ", "live on ", "live at ", "live in ", "lives on ", "lives at ",
    "lives in ", "living in ", "living at ", "arrived at ", "meet at ", "located at ", "located in ", "deliver to ", "delivered to ",
    "ship to ", "shipped to ", "sent to ", " is at ", " is in ", "off at ", "stop at ", "enter on ", "side of ", "corner of ",
    "refers to ", " it is ", "it's in ",
)  # fmt: skip
"""What stands before an address."""
_SHORTEST_ADDRESS = 6
_FEWEST_CARD_LINES, _LONGEST_CARD_LINE = 3, 60
_NAME_LINE = re.compile(rf"[ \t]*(?:{CAPITAL}|{PARTICLE})(?: (?:{CAPITAL}|{PARTICLE})){{1,4}}[ \t]*")


def cues(text: str) -> Iterator[Finding]:
    """Who, when and where, by cues. Findings may overlap."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter whose small form is two, in some scripts: places would no longer agree
        lowered = text
    for marks, pattern, kind in _CUED:
        for mark in marks:
            if mark in lowered:
                for match in pattern.finditer(text):
                    group = match.lastindex or 0
                    yield match.start(group), match.end(group), kind
                break
    if _DIGIT.search(text):
        yield from _numbered(text, lowered)
    if "\n" in text:
        yield from _cards(text)


def _numbered(text: str, lowered: str) -> Iterator[Finding]:
    for marks, pattern, kind in _CUED_NUMBERS:
        for mark in marks:
            if mark in lowered:
                for match in pattern.finditer(text):
                    group = match.lastindex or 0
                    yield match.start(group), match.end(group), kind
                break
    for match in _AGE.finditer(text):
        digits = match.end() - len(match[1] or "")
        if match[1] or lowered.endswith(_AGE_AFTER, 0, match.start()):
            yield match.start(), digits, "AGE"
    if " 19" in text or " 20" in text:
        for match in _YEAR.finditer(text):
            if lowered.endswith(_YEAR_AFTER, 0, match.start()):
                yield match.start(), match.end(), "DATE"
    for match in _DATE.finditer(text):
        yield match.start(), match.end(), "DATE"
    for match in _CHAIN.finditer(text):
        if _is_address(match[0], lowered[max(0, match.start() - 16) : match.start()]):
            yield match.start(), match.end() - (match[0][-1] in ".,"), "ADDRESS"


def _is_address(chain: str, before: str) -> bool:
    """A number beside words with capitals: by a street's word, by a cue before it, or because the words are rare."""
    if len(chain) < _SHORTEST_ADDRESS:
        return False
    words = [word.lower() for word in _WORD.findall(chain)]
    rare = sum(not is_ordinary(word) for word in words)
    if not rare or not _NUMBER.search(chain) or not _CAP_WORD.search(chain):
        return False
    if rare > 1 or any(word in _STREET or word.endswith(_STREET_ENDS) for word in words):
        return True
    return before.endswith(_WHERE)


def _cards(text: str) -> Iterator[Finding]:
    """The lines of a visiting card: a name alone on its line, and below it short lines without an end of sentence."""
    at = 0
    lines: list[tuple[int, str]] = []
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    filled = [(start, line) for start, line in lines if line.strip()]
    if len(filled) < _FEWEST_CARD_LINES or not _NAME_LINE.fullmatch(filled[0][1]):
        return
    for start, line in filled:
        words = line.strip()
        if len(words) > _LONGEST_CARD_LINE or words.endswith(("?", "!")):
            return
        if not words.endswith(":"):
            _, colon, rest = words.partition(": ")
            shown = rest if colon else words
            begin = start + line.index(shown)
            yield begin, begin + len(shown), "DETAIL"


_CUED: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("name", "ed by", "en by", "regards", "sincerely", "calls me"), _CALLED, "PERSON"),
    (("this is", "i am", "i'm", "i’m"), _HERE, "PERSON"),
    (("name is", "name's", "name’s", "calls me"), _CALLED_LOW, "PERSON"),
    (
        ("mr ", "mr.", "mrs", "ms ", "ms.", "miss ", "dr ", "dr.", "prof", "herr ", "frau ", "mme", "señor"),
        _TITLE,
        "PERSON",
    ),
    (
        ("name", "city", "town", "country", "zip", "code", "company", "employer", "organi", "website", "birth", "dob"),
        _LABEL,
        "DETAIL",
    ),
    (("address",), _LABELLED_ADDRESS, "ADDRESS"),
    (("day",), _WEEKDAY, "DATE"),
)
_CUED_NUMBERS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), _DAY, "DATE"),
    (("license", "licence"), _ID, "ID"),
)
"""Patterns, each with lower-case marks without one of which it finds nothing."""
