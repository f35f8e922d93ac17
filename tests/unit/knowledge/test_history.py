"""What entries have answered before, as signals."""

import numpy as np
import pytest

from vigil.knowledge.history import HALF_AGE_DAYS, History

DAY = 86_400.0
NOW = np.array([1_000 * DAY])
EAST, NORTH = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def _history(*rows: tuple[str, np.ndarray, float], weight: float = 1.0) -> History:
    return History(
        entry_ids=[entry for entry, _, _ in rows],
        vectors=np.array([vector for _, vector, _ in rows], np.float32).reshape(-1, 2),
        at=np.array([days * DAY for _, _, days in rows], np.float64),
        weights=np.full(len(rows), weight, np.float32),
    )


def _of(history: History, question: np.ndarray, usable: np.ndarray | None = None) -> dict[str, tuple[float, float]]:
    asked, used = history.signals(question[None, :], NOW, usable)
    return {entry: (float(asked[0, at]), float(used[0, at])) for entry, at in history.entries.items()}


def test_an_entry_that_answered_the_same_question_is_liked_and_one_that_answered_another_is_not() -> None:
    found = _of(_history(("vpn", EAST, 1_000), ("mail", NORTH, 1_000)), EAST)
    assert found["vpn"][0] == pytest.approx(16, abs=0.01)
    assert found["mail"][0] == pytest.approx(0, abs=0.05)
    assert found["vpn"][1] == found["mail"][1] == pytest.approx(np.log(2))


def test_more_uses_count_for_more_and_old_ones_for_less() -> None:
    once, twice = _history(("vpn", EAST, 1_000)), _history(("vpn", EAST, 1_000), ("vpn", EAST, 1_000))
    old = _history(("vpn", EAST, 1_000 - HALF_AGE_DAYS))
    assert _of(old, EAST)["vpn"][1] == pytest.approx(np.log(1.5))
    assert _of(old, EAST)["vpn"] < _of(once, EAST)["vpn"] < _of(twice, EAST)["vpn"]


def test_what_a_question_may_not_know_plays_no_part() -> None:
    history = _history(("vpn", EAST, 1_000), ("vpn", EAST, 1_000), ("mail", EAST, 1_000))
    assert _of(history, EAST, np.array([[True, False, False]])) == {
        "vpn": pytest.approx(_of(_history(("vpn", EAST, 1_000)), EAST)["vpn"]),
        "mail": (0.0, 0.0),
    }


def test_no_history_is_no_trouble() -> None:
    asked, used = History.none(2).signals(EAST[None, :], NOW)
    assert asked.shape == used.shape == (1, 0)
