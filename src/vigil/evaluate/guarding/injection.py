"""Scores of the detection of injected instructions on labelled texts, as `vigil evaluate injection` prints them: by what ships, or by
weights that are trained anew without the kind of attack that they are tried on."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from vigil.errors import InvalidInput
from vigil.evaluate.guarding.training import Sample, bar_for, folds_of, group_of, out_of_fold
from vigil.evaluate.lines import Row, rows
from vigil.guard.injection import shipped, suspicion


class InjectionFigures(BaseModel):
    """How many injected instructions are found, and how often one is seen where there is none."""

    rows: int
    injected: int
    precision: float
    recall: float
    false_positive_rate: float
    hard: int
    hard_false_positive_rate: float
    """Of harmless chat with words of command in it, the share that is taken for an instruction; 0 where there is none."""
    bar: float
    """The shipped one; out of fold the mean of those chosen on the other folds."""
    recall_by_kind: dict[str, float]
    """By kind of text, source and variant."""


class _Place(Row):
    start: int = Field(ge=0)
    end: int


class _Line(Row):
    text: str
    label: Literal[0, 1]
    span: _Place | None = None
    kind: str = ""
    source: str = ""
    category: str | None = None
    variant: str | None = None
    hard: bool | None = None


class _Said(Row):
    text: str


class _Harmless(Row):
    text: str | None = None
    messages: tuple[_Said, ...] = ()


def evaluate_injection(path: Path, *, folds: int | None = None, harmless: Sequence[Path] = ()) -> InjectionFigures:
    """Score the detection.

    Args:
        path: labelled texts.
        folds: train anew in so many folds.
        harmless: tickets or documents with nothing injected, to train with as well.

    Raises:
        InvalidInput: a file can't be read, or has too little to score.
    """
    lines, samples = read(path)
    wanted = np.array([line.label == 1 for line in lines])
    if wanted.all() or not wanted.any():
        raise InvalidInput(
            f"{path.name} must hold texts with `label` 1 and with `label` 0; precision and recall need both."
        )
    if folds is None:
        bar = shipped().bar
        flagged = np.array([suspicion(line.text) is not None for line in lines])
        return _figures(lines, wanted, flagged, bar)
    if len({sample.group for sample in samples if sample.span}) < folds:
        raise InvalidInput(
            f"{path.name} has fewer kinds of attack (source and category) than {folds} folds; give fewer."
        )
    others = [sample for each in harmless for sample in read_harmless(each)]
    chances, fold, quiet = crossed(samples, folds, others)
    flagged, bars = np.zeros(len(lines), np.bool_), list[float]()
    for each in range(folds):
        bars.append(bar_for(wanted[fold != each], chances[fold != each], quiet))
        flagged |= (fold == each) & (chances >= bars[-1])
    return _figures(lines, wanted, flagged, round(float(np.mean(bars)), 4))


def crossed(
    samples: Sequence[Sample], folds: int, others: Sequence[Sample]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Chances of the samples out of fold, their folds, and the chances of `others`, which help to train."""
    known = {sample.text for sample in samples}
    together = [*samples, *(sample for sample in others if sample.text not in known)]
    chances = out_of_fold(together, folds)
    return chances[: len(samples)], folds_of(together, folds)[: len(samples)], chances[len(samples) :]


def read(path: Path) -> tuple[list[_Line], list[Sample]]:
    """Labelled texts, and the same as samples.

    Raises:
        InvalidInput: the file can't be read, or a line says something else.
    """
    lines: list[_Line] = []
    samples: list[Sample] = []
    for number, line in rows(path, _Line):
        span = line.span
        if span and not span.start < span.end <= len(line.text):
            raise InvalidInput(
                f"{path.name}, line {number}: the span from {span.start} to {span.end} lies outside its text of "
                f"{len(line.text)} characters."
            )
        injected = line.label == 1
        place = ((span.start, span.end) if span else (0, len(line.text))) if injected else None
        lines.append(line)
        samples.append(
            Sample(
                text=line.text,
                span=place,
                group=group_of(line.text, line.source, line.category, injected=injected),
                hard=bool(line.hard),
            )
        )
    return lines, samples


def read_harmless(path: Path) -> list[Sample]:
    """Messages of tickets, or texts of documents, as samples with nothing injected; each text once.

    Raises:
        InvalidInput: the file can't be read, or a line has neither.
    """
    texts: dict[str, None] = {}
    for number, row in rows(path, _Harmless):
        if row.text is None and not row.messages:
            raise InvalidInput(f"{path.name}, line {number}: has neither `text` nor `messages`.")
        texts |= dict.fromkeys([said.text for said in row.messages] if row.text is None else [row.text])
    return [Sample(text=text, span=None, group=group_of(text, "", None, injected=False)) for text in texts]


def _figures(
    lines: Sequence[_Line], wanted: NDArray[np.bool_], flagged: NDArray[np.bool_], bar: float
) -> InjectionFigures:
    hard = np.array([bool(line.hard) and line.label == 0 for line in lines])
    hits = int((wanted & flagged).sum())
    kinds: defaultdict[str, list[bool]] = defaultdict(list)
    for line, found in zip(lines, flagged.tolist(), strict=True):
        if line.label:
            kinds[" ".join(part for part in (line.kind, line.source, line.variant or "") if part)].append(found)
    return InjectionFigures(
        rows=len(lines),
        injected=int(wanted.sum()),
        precision=_ratio(hits, int(flagged.sum()), nothing=1.0),
        recall=_ratio(hits, int(wanted.sum()), nothing=1.0),
        false_positive_rate=_ratio(int((flagged & ~wanted).sum()), int((~wanted).sum()), nothing=0.0),
        hard=int(hard.sum()),
        hard_false_positive_rate=_ratio(int((flagged & hard).sum()), int(hard.sum()), nothing=0.0),
        bar=round(bar, 4),
        recall_by_kind={kind: round(sum(found) / len(found), 4) for kind, found in sorted(kinds.items())},
    )


def _ratio(part: int, whole: int, *, nothing: float) -> float:
    return round(part / whole, 4) if whole else nothing
