"""One process at a time works on an index, in the background; what breaks on the way is tried again. On both databases."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.knowledge.shelves import W, answers, entry, publish, workspace
from vigil.clock import CountingIds, ManualClock
from vigil.errors import Conflict
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.index import IndexRow
from vigil.knowledge.indexer import LEASE_S, TIDY_EVERY
from vigil.store.indexes import Indexes
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder
from vigil.testing.index import MemoryIndex, MemoryShelf


async def _caught_up(
    store: Store, embedder: HashEmbedder, name: str = W, *, filled: Callable[[], bool] = lambda: True
) -> None:
    """Wait until the background work is done."""
    while True:
        async with store.read(name) as session:
            progress = await Indexes(session, embedder.id).progress()
        if progress.watermark == progress.version and filled():
            return
        await asyncio.sleep(0)


async def test_the_background_work_takes_in_what_is_published(
    kb: KnowledgeBase, store: Store, embedder: HashEmbedder, shelf: MemoryShelf
) -> None:
    await kb.open()
    await publish(kb, entry("vpn", "Install the client."), entry("mail", "Open the settings."))
    await _caught_up(store, embedder)
    await publish(kb, entry("vpn", "Install the new client."), retire=("mail",))
    await _caught_up(store, embedder)
    (index,) = shelf.indexes.values()
    assert index.rows is not None
    assert [row.words for row in index.rows.values()] == ["vpn install new client"]
    assert index.fillings == 1


async def test_every_workspace_is_worked_on(
    kb: KnowledgeBase, store: Store, embedder: HashEmbedder, shelf: MemoryShelf
) -> None:
    await workspace(store, "globex")
    await publish(kb, entry("vpn", "Install the client."))
    await kb.publish("globex", [entry("vpn", "Ask the reception.")], by="ada", summary="")
    await kb.open()
    await _caught_up(store, embedder)
    await _caught_up(store, embedder, "globex")
    assert {name for name, _ in shelf.indexes} == {W, "globex"}


async def test_while_another_process_holds_the_index_this_one_keeps_off(
    kb: KnowledgeBase, store: Store, embedder: HashEmbedder, clock: ManualClock
) -> None:
    await publish(kb, entry("vpn", "Install the client."))
    async with store.write(W) as session:
        assert await Indexes(session, embedder.id).claim("another", at=clock.now(), seconds=LEASE_S) is not None
    with pytest.raises(Conflict, match="Another process"):
        await kb.reindex(W)
    assert await answers(kb, "install the client") == ["Install the client."]
    clock.advance(timedelta(seconds=LEASE_S))
    assert await kb.reindex(W) == 1


class TakenOver(MemoryIndex):
    """An index whose filling takes so long that another process takes the index over."""

    def __init__(self, store: Store, embedder: HashEmbedder, clock: ManualClock) -> None:
        super().__init__(embedder.id, embedder.dimensions)
        self._store = store
        self._clock = clock

    async def fill(self, pages: object) -> None:
        self._clock.advance(timedelta(seconds=LEASE_S))
        async with self._store.write(W) as session:
            await Indexes(session, self.embedder_id).claim("another", at=self._clock.now(), seconds=LEASE_S)
        self.rows = dict[str, IndexRow]()


async def test_who_lost_the_lease_does_not_move_the_watermark(
    kb: KnowledgeBase, store: Store, embedder: HashEmbedder, shelf: MemoryShelf, clock: ManualClock
) -> None:
    shelf.indexes[(W, embedder.id)] = TakenOver(store, embedder, clock)
    await publish(kb, entry("vpn", "Install the client."))
    with pytest.raises(Conflict):
        await kb.reindex(W)
    async with store.read(W) as session:
        assert (await Indexes(session, embedder.id).progress()).watermark == 0
    assert await answers(kb, "install the client") == ["Install the client."]


async def test_a_lost_index_is_told_of_and_filled_again(
    kb: KnowledgeBase, store: Store, embedder: HashEmbedder, shelf: MemoryShelf
) -> None:
    await publish(kb, entry("vpn", "Install the client."))
    await kb.reindex(W)
    (index,) = shelf.indexes.values()
    index.lose()
    assert await answers(kb, "install the client") == ["Install the client."]
    assert not (await kb.ready_check(W)).ready
    await kb.open()
    await _caught_up(store, embedder, filled=lambda: index.fillings == 2)
    assert (await kb.ready_check(W)).ready


async def test_an_index_that_lost_a_row_is_told_of(kb: KnowledgeBase, shelf: MemoryShelf) -> None:
    await publish(kb, entry("vpn", "Install the client."))
    await kb.reindex(W)
    (index,) = shelf.indexes.values()
    index.rows = {}
    readiness = await kb.ready_check(W)
    assert (readiness.ready, "being filled again" in readiness.note) == (False, True)


async def test_after_many_writes_the_index_is_tidied(kb: KnowledgeBase, shelf: MemoryShelf) -> None:
    await publish(kb, entry("first", "text"))
    await kb.reindex(W)
    for number in range(TIDY_EVERY):
        await publish(kb, entry("again", f"text {number}"))
        await kb.close()
    (index,) = shelf.indexes.values()
    assert index.tidied == 1


async def test_a_small_workspace_has_no_index_and_is_ready(
    store: Store, embedder: HashEmbedder, shelf: MemoryShelf, clock: ManualClock, ids: CountingIds
) -> None:
    await workspace(store, W)
    base = KnowledgeBase(store=store, embedder=embedder, shelf=shelf, clock=clock, ids=ids)
    await base.open()
    await publish(base, entry("vpn", "Install the client."))
    assert await answers(base, "install the client") == ["Install the client."]
    assert await base.reindex(W) == 1
    await base.close()
    assert shelf.indexes == {}
    assert (await base.ready_check(W)).ready
