"""The bench ranks as the production search does, and files become figures."""

import json
from pathlib import Path

import numpy as np
import pytest

from vigil.clock import CountingIds, ManualClock
from vigil.domain.knowledge import Draft
from vigil.domain.workspace import Workspace
from vigil.errors import InvalidInput
from vigil.evaluate.retrieval.bench import Bench, embed_views
from vigil.evaluate.retrieval.evaluating import evaluate_grounded, evaluate_retrieval
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.confidence import distinct
from vigil.knowledge.history import History
from vigil.knowledge.learned import shipped
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces
from vigil.testing.embedder import HashEmbedder
from vigil.testing.index import MemoryShelf

THINGS = ("printer", "mail", "calendar", "phone", "screen", "keyboard", "camera", "battery", "network", "password")
PLACES = ("kitchen", "office", "garden", "hall")
DRAFTS = [
    Draft(
        key=f"{thing}-{place}",
        title=f"{thing} {place}",
        aliases=(thing,),
        answer=f"In the {place} the {thing} needs a push.",
    )
    for thing in THINGS
    for place in PLACES
]
QUESTIONS = (
    "my printer is dead\nit stands in the hall",
    "password",
    "what about the camera and the garden?\nhello",
    "42",
)


async def test_the_bench_ranks_and_judges_like_the_production_search(
    store: Store, clock: ManualClock, ids: CountingIds
) -> None:
    embedder = HashEmbedder(dimensions=256)
    async with store.write("w") as session:
        await Workspaces(session).create(Workspace(id="w", name="w"), at=clock.now())
    base = KnowledgeBase(store=store, embedder=embedder, shelf=MemoryShelf(), clock=clock, ids=ids)
    await base.publish("w", DRAFTS, by="anna", summary="all")
    entry_ids = {known.draft.key: known.entry_id for known in await base.entries("w", limit=100)}
    answered = ("my hall printer died", "printer-office"), ("what is my password", "password-hall")
    for number, (question, key) in enumerate(answered):
        await base.answered("w", question, [entry_ids[key]], reference=str(number))
    bench = await Bench.of(embedder, DRAFTS)
    past = History(
        entry_ids=[key for _, key in answered],
        vectors=(await embedder.embed([question for question, _ in answered])).astype("<f2").astype(np.float32),
        at=np.full(2, clock.now().timestamp()),
        weights=np.ones(2, np.float32),
    )
    learned = shipped()
    views = await embed_views(embedder, QUESTIONS)
    at = np.full(len(QUESTIONS), clock.now().timestamp())
    for question, found in zip(QUESTIONS, bench.find(QUESTIONS, views, at, past=past), strict=True):
        judged = bench.judge(found, learned.ranker)
        result = await base.search("w", question, limit=10)
        kept = [result.candidates[number] for number in distinct(result.candidates, result.vectors)]
        # Vectors are rounded in SQL, so that of several that tie another may come first.
        assert [c.score for c in judged.candidates] == pytest.approx([c.score for c in kept], abs=0.02)
        assert dict(judged.candidates[0].scores) == pytest.approx(dict(kept[0].scores), abs=0.02)
        assert bench.confidence(judged, learned) == pytest.approx(learned.confidence.of(kept), abs=0.01)
    await base.close()


def _file(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def _chats(path: Path) -> Path:
    rows: list[dict[str, object]] = [
        {
            "id": f"{number}",
            "stream": f"stream-{number % 8}",
            "ts": f"2020-01-01T10:{number:02d}:00",
            "query": [{"text": "hello"}, {"text": f"my {draft.title} is slow"}],
            "relevant": [draft.key],
        }
        for number, draft in enumerate(DRAFTS)
    ]
    return _file(path, rows)


KEYS = {
    "n",
    "p_at_1",
    "hit_at_5",
    "mrr",
    "coverage_at_precision_70",
    "precision_at_threshold",
    "coverage_at_threshold",
    "answered_when_absent",
    "ece",
}


async def test_questions_are_scored_with_what_ships_and_out_of_fold(tmp_path: Path) -> None:
    embedder = HashEmbedder(dimensions=256)
    knowledge = _file(tmp_path / "kb", [{"doc_id": d.key, "aliases": [d.title], "text": d.answer} for d in DRAFTS])
    queries = _chats(tmp_path / "queries")
    for folds in (None, 4):
        figures = (await evaluate_retrieval(embedder, queries, knowledge, queries, folds=folds)).model_dump()
        assert figures.keys() == KEYS
        assert figures["n"] == len(DRAFTS)
        assert figures["p_at_1"] > 0.9
    with pytest.raises(InvalidInput, match="2 to 8"):
        await evaluate_retrieval(embedder, queries, knowledge, folds=9)
    with pytest.raises(InvalidInput, match="can't be answered"):
        await evaluate_grounded(embedder, queries, knowledge)


async def test_dialogues_without_an_answer_are_scored_for_silence(tmp_path: Path) -> None:
    embedder = HashEmbedder(dimensions=256)
    knowledge = _file(tmp_path / "kb", [{"doc_id": d.key, "title": d.title, "text": d.answer} for d in DRAFTS])
    rows: list[dict[str, object]] = [
        {
            "id": f"c{number}#1",
            "turns": [{"speaker": "user", "text": f"my {draft.title} is slow" if number % 2 else "of stars and moons"}],
            "answerability": "ANSWERABLE" if number % 2 else "UNANSWERABLE",
            "relevant": [draft.key] if number % 2 else [],
        }
        for number, draft in enumerate(DRAFTS)
    ]
    queries = _file(tmp_path / "queries", rows)
    figures = (await evaluate_grounded(embedder, queries, knowledge, folds=4)).model_dump()
    assert figures.keys() == KEYS | {"abstention_balanced_accuracy", "answered_when_unanswerable"}
    assert figures["n"] == len(DRAFTS) / 2
    assert figures["abstention_balanced_accuracy"] > 0.9
