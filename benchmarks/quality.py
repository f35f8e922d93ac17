"""How good what ships is, and how good its method is out of fold, on the evaluation data; and a gate that fails where a figure has fallen.

python benchmarks/quality.py [--data FOLDER] [--sample] [--check | --store]

`--sample` takes 20 streams of the large files, the same ones each time, and all of the small ones: some minutes. `--check` compares with
benchmarks/quality.json, and fails where a figure is worse than stored by more than its own noise: two standard errors of a share over as
many rows. `--store` writes that file anew. Without either, a dated table is written to docs/reference/measured.md.
"""

import argparse
import asyncio
import json
import math
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

from pydantic import BaseModel

import vigil
from vigil.evaluate.gate.scoring import gate_in_tickets, gate_on_channels
from vigil.evaluate.guarding.redaction import evaluate_redaction
from vigil.evaluate.learning.growth import evaluate_growth
from vigil.evaluate.proactive.evaluating import evaluate_proactive
from vigil.evaluate.retrieval.evaluating import evaluate_grounded, evaluate_retrieval
from vigil.language.bundled import BundledEmbedder

HERE = Path(__file__).parent
STORED = HERE / "quality.json"
TABLE = HERE.parent / "docs" / "reference" / "measured.md"
SAMPLE = 20
FOLDS = 5
HIGHER = (
    *("average_precision", "f1", "opens_thread_precision", "p_at_1", "hit_at_5", "mrr", "coverage_at_precision_70"),
    *("precision_at_threshold", "abstention_balanced_accuracy", "recall", "soft_hit", "start_p_at_1"),
    *("structured_recall", "structured_precision", "all_recall", "all_precision"),
)
LOWER = ("ece", "answered_when_absent", "per_100")

Figures: TypeAlias = dict[str, float]


class Grown(BaseModel):
    """Of the curve over answered questions its ends."""

    n: int
    start_p_at_1: float
    p_at_1: float
    hit_at_5: float


class Redacted(BaseModel):
    """Of what is taken out of texts the shares alone."""

    n: int
    structured_recall: float
    structured_precision: float
    all_recall: float
    all_precision: float


def measures(data: Path, streams: int | None) -> dict[str, Callable[[], BaseModel]]:
    """What is measured, by name."""
    channel, tickets = data / "irc_stream_dev.jsonl.gz", data / "tickets_irc_dev.jsonl.gz"
    factoid, factoids = data / "factoid_dev.jsonl.gz", data / "factoid_kb.jsonl.gz"

    def retrieval(queries: Path, knowledge: Path, history: Path | None = None) -> BaseModel:
        return asyncio.run(evaluate_retrieval(BundledEmbedder(), queries, knowledge, history, folds=FOLDS))

    def grounded() -> BaseModel:
        return asyncio.run(
            evaluate_grounded(
                BundledEmbedder(), data / "grounded_dev.jsonl.gz", data / "docs_dev.jsonl.gz", folds=FOLDS
            )
        )

    def proactive() -> BaseModel:
        return asyncio.run(
            evaluate_proactive(channel, factoid, factoids, factoid, folds=None, streams=streams, progress=_quiet)
        )

    def grown() -> BaseModel:
        figures = asyncio.run(evaluate_growth(BundledEmbedder(), factoid, factoids, factoid, None, retrain=True))
        return Grown(
            n=figures.questions,
            start_p_at_1=figures.curve[0].p_at_1,
            p_at_1=figures.curve[-1].p_at_1,
            hit_at_5=figures.curve[-1].hit_at_5,
        )

    def redacted() -> BaseModel:
        figures = evaluate_redaction(data / "security_pii_dev.jsonl.gz")
        return Redacted(
            n=figures.all_spans,
            structured_recall=figures.structured_recall,
            structured_precision=figures.structured_precision,
            all_recall=figures.all_recall,
            all_precision=figures.all_precision,
        )

    return {
        "openings, as shipped": partial(gate_on_channels, channel, folds=None, streams=streams, progress=_quiet),
        "openings, out of fold": partial(gate_on_channels, channel, folds=FOLDS, streams=streams, progress=_quiet),
        "follow-ups, out of fold": partial(gate_in_tickets, tickets, folds=FOLDS, streams=streams, progress=_quiet),
        "bot's knowledge, no history": partial(retrieval, factoid, factoids),
        "bot's knowledge, with history": partial(retrieval, factoid, factoids, factoid),
        "Stack Exchange": partial(
            retrieval, data / "retrieval_stackex_dev.jsonl", data / "retrieval_stackex_docs.jsonl.gz"
        ),
        "grounded dialogues": grounded,
        "before people call, as shipped": proactive,
        "last calls, with the earlier ones known": grown,
        "personal data": redacted,
    }


def _quiet(_what: str, _done: int, _of: int) -> None:
    """Says nothing."""


def noise(name: str, value: float, figures: Figures) -> float:
    """Two standard errors of a share over the rows that the figure is made of."""
    if name == "per_100":
        return 0.1
    positives = name in ("average_precision", "f1", "recall", "opens_thread_precision", "precision_at_threshold")
    rows = figures.get("n", figures.get("suggestions", 1.0)) * (figures.get("base_rate", 0.3) if positives else 1.0)
    return 2.0 * math.sqrt(max(value * (1.0 - value), 0.01) / max(1.0, rows))


def worse(measured: dict[str, Figures], stored: dict[str, Figures]) -> list[str]:
    """A line for each figure that has fallen by more than its noise, or isn't there any more."""
    lines: list[str] = []
    for measure, before in stored.items():
        now = measured.get(measure)
        if now is None:
            lines.append(f"{measure}: not measured")
            continue
        for name in (*HIGHER, *LOWER):
            if name not in before:
                continue
            least = noise(name, before[name], before)
            if name not in now:
                lines.append(f"{measure}: {name} is gone")
                continue
            fallen = before[name] - now[name] if name in HIGHER else now[name] - before[name]
            if fallen > least:
                lines.append(f"{measure}: {name} was {before[name]:.3f}, is {now[name]:.3f}, noise {least:.3f}")
    return lines


def table(measured: dict[str, Figures], sample: bool) -> str:
    """The figures as a page."""
    said = f"{datetime.now(UTC):%Y-%m-%d}, version {vigil.__version__}"
    lines = [
        "# Measured",
        "",
        f"Written by `make bench` on {said}{f', {SAMPLE} streams of the large files' if sample else ''}. What each figure means is in",
        "[Quality](../explanation/quality.md). What is measured as shipped was trained on these very recordings, which flatters it;",
        "what is measured out of fold was not.",
        "",
    ]
    for measure, figures in measured.items():
        lines += [f"## {measure[:1].upper()}{measure[1:]}", "", "| figure | value |", "| --- | ---: |"]
        lines += [f"| {name.replace('_', ' ')} | {value:g} |" for name, value in figures.items()]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Measure; 1 where a figure has fallen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--store", action="store_true")
    chosen = parser.parse_args()
    data, sample = cast("Path", chosen.data), cast("bool", chosen.sample)
    if not (data / "README.md").exists():
        print(f"The evaluation data is not at {data}: nothing was measured. Name its folder with --data or VIGIL_DATA.")
        return 1 if chosen.check else 0
    measured: dict[str, Figures] = {}
    for name, measure in measures(data, SAMPLE if sample else None).items():
        figures = {key: value for key, value in measure().model_dump(mode="json").items() if value is not None}
        measured[name] = figures
        print(f"{name:<30}" + "  ".join(f"{key} {value:g}" for key, value in figures.items()), flush=True)
    if chosen.store:
        STORED.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
        return 0
    if chosen.check:
        fallen = worse(measured, json.loads(STORED.read_text("utf-8")))
        print("\n".join(fallen) or "No figure has fallen.")
        return 1 if fallen else 0
    TABLE.write_text(table(measured, sample), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
