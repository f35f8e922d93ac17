"""What would have been offered before people called for it: causal, counted once, and at a bar."""

import json
from pathlib import Path
from typing import Any

import pytest

from vigil.errors import InvalidInput
from vigil.evaluate.proactive.channels import read_channels
from vigil.evaluate.proactive.evaluating import evaluate_proactive
from vigil.trust.worth import TERMS, Offer, Worth, shipped

LINES = [
    ("bob", "hi all"),
    ("cem", "morning"),
    ("bob", "how do I mount an ntfs partition in ubuntu?"),
    ("dora", "my sound card plays nothing since the upgrade, any ideas?"),
    ("cem", "!ntfs | bob"),
    ("cem", "!sound | dora"),
]
KNOWLEDGE = [
    {"doc_id": "ntfs", "aliases": ["ntfs"], "text": "To mount an ntfs partition, see https://help.example.com/ntfs"},
    {"doc_id": "sound", "aliases": ["sound", "alsa"], "text": "Sound card problems: https://help.example.com/sound"},
    {"doc_id": "grub", "aliases": ["grub"], "text": "Restore the boot loader with grub-install"},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def files(folder: Path, **more: Any) -> tuple[Path, Path, Path]:
    channel = [
        {"id": f"s#{seq}", "stream": "s", "ts": f"2020-01-01T00:0{seq}:00", "author": author, "text": text} | more
        for seq, (author, text) in enumerate(LINES)
    ]
    calls = [
        {
            "id": f"c{seq}",
            "stream": "s",
            "trigger": f"s#{seq}",
            "customer": customer,
            "ts": f"2020-01-01T00:0{seq}:00",
            "query": [{"text": "how do I do that?"}],
            "relevant": [entry],
        }
        for seq, customer, entry in ((4, "bob", "ntfs"), (5, "dora", "sound"))
    ]
    return (
        write(folder / "channel.jsonl", channel),
        write(folder / "calls.jsonl", calls),
        write(folder / "knowledge.jsonl", KNOWLEDGE),
    )


def quiet(_what: str, _done: int, _of: int) -> None:
    """Says nothing."""


async def test_a_turn_knows_only_what_stands_before_it(tmp_path: Path) -> None:
    stream, calls, _ = files(tmp_path)
    (channel,) = read_channels(stream, calls)
    turns = {message.seq: [one.seq for one in turn] for message, turn in channel.turns()}
    assert turns == {0: [0], 1: [1], 2: [0, 2], 3: [3], 4: [1, 4], 5: [1, 4, 5]}
    assert [call.relevant for _, call in channel.called_after(channel.messages[2])] == [frozenset({"ntfs"})]
    assert not channel.called_after(channel.messages[4])


async def test_every_figure_stays_within_its_bounds(tmp_path: Path) -> None:
    figures = await evaluate_proactive(*files(tmp_path), None, folds=None, streams=None, progress=quiet)
    assert figures.n_messages == len(LINES)
    assert figures.hits <= figures.suggestions <= len(LINES)
    assert 0.0 <= figures.recall <= 1.0


async def test_annotations_of_a_recording_change_nothing(tmp_path: Path) -> None:
    plain = await evaluate_proactive(*files(tmp_path), None, folds=None, streams=None, progress=quiet)
    gold: dict[str, Any] = {"conv": "x", "reply_to": ["s#5"], "labels": {"opens_thread": True, "near_end": False}}
    assert plain == await evaluate_proactive(*files(tmp_path, **gold), None, folds=None, streams=None, progress=quiet)


async def test_files_of_different_channels_are_refused(tmp_path: Path) -> None:
    stream, calls, knowledge = files(tmp_path)
    other = write(
        tmp_path / "other.jsonl", [json.loads(line) | {"stream": "t"} for line in calls.read_text().splitlines()]
    )
    with pytest.raises(InvalidInput, match="same channels"):
        await evaluate_proactive(stream, other, knowledge, None, folds=None, streams=None, progress=quiet)


def test_more_of_anything_is_worth_more() -> None:
    base = Offer(answerable=0.4, turn=0.5, confidence=0.5, used=0.2, asked=0.1)
    worth = shipped()
    better = [
        Offer(answerable=0.6, turn=0.5, confidence=0.5, used=0.2, asked=0.1),
        Offer(answerable=0.4, turn=0.7, confidence=0.5, used=0.2, asked=0.1),
        Offer(answerable=0.4, turn=0.5, confidence=0.7, used=0.2, asked=0.1),
        Offer(answerable=0.4, turn=0.5, confidence=0.5, used=1.2, asked=0.1),
        Offer(answerable=0.4, turn=0.5, confidence=0.5, used=0.2, asked=0.9),
    ]
    assert all(worth.of(offer) > worth.of(base) for offer in better)


def test_nothing_heard_and_nothing_found_is_worth_nothing_much() -> None:
    worth = Worth(weights=(1.0,) * len(TERMS), bar=0.1)
    assert worth.of(Offer(answerable=0.0, turn=0.0, confidence=0.0)) < 1e-6
