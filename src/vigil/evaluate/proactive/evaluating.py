"""`vigil evaluate proactive` as a function: files in, one object of figures out; with what ships, or retrained stream by stream."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vigil.assist.figures import figures
from vigil.assist.hearing import Opening
from vigil.assist.hearing import shipped as shipped_hearing
from vigil.assist.phrases import phrases
from vigil.assist.scene import Heard, Scene
from vigil.errors import InvalidInput
from vigil.evaluate.gate.examples import read_channels as read_examples
from vigil.evaluate.gate.table import Floats, Meanings, Progress, Table, sparse, tabulate
from vigil.evaluate.gate.training import OpeningFit, Texts, chances, fit_opening, opening_rows
from vigil.evaluate.proactive.channels import Channel, read_channels
from vigil.evaluate.proactive.offers import Candidate, Hears, Listener, as_shipped, in_all
from vigil.evaluate.proactive.scoring import ProactiveFigures, bar_for, figures_of, fit_weights, said, wanted, worths
from vigil.evaluate.retrieval.asked import Asked, ask
from vigil.evaluate.retrieval.bench import Bench
from vigil.evaluate.retrieval.crossing import fit_on, trials
from vigil.evaluate.retrieval.files import load_knowledge, load_queries
from vigil.knowledge.confidence import Confidence
from vigil.knowledge.learned import shipped as shipped_learned
from vigil.knowledge.ranking import Ranker
from vigil.knowledge.vectors import embed_drafts
from vigil.language.bundled import BundledEmbedder
from vigil.trust.worth import shipped as shipped_worth

SEED = 20240


async def evaluate_proactive(
    stream: Path,
    triggers: Path,
    knowledge: Path,
    history: Path | None,
    *,
    folds: int | None,
    streams: int | None,
    progress: Progress,
) -> ProactiveFigures:
    """Score what would have been offered before people called for it.

    Args:
        stream: interleaved channels, as ``irc_stream_dev.jsonl.gz``.
        triggers: the calls, as ``factoid_dev.jsonl.gz``.
        history: questions that were answered before, in the shape of `triggers`; each turn knows those of other streams, and of its own
            stream those strictly earlier.
        folds: train gate, ranker, confidence, worth and bar without each fold of streams, and score that fold; None for what ships.

    Raises:
        InvalidInput: a file can't be read, or the files don't belong together.
    """
    channels = await asyncio.to_thread(read_channels, stream, triggers, streams=streams)
    drafts = await asyncio.to_thread(load_knowledge, knowledge)
    queries = await asyncio.to_thread(load_queries, triggers)
    before = [] if history is None else await asyncio.to_thread(load_queries, history)
    embedder = BundledEmbedder()
    vectors = await embed_drafts(embedder, drafts)
    bench = Bench(drafts, vectors)
    asked = await ask(embedder, bench, queries, before)
    listener = Listener(bench, asked.past, embedder)

    def score() -> ProactiveFigures:
        if folds is None:
            what = _shipped(channels, listener, progress)
        else:
            examples = read_examples(stream, streams=streams)
            table = tabulate(examples, Meanings(examples, embedder, progress), progress, in_tickets=False)
            what = _crossed(channels, listener, asked, table, folds, progress)
        candidates, worth, bar = what
        return figures_of(channels, said(candidates, worth, bar), drafts, vectors, embedder)

    return await asyncio.to_thread(score)


def _shipped(
    channels: Sequence[Channel], listener: Listener, progress: Progress
) -> tuple[list[Candidate], Floats, Floats]:
    hears, learned, worth = as_shipped(shipped_hearing()), shipped_learned(), shipped_worth()
    candidates = in_all(
        channels,
        lambda channel: listener.candidates(channel, hears, learned.ranker, learned.confidence),
        lambda done, of: progress("channels", done, of),
    )
    return candidates, worths(candidates, worth.weights), np.full(len(candidates), worth.bar)


def _crossed(
    channels: Sequence[Channel], listener: Listener, asked: Asked, table: Table, folds: int, progress: Progress
) -> tuple[list[Candidate], Floats, Floats]:
    names = sorted({channel.name for channel in channels})
    if not 2 <= folds <= len(names):
        raise InvalidInput(f"--folds is {folds}: write 2 to {len(names)}, since there are so many streams.")
    order = np.random.default_rng(SEED).permutation(len(names))
    fold = {name: int(place) % folds for name, place in zip(names, order, strict=True)}
    gate_fold = np.array([fold[name] for name in table.groups.tolist()], np.int64)
    opens, answered = (Texts(table=table, aim=aim, fold=gate_fold) for aim in (table.opens, table.wanted))
    hears: list[Hears] = []
    judges: list[tuple[Ranker, Confidence]] = []
    tried = trials(asked)
    for number in range(folds):
        fit, _ = fit_opening(table, gate_fold, opens, answered, number)
        hears.append(_hears(fit))
        judges.append(fit_on(tried, np.array([fold.get(query.group, -1) != number for query in asked.queries])))
        progress("training", number + 1, folds)

    def each(channel: Channel) -> list[Candidate]:
        number = fold[channel.name]
        ranker, confidence = judges[number]
        return listener.candidates(channel, hears[number], ranker, confidence)

    candidates = in_all(channels, each, lambda done, of: progress("channels", done, of))
    mine = np.array([fold[one.channel.name] for one in candidates])
    right = wanted(candidates)
    worth, bar = np.zeros(len(candidates)), np.zeros(len(candidates))
    for number in range(folds):
        others = [one for one, of in zip(candidates, mine.tolist(), strict=True) if of != number]
        weights = fit_weights(others, right[mine != number])
        messages = sum(channel.by_people for channel in channels if fold[channel.name] != number)
        bar[mine == number] = bar_for(others, worths(others, weights), messages)
        worth[mine == number] = worths(
            [one for one, of in zip(candidates, mine.tolist(), strict=True) if of == number], weights
        )
    return candidates, worth, bar


def _hears(fit: OpeningFit) -> Hears:
    """By scores that were trained on some folds."""

    def hear(heard: Sequence[Heard]) -> Sequence[Opening]:
        scenes = [Scene(one) for one in heard]
        table = Table(
            figures=np.array([figures(scene) for scene in scenes], np.float32),
            phrases=sparse([phrases(scene.reading) for scene in scenes]),
            meaning=np.stack([one.vectors[one.message.id] for one in heard]),
            wanted=np.zeros(len(heard), np.bool_),
            opens=np.zeros(len(heard), np.bool_),
            groups=np.zeros(len(heard), np.str_),
        )
        every = np.ones(len(heard), np.bool_)
        rows = opening_rows(table, fit.opens_text.scores(table, every), fit.answered_text.scores(table, every))
        likely = chances(fit.opens, rows)
        answerable = likely * chances(fit.answered, rows)
        return [Opening(opens=float(a), answerable=float(b)) for a, b in zip(likely, answerable, strict=True)]

    return hear
