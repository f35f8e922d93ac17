"""A workspace with a knowledge base that stands on a real database, with a small embedder and an index in memory."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.knowledge.shelves import W, workspace
from vigil.clock import CountingIds, ManualClock
from vigil.knowledge.base import KnowledgeBase
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder
from vigil.testing.index import MemoryShelf


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder(dimensions=256)


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture
async def kb(
    store: Store, embedder: HashEmbedder, shelf: MemoryShelf, clock: ManualClock, ids: CountingIds
) -> AsyncIterator[KnowledgeBase]:
    """A knowledge base that indexes from the first entry on, when it is told to (`catch_up`) or closed."""
    await workspace(store, W)
    base = KnowledgeBase(store=store, embedder=embedder, shelf=shelf, clock=clock, ids=ids, index_from=0)
    yield base
    await base.close()
