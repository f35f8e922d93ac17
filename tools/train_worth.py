"""Learns what an interruption in a channel is worth, from what people called for there:

    python tools/train_worth.py [--data FOLDER]

Written is src/vigil/trust/worth.json. Gate, ranker and confidence are those that ship; `vigil evaluate proactive --folds 5` trains all of
them anew without the streams that it scores.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import cast

from vigil.assist.hearing import shipped as shipped_hearing
from vigil.evaluate.proactive.channels import read_channels
from vigil.evaluate.proactive.offers import Listener, as_shipped, in_all
from vigil.evaluate.proactive.scoring import PER_100, bar_for, fit_weights, wanted, worths
from vigil.evaluate.retrieval.asked import ask
from vigil.evaluate.retrieval.bench import Bench
from vigil.evaluate.retrieval.files import load_knowledge, load_queries
from vigil.knowledge.learned import shipped as shipped_learned
from vigil.language.bundled import BundledEmbedder
from vigil.trust.worth import TERMS

OUTPUT = Path(__file__).parents[1] / "src" / "vigil" / "trust" / "worth.json"


async def train(data: Path) -> None:
    embedder = BundledEmbedder()
    channels = read_channels(data / "irc_stream_dev.jsonl.gz", data / "factoid_dev.jsonl.gz")
    queries = load_queries(data / "factoid_dev.jsonl.gz")
    bench = await Bench.of(embedder, load_knowledge(data / "factoid_kb.jsonl.gz"))
    listener = Listener(bench, (await ask(embedder, bench, queries, queries)).past, embedder)
    hears, learned = as_shipped(shipped_hearing()), shipped_learned()
    candidates = in_all(
        channels,
        lambda channel: listener.candidates(channel, hears, learned.ranker, learned.confidence),
        lambda done, of: print(f"\r{done}/{of}", end="", file=sys.stderr, flush=True),
    )
    weights = fit_weights(candidates, wanted(candidates))
    worth = worths(candidates, weights)
    bar = bar_for(candidates, worth, sum(channel.by_people for channel in channels))
    content = {
        "card": {
            "what": "What saying something unasked in a shared channel is worth: a weighted product of chances.",
            "made_by": "tools/train_worth.py",
            "data": "irc_stream_dev, factoid_kb and factoid_dev, made from jkkummerfeld/irc-disentanglement (CC BY 4.0)",
            "holds": "Numbers only; no text.",
            "bar": f"the lowest that makes at most {PER_100} suggestions per 100 messages of people",
            "candidates": len(candidates),
        },
        "weights": dict(zip(TERMS, weights, strict=True)),
        "bar": round(bar, 5),
    }
    OUTPUT.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    asyncio.run(train(cast("Path", parser.parse_args().data)))


if __name__ == "__main__":
    main()
