"""Trains and measures what ranks the knowledge and judges how sure it is: `measure` scores out of fold, `train` also writes
src/vigil/knowledge/learned.json. Run it as `python tools/measure_retrieval.py train --data ../shared/data`; it takes some minutes.

Folds are made by stream (`factoid_dev`), by conversation (`grounded_dev`) or by question. The history of `factoid_dev` is the file itself:
each question knows the rows of other streams, and those of its own stream that are strictly earlier.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from vigil.evaluate.retrieval.asked import SEED, Asked, ask
from vigil.evaluate.retrieval.bench import Bench
from vigil.evaluate.retrieval.crossing import Crossed, Trial, cross, fit_all, fit_curve, floor_of, nothing_of, trials
from vigil.evaluate.retrieval.files import load_knowledge, load_queries
from vigil.evaluate.retrieval.judging import judge
from vigil.evaluate.retrieval.scoring import careful_threshold, ranking_figures, selective_figures
from vigil.knowledge.claims import find
from vigil.knowledge.confidence import TRAITS, Confidence
from vigil.knowledge.finding import Question
from vigil.knowledge.learned import PATH
from vigil.knowledge.prompt import MOST_EVIDENCE, Shown, make_prompt
from vigil.knowledge.quote import quote
from vigil.knowledge.ranking import SIGNALS, Ranker
from vigil.knowledge.words import words
from vigil.language.bundled import BundledEmbedder

Row: TypeAlias = dict[str, Any]

FOLDS = 5
FILES = {
    "factoid": ("factoid_dev.jsonl.gz", "factoid_kb.jsonl.gz", 1.0),
    "stackex": ("retrieval_stackex_dev.jsonl", "retrieval_stackex_docs.jsonl.gz", 2.0),
    "grounded": ("grounded_dev.jsonl.gz", "docs_dev.jsonl.gz", 2.0),
}
"""Questions, knowledge, and how much a question of each counts for the ranker."""
CURVE = (0, 50, 100, 200, 400, None)
"""Rows of history that the learning curve is drawn for; None for all."""


async def load(embedder: BundledEmbedder, data: Path) -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    for name, (questions, knowledge, share) in FILES.items():
        queries = load_queries(data / questions)
        bench = await Bench.of(embedder, load_knowledge(data / knowledge))
        history = queries if name == "factoid" else ()
        found[name] = await ask(embedder, bench, queries, history, share=share)
    return found


def figures(crossed: Crossed) -> dict[str, float]:
    judged = crossed.judged
    return ranking_figures(judged) | selective_figures(judged, crossed.sure, crossed.sure_absent, crossed.fold, 0.0)


def learning_curve(asked: Asked, rankers: Sequence[Ranker], nothing: float) -> dict[str, dict[str, float]]:
    """How well it ranks with so much history, drawn at random of what each question may know."""
    mine = [rankers[int(fold)] for fold in asked.folds(FOLDS).tolist()]
    return {
        "all" if size is None else str(size): ranking_figures(judge(asked, asked.find(size), mine, nothing))
        for size in CURVE
    }


async def quoting_figures(embedder: BundledEmbedder, asked: Asked) -> dict[str, float]:
    """Of what good answers say, how much stands in a quotation of the wanted passage; for passages of more than 100 words."""
    texts = {draft.key: draft.answer for draft in asked.bench.drafts}
    shares: list[list[float]] = []
    for query in asked.queries:
        wanted = sorted(query.relevant & texts.keys())
        said = words(query.reference)
        if not (query.answerable and wanted and said) or len(texts[wanted[0]].split()) <= 100:
            continue
        text, vector = texts[wanted[0]], await embedder.embed([query.text])
        part = await quote(embedder, text, query.text, vector)
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


async def prompt_figures(embedder: BundledEmbedder, trial: Trial, ranker: Ranker) -> dict[str, float]:
    """Tokens of a model's prompt by the bundled tokenizer, over 60 questions."""
    lengths: list[int] = []
    count = len(trial.found)
    chosen: list[int] = np.random.default_rng(SEED).choice(count, size=min(60, count), replace=False).tolist()
    for number in chosen:
        text = trial.asked.queries[number].text
        candidates = trial.asked.bench.judge(trial.found[number], ranker).candidates
        vector = await embedder.embed([text])
        shown: list[Shown] = []
        for candidate in candidates[:MOST_EVIDENCE]:
            part = await quote(embedder, candidate.text, text, vector, most=130)
            shown.append(Shown(candidate=candidate, text=candidate.text[part.start : part.end]))
        prompt = make_prompt(Question(text=text, context=tuple(text.splitlines())), shown)
        lengths.append(embedder.count_tokens(prompt.instructions) + embedder.count_tokens(prompt.content))
    return {"median_tokens": float(np.median(lengths)), "most_tokens": float(max(lengths))}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["measure", "train"])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    arguments = parser.parse_args()
    embedder = BundledEmbedder()
    asked = await load(embedder, arguments.data)
    sets = {name: trials(one) for name, one in asked.items()}
    crossed, rankers = cross(sets, FOLDS)
    final = fit_all(sets)
    measured: dict[str, Any] = {}
    for name, some in crossed.items():
        for trial, one in zip(sets[name], some, strict=True):
            with_history = (
                ""
                if trial.asked.past is None
                else f" with {'all' if trial.size is None else trial.size} rows of history"
            )
            measured[name + with_history] = figures(one)
        measured[f"{name} prompt"] = await prompt_figures(embedder, sets[name][-1], final)
    nothing = nothing_of([one.judged for some in crossed.values() for one in some])
    for size, some in learning_curve(asked["factoid"], rankers, nothing).items():
        measured[f"factoid learning curve, {size}"] = some
    measured["quoting"] = await quoting_figures(embedder, asked["grounded"])
    measured = {name: {key: round(value, 4) for key, value in some.items()} for name, some in measured.items()}
    print(json.dumps(measured, indent=1))
    if arguments.what == "train":
        # The curve is fitted to out-of-fold judgements: those of a ranker that has seen the answers would be too sure.
        everything = [([one.judged for one in some], np.ones(len(some[0].fold), np.bool_)) for some in crossed.values()]
        curve = fit_curve(everything, nothing)
        PATH.write_text(json.dumps(_card(final, curve, crossed, measured), indent=1) + "\n", "utf-8")


def _threshold(crossed: dict[str, list[Crossed]]) -> float:
    """Of all files, each question as far as it counts the same; with all of the history that there is."""
    every = [some[-1] for some in crossed.values()]
    sure = np.concatenate([one.sure for one in every])
    right = np.concatenate([one.judged.right for one in every])
    absent = np.concatenate([np.where(one.judged.answerable, one.sure_absent, -1.0) for one in every])
    return careful_threshold(sure, right, absent)


def _card(ranker: Ranker, curve: Confidence, crossed: dict[str, list[Crossed]], measured: Row) -> Row:
    weights = zip(SIGNALS, ranker.weights.tolist(), strict=True)
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
            "out_of_fold": measured,
        },
        "ranker": {name: round(weight, 4) for name, weight in weights if weight},
        "confidence": {
            "intercept": round(curve.intercept, 4),
            **{name: round(weight, 4) for name, weight in zip(TRAITS, curve.weights, strict=True) if weight},
            "nothing": curve.nothing,
            "floor": round(floor_of(crossed), 4),
            "threshold": round(_threshold(crossed), 4),
        },
    }


if __name__ == "__main__":
    asyncio.run(main())
