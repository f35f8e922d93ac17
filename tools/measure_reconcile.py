"""Judge the pairs of `tests/quality/reconcile_pairs.toml` and print how often that is right, on the half that was tuned on, on the
half that was kept out, and on pairs that were written after the tuning."""

import argparse
import asyncio
import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vigil.domain.knowledge import Draft
from vigil.language.bundled import BundledEmbedder
from vigil.learn.reconcile import Reconciler
from vigil.learn.relation import Known, Relation

PAIRS = Path(__file__).parents[1] / "tests/quality/reconcile_pairs.toml"
KINDS = {
    "same": Relation.SAME,
    "refines": Relation.REFINES,
    "contradicts": Relation.CONTRADICTS,
    "unrelated": Relation.NEW,
    "retires": Relation.RETIRES,
}
SECOND = "second"
"""Contradictions that were written by somebody who hadn't read the rules; cut in two by the hash of the topic, as the first pairs are."""
PARTS = ("tuned on", "kept out", "fresh", "last", "final", f"{SECOND}, tuned on", f"{SECOND}, kept out")
SCORED = (Relation.SAME, Relation.REFINES, Relation.CONTRADICTS, Relation.NEW)
"""Retiring is counted as contradicting: both are a conflict for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A known answer, a lesson, and what it is to it."""

    topic: str
    known: Draft
    lesson: Draft
    wanted: Relation
    by: str = ""
    later: str = ""
    """Written after the tuning was over: ``fresh`` and ``last``, whose mistakes were looked at; ``final``, whose weren't; ``second``."""

    @property
    def part(self) -> str:
        """Whether it was tuned on, kept out, or written later."""
        half = "kept out" if self._even else "tuned on"
        if self.later == SECOND:
            return f"{SECOND}, {half}"
        return self.later or half

    @property
    def _even(self) -> bool:
        return int(hashlib.sha256(self.topic.encode()).hexdigest()[0], 16) % 2 == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How the judgements fare on some pairs."""

    pairs: int
    accuracy: float
    macro_f1: float
    f1: dict[str, float]
    contradictions: int
    merged_as_same: int
    """Contradictions that would have been added to what they contradict, as evidence."""
    merged_share: float
    contradictions_found_by_kind: dict[str, str]
    confusion: dict[str, int]


def read(path: Path = PAIRS) -> list[Pair]:
    """All pairs, in the order of the file."""
    parts: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Pair(
            topic=topic,
            known=_draft(said["known"]),
            lesson=_draft(said[name]),
            wanted=wanted,
            by=said.get("by", "") if wanted is Relation.CONTRADICTS else "",
            later="" if part == "topics" else part,
        )
        for part, topics in parts.items()
        for topic, said in topics.items()
        for name, wanted in KINDS.items()
        if name in said
    ]


def _draft(said: Sequence[str]) -> Draft:
    return Draft(key="pair", title=said[0], question=said[0], answer=said[1])


async def judged(pairs: Sequence[Pair]) -> list[Relation]:
    """What each lesson is found to be."""
    reconciler = Reconciler(BundledEmbedder())
    return [
        (await reconciler.relate(pair.lesson, [Known(entry_id="known", draft=pair.known)])).relation for pair in pairs
    ]


def figures(pairs: Sequence[Pair], found: Sequence[Relation]) -> Figures:
    """Count."""
    rows = [(_conflict(pair.wanted), _conflict(relation), pair) for pair, relation in zip(pairs, found, strict=True)]
    f1: dict[str, float] = {}
    present = {wanted for wanted, _, _ in rows}
    for each in SCORED:
        if each not in present:
            continue
        hits = sum(wanted is each and relation is each for wanted, relation, _ in rows)
        named = sum((wanted is each) + (relation is each) for wanted, relation, _ in rows)
        f1[each.value] = round(2 * hits / named, 4) if named else 1.0
    opposed = [(relation, pair) for wanted, relation, pair in rows if wanted is Relation.CONTRADICTS]
    merged = sum(relation is Relation.SAME for relation, _ in opposed)
    kinds = {pair.by or pair.wanted.value for _, pair in opposed}
    return Figures(
        pairs=len(rows),
        accuracy=round(sum(wanted is relation for wanted, relation, _ in rows) / max(1, len(rows)), 4),
        macro_f1=round(sum(f1.values()) / len(f1), 4),
        f1=f1,
        contradictions=len(opposed),
        merged_as_same=merged,
        merged_share=round(merged / max(1, len(opposed)), 4),
        contradictions_found_by_kind={kind: _share(opposed, kind) for kind in sorted(kinds)},
        confusion=dict(sorted(Counter(f"{wanted.value} as {relation.value}" for wanted, relation, _ in rows).items())),
    )


def _share(opposed: Sequence[tuple[Relation, Pair]], kind: str) -> str:
    mine = [relation for relation, pair in opposed if (pair.by or pair.wanted.value) == kind]
    return f"{sum(relation is Relation.CONTRADICTS for relation in mine)} of {len(mine)}"


def _conflict(relation: Relation) -> Relation:
    return Relation.CONTRADICTS if relation is Relation.RETIRES else relation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--wrong", action="store_true", help="print the tuned half's wrong judgements; never the other's"
    )
    given = parser.parse_args()
    pairs = read()
    found = asyncio.run(judged(pairs))
    halves: dict[str, Any] = {}
    for name in PARTS:
        mine = [number for number, pair in enumerate(pairs) if pair.part == name]
        halves[name] = asdict(figures([pairs[each] for each in mine], [found[each] for each in mine]))
    print(json.dumps(halves, indent=2))
    if given.wrong:
        for pair, relation in zip(pairs, found, strict=True):
            if pair.part.endswith("tuned on") and _conflict(pair.wanted) is not _conflict(relation):
                print(f"{pair.topic}: {pair.wanted} as {relation}\n  {pair.known.answer}\n  {pair.lesson.answer}")


if __name__ == "__main__":
    main()
