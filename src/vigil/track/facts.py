"""What a message tells about the problem: product, version, region, error, and what was tried. Patterns only, each fact in the words of the
message; which of them still count is `advance`'s."""

# ruff: noqa: E501

import re
from dataclasses import dataclass

from vigil.domain.progress import FactKind, Result
from vigil.language.reading import read
from vigil.language.sentences import sentences_of

LONGEST = 4_000
"""Characters of a message that are looked through; a longer one is a log, and has said its error by then."""
SHOWN = 160
"""Characters of a fact that are kept: it is a line in a panel, and points at its message."""
MOST = 4
"""Facts of a kind out of one message."""

_VERSION = re.compile(
    r"\b(?P<name>[A-Za-z][\w+-]{1,30}(?: (?-i:[A-Z])[\w+-]{1,20})?)[ /-](?P<word>(?:version|release|ver\.?|v\.?) ?)?(?P<number>v?\d{1,4}(?:\.\d{1,5}){1,3}(?:-?(?:alpha|beta|rc|dev|lts)\.?\d*)?)(?![\w:/%]|\.\d)"
    r"|\b(?:version|release|ver\.|build|v)\.?[ :]*(?P<bare>\d{1,6}(?:\.\d{1,5}){0,3}(?:-?(?:alpha|beta|rc|dev|lts)\.?\d*)?)(?![\w:/%]|\.\d)",
    re.IGNORECASE,
)
_SAYS_VERSION = re.compile(r"(?:version|release|ver|build|\bv)$", re.IGNORECASE)
_NO_PRODUCT = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "was",
        "are",
        "at",
        "of",
        "in",
        "on",
        "to",
        "for",
        "with",
        "and",
        "or",
        "about",
        "from",
        "after",
        "before",
        "since",
        "by",
        "than",
        "version",
        "release",
        "ver",
        "build",
        "v",
        "port",
        "ip",
        "costs",
        "only",
        "over",
        "under",
        "between",
        "around",
        "roughly",
        "like",
        "it",
        "my",
        "your",
        "our",
        "their",
        "takes",
        "took",
        "least",
        "most",
        "up",
        "price",
        "usage",
        "load",
        "average",
        "python-like",
        "kernel-like",
        "dated",
        "section",
        "step",
        "page",
        "line",
        "chapter",
        "figure",
        "rule",
    ]
)
_AMOUNT = re.compile(
    r"\s*(?:%|percent|gb|mb|tb|kb|ms|s\b|sec|min|hours?|usd|eur|€|\$|euros?|dollars?|am|pm|ghz|mhz|kg|cm|mm|times|x\b)",
    re.IGNORECASE,
)
_PRODUCT = re.compile(
    r"\b(?:i(?:'m| am)|we(?:'re| are)) (?:using|running|on) (?:an? |the |our |my )?(?P<used>[A-Z][\w+.-]{1,30}(?: [A-Z0-9][\w+.-]{0,20})?)"
    r"|\b(?:using|running|product:|product is) (?:an? |the )?(?P<named>[A-Z][\w+.-]{1,30}(?: [A-Z0-9][\w+.-]{0,20})?)"
)
_REGION = re.compile(
    r"\b(?P<code>(?:us|eu|ap|sa|ca|me|af|il|cn)-(?:gov-)?(?:north|south|east|west|central)[a-z]*-?\d[a-f]?|(?:europe|asia|us|australia|southamerica|northamerica)-(?:north|south|east|west|central)[a-z]*\d|[a-z]{3}\d-[a-z]\b)"
    r"|\b(?P<region>[A-Za-z][\w-]{1,20}(?:[ -]\d)?) (?:region|data ?cent(?:er|re)|availability zone)\b"
    r"|\b(?:region|zone|location|data ?cent(?:er|re))(?: is|:|=)? (?P<where>[A-Za-z][\w-]{1,20}(?:-\d[a-f]?)?)",
    re.IGNORECASE,
)
_NO_REGION = frozenset(
    [
        "the",
        "a",
        "an",
        "our",
        "your",
        "my",
        "this",
        "that",
        "which",
        "what",
        "other",
        "another",
        "same",
        "is",
        "in",
        "of",
        "every",
        "each",
        "time",
        "no",
        "any",
        "one",
        "to",
        "and",
        "default",
        "wrong",
        "different",
    ]
)
_ERROR = re.compile(
    r"(?P<quoted>[\"“'`][^\"”'`\n]{6,140}[\"”'`])"
    r"|(?P<named>\b(?:[A-Z][\w.]*(?:Error|Exception|Failure|Timeout)\b|[A-Z]+_[A-Z_]*(?:ERR|FAIL|DENIED|TIMEOUT|INVALID)[A-Z_]*|ERR_[A-Z_]+|E[A-Z]{4,}|errno \d+)(?:: ?[^\n.]{0,100})?)"
    r"|(?P<code>\b(?:http )?(?:status )?[45]\d\d (?:[A-Z]?[a-z]+ ?){1,4}(?:error)?|\berror (?:code )?#?\d+\b|\b(?:exit|error|status) (?:code|status) -?\w+|\b0x[0-9a-f]{4,})"
    r"|(?P<line>\b(?:fatal|error|e|err|failed|panic|traceback)\s?: ?[^\n]{4,120})",
    re.IGNORECASE,
)
_CASED_NAME = re.compile(r"[A-Z]")
_SOUNDS_WRONG = re.compile(
    r"\b(?:error|err|fail\w*|denied|not found|cannot|can't|could not|couldn't|unable|invalid|timed? ?out|refused|exceeded|missing|forbidden|unauthori[sz]ed|exception|no such|unknown|unexpected|segmentation|panic|crash\w*|expired|rejected|not (?:allowed|permitted|supported|available)|unreachable|killed|broken|too (?:many|large|long))\b",
    re.IGNORECASE,
)
_TRIED = re.compile(
    r"\b(?:i|we|ive|weve|i've|we've)(?: have| had)?(?: just| already| also| now| even| then)* (?P<deed>(?:tried|restarted|rebooted|reinstalled|cleared|reset|removed|deleted|disabled|enabled|updated|upgraded|downgraded|changed|switched|replaced|recreated|re-?ran|ran|checked|installed|uninstalled|purged|edited|unplugged|reconnected|rolled back|re-?added|added|increased|raised|resized|rotated|regenerated|logged (?:out|in)|turned|moved|renamed|stopped|killed|set|followed|did)\b[^.!?;\n]{0,110})"
    r"|(?:^|[.,;!?\n]\s*)(?:already |just |also )?(?P<bare>(?:tried|restarted|rebooted|reinstalled|cleared|updated|upgraded|followed)\b[^.!?;\n]{2,110})",
    re.IGNORECASE,
)
_RESULT = re.compile(r"\s*(?:,|\band\b|\bbut\b|\bstill\b|;|–|—|\.\.).*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that a message says about the problem."""

    kind: FactKind
    text: str
    result: Result = Result.UNKNOWN
    """Of something tried: what the same message says came of it."""


def facts_in(text: str) -> list[Told]:
    """What one message tells, each thing once, in the order of the kinds."""
    text = text[:LONGEST]
    found = [*_versions(text), *_regions(text), *_errors(text), *_tried(text)]
    return list(dict.fromkeys(found))


def _versions(text: str) -> list[Told]:
    found: list[Told] = []
    for match in _VERSION.finditer(text):
        if _AMOUNT.match(text, match.end()):
            continue
        name = match["name"]
        if name is not None and name.split()[-1].casefold() not in _NO_PRODUCT:
            name = " ".join(word for word in name.split() if word.casefold() not in _NO_PRODUCT)
            found.append(_told(FactKind.PRODUCT, name))
            found.append(_told(FactKind.VERSION, f"{name} {match['number']}"))
        elif match["bare"] or match["word"] or _SAYS_VERSION.search(name or ""):
            found.append(_told(FactKind.VERSION, match["bare"] or match["number"]))
    for match in _PRODUCT.finditer(text):
        name = (match["used"] or match["named"]).rstrip(".,")
        if not any(told.text.casefold().startswith(name.split()[0].casefold()) for told in found):
            found.append(_told(FactKind.PRODUCT, name))
    return found[: 2 * MOST]


def _regions(text: str) -> list[Told]:
    names = (match["code"] or match["region"] or match["where"] for match in _REGION.finditer(text))
    return [_told(FactKind.REGION, name) for name in names if name.casefold() not in _NO_REGION][:MOST]


def _errors(text: str) -> list[Told]:
    found: list[Told] = []
    for match in _ERROR.finditer(text):
        quoted, named = match["quoted"], match["named"]
        if quoted is not None and not _SOUNDS_WRONG.search(quoted):
            continue
        if named is not None and not _CASED_NAME.match(named) and not named.casefold().startswith("err"):
            continue
        found.append(_told(FactKind.ERROR, (quoted or match[0]).strip("\"“”'` ")))
    return found[:MOST]


def _tried(text: str) -> list[Told]:
    found: list[Told] = []
    for sentence in sentences_of(text):
        for match in _TRIED.finditer(sentence):
            reading = read(sentence)
            result = Result.FAILED if reading.not_solved else Result.HELPED if reading.solved else Result.UNKNOWN
            deed = _RESULT.sub("", match["deed"] or match["bare"])
            if len(deed.split()) > 1 or deed.casefold() not in (
                "did",
                "set",
                "turned",
                "ran",
                "moved",
                "followed",
                "tried",
                "stopped",
            ):
                found.append(Told(kind=FactKind.TRIED, text=shown(deed), result=result))
    return found[:MOST]


def _told(kind: FactKind, text: str) -> Told:
    return Told(kind=kind, text=shown(text))


def shown(text: str) -> str:
    """Words of a message on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
