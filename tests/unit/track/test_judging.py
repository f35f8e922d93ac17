"""How a ticket stands is carried from message to message as chances, and said as the likeliest of them."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import MORNING
from vigil.domain.conversation import Message, Person, Role
from vigil.domain.progress import Progress, Turn
from vigil.errors import Misconfigured
from vigil.track import judging
from vigil.track.advance import advance
from vigil.track.heard import Heard
from vigil.track.judging import NAMES, START, STATES, Filter, State, shipped

ROW = [0.0] * len(NAMES)
OPEN, CLOSED = State(open=True, turn=Turn.ANALYST), State(open=False, turn=Turn.CUSTOMER)


def told(progress: Progress | None, role: Role, text: str) -> Progress:
    seq = 1 if progress is None else progress.seq + 1
    at = MORNING + timedelta(minutes=3 * seq)
    message = Message(
        id=f"m{seq}",
        external_id=f"m{seq}",
        conversation_id="c",
        seq=seq,
        author=Person(id=role, name=role, role=role),
        text=text,
        sent_at=at,
        received_at=at,
    )
    return advance(progress, message, Heard(part=role), ticket_id="t")


def moves(before: State, after: State, score: float) -> Filter:
    """Keeps each state as it is, but for one that may move."""
    weights = np.zeros((len(STATES), len(NAMES) + 1, len(STATES)), np.float32)
    weights[:, -1] = 50 * np.eye(len(STATES))
    weights[STATES.index(before), -1, STATES.index(after)] = 50 + score
    return Filter({Role.CUSTOMER: weights, Role.ANALYST: weights}, 0.5)


def sure(state: State) -> list[float]:
    return [float(each == state) for each in STATES]


def test_a_question_is_open_until_it_is_answered_and_nobodys_turn_once_it_helped() -> None:
    progress = told(None, Role.CUSTOMER, "My printer prints nothing since the update, how can I fix that?")
    assert (len(progress.open_questions), progress.turn) == (1, Turn.ANALYST)
    progress = told(progress, Role.ANALYST, "You have to install the new driver: sudo apt-get install cups-driver")
    assert (len(progress.open_questions), progress.turn) == (0, Turn.CUSTOMER)
    progress = told(progress, Role.CUSTOMER, "It works now, thank you!")
    assert (len(progress.open_questions), progress.turn) == (0, Turn.NOBODY)


def test_chances_are_kept_with_how_the_ticket_stands() -> None:
    progress = told(None, Role.CUSTOMER, "hello?")
    assert len(progress.chances) == len(STATES)
    assert sum(progress.chances) == pytest.approx(1, abs=0.001)
    assert sum(told(progress, Role.ANALYST, "hi").chances) == pytest.approx(1, abs=0.001)


def test_who_is_neither_customer_nor_analyst_leaves_the_chances_as_they_are() -> None:
    progress = told(None, Role.CUSTOMER, "How do I rotate my key?")
    assert told(progress, Role.BYSTANDER, "same here, it works now").chances == progress.chances


def test_what_was_likely_before_weighs_in_what_is_likely_after() -> None:
    halfway = moves(OPEN, CLOSED, 0.0)
    once = halfway(ROW, Role.ANALYST, sure(OPEN))
    assert once.chances[STATES.index(OPEN)] == pytest.approx(0.5, abs=0.001)
    twice = halfway(ROW, Role.ANALYST, once.chances)
    assert twice.chances[STATES.index(OPEN)] == pytest.approx(0.25, abs=0.001)
    assert (twice.open, twice.turn) == (False, Turn.CUSTOMER)


def test_a_turn_is_the_likeliest_over_open_and_closed_together() -> None:
    chances = [0.0] * len(STATES)
    for state, chance in ((OPEN, 0.4), (State(True, Turn.CUSTOMER), 0.3), (CLOSED, 0.3)):
        chances[STATES.index(state)] = chance
    found = moves(OPEN, OPEN, 0.0)(ROW, Role.CUSTOMER, chances)
    assert (found.open, found.turn) == (True, Turn.CUSTOMER)


def test_a_ticket_begins_where_nothing_was_wanted() -> None:
    assert [state for state, chance in zip(STATES, START, strict=True) if chance] == [
        State(open=False, turn=Turn.NOBODY, begun=False)
    ]


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"names": ["other"], "weights": {}, "open_from": 0.5})])
def test_weights_that_are_none_or_of_other_figures_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = tmp_path / "turns.json"
    path.write_text(content)
    monkeypatch.setattr(judging, "WEIGHTS", path)
    shipped.cache_clear()
    with pytest.raises(Misconfigured, match="train"):
        shipped()
