"""Trains and measures what ranks the knowledge and judges how sure it is: `measure` scores out of fold, `train` also writes
src/vigil/knowledge/learned.json. Run it as `python tools/measure_retrieval.py train --data ../shared/data`; it takes some minutes.

Every question goes through the production search over an index of its own, which brings up the candidates with their signals. Folds are
made by stream (`factoid_dev`), by conversation (`grounded_dev`) or by question; neither history nor labels of other rows are used.
"""

import argparse
import asyncio
import gzip
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from vigil.clock import CountingIds, SystemClock
from vigil.domain.knowledge import Candidate, Draft
from vigil.domain.workspace import Workspace
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.claims import find
from vigil.knowledge.confidence import AMONG, TRAITS, distinct, traits
from vigil.knowledge.finding import Question
from vigil.knowledge.lance import LanceShelf
from vigil.knowledge.learned import PATH, Learned
from vigil.knowledge.prompt import MOST_EVIDENCE, Shown, make_prompt
from vigil.knowledge.quote import quote
from vigil.knowledge.ranking import SIGNALS
from vigil.knowledge.words import words
from vigil.language.bundled import BundledEmbedder
from vigil.language.embedder import Vectors
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces

Row: TypeAlias = dict[str, Any]
Floats: TypeAlias = NDArray[np.float64]

SEED = 7
FOLDS = 5
RANKED = ("cosine", "bm25", "latest", "codes", "naming", "letters", "names")
"""Signals that the ranker uses; ``overlap`` is nearly ``latest`` and only shown."""
KEYWORDS = ("bm25", "latest", "codes")
RIDGE, KEYWORD_RIDGE = 1.0, 2000.0
"""L2 penalty on standardised weights. Keywords are held back: with the penalty of the rest, `retrieval_stackex_dev`, whose questions and
answers share meaning and few words, loses .03 P@1, and `factoid_dev` gains nothing."""
PRIOR = {"codes": 0.5}
"""What a weight is drawn to instead of zero, on its own scale: these files hold few error codes and versions, a desk's questions many. At
0.5 no figure changes by more than .003; at 1 `retrieval_stackex_dev` loses a question."""
SHARE = {"factoid": 1.0, "stackex": 2.0, "grounded": 2.0}
"""How much a row of each file counts for the ranker."""
ABSENT = 0.25
"""How much a question whose entry was taken away counts for the confidence: as if one question in five had no answer in the knowledge."""
MISSED = 0.02
"""Share of the questions whose entry is among the first five that the floor may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of a data file."""

    group: str
    """What must not be split between folds."""
    text: str
    relevant: frozenset[str]
    answerable: bool
    reference: str = ""
    """A good answer, where one is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What a search brought up for a question, everything that went to the ranker."""

    asked: Asked
    fold: int
    candidates: tuple[Candidate, ...]
    vectors: Vectors
    table: Floats
    right: Floats
    """1 for each candidate that is wanted."""


def rows(path: Path) -> list[Row]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return [cast("Row", json.loads(line)) for line in text.split("\n") if line]


def factoid(data: Path) -> tuple[list[Draft], list[Asked]]:
    drafts = [
        Draft(key=row["doc_id"], title=row["aliases"][0], aliases=tuple(row["aliases"]), answer=row["text"])
        for row in rows(data / "factoid_kb.jsonl.gz")
    ]
    asked = [
        Asked(
            group=row["stream"],
            text="\n".join(message["text"] for message in row["query"]),
            relevant=frozenset(row["relevant"]),
            answerable=True,
        )
        for row in rows(data / "factoid_dev.jsonl.gz")
    ]
    return drafts, asked


def stackex(data: Path) -> tuple[list[Draft], list[Asked]]:
    drafts = [
        Draft(key=row["doc_id"], title="", answer=row["text"]) for row in rows(data / "retrieval_stackex_docs.jsonl.gz")
    ]
    asked = [
        Asked(group=row["query_id"], text=row["text"], relevant=frozenset(row["relevant"]), answerable=True)
        for row in rows(data / "retrieval_stackex_dev.jsonl")
    ]
    return drafts, asked


def grounded(data: Path) -> tuple[list[Draft], list[Asked]]:
    drafts = [
        Draft(key=row["doc_id"], title=" ".join((row["title"] or "").split()), answer=row["text"])
        for row in rows(data / "docs_dev.jsonl.gz")
    ]
    asked = [
        Asked(
            group=row["id"].split("#")[0],
            text="\n".join([turn["text"] for turn in row["turns"] if turn["speaker"] == "user"][-2:]),
            relevant=frozenset(row["relevant"]),
            answerable=row["answerability"] in ("ANSWERABLE", "PARTIAL"),
            reference=row["reference_answer"] or "",
        )
        for row in rows(data / "grounded_dev.jsonl.gz")
    ]
    return drafts, asked


FILES = {"factoid": factoid, "stackex": stackex, "grounded": grounded}


async def collect(embedder: BundledEmbedder, drafts: Sequence[Draft], asked: Sequence[Asked]) -> list[Pool]:
    """Ask every question of a knowledge base that holds the drafts."""
    fold = _folds(asked)
    with TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{folder}/vigil.sqlite3", durable=False)
        clock = SystemClock()
        async with store.write("dev") as session:
            await Workspaces(session).create(Workspace(id="dev", name="dev"), at=clock.now())
        base = KnowledgeBase(
            store=store,
            embedder=embedder,
            shelf=LanceShelf(f"{folder}/index"),
            clock=clock,
            ids=CountingIds(),
            learned=Learned.from_json(
                {"ranker": {"cosine": 1}, "confidence": {"intercept": 0, "nothing": 0, "floor": 0}}
            ),
            index_from=0,
        )
        await base.publish("dev", drafts, by="tool", summary="dev")
        await base.reindex("dev")
        keys = {entry.entry_id: entry.draft.key for entry in await base.entries("dev", limit=len(drafts))}
        pools: list[Pool] = []
        for question in asked:
            found = await base.search("dev", question.text, limit=1_000)
            table = [[value for _, value in candidate.scores] for candidate in found.candidates]
            right = [keys[candidate.entry_id] in question.relevant for candidate in found.candidates]
            pools.append(
                Pool(
                    asked=question,
                    fold=fold[question.group],
                    candidates=found.candidates,
                    vectors=found.vectors,
                    table=np.array(table, dtype=np.float64).reshape(-1, len(SIGNALS)),
                    right=np.array(right, dtype=np.float64),
                )
            )
        await store.close()
    return pools


def _folds(asked: Sequence[Asked]) -> dict[str, int]:
    groups = sorted({question.group for question in asked})
    np.random.default_rng(SEED).shuffle(groups)
    return {group: number % FOLDS for number, group in enumerate(groups)}


def fit_ranker(pools: Iterable[tuple[str, Pool]]) -> Floats:
    """Weights of all signals, on their own scales: a conditional logit over the candidates of each question, by Newton's method."""
    used = [(SHARE[name], pool) for name, pool in pools if pool.asked.answerable and pool.right.any()]
    columns = [SIGNALS.index(name) for name in RANKED]
    scale: Floats = np.concatenate([pool.table[:, columns] for _, pool in used]).std(axis=0) + 1e-9
    ridge = np.array([KEYWORD_RIDGE if name in KEYWORDS else RIDGE for name in RANKED])
    drawn_to: Floats = np.array([PRIOR.get(name, 0.0) for name in RANKED]) * scale
    tables = [(share, pool.table[:, columns] / scale, pool.right > 0) for share, pool in used]
    weights: Floats = drawn_to.copy()
    for _ in range(50):
        gradient, curvature = ridge * (weights - drawn_to), np.diag(ridge)
        for share, table, right in tables:
            scores = table @ weights
            odds = _softmax(scores)
            wanted = np.zeros(len(scores))
            wanted[right] = _softmax(scores[right])
            mean = odds @ table
            gradient = gradient + share * (mean - wanted @ table)
            curvature = curvature + share * ((table * odds[:, None]).T @ table - np.outer(mean, mean))
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step * min(1.0, 1.0 / np.abs(step).max())
        if np.abs(step).max() < 1e-4:
            break
    whole = np.zeros(len(SIGNALS))
    whole[columns] = weights / scale
    return whole


def judged(pool: Pool, weights: Floats, *, absent: bool) -> tuple[list[Candidate], float]:
    """The distinct candidates, best first, as `ask` sees them, and whether the first is right; with `absent` as if the wanted entries
    were not in the knowledge."""
    scores = pool.table @ weights
    ranked: list[int] = np.argsort(-scores, kind="stable").tolist()
    order = [number for number in ranked if not (absent and pool.right[number])]
    best = order[:AMONG]
    candidates = [
        Candidate(
            revision_id=pool.candidates[number].revision_id,
            entry_id=pool.candidates[number].entry_id,
            title=pool.candidates[number].title,
            text=pool.candidates[number].text,
            score=float(scores[number]),
            scores=pool.candidates[number].scores,
        )
        for number in best
    ]
    kept = distinct(candidates, pool.vectors[best])
    right = bool(best) and pool.asked.answerable and pool.right[best[0]] > 0
    return [candidates[number] for number in kept], float(right)


def fit_confidence(figures: Floats, right: Floats, shares: Floats) -> Floats:
    """Intercept and weights of a logistic curve with no weight below zero: a trait that would get one is left out."""
    scale = figures.std(axis=0) + 1e-9
    table = np.column_stack([np.ones(len(figures)), figures / scale])
    active = np.ones(table.shape[1], dtype=bool)
    weights = np.zeros(table.shape[1])
    while True:
        weights[:] = 0
        for _ in range(100):
            some = table[:, active]
            odds = 1 / (1 + np.exp(-some @ weights[active]))
            penalty = np.where(np.arange(np.count_nonzero(active)) == 0, 1e-6, 1.0)
            gradient = some.T @ (shares * (odds - right)) + penalty * weights[active]
            curvature = (some * (shares * odds * (1 - odds))[:, None]).T @ some + np.diag(penalty)
            step = np.linalg.solve(curvature, gradient)
            weights[active] -= step
            if np.abs(step).max() < 1e-8:
                break
        below = active & (weights < 0) & (np.arange(len(weights)) > 0)
        if not below.any():
            break
        active[np.argmin(np.where(below, weights, 0))] = False
    return np.concatenate([weights[:1], weights[1:] / scale])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """Every question, with its entry and without, as a fold's own training judges it."""

    name: NDArray[np.str_]
    fold: NDArray[np.int64]
    absent: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    figures: Floats
    right: Floats

    def shares(self) -> Floats:
        """Each file counts the same."""
        each = np.array([(self.name == name).sum() for name in self.name])
        return np.where(self.absent, ABSENT, 1.0) * len(self.name) / (len(FILES) * each)


def judge(pools: dict[str, list[Pool]], weights: Sequence[Floats], nothing: float) -> Judgements:
    """Judge each question by the weights of its fold."""
    cases = [
        (name, pool, absent, *judged(pool, weights[pool.fold], absent=absent))
        for name, all_of_it in pools.items()
        for pool in all_of_it
        for absent in (False, True)
    ]
    cases = [case for case in cases if case[3]]
    return Judgements(
        name=np.array([name for name, *_ in cases]),
        fold=np.array([pool.fold for _, pool, *_ in cases]),
        absent=np.array([absent for _, _, absent, *_ in cases]),
        answerable=np.array([pool.asked.answerable for _, pool, *_ in cases]),
        figures=np.array([traits(candidates, nothing) for *_, candidates, _ in cases]),
        right=np.array([right for *_, right in cases]),
    )


def ranking_figures(pools: Sequence[Pool], weights: Sequence[Floats]) -> dict[str, float]:
    ranks: list[float] = []
    for pool in pools:
        if pool.asked.answerable:
            order = np.argsort(-(pool.table @ weights[pool.fold]), kind="stable")
            places = np.nonzero(pool.right[order])[0]
            ranks.append(float(places[0]) if len(places) else math.inf)
    found = np.array(ranks)
    return {
        "n": len(found),
        "p_at_1": float((found < 1).mean()),
        "hit_at_5": float((found < 5).mean()),
        "mrr": float((1 / (found + 1)).mean()),
        "pool": float(np.isfinite(found).mean()),
    }


def confidence_figures(judgements: Judgements, sure: Floats, name: str) -> dict[str, float]:
    mine = judgements.name == name
    present, absent = mine & ~judgements.absent, mine & judgements.absent
    chosen = np.zeros(len(sure), dtype=bool)
    for fold in range(FOLDS):
        others = present & (judgements.fold != fold)
        chosen |= mine & (judgements.fold == fold) & (sure >= _threshold(sure[others], judgements.right[others], 0.7))
    taken = present & chosen
    half = sure >= 0.5
    figures = {
        "ece": _calibration_error(sure[present], judgements.right[present]),
        "coverage_at_precision_70": float(taken.sum() / present.sum()),
        "precision_there": float(judgements.right[taken].mean()) if taken.any() else 0.0,
        "answered_when_absent_there": float(chosen[absent].mean()),
        "coverage_at_half": float(half[present].mean()),
        "precision_at_half": float(judgements.right[present & half].mean()),
        "answered_when_absent_at_half": float(half[absent].mean()),
    }
    can = judgements.answerable
    if (present & ~can).any():
        hit, reject = half[present & can].mean(), (~half[present & ~can]).mean()
        figures["balanced_accuracy_at_half"] = float((hit + reject) / 2)
    return figures


def _threshold(sure: Floats, right: Floats, precision: float) -> float:
    """The lowest threshold at which the answered ones are right so often."""
    order = np.argsort(-sure)
    reached = np.nonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision)[0]
    return float(sure[order][reached[-1]]) if len(reached) else math.inf


def _calibration_error(sure: Floats, right: Floats, bins: int = 10) -> float:
    """Mean distance of said and measured, over ten bins of equal size (Naeini et al. 2015)."""
    parts = np.array_split(np.argsort(sure), bins)
    return float(sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in parts) / len(sure))


def _softmax(scores: Floats) -> Floats:
    odds = np.exp(scores - scores.max())
    return odds / odds.sum()


async def quoting_figures(embedder: BundledEmbedder, pools: Sequence[Pool]) -> dict[str, float]:
    """Of what good answers say, how much stands in a quotation of the wanted passage; for passages of more than 100 words."""
    shares: list[list[float]] = []
    for pool in pools:
        wanted = [candidate for candidate, right in zip(pool.candidates, pool.right, strict=True) if right]
        said = words(pool.asked.reference)
        if not (pool.asked.answerable and wanted and said) or len(wanted[0].text.split()) <= 100:
            continue
        text, vector = wanted[0].text, await embedder.embed([pool.asked.text])
        part = await quote(embedder, text, pool.asked.text, vector)
        quoted = text[part.start : part.end]
        if find(quoted, text) is None:
            raise AssertionError("a quotation does not stand in its passage")
        beginning = " ".join(text.split()[:80])
        shares.append([*(_share(said, some) for some in (quoted, beginning, text)), float(part.words)])
    means = np.array(shares).mean(axis=0)
    return {"n": len(shares), **dict(zip(("quoted", "first_80_words", "whole", "words"), means.tolist(), strict=True))}


def _share(said: Sequence[str], text: str) -> float:
    held = set(words(text))
    return sum(word in held for word in said) / len(said)


async def prompt_figures(
    embedder: BundledEmbedder, pools: Sequence[Pool], weights: Sequence[Floats]
) -> dict[str, float]:
    """Tokens of a model's prompt by the bundled tokenizer, over 60 questions."""
    lengths: list[int] = []
    chosen: list[int] = np.random.default_rng(SEED).choice(len(pools), size=min(60, len(pools)), replace=False).tolist()
    for number in chosen:
        pool = pools[number]
        candidates, _ = judged(pool, weights[pool.fold], absent=False)
        vector = await embedder.embed([pool.asked.text])
        shown: list[Shown] = []
        for candidate in candidates[:MOST_EVIDENCE]:
            part = await quote(embedder, candidate.text, pool.asked.text, vector, most=130)
            shown.append(Shown(candidate=candidate, text=candidate.text[part.start : part.end]))
        lines = tuple(pool.asked.text.splitlines())
        prompt = make_prompt(Question(text=pool.asked.text, context=lines), shown)
        lengths.append(embedder.count_tokens(prompt.instructions) + embedder.count_tokens(prompt.content))
    return {"median_tokens": float(np.median(lengths)), "most_tokens": float(max(lengths))}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["measure", "train"])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    arguments = parser.parse_args()
    embedder = BundledEmbedder()
    pools = {name: await collect(embedder, *load(arguments.data)) for name, load in FILES.items()}
    everything = [(name, pool) for name, all_of_it in pools.items() for pool in all_of_it]
    by_fold = [fit_ranker(each for each in everything if each[1].fold != fold) for fold in range(FOLDS)]
    judgements = judge(pools, by_fold, NOTHING)
    shares, sure = judgements.shares(), np.zeros(len(judgements.right))
    for fold in range(FOLDS):
        others, mine = judgements.fold != fold, judgements.fold == fold
        curve = fit_confidence(judgements.figures[others], judgements.right[others], shares[others])
        sure[mine] = _confidence(judgements.figures[mine], curve)
    figures: dict[str, dict[str, float]] = {
        name: ranking_figures(all_of_it, by_fold) | confidence_figures(judgements, sure, name)
        for name, all_of_it in pools.items()
    }
    figures["quoting"] = await quoting_figures(embedder, pools["grounded"])
    for name, all_of_it in pools.items():
        figures[name] |= await prompt_figures(embedder, all_of_it, by_fold)
    figures = {name: {key: round(value, 4) for key, value in some.items()} for name, some in figures.items()}
    print(json.dumps(figures, indent=1))
    if arguments.what == "train":
        final = fit_ranker(everything)
        whole = judge(pools, [final] * FOLDS, NOTHING)
        # The curve is fitted to out-of-fold judgements: those of a ranker that has seen the answers would be too sure.
        curve = fit_confidence(judgements.figures, judgements.right, shares)
        PATH.write_text(json.dumps(_card(final, curve, _floor(judgements, sure), figures), indent=1) + "\n", "utf-8")
        agree = (_confidence(whole.figures, curve) >= 0.5) == (sure >= 0.5)
        print(f"written to {PATH}; shipped and out-of-fold judgements agree at one half in {agree.mean():.1%}")


NOTHING = 7.0
"""Score of an entry that nobody wrote, which every candidate is held against: without it, the best of two entries would always stand out.
The median of the best wrong candidate's score; leaving it out changes no figure of the files, whose pools are large."""


def _confidence(figures: Floats, curve: Floats) -> Floats:
    return 1 / (1 + np.exp(-(curve[0] + figures @ curve[1:])))


def _floor(judgements: Judgements, sure: Floats) -> float:
    """Below it are `MISSED` of the questions that can be answered."""
    return float(np.quantile(sure[~judgements.absent & (judgements.right > 0)], MISSED))


def _card(ranker: Floats, curve: Floats, floor: float, figures: dict[str, dict[str, float]]) -> Row:
    return {
        "card": {
            "what": "Weights that rank the candidates of a search (conditional logit) and judge how sure the best one is (logistic curve).",
            "made_by": "tools/measure_retrieval.py train",
            "embedder": BundledEmbedder.id,
            "seed": SEED,
            "data": {
                "factoid": "factoid_kb, factoid_dev: from jkkummerfeld/irc-disentanglement, CC BY 4.0",
                "stackex": "retrieval_stackex: from sebischair/NLU-Evaluation-Corpora, CC BY-SA 3.0",
                "grounded": "docs_dev, grounded_dev: from IBM/mt-rag-benchmark (MTRAG-UN), Apache-2.0",
            },
            "holds": "Numbers only; nothing of the data's words is in this file.",
            "out_of_fold": figures,
        },
        "ranker": {name: round(float(value), 4) for name, value in zip(SIGNALS, ranker, strict=True) if value},
        "confidence": {
            "intercept": round(float(curve[0]), 4),
            **{name: round(float(value), 4) for name, value in zip(TRAITS, curve[1:], strict=True)},
            "nothing": NOTHING,
            "floor": round(floor, 4),
        },
    }


if __name__ == "__main__":
    asyncio.run(main())
