"""Nothing of an index stays where it is no longer wanted: after a restore, and after another embedder was set."""

import os
from pathlib import Path

from sqlalchemy import delete

from tests.integration.knowledge.shelves import W, entry, publish, workspace
from vigil.clock import CountingIds, ManualClock
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.lance import LanceShelf
from vigil.store.store import Store
from vigil.store.tables import indexes
from vigil.testing.embedder import HashEmbedder


def base(
    store: Store, folder: Path, clock: ManualClock, ids: CountingIds, *, dimensions: int, index_from: int
) -> KnowledgeBase:
    return KnowledgeBase(
        store=store,
        embedder=HashEmbedder(dimensions=dimensions),
        shelf=LanceShelf(str(folder)),
        clock=clock,
        ids=ids,
        index_from=index_from,
    )


def holds(folder: Path, word: str) -> bool:
    paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    return any(word.encode() in path.read_bytes() for path in paths)


async def test_an_index_from_before_a_restore_is_cleared(
    store: Store, tmp_path: Path, clock: ManualClock, ids: CountingIds
) -> None:
    await workspace(store, W)
    before = base(store, tmp_path / "index", clock, ids, dimensions=64, index_from=0)
    await publish(before, entry("a", "the word is qqmarker"))
    await before.reindex(W)
    assert holds(tmp_path / "index", "qqmarker")
    async with store.write(W) as session:  # the table of indexes is in no backup
        await session.execute(delete(indexes).where(indexes.c.workspace_id == W))
    after = base(store, tmp_path / "index", clock, ids, dimensions=64, index_from=500)
    assert await after.forget_index(W) == 1
    assert not holds(tmp_path / "index", "qqmarker")
    assert [candidate.text for candidate in (await after.search(W, "qqmarker")).candidates] == ["the word is qqmarker"]


async def test_an_index_of_a_former_embedder_is_forgotten(
    store: Store, tmp_path: Path, clock: ManualClock, ids: CountingIds
) -> None:
    await workspace(store, W)
    former = base(store, tmp_path / "index", clock, ids, dimensions=64, index_from=0)
    await publish(former, entry("a", "the word is qqmarker"))
    await former.reindex(W)
    present = base(store, tmp_path / "index", clock, ids, dimensions=128, index_from=0)
    await publish(present, entry("a", "another word"))
    await present.reindex(W)
    assert holds(tmp_path / "index", "qqmarker")
    assert await present.forget_index(W) == 1
    assert not holds(tmp_path / "index", "qqmarker")
    assert await present.forget_index(W) == 1  # and again
