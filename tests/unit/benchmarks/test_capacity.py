"""The capacity model reckons as it says, and the page shows what it reckoned."""

import importlib.util
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def capacity() -> ModuleType:
    spec = importlib.util.spec_from_file_location("capacity", ROOT / "benchmarks" / "capacity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["capacity"] = module
    spec.loader.exec_module(module)
    return module


def test_the_next_free_worker_takes_the_oldest(capacity: ModuleType) -> None:
    at, takes = np.array([0.0, 0.0, 1.0, 10.0]), np.array([2.0, 4.0, 3.0, 1.0])
    assert capacity.lags(at, takes, 1).tolist() == [2, 6, 8, 1]
    assert capacity.lags(at, takes, 2).tolist() == [2, 4, 4, 1]


def test_a_tenth_of_the_commits_carries_a_tenth_of_the_tickets(capacity: ModuleType) -> None:
    figures = capacity.read(ROOT / "benchmarks" / "figures.json")
    slower = replace(figures, vigil=replace(figures.vigil, sqlite_commits_s=figures.vigil.sqlite_commits_s / 10))

    def sqlite(of: object) -> float:
        return next(limit.tickets_an_hour for limit in capacity.limits(of) if "SQLite" in limit.part)

    assert sqlite(slower) == pytest.approx(sqlite(figures) / 10)
    found = capacity.limits(figures)
    assert found == sorted(found, key=lambda limit: limit.tickets_an_hour)


def test_a_larger_desk_needs_more_and_keeps_the_promise(capacity: ModuleType) -> None:
    figures = capacity.read(ROOT / "benchmarks" / "figures.json")
    small, large = (capacity.need(figures, size) for size in (1_000, 10_000))
    assert small.workers < large.workers
    assert max(small.p99_s, large.p99_s) <= capacity.LAG_P99_S


def test_the_page_shows_what_was_reckoned(capacity: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(["--check"]) == 0, capsys.readouterr().out
