"""Scores of redaction on texts whose personal spans are known, as `vigil evaluate redaction` prints them. What is taken out, and why, is
decided in `guard`."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, Field

from vigil.errors import InvalidInput
from vigil.evaluate.lines import Row, rows
from vigil.guard.patterns import Finding
from vigil.guard.redact import Vault

STRUCTURED = {
    "CREDIT_CARD": "CARD",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "PHONE_NUMBER": "PHONE",
    "US_SSN": "SSN",
}
"""Labelled types that have a shape of their own, and the kind of finding that must take each out."""
HIDDEN = 0.9
"""Share of a span's letters and digits that must be gone: a title's dot or the "the" of an address more or less is no leak."""
RIGHT = 0.5
"""Share of a finding's letters and digits that must be personal."""
PASSES = 3
"""Times that the clock is taken; the shortest counts, the others were disturbed."""
_MISSPELT_FROM = 6
"""Letters from which the tested names are also misspelt."""


class RedactionFigures(BaseModel):
    """How much of what is personal is found, and how much of what is found is personal."""

    rows: int
    structured_spans: int
    structured_recall: float
    structured_precision: float
    """Of the findings of a structured kind, those that stand in a span of a structured type."""
    all_spans: int
    all_recall: float
    all_precision: float
    participants_tried: int
    participants_recall: float
    """Of the people named in the file, put into a sentence whole, in capitals, by part, in the possessive, misspelt: those that are found
    when their names are given."""
    microseconds_per_100_characters: float
    """Processor time."""
    by_type: dict[str, float]
    """Recall of each labelled type."""


class _Span(Row):
    start: int = Field(ge=0)
    end: int
    type: str


class _Text(Row):
    text: str
    spans: tuple[_Span, ...]


def evaluate_redaction(path: Path) -> RedactionFigures:
    """Score what is taken out of texts that will be kept and shown to others (`Vault` with `mentions`).

    Raises:
        InvalidInput: the file can't be read, has nothing to score, or a span lies outside its text.
    """
    texts = list(_read(path))
    if not any(text.spans for text in texts):
        raise InvalidInput(f"{path.name} has no spans to find; give texts with `spans` of `start`, `end` and `type`.")
    wanted, hit = Counter[str](), Counter[str]()
    findings, right, structured, structured_right = 0, 0, 0, 0
    vault = Vault(mentions=True)
    vault.found(texts[0].text)  # what is read once is read before the clock starts
    found: list[list[Finding]] = []
    spent = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        found = [vault.found(text.text) for text in texts]
        spent = min(spent, time.process_time() - began)
    for text, each in zip(texts, found, strict=True):
        gone = _places(text.text, ((start, end) for start, end, _ in each))
        personal = _places(text.text, ((span.start, span.end) for span in text.spans))
        shaped = _places(text.text, ((span.start, span.end) for span in text.spans if span.type in STRUCTURED))
        for span in text.spans:
            wanted[span.type] += 1
            hit[span.type] += _share(text.text, span.start, span.end, gone) >= HIDDEN
        for start, end, kind in each:
            findings += 1
            right += _share(text.text, start, end, personal) >= RIGHT
            if kind in STRUCTURED.values():
                structured += 1
                structured_right += _share(text.text, start, end, shaped) >= RIGHT
    tried, named = _participants(texts)
    of_structured = [kind for kind in wanted if kind in STRUCTURED]
    return RedactionFigures(
        rows=len(texts),
        structured_spans=sum(wanted[kind] for kind in of_structured),
        structured_recall=_ratio(sum(hit[kind] for kind in of_structured), sum(wanted[kind] for kind in of_structured)),
        structured_precision=_ratio(structured_right, structured),
        all_spans=wanted.total(),
        all_recall=_ratio(hit.total(), wanted.total()),
        all_precision=_ratio(right, findings),
        participants_tried=tried,
        participants_recall=_ratio(named, tried),
        microseconds_per_100_characters=round(spent * 1e8 / max(1, sum(len(text.text) for text in texts)), 1),
        by_type={kind: _ratio(hit[kind], wanted[kind]) for kind in sorted(wanted)},
    )


def _read(path: Path) -> Iterator[_Text]:
    for number, text in rows(path, _Text):
        for span in text.spans:
            if not span.start < span.end <= len(text.text):
                raise InvalidInput(
                    f"{path.name}, line {number}: a span from {span.start} to {span.end} lies outside its text of "
                    f"{len(text.text)} characters; `end` is the character after the last."
                )
        yield text


def _places(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end) if text[at].isalnum()}


def _share(text: str, start: int, end: int, within: set[int]) -> float:
    places = [at for at in range(start, end) if text[at].isalnum()]
    return sum(at in within for at in places) / len(places) if places else 1.0


def _ratio(part: int, whole: int) -> float:
    """1 where there was nothing to find, and nothing was missed."""
    return round(part / whole, 4) if whole else 1.0


def _participants(texts: Iterable[_Text]) -> tuple[int, int]:
    """How many ways of naming somebody were tried, and how many were found with the name given."""
    names = {
        " ".join(text.text[span.start : span.end].split())
        for text in texts
        for span in text.spans
        if span.type == "PERSON"
    }
    tried = named = 0
    for name in sorted(names):
        vault = Vault([name])
        for form in _forms(name):
            sentence = f"ok so {form} tried it again"
            start, end = 6, 6 + len(form)
            gone = _places(sentence, ((begin, until) for begin, until, _ in vault.found(sentence)))
            tried += 1
            named += _share(sentence, start, end, gone) >= HIDDEN
    return tried, named


def _forms(name: str) -> Iterator[str]:
    """A name as people write it: whole, in small and in capital letters, its first and last part, and these with a slip of the fingers."""
    yield from (name, name.lower(), name.upper())
    parts = [part for part in (name.split()[0], name.split()[-1]) if len(part) > 2]
    for part in dict.fromkeys(parts):
        yield from (part, part.lower())
        if part.isalpha() and len(part) >= _MISSPELT_FROM:
            middle = len(part) // 2
            yield part[:middle] + part[middle + 1 :]
            yield part[:middle] + part[middle] + part[middle:]
            yield part[: middle - 1] + part[middle] + part[middle - 1] + part[middle + 1 :]
