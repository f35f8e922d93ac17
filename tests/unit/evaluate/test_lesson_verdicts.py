"""The verdicts of two readers become figures, and the file of verdicts holds no words of tickets."""

import json
import runpy
from pathlib import Path

import pytest

from tests.conftest import ROOT

TOOL = runpy.run_path(str(ROOT / "tools" / "judge_lessons.py"))
LABELS = ROOT / "tests" / "quality" / "lesson_labels.json"


def test_the_worse_verdict_counts_and_agreement_is_beyond_chance(tmp_path: Path) -> None:
    said = {"A": ("useful", "useful", "wrong", "harmless"), "B": ("useful", "harmless", "wrong", "harmless")}
    for reader, verdicts in said.items():
        rows = [json.dumps({"id": "t", "number": n, "verdict": verdict}) for n, verdict in enumerate(verdicts)]
        (tmp_path / f"lessons-reader-{reader}-1.jsonl").write_text("\n".join(rows))
    rows = TOOL["fold"](tmp_path, "lessons")
    figures = TOOL["figures"]("lessons", rows)
    assert (figures["useful"], figures["harmless"], figures["wrong"]) == (0.25, 0.5, 0.25)
    assert figures["equal"] == 0.75
    assert figures["kappa"] == pytest.approx(0.6364, abs=1e-3)


def test_labels_are_ids_and_verdicts_alone() -> None:
    rows = json.loads(LABELS.read_text("utf-8"))
    assert all(set(row) == {"ticket", "message", "useful"} for row in rows)
    assert all(len(str(value)) < 60 for row in rows for value in row.values())
