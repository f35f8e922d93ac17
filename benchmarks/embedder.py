"""How fast the bundled embedder is on this machine: load time, milliseconds a text by length, texts a second in bulk.

python benchmarks/embedder.py [--threads N] [--json]
"""

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence

from vigil.language.bundled import BundledEmbedder

LENGTHS = (16, 64, 256)
"""Tokens: a chat message, a long one, a chunk of a document."""
RUNS = 30
BULK = 400
WORDS = tuple(
    re.findall(
        r"\w+",
        "the backup of my server stopped after an update and now it says that its disk is full so what should we do",
    )
)


def text_of(tokens: int, number: int) -> str:
    """A text of exactly `tokens` tokens, its two marks included, unlike that of any other number."""
    return " ".join([str(number), *(WORDS[(number + place) % len(WORDS)] for place in range(tokens - 3))])


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def measure(threads: int) -> dict[str, float]:
    """Medians; no text comes twice, so nothing is answered from memory."""
    figures = {"load_ms": statistics.median(milliseconds(lambda: BundledEmbedder(threads=threads)) for _ in range(5))}
    embedder = BundledEmbedder(threads=threads)
    embedder.embed_now(["warm up"])
    for tokens in LENGTHS:
        texts = [text_of(tokens, number) for number in range(100, 100 + RUNS)]
        assert {embedder.count_tokens(text) for text in texts} == {tokens}
        figures[f"one_text_of_{tokens}_tokens_ms"] = statistics.median(
            milliseconds(lambda text=text: embedder.embed_now([text])) for text in texts
        )
    mixed = [text_of(LENGTHS[number % len(LENGTHS)] - 1, 200 + number) for number in range(BULK)]
    figures["bulk_texts_a_second"] = BULK / milliseconds(lambda: embedder.embed_now(mixed)) * 1000
    short = [text_of(40, 200 + number) for number in range(BULK)]
    figures["bulk_texts_of_40_tokens_a_second"] = BULK / milliseconds(lambda: embedder.embed_now(short)) * 1000
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0, help="0 for as many as this process may use, at most 4")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(int(options.threads))
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):36} {value:8.1f}")


if __name__ == "__main__":
    main()
