"""How the search gets better with what was answered before: the same last questions, asked with more and more of the earlier ones known.
What learning from raw tickets brings is `scoring`'s."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from vigil.errors import InvalidInput
from vigil.evaluate.lines import rows
from vigil.evaluate.metrics import RESAMPLES
from vigil.evaluate.retrieval.asked import Asked, ask
from vigil.evaluate.retrieval.bench import Bench
from vigil.evaluate.retrieval.crossing import fit_all, trials
from vigil.evaluate.retrieval.files import Query, check_match, load_knowledge, load_queries
from vigil.evaluate.retrieval.judging import judge
from vigil.evaluate.streams import StreamLine
from vigil.knowledge.learned import shipped
from vigil.knowledge.ranking import Ranker
from vigil.language.embedder import Embedder

Floats: TypeAlias = NDArray[np.float64]

LAST = 0.3
"""Share of the questions, the last by time, that are asked again and again."""
SIZES = (0, 50, 100, 200, 400)
"""Earlier questions that are known; and at the end all of them."""
DRAWS = 10
"""A history that isn't whole is drawn at random so many times, each time more of the same, and the figures are the means: one draw of 50
moves P@1 by a hundredth either way."""
HIT = 5


class GrowthPoint(BaseModel):
    """What the questions came to with so much history."""

    n: int
    p_at_1: float
    hit_at_5: float


class GrowthFigures(BaseModel):
    """The whole curve."""

    questions: int
    """The same at each point."""
    earlier: int
    trained_on_earlier: bool
    """The ranker was learned from the earlier questions alone; else it is the shipped one, which may have seen the questions themselves."""
    curve: list[GrowthPoint]
    lowest: float
    """P@1 at the curve's lowest point."""
    gain: float
    """P@1 with the whole history above that with none, with a 95 % interval by a paired bootstrap over streams."""
    gain_low: float
    gain_high: float


async def evaluate_growth(
    embedder: Embedder,
    triggers: Path,
    knowledge: Path,
    history: Path | None,
    stream: Path | None,
    *,
    retrain: bool,
) -> GrowthFigures:
    """Ask the last questions with nothing known of the earlier ones, then with more and more of them.

    Args:
        triggers: people's calls for an entry, as ``factoid_dev.jsonl.gz``; the last by time are asked.
        history: questions that were answered, in the same shape; what is not earlier than the first asked one is left out. None: the
            triggers.
        stream: the recording that the calls come from, to be told where it is another.
        retrain: learn the ranker from the earlier questions alone.

    Raises:
        InvalidInput: a file can't be read, the files don't belong together, or the questions have no times.
    """
    queries = sorted(await asyncio.to_thread(load_queries, triggers), key=lambda query: query.at)
    drafts = await asyncio.to_thread(load_knowledge, knowledge)
    check_match(queries, drafts)
    if stream is not None:
        await asyncio.to_thread(_check_stream, stream, queries)
    cut = len(queries) - round(LAST * len(queries))
    asked_now = queries[cut:]
    if not asked_now or queries[0].at == asked_now[0].at:
        raise InvalidInput(f"{triggers.name} has too few questions, or none of them says when it was asked (`ts`).")
    before = sorted(
        queries if history is None else await asyncio.to_thread(load_queries, history), key=lambda query: query.at
    )
    before = [query for query in before if query.at < asked_now[0].at]
    bench = await Bench.of(embedder, drafts)
    ranker = shipped().ranker
    if retrain:
        earlier = await ask(embedder, bench, before, before)
        ranker = await asyncio.to_thread(lambda: fit_all({"": trials(earlier)}))
    asked = await ask(embedder, bench, asked_now, before)
    return await asyncio.to_thread(_figures, asked, len(before), ranker, retrain)


def _figures(asked: Asked, known: int, ranker: Ranker, retrain: bool) -> GrowthFigures:
    sizes = [size for size in SIZES if size < known] + [known]
    ranks = {size: _ranks(asked, size, ranker) for size in sizes}
    curve = [
        GrowthPoint(n=size, p_at_1=round(float((rank < 1).mean()), 4), hit_at_5=round(float((rank < HIT).mean()), 4))
        for size, rank in ranks.items()
    ]
    gains = (ranks[sizes[-1]] < 1).mean(axis=0) - (ranks[0] < 1).mean(axis=0)
    streams = np.array([query.group for query in asked.queries])
    names = np.unique(streams)
    sums = np.array([[gains[streams == name].sum(), (streams == name).sum()] for name in names])
    drawn = sums[np.random.default_rng(0).integers(0, len(names), (RESAMPLES, len(names)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return GrowthFigures(
        questions=len(asked.queries),
        earlier=known,
        trained_on_earlier=retrain,
        curve=curve,
        lowest=min(point.p_at_1 for point in curve),
        gain=round(float(gains.mean()), 4),
        gain_low=round(float(low), 4),
        gain_high=round(float(high), 4),
    )


def _ranks(asked: Asked, size: int, ranker: Ranker) -> Floats:
    """Where the right entry stood, one row a draw of the history."""
    past = asked.past
    if past is None:  # pragma: no cover - there is always one: the earlier questions
        raise AssertionError
    rows_known = len(past.history)
    draws = DRAWS if 0 < size < rows_known else 1
    texts = [query.text for query in asked.queries]
    at = np.array([query.at for query in asked.queries])
    found_ranks: list[Floats] = []
    for draw in range(draws):
        kept = np.random.default_rng(draw).permutation(rows_known) < size
        usable = np.broadcast_to(kept, (len(texts), rows_known))
        found = list(
            asked.bench.find(
                texts, asked.views, at, past=past.history if size else None, usable=usable if size else None
            )
        )
        found_ranks.append(judge(asked, found, [ranker] * len(found), 0.0).rank)
    return np.array(found_ranks)


def _check_stream(path: Path, queries: Sequence[Query]) -> None:
    known = {row.stream for _, row in rows(path, StreamLine)}
    if not any(query.group in known for query in queries):
        raise InvalidInput(f"None of the calls' streams stands in {path.name}: give the recording that they come from.")
