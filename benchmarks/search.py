"""How fast a search is, and how long an index takes to be filled from SQL, over entries that are made up (seeded).

python benchmarks/search.py [--entries N] [--searches N] [--json]

The texts are English words in a Zipf distribution, the vectors lie around 500 centres; questions are embedded by the bundled embedder and
then moved to where an entry's vector is, so that the time of embedding is in the figures and the vectors are as crowded as real ones.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from vigil.clock import RandomIds, SystemClock
from vigil.domain.knowledge import Draft
from vigil.domain.workspace import Workspace
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.lance import LanceShelf
from vigil.knowledge.vectors import pack, unit
from vigil.language.bundled import WEIGHTS, BundledEmbedder
from vigil.language.embedder import Vectors
from vigil.store.entries import Embedding
from vigil.store.knowledge import Knowledge, Signature
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces

W = "bench"
SEED = 11
CENTRES = 500
ENTRY_WORDS, QUESTION_WORDS = 60, 12
PAGE = 5_000
WARM_UP = 30


class Near:
    """The bundled embedder, whose vectors are moved to near an entry's; its time is real."""

    def __init__(self, targets: Vectors) -> None:
        self._bundled = BundledEmbedder()
        self._targets = targets
        self.id = f"{self._bundled.id}-bench"
        self.dimensions = self._bundled.dimensions
        self.asked = 0

    async def embed(self, texts: Sequence[str]) -> Vectors:
        await self._bundled.embed(texts)
        target = self._targets[self.asked % len(self._targets)][None, :]
        self.asked += 1
        return np.repeat(target, len(texts), axis=0)


class World:
    """Made-up entries and questions, the same for the same seed."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(SEED)
        self._centres = self._random.normal(size=(CENTRES, 384)).astype(np.float32)
        pieces = (WEIGHTS / "vocab.txt").read_text("utf-8").splitlines()
        self._words = [piece for piece in pieces if piece.isascii() and piece.isalpha() and len(piece) > 3]
        odds = 1.0 / np.arange(1, len(self._words) + 1)
        self._odds = odds / odds.sum()

    def vectors(self, count: int) -> Vectors:
        some = self._centres[self._random.integers(0, CENTRES, count)]
        return unit(some + self._random.normal(size=(count, 384)).astype(np.float32))

    def texts(self, count: int, length: int) -> list[str]:
        drawn: list[list[int]] = self._random.choice(len(self._words), size=(count, length), p=self._odds).tolist()
        return [" ".join(self._words[number] for number in numbers) for numbers in drawn]

    def drafts(self, start: int, count: int) -> list[Draft]:
        texts = self.texts(count, ENTRY_WORDS)
        return [
            Draft(key=str(start + number), title=" ".join(text.split()[:4]), answer=text)
            for number, text in enumerate(texts)
        ]


async def measure(entries: int, searches: int) -> dict[str, float]:
    world, clock = World(), SystemClock()
    with TemporaryDirectory(prefix="vigil-bench-") as folder:
        store = await Store.open(f"sqlite:///{Path(folder) / 'vigil.sqlite3'}")
        embedder = Near(world.vectors(searches + WARM_UP))
        base = KnowledgeBase(
            store=store, embedder=embedder, shelf=LanceShelf(f"{folder}/index"), clock=clock, ids=RandomIds(clock)
        )
        async with store.write(W) as session:
            await Workspaces(session).create(Workspace(id=W, name=W), at=clock.now())
        began = time.perf_counter()
        for start in range(0, entries, PAGE):
            await publish(store, embedder, world, start, min(PAGE, entries - start), clock)
        published = time.perf_counter()
        await base.reindex(W)
        filled = time.perf_counter()
        stages: list[dict[str, float]] = []
        for number, question in enumerate(world.texts(searches + WARM_UP, QUESTION_WORDS)):
            started = time.perf_counter()
            result = await base.search(W, question)
            whole = (time.perf_counter() - started) * 1000
            if number >= WARM_UP:
                stages.append({"search": whole, **{stage.name: stage.milliseconds for stage in result.stages}})
        await base.close()
        await store.close()
    figures = {"entries": float(entries), "publish_s": published - began, "fill_s": filled - published}
    for name in stages[0]:
        times = [stage[name] for stage in stages]
        figures |= {
            f"{name}_p50_ms": float(np.percentile(times, 50)),
            f"{name}_p99_ms": float(np.percentile(times, 99)),
        }
    return {name: round(value, 2) for name, value in figures.items()}


async def publish(store: Store, embedder: Near, world: World, start: int, count: int, clock: SystemClock) -> None:
    drafts, vectors = world.drafts(start, count), world.vectors(count)
    embeddings = {
        draft.key: Embedding(embedder_id=embedder.id, vector=pack(vector))
        for draft, vector in zip(drafts, vectors, strict=True)
    }
    signature = Signature(by="bench", summary="made up", at=clock.now())
    async with store.write(W) as session:
        await Knowledge(session, RandomIds(clock)).publish(drafts, embeddings, signature)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--searches", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = asyncio.run(measure(arguments.entries, arguments.searches))
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>16} {value:10.2f}")


if __name__ == "__main__":
    main()
