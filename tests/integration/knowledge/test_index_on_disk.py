"""The index on disk is a cache: lost, garbled, half written or made by another embedder, searches go on and it comes back by itself."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.integration.knowledge.shelves import W, answers, entry, publish, workspace
from vigil.clock import CountingIds, ManualClock
from vigil.domain.knowledge import Scope
from vigil.errors import Misconfigured
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.index import IndexRow
from vigil.knowledge.lance import LanceShelf
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder

DRAFTS = [entry(f"page {number}", f"what to do about topic{number} and thing{number}") for number in range(30)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """SQLite only: the index is the same above either database."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'vigil.sqlite3'}", durable=False)
    yield opened
    await opened.close()


@pytest.fixture
async def base(
    store: Store, folder: Path, embedder: HashEmbedder, clock: ManualClock, ids: CountingIds
) -> KnowledgeBase:
    await workspace(store, W)
    return _base(store, folder, embedder, clock, ids)


def _base(store: Store, folder: Path, embedder: HashEmbedder, clock: ManualClock, ids: CountingIds) -> KnowledgeBase:
    return KnowledgeBase(
        store=store, embedder=embedder, shelf=LanceShelf(str(folder)), clock=clock, ids=ids, index_from=0
    )


async def _indexed(base: KnowledgeBase) -> None:
    await publish(base, *DRAFTS)
    await base.reindex(W)


async def test_entries_are_found_through_it_by_meaning_and_by_words(base: KnowledgeBase) -> None:
    await _indexed(base)
    assert (await answers(base, "about topic17"))[0] == DRAFTS[17].answer
    readiness = await base.ready_check(W)
    assert readiness.ready
    assert "indexed up to version 1 of 1" in readiness.note


async def test_it_takes_in_what_changed_without_being_filled_again(base: KnowledgeBase) -> None:
    await _indexed(base)
    await publish(base, entry("page 3", "what to do about otherwise3"), retire=("page 4",))
    await base.close()
    found = await answers(base, "topic4 thing4 otherwise3")
    assert found[0] == "what to do about otherwise3"
    assert DRAFTS[4].answer not in found
    assert DRAFTS[3].answer not in found


async def test_filling_it_again_embeds_nothing(base: KnowledgeBase, embedder: HashEmbedder) -> None:
    await _indexed(base)
    before = embedder.embedded
    assert await base.reindex(W) == 30
    assert embedder.embedded == before
    assert (await answers(base, "about topic17"))[0] == DRAFTS[17].answer


@pytest.mark.parametrize("harm", ["gone", "data", "versions", "cut"])
async def test_a_harmed_index_still_answers_and_is_filled_again(
    base: KnowledgeBase,
    store: Store,
    folder: Path,
    embedder: HashEmbedder,
    clock: ManualClock,
    ids: CountingIds,
    harm: str,
) -> None:
    await _indexed(base)
    _harm(folder, harm)
    for reader in (base, _base(store, folder, embedder, clock, ids)):  # one that has it open, and one that comes fresh
        await reader.search(W, "anything")  # may notice
        assert (await answers(reader, "about topic17"))[0] == DRAFTS[17].answer
    healed = _base(store, folder, embedder, clock, ids)
    await healed.reindex(W)
    assert (await healed.ready_check(W)).ready
    assert (await answers(healed, "about topic17"))[0] == DRAFTS[17].answer


async def test_the_background_work_fills_a_lost_index_by_itself(base: KnowledgeBase, folder: Path) -> None:
    await _indexed(base)
    shutil.rmtree(folder)
    await base.search(W, "anything")
    if (await base.ready_check(W)).ready:  # what was read before may still be in memory
        return
    await base.open()
    while not (await base.ready_check(W)).ready:
        assert (await answers(base, "about topic17"))[0] == DRAFTS[17].answer
    await base.close()


async def test_a_filling_that_was_cut_off_leaves_nothing_that_is_read(
    base: KnowledgeBase, folder: Path, embedder: HashEmbedder
) -> None:
    await _indexed(base)
    index = await LanceShelf(str(folder)).index(W, embedder.id, embedder.dimensions)

    async def cut_off() -> AsyncIterator[list[IndexRow]]:
        yield [_row("ent_x", np.ones(256, "<f4").tobytes())]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        await index.fill(cut_off())
    again = await LanceShelf(str(folder)).index(W, embedder.id, embedder.dimensions)
    assert await again.count() == 30


async def test_another_process_sees_what_this_one_wrote(
    base: KnowledgeBase, store: Store, folder: Path, embedder: HashEmbedder, clock: ManualClock, ids: CountingIds
) -> None:
    await _indexed(base)
    other = _base(store, folder, embedder, clock, ids)
    assert (await answers(other, "about topic17"))[0] == DRAFTS[17].answer
    await publish(base, entry("late", "something about latecomers"))
    await base.close()
    assert (await answers(other, "latecomers"))[0] == "something about latecomers"
    await base.reindex(W)  # what the other one has open is gone
    assert (await answers(other, "latecomers"))[0] == "something about latecomers"


async def test_it_refuses_a_query_by_another_embedder(folder: Path, embedder: HashEmbedder) -> None:
    index = await LanceShelf(str(folder)).index(W, embedder.id, embedder.dimensions)
    with pytest.raises(Misconfigured, match="reindex"):
        await index.search(np.ones((1, 256), np.float32), ["vpn"], embedder_id="another", wanted=Scope(), limit=5)


async def test_above_some_thousand_entries_inverted_lists_find_the_nearest(folder: Path) -> None:
    vectors = np.random.default_rng(7).normal(size=(4_200, 64)).astype("<f4")
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = await LanceShelf(str(folder)).index(W, "random", 64)
    rows = [_row(f"entry {number}", vector.tobytes()) for number, vector in enumerate(vectors)]

    async def pages() -> AsyncIterator[list[IndexRow]]:
        for start in range(0, len(rows), 1_000):
            yield rows[start : start + 1_000]

    await index.fill(pages())
    await index.tidy()
    for number in (0, 1_234, 4_199):
        hits = await index.search(vectors[number : number + 1], [], embedder_id="random", wanted=Scope(), limit=40)
        assert hits is not None
        assert f"rev entry {number}" in hits.revision_ids


def _row(name: str, vector: bytes) -> IndexRow:
    return IndexRow(entry_id=name, revision_id=f"rev {name}", vector=vector, words=name, names=name, scope=Scope())


def _harm(folder: Path, harm: str) -> None:
    if harm == "gone":
        shutil.rmtree(folder)
        return
    parts = {"data": "data", "versions": "_versions", "cut": ""}[harm]
    for file in folder.rglob("*"):
        if file.is_file() and parts in str(file.relative_to(folder)):
            content = file.read_bytes()
            file.write_bytes(content[: len(content) // 2] if harm == "cut" else b"\x00garbage" * 40)
