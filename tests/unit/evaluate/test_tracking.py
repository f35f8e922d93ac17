"""What is said of tickets against what readers said: labels folded and checked, scores as they should be, and promises in dialogues."""

import json
from pathlib import Path
from typing import Any

import pytest

from vigil.errors import InvalidInput
from vigil.evaluate.tracking.dialogues import evaluate_promises
from vigil.evaluate.tracking.labels import Half, fold, kappa, read_labels
from vigil.evaluate.tracking.scoring import evaluate_tracking

MESSAGES = [
    ("mia", "customer", "How do I rotate my key?"),
    ("tom", "analyst", "Open the settings and click on rotate."),
    ("mia", "customer", "It works now, thanks!"),
]
ANSWER: dict[str, Any] = {"id": "t-1", "open": [1, 0, 0], "turn": "acn", "resolved": True, "promises": []}

DIALOGUES = """
[[dialogue]]
id = "refund"
zone = "Europe/Berlin"

[[dialogue.message]]
by = "mia"
role = "customer"
at = 2026-03-04T14:05:00+01:00
text = "Where is my refund?"

[[dialogue.message]]
by = "tom"
role = "analyst"
at = 2026-03-04T14:07:00+01:00
text = "I'll ask billing and get back to you in an hour. You'll have the money by Friday."
promise = [{ due = 2026-03-04T15:07:00+01:00 }, { due = 2026-03-06 }]
"""


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.jsonl"
    messages = [
        {"id": f"m-{n}", "author": by, "role": role, "text": text} for n, (by, role, text) in enumerate(MESSAGES)
    ]
    path.write_text(json.dumps({"ticket_id": "t-1", "messages": messages}) + "\n")
    return path


def labelled(folder: Path, second: dict[str, Any]) -> Path:
    for name, answer in (("a", ANSWER), ("b", second)):
        (folder / f"{name}.jsonl").write_text(json.dumps(answer) + "\n")
    path = folder / "labels.json"
    path.write_text(json.dumps(fold([[folder / "a.jsonl"], [folder / "b.jsonl"]])))
    return path


def test_what_stands_is_scored_against_what_readers_said(tickets: Path, tmp_path: Path) -> None:
    figures = evaluate_tracking(tickets, labelled(tmp_path, ANSWER))
    assert (figures.tickets, figures.messages) == (1, 3)
    assert figures.open_f1 == figures.turn_f1 == figures.resolved_accuracy == 1.0
    assert figures.kappa_open == 1.0


def test_without_labels_there_are_counts_alone(tickets: Path) -> None:
    figures = evaluate_tracking(tickets, None)
    assert figures.open_share == 0.333
    assert figures.open_f1 is None


def test_a_ticket_is_in_one_half_and_its_reader_is_chosen_by_its_id(tmp_path: Path) -> None:
    path = labelled(tmp_path, ANSWER | {"turn": "aac"})
    halves = [len(read_labels(path, half)) for half in (Half.TUNING, Half.KEPT_OUT, Half.ALL)]
    assert sorted(halves) == [0, 1, 1]
    assert halves[2] == 1
    (ticket,) = read_labels(path)
    assert ticket.gold in (ticket.first, ticket.second)


def test_labels_of_another_length_are_refused(tickets: Path, tmp_path: Path) -> None:
    path = labelled(tmp_path, ANSWER | {"open": [1, 0], "turn": "ac"})
    with pytest.raises(InvalidInput, match="3 messages"):
        evaluate_tracking(tickets, path)


def test_an_answer_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 1"):
        labelled(tmp_path, ANSWER | {"turn": "xyz"})


def test_kappa_is_one_for_the_same_and_none_for_chance() -> None:
    assert kappa("aabb", "aabb") == 1.0
    assert kappa("aabb", "abab") == 0.0
    assert kappa("aaaa", "aaaa") == 1.0


def test_promises_in_dialogues_are_scored_with_their_times(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.toml"
    path.write_text(DIALOGUES)
    figures = evaluate_promises(path)
    assert (figures.dialogues, figures.messages, figures.promises) == (1, 2, 2)
    assert figures.precision == figures.recall == 1.0
    path.write_text(DIALOGUES.replace("15:07", "16:07"))
    figures = evaluate_promises(path)
    assert figures.precision == figures.recall == 0.5
    assert figures.without_times_recall == 1.0


def test_a_file_that_is_none_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.toml"
    path.write_text(DIALOGUES.replace("Europe/Berlin", "Middle/Earth"))
    with pytest.raises(InvalidInput, match=r"dialogue\.0\.zone"):
        evaluate_promises(path)


def test_what_is_found_of_promises_that_another_hand_wrote_does_not_fall() -> None:
    figures = evaluate_promises(Path(__file__).parents[2] / "quality" / "promise_dialogues.toml")
    assert figures.precision >= 0.89
    assert figures.recall >= 0.84
