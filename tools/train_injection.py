"""Train the injection score and write `src/vigil/guard/weights/injection.npz`. Reads labelled texts, and tickets and documents with
nothing injected; prints the scores out of fold, and by source: trained on one, tried on the other."""

import argparse
import random
from pathlib import Path

import numpy as np

from vigil.evaluate.guarding.injection import crossed, read, read_harmless
from vigil.evaluate.guarding.training import SEED, Sample, bar_for, fit, tabulate
from vigil.guard.injection import commands

FOLDS = 5
CHAT = 12_000
"""Messages of harmless chat that are trained with; twice as many change nothing."""
OUT = Path(__file__).parents[1] / "src/vigil/guard/weights/injection.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path, help="security_injection_dev.jsonl.gz")
    parser.add_argument("tickets", type=Path, help="tickets_irc_dev.jsonl.gz")
    parser.add_argument(
        "documents", type=Path, nargs="*", help="factoid_kb, docs_dev, retrieval_stackex_docs (.jsonl.gz)"
    )
    given = parser.parse_args()
    lines, samples = read(given.texts)
    known = {sample.text for sample in samples}
    chat = [sample for sample in read_harmless(given.tickets) if sample.text not in known]
    random.Random(SEED).shuffle(chat)
    other, chat = chat[CHAT : 2 * CHAT], chat[:CHAT]
    documents = [sample for path in given.documents for sample in read_harmless(path)]
    random.Random(SEED).shuffle(documents)
    unread, documents = documents[: len(documents) // 4], documents[len(documents) // 4 :]
    chat += documents
    wanted = np.array([line.label == 1 for line in lines])
    chances, _, harmless = crossed(samples, FOLDS, chat)
    bar = round(bar_for(wanted, chances, harmless), 3)
    rules = np.array([commands(sample.text) for sample in samples])
    print(
        f"by words alone: {rules[wanted].mean():.3f} of the injected, {rules[~wanted].mean():.4f} of the others, "
        f"{np.mean([commands(each.text) for each in chat]):.5f} of the chat"
    )
    report("out of fold", wanted, chances, bar)
    sources = np.array([line.source for line in lines])
    for source in sorted(set(sources[wanted].tolist())):
        train: list[Sample] = [
            sample for sample, line in zip(samples, lines, strict=True) if line.label == 0 or line.source != source
        ]
        weights = fit(passages := tabulate([*train, *chat]), np.ones(len(passages.label), np.bool_), bar)
        held = [sample for sample, line in zip(samples, lines, strict=True) if line.label and line.source == source]
        print(f"trained without {source}: recall {np.mean(scores(held, weights.bins, weights.bias) >= bar):.3f}")
    weights = fit(passages := tabulate([*samples, *chat]), np.ones(len(passages.label), np.bool_), bar)
    print(f"other chat flagged: {np.mean(scores(other, weights.bins, weights.bias) >= bar):.4f}")
    print(f"other documents flagged: {np.mean(scores(unread, weights.bins, weights.bias) >= bar):.4f} of {len(unread)}")
    used = np.nonzero(weights.bins)[0]
    np.savez_compressed(
        OUT, bins=used.astype(np.uint16), values=weights.bins[used].astype(np.float16), bias=weights.bias, bar=bar
    )
    print(f"bar {bar}, {len(used)} bins, {OUT.stat().st_size} bytes")


def scores(samples: list[Sample], bins: np.ndarray, bias: float) -> np.ndarray:
    passages = tabulate(samples)
    chances = np.array([1.0 if commands(sample.text) else 0.0 for sample in samples])
    np.maximum.at(chances, passages.sample, 1.0 / (1.0 + np.exp(-(passages.rows @ bins.astype(np.float64) + bias))))
    return chances


def report(name: str, wanted: np.ndarray, chances: np.ndarray, bar: float) -> None:
    flagged = chances >= bar
    hits = (flagged & wanted).sum()
    print(f"{name}: precision {hits / flagged.sum():.3f}, recall {hits / wanted.sum():.3f} at {bar}")


if __name__ == "__main__":
    main()
