"""Raw tickets gone through in the order of time: what was learned helps later ones, and never the ones before."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from vigil.evaluate.learning.scoring import LearningFigures, evaluate_learning
from vigil.evaluate.learning.things import packages_named, things
from vigil.testing.embedder import HashEmbedder

TROUBLE = "my {n} wireless card is not found after the upgrade, how can I get it working?"
CURE = "you need the firmware: sudo apt-get install b43-fwcutter and reboot"
OTHER = "how do I watch films that are on a dvd, number {n}?"
OTHER_CURE = "try this: sudo apt-get install libdvdcss2 and play it in mplayer"


def test_things_that_two_texts_may_share() -> None:
    packages = packages_named(
        [
            "sudo apt-get install b43-fwcutter",
            "did you install b43-fwcutter?",
            "install you, install you",
            "install it once",
        ]
    )
    assert packages == {"b43-fwcutter"}
    assert things("see http://www.Example.org/wiki/. then edit /etc/fstab and set vo=xv --force", packages) == {
        "address example.org/wiki",
        "path /etc/fstab",
        "setting vo",
        "flag --force",
    }
    assert things("run dmesg, then get b43-fwcutter.", packages) == {"command dmesg", "package b43-fwcutter"}
    assert things("have you tried to turn it off and on?", packages) == frozenset()


def ticket(number: int, question: str, answer: str) -> dict[str, Any]:
    day = f"2020-01-{number + 1:02}"
    return {
        "ticket_id": f"irc:room/{number % 3}#{number}",
        "messages": [
            {"id": f"{number}a", "ts": f"{day}T09:00:00", "author": f"c{number}", "role": "customer", "text": question},
            {"id": f"{number}b", "ts": f"{day}T09:05:00", "author": "tom", "role": "analyst", "text": answer},
            {
                "id": f"{number}c",
                "ts": f"{day}T09:09:00",
                "author": f"c{number}",
                "role": "customer",
                "text": "that worked",
            },
        ],
    }


def figures(folder: Path, rows: list[dict[str, Any]]) -> LearningFigures:
    path = folder / "tickets.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    embedder = HashEmbedder(dimensions=256)
    return asyncio.run(evaluate_learning(embedder, path, threshold=0.0, streams=None, progress=_quietly))


def _quietly(what: str, done: int, of: int) -> None:
    """Nobody watches."""


def test_what_was_learned_is_offered_to_later_tickets(tmp_path: Path) -> None:
    rows = [
        ticket(number, *((TROUBLE.format(n=number), CURE) if number % 2 else (OTHER.format(n=number), OTHER_CURE)))
        for number in range(12)
    ]
    found = figures(tmp_path, rows)
    assert (found.tickets, found.streams, found.lessons, found.needs) == (12, 3, 12, 12)
    assert found.suggestions == 11, "nothing is known before the first ticket has ended"
    assert found.hits == 10, "the second one could only be offered the first one's lesson"
    assert set(found.controls) == {"bm25", "nearest_ticket", "shuffle"}
    assert found.controls["shuffle"].hits <= found.hits, "an offer has room for both of the two answers there are"
    assert sum(point.suggestions for point in found.curve) == 11


def test_a_ticket_is_no_help_to_itself_nor_to_those_before_it(tmp_path: Path) -> None:
    rows = [ticket(1, TROUBLE.format(n=1), CURE), ticket(0, TROUBLE.format(n=0), CURE)]
    found = figures(tmp_path, rows)
    assert (found.suggestions, found.hits) == (1, 1)


@pytest.mark.parametrize("control", ["bm25", "nearest_ticket"])
def test_controls_make_no_more_offers_and_look_no_further(tmp_path: Path, control: str) -> None:
    found = figures(tmp_path, [ticket(n, TROUBLE.format(n=n), CURE) for n in range(4)])
    assert found.controls[control].hits == 3
    assert found.controls[control].gain == 0
