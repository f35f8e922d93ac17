"""Measures how well tickets get their topic without a model: on HINT3's three shops (`intents_dev.jsonl.gz`, ODbL 1.0), where each intent
is a topic with its training queries as examples, and on the openings of the demo's desk."""

import argparse
import asyncio
import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vigil.assist.topic import MARGIN, NONE_BELOW, Topics
from vigil.demo.larkspur import tickets
from vigil.demo.larkspur import topics as demo_topics
from vigil.domain.conversation import Role
from vigil.domain.topic import Topic
from vigil.language.bundled import BundledEmbedder
from vigil.language.embedder import Vectors

EXAMPLES = 400
"""More than any intent has: all of them are used."""


class Remembering:
    """An embedder that embeds each text once, since several thresholds are measured on the same texts."""

    def __init__(self) -> None:
        self._inner = BundledEmbedder()
        self._known: dict[str, Vectors] = {}

    @property
    def id(self) -> str:
        return self._inner.id

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for start in range(0, len(new), 32):
            some = new[start : start + 32]
            self._known.update(zip(some, await self._inner.embed(some), strict=True))
        return np.stack([self._known[text] for text in texts])


async def score(chooser: Topics, version: int, topics: list[Topic], cases: list[tuple[str, str | None]]) -> str:
    right = inside = taken = outside = refused = 0
    for text, wanted in cases:
        chosen = (await chooser.choose("measure", version, topics, [text])).topic
        if wanted is None:
            outside += 1
            refused += chosen is None
        else:
            inside += 1
            taken += chosen is not None
            right += chosen is not None and chosen.key == wanted
    refusal = f"{refused / outside:.3f} of {outside} out of scope" if outside else "-"
    return f"right {right / inside:.3f} of {inside} in scope, {right / max(1, taken):.3f} of those given one; none: {refusal}"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="examples a topic at most")
    chosen = parser.parse_args()
    embedder = Remembering()
    desk = [(line.text, ticket.topic) for ticket in tickets() for line in _opening(ticket.lines)]
    rows: list[dict[str, Any]] = []
    source = chosen.data / "intents_dev.jsonl.gz"
    if source.exists():
        with gzip.open(source, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
    for none_below, margin in ((NONE_BELOW, MARGIN), (0.0, 0.0), (0.35, 0.02), (0.5, 0.03)):
        chooser = Topics(embedder, none_below=none_below, margin=margin)
        print(f"from {none_below}, margin {margin}")
        print("  demo desk    ", await score(chooser, 0, demo_topics(), desk))
        for version, shop in enumerate(sorted({row["bot"] for row in rows}), 1):
            mine = [row for row in rows if row["bot"] == shop]
            intents = sorted({row["intent"] for row in mine if row["part"] == "train"})
            topics = [
                Topic(
                    key=intent, name=intent.replace("_", " ").lower(), examples=_examples(mine, intent, chosen.examples)
                )
                for intent in intents
            ]
            cases = [
                (row["text"], row["intent"] if row["intent"] in intents else None)
                for row in mine
                if row["part"] == "test"
            ]
            print(f"  {shop:<13}", await score(chooser, version, topics, cases))


def _examples(rows: list[dict[str, Any]], intent: str, most: int) -> tuple[str, ...]:
    return tuple(row["text"] for row in rows if row["part"] == "train" and row["intent"] == intent)[:most]


def _opening(lines: Sequence[Any]) -> list[Any]:
    return [line for line in lines if line.by.role is Role.CUSTOMER][:1]


if __name__ == "__main__":
    asyncio.run(main())
