"""Learning is killed in the middle, and poisoned: the short forms of `benchmarks/learning_faults.py` and `benchmarks/poisoning.py`, which
say what is done and what is looked at."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import POSTGRES, ROOT, missing

DEADLINE_S = 600
ATTACKS = ROOT.parent / "shared" / "data" / "security_injection_dev.jsonl.gz"


def run(*words: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / words[0]), *words[1:], "--json"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("VIGIL_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_is_learned_is_never_lost_and_never_half_however_often_it_is_killed(kind: str) -> None:
    if kind == "postgresql" and not POSTGRES:
        missing("no PostgreSQL: set VIGIL_TEST_POSTGRES, such as postgresql:///postgres")
    figures = run("learning_faults.py", "--kills", "4", *(("--database", POSTGRES) if kind == "postgresql" else ()))
    assert figures["kills"] == 4


def test_poison_in_tickets_reaches_no_entry_and_no_customer() -> None:
    if not ATTACKS.exists():
        missing(f"no labelled attacks at {ATTACKS}")
    figures = run("poisoning.py", str(ATTACKS), "--attacks", "3")
    assert figures["reached_entries"] == figures["changed_answers"] == 0
    assert figures["published_share"] >= 0.6
