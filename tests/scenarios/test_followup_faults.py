"""The plug is pulled while follow-ups fall due: real processes are killed, and each follow-up is shown, and shown once. The short form of
`benchmarks/followups.py --kills`, which says what is done and what is looked at."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import POSTGRES, ROOT, missing

DEADLINE_S = 600


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_each_follow_up_is_shown_once_whoever_dies_over_it(kind: str) -> None:
    words = ["--kills", "4", "--tickets", "40"]
    if kind == "postgresql":
        if not POSTGRES:
            missing("no PostgreSQL: set VIGIL_TEST_POSTGRES, such as postgresql:///postgres")
        words += ["--database", POSTGRES]
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "followups.py"), *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("VIGIL_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    figures = json.loads(done.stdout)
    assert figures["kills"] > 0
    assert (figures["shown"], figures["missed"], figures["twice"]) == (40, 0, 0)
