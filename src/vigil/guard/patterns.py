"""Finds personal data and secrets in a text by shape and checksum. What is done with a finding is `redact`'s business.

Every pattern runs in time linear in the text: repeats are bounded or possessive, and a run of like characters is entered at its start only.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import phonenumbers

Finding: TypeAlias = tuple[int, int, str]
"""Start, end and kind (``EMAIL``, ``CARD`` ...) of what was found."""

_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # Amazon Web Services
    r"|eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+(?:\.[\w-]*+)?"  # JSON Web Token (RFC 7519)
    r"|gh[pousr]_[A-Za-z0-9]{30,}+|github_pat_\w{22,}+|glpat-[\w-]{20,}+"
    r"|xox[a-z]-[A-Za-z0-9-]{10,}+|xapp-[A-Za-z0-9-]{10,}+"  # Slack
    r"|sk-[\w-]{20,}+|[rsp]k_(?:live|test)_\w{16,}+|whsec_[\w+/=]{16,}+"  # OpenAI and others, Stripe, webhooks
    r"|AIza[\w-]{35}|ya29\.[\w-]{20,}+|GOCSPX-[\w-]{20,}+"  # Google
    r"|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}+|hf_[A-Za-z0-9]{30,}+|do[opr]_v1_[a-f0-9]{64}"
    r"|SG\.[\w-]{16,}+\.[\w-]{16,}+|\d{8,10}:AA[\w-]{33}(?!\w)"  # SendGrid, Telegram
    r")"
)
_BEARER = re.compile(r"(?i)\b(?:bearer|basic)\s{1,3}(?=[A-Za-z._~+/-]{0,200}[\d=])([A-Za-z0-9._~+/=-]{16,}+)")
_ASSIGNED = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[ _-]?key|access[ _-]?key|account[ _-]?key|private[ _-]?key|credentials?)"
    r"[\"']?\s{0,3}(?:=>?\s{0,3}[\"']?([^\s\"'`,;&<>]{3,200})"  # key=value: always a value
    r"|(?::|\bis\b:?)\s{0,3}[\"']?(?=[^\s\"']{0,200}[\d!@#$%^&*+~])([^\s\"',;<>]{5,200}))"  # in prose: when it doesn't look like a word
)
_IN_URL = re.compile(r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://([^\s/:@<>]{0,200}:[^\s/@<>]{1,200})@")
_EMAIL = re.compile(r"(?<![\w.%+'-])[\w.%+'-]++@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?<![\d_-])")
_IPV4 = re.compile(r"\d(?<![\d.-].)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?!\.?\d)")
_IPV6 = re.compile(r"[0-9A-Fa-f:](?<![\w:.].)(?=[^:\s]{0,4}:)[0-9A-Fa-f:]{2,39}(?:\d{0,3}(?:\.\d{1,3}){3})?(?![\w:])")
_MAC = re.compile(r"[0-9A-Fa-f](?<![\w:-].)[0-9A-Fa-f](?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_IBAN = re.compile(r"[A-Z](?<![A-Za-z0-9].)[A-Z]\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"\d(?<![\d.+-].)\d{3}(?:\d{8,15}|([ -])\d{4}\1\d{4}\1\d{1,7}|([ -])\d{6}\2\d{4,5})(?![\d-])")
_SSN = re.compile(r"[0-8](?<![\w-].)\d\d(?<!000)(?<!666)-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_NUMBER = re.compile(
    r"[+(\d](?<![\w.:/=-].)(?:(?<=\d)|\d)(?:[ ().\-/]{0,3}\d){6,19}(?:\s?(?:x|ext\.?\s?)\d{1,6})?(?![\w:]|[.\-/]\d)"
)
_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d\d([-/.])\d\d?\1\d\d?|\d\d?([-/.])\d\d?\2(?:19|20)\d\d)(?!\d)")
_PHONE_BEFORE = re.compile(
    r"(?i)(?:\b|_)(?:phone|tel|telephone|mobile|cell|fax|call|dial|ring|sms|text|whatsapp|contact|desk|office|landline|hotline|reach|answering)\b"
    r"[^\d\n]{0,16}\n?[^\d\n]{0,2}\Z"
)
_PHONE_AFTER = re.compile(r"(?i)[ (]{1,2}(?:office|fax|mobile|cell|phone|home|work)\b")
_PHONE_SHAPE = re.compile(
    r"(?:\+?1[ .-]?|001[ .-])?(?:\(\d{3}\) ?|\d{3}([.\- ]))\d{3}(?(1)\1|[.\- ])\d{4}(?:\s?(?:x|ext\.?\s?)\d{1,6})?"  # North America
    r"|\(0?\d{1,4}\) ?\d{3,4}[ -]?\d{3,4}(?:\s?(?:x|ext\.?\s?)\d{1,6})?"
    r"|0\d{1,4}(?:[ .-]\d{2,4}){2,4}|0\d{2,4}[ /-]\d{5,8}"  # a trunk 0, then groups
)
_ACCOUNT = re.compile(
    r"(?i)(?:\barn:aws[\w-]{0,10}:[a-z0-9-]{0,30}:[a-z0-9-]{0,30}:(\d{12})\b"
    r"|\b(?:account|customer|client|member|tenant|subscription|passport|licen[cs]e|tax)[ _-]?"
    r"(?:id|no|number|nr|#)[.:#=]{0,2}\s{0,2}(?:is:? )?"
    r"(?=[A-Z0-9-]{0,40}\d)([A-Z0-9-]{5,40})\b)"
)
_HOST = re.compile(
    r"(?i)(?<![\w.-])(?!localhost)(?:[a-z0-9-]{1,63}\.){1,6}(?:internal|intranet|corp|lan|localdomain|home\.arpa)(?![\w-]|\.\w)"
)

_IBAN_LENGTH = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD FK", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM TL SO", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "PT ST LY", 26: "IS TR", 27: "FR GR IT MC MR SM DJ BI", 28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA",
        30: "JO KW MU YE", 31: "MT SC", 33: "RU", 32: "LC",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""Length of an account number by country (SWIFT IBAN registry)."""


def findings(text: str) -> Iterator[Finding]:
    """Everything found in `text`, surest kinds first. Findings may overlap."""
    lowered = text.lower()
    for marks, find in _FINDERS:
        for mark in marks:
            if mark in lowered:
                yield from find(text)
                break
    if _ANY_DIGIT.search(text):
        for find in _NUMBER_FINDERS:
            yield from find(text)


def _private_keys(text: str) -> Iterator[Finding]:
    at = 0
    while begin := _KEY_BEGIN.search(text, at):
        end = _KEY_END.search(text, begin.end())
        at = end.end() if end else len(text)  # a key that was cut off hides the rest: better too much than a key
        yield begin.start(), at, "PRIVATE_KEY"


def _shaped(pattern: re.Pattern[str], kind: str) -> Callable[[str], Iterator[Finding]]:
    """A finder of what `pattern` matches: of its groups where it has some."""

    def find(text: str) -> Iterator[Finding]:
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            yield match.start(group), match.end(group), kind

    return find


def _ipv4(text: str) -> Iterator[Finding]:
    for match in _IPV4.finditer(text):
        if all(int(part) <= 255 for part in match[0].split(".")) and not match[0].startswith(("0.", "127.", "255.")):
            yield match.start(), match.end(), "IP"


def _macs(text: str) -> Iterator[Finding]:
    for match in _MAC.finditer(text):
        yield match.start(), match.end(), "MAC"


def _ipv6(text: str) -> Iterator[Finding]:
    for match in _IPV6.finditer(text):
        if len(match[0]) > 3 and _ANY_DIGIT.search(match[0]) and _is_ipv6(match[0]):
            yield match.start(), match.end(), "IP"


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTH.get(match[0][:2])
        compact = match[0].replace(" ", "")
        if length and len(compact) >= length and _is_iban(compact[:length]):
            end = match.start()
            for character in match[0]:
                end += 1
                length -= character != " "
                if not length:
                    break
            yield match.start(), end, "IBAN"


def _is_iban(compact: str) -> bool:
    """ISO 13616: letters as numbers from 10, the first four characters last, modulo 97 leaves 1."""
    return (
        compact.isascii() and int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1
    )


def _cards(text: str) -> Iterator[Finding]:
    for match in _CARD.finditer(text):
        digits = [int(character) for character in match[0] if character.isdecimal()]
        if digits[0] in (2, 3, 4, 5, 6) or digits[:2] == [1, 8]:  # the card brands' first digits; 1800 is an old JCB
            doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
            if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1:  # Luhn, ISO/IEC 7812-1
                yield match.start(), match.end(), "CARD"


def _phones(text: str) -> Iterator[Finding]:
    for match in _NUMBER.finditer(text):
        if _is_phone(match[0], text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 12]):
            yield match.start(), match.end(), "PHONE"


def _is_phone(number: str, before: str, after: str) -> bool:
    """A number is a phone number by its shape, or, where the shape says little, by the word before or after it."""
    digits = sum(character.isdecimal() for character in number)
    if _DATE.search(number):
        return False
    if number[0] == "+":
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(number))
        except phonenumbers.NumberParseException:
            return False
    if _PHONE_SHAPE.fullmatch(number):
        return True
    return digits <= 15 and bool(_PHONE_BEFORE.search(before) or _PHONE_AFTER.match(after))


_ANY_DIGIT = re.compile(r"\d")
_TOKEN_MARKS = (
    "akia", "asia", "agpa", "aida", "aroa", "anpa", "anva", "eyj", "gh", "glpat-", "xox", "xapp-", "sk-", "k_live_", "k_test_",
    "whsec_", "aiza", "ya29.", "gocspx-", "npm_", "pypi-", "hf_", "_v1_", "sg.", ":aa",
)  # fmt: skip
_FINDERS: Sequence[tuple[Sequence[str], Callable[[str], Iterator[Finding]]]] = (
    (("-----begin",), _private_keys),
    (_TOKEN_MARKS, _shaped(_TOKEN, "SECRET")),
    (("://",), _shaped(_IN_URL, "SECRET")),
    (("bearer", "basic"), _shaped(_BEARER, "SECRET")),
    (("pass", "pwd", "secret", "token", "key", "credential"), _shaped(_ASSIGNED, "SECRET")),
    (("@",), _shaped(_EMAIL, "EMAIL")),
    ((":", "-"), _macs),
    ((":",), _ipv6),
    (
        ("arn:aws", "account", "customer", "client", "member", "tenant", "subscription", "passport", "licen", "tax"),
        _shaped(_ACCOUNT, "ACCOUNT"),
    ),
    ((".internal", ".intranet", ".corp", ".lan", ".localdomain", ".home.arpa"), _shaped(_HOST, "HOST")),
)
"""Finders, each with lower-case marks without one of which it finds nothing: a text of plain words passes at the speed of ``in``."""
_NUMBER_FINDERS: Sequence[Callable[[str], Iterator[Finding]]] = (
    _ipv4,
    _ibans,
    _cards,
    _shaped(_SSN, "SSN"),
    _phones,
)
"""Finders of what has digits in it."""
