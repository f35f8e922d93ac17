"""The plug is pulled: real processes are killed and frozen while messages come in, and nothing is lost, twice or out of order.
The short form of `benchmarks/faults.py`, which says what is done and what is looked at."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import POSTGRES, ROOT, missing

DEADLINE_S = 600


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_is_lost_or_done_twice_however_often_the_plug_is_pulled(kind: str) -> None:
    words = ["--messages", "120", "--kills", "4", "--freezes", "1", "--json"]
    if kind == "postgresql":
        if not POSTGRES:
            missing("no PostgreSQL: set VIGIL_TEST_POSTGRES, such as postgresql:///postgres")
        words += ["--database", POSTGRES]
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "faults.py"), *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("VIGIL_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    figures = json.loads(done.stdout)
    assert figures["kills"] == 4
    assert figures["sent"] > 0
