"""Labelled recordings are read with nothing of what came later, and bad ones are refused with a reason."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vigil.assist.hearing import shipped
from vigil.assist.scene import Heard
from vigil.errors import InvalidInput
from vigil.evaluate.gate.examples import read_channels, read_tickets
from vigil.evaluate.gate.scoring import cautious, gate_on_channels, precise

TALK = [
    ("ann", "hi all", False),
    ("bob", "how do I mount a usb stick?", True),
    ("cem", "bob: look at dmesg when you plug it in", False),
    ("bob", "cem: it says no medium found", False),
    ("dora", "does anybody know which driver the e1000 card needs?", True),
    ("cem", "dora: e1000e, it is in the kernel", False),
]


def channel(path: Path, *, conv: str = "a", parents: str = "x", annotated_from: int = 1) -> Path:
    rows: list[dict[str, Any]] = []
    for stream in ("one", "two"):
        for seq, (author, text, opens) in enumerate(TALK):
            row: dict[str, Any] = {
                "id": f"{stream}#{seq}",
                "stream": stream,
                "seq": seq,
                "ts": f"2020-01-01T00:0{seq}:00",
                "author": author,
                "text": text,
                "annotated": seq >= annotated_from,
            }
            if seq >= annotated_from:
                row |= {"conv": f"{conv}{seq}", "reply_to": [parents]}
                row["labels"] = {"opens_thread": opens, "opens_answered": opens, "near_end": seq == len(TALK) - 1}
            rows.append(row)
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    return path


def quiet(_what: str, _done: int, _of: int) -> None:
    """Says nothing."""


def test_annotated_messages_of_people_are_scored_and_those_near_the_end_are_not(tmp_path: Path) -> None:
    examples = read_channels(channel(tmp_path / "c.jsonl.gz"))
    assert [example.message.text for example in examples if example.group == "one"] == [
        text for _, text, _ in TALK[1:-1]
    ]
    assert [example.wanted for example in examples if example.group == "one"] == [True, False, False, True]


def test_an_example_knows_only_what_stands_before_it(tmp_path: Path) -> None:
    for example in read_channels(channel(tmp_path / "c.jsonl.gz")):
        assert [earlier.seq for earlier in example.recent] == list(range(example.message.seq))


def test_other_annotations_change_no_score(tmp_path: Path) -> None:
    def scores(path: Path) -> list[object]:
        return [
            shipped().opening(Heard(message=example.message, recent=example.recent)) for example in read_channels(path)
        ]

    plain = scores(channel(tmp_path / "a.jsonl.gz"))
    assert plain == scores(channel(tmp_path / "b.jsonl.gz", conv="zzz", parents="one#5"))


def test_only_some_streams_are_read_when_asked(tmp_path: Path) -> None:
    examples = read_channels(channel(tmp_path / "c.jsonl.gz"), streams=1)
    assert {example.group for example in examples} == {"one"}


def test_the_figures_of_a_small_channel(tmp_path: Path) -> None:
    figures = gate_on_channels(channel(tmp_path / "c.jsonl.gz"), folds=None, streams=None, progress=quiet)
    assert figures.n == 8
    assert figures.base_rate == 0.5
    assert 0.5 <= figures.average_precision <= 1.0


def test_a_customers_first_message_is_not_a_follow_up(tmp_path: Path) -> None:
    messages = [
        {"id": "1", "author": "bob", "role": "customer", "text": "how do I mount it?"},
        {"id": "2", "author": "cem", "role": "analyst", "text": "what does dmesg say?", "reply_to": ["1"]},
        {"id": "3", "author": "bob", "role": "customer", "text": "no medium found"},
        {"id": "4", "author": "cem", "role": "analyst", "text": "then it is broken", "reply_to": ["3"]},
        {"id": "5", "author": "bob", "role": "customer", "text": "thanks"},
    ]
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"ticket_id": "irc:a#1", "messages": messages}))
    assert [(example.message.text, example.wanted) for example in read_tickets(path)] == [
        ("no medium found", True),
        ("thanks", False),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no labelled messages"),
        (b"{", "line 1"),
        (b'{"id": "x", "stream": "s", "ts": "then", "author": "a", "text": "b"}', "ts"),
        (b"\x1f\x8bnot gzip", "can't be read"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=says):
        read_channels(path)


def test_thresholds_are_chosen_from_scores() -> None:
    wanted = np.array([True, True, False, True, False, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1])
    assert 0.2 < cautious(wanted, scores) <= 0.6
    assert precise(wanted, scores, 0.99) > 0.7
