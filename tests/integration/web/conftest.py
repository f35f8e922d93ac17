"""An application to knock at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.web.door import Door
from vigil.clock import CountingIds, ManualClock
from vigil.settings import Settings
from vigil.store.store import Store


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store that doesn't wait for the disk: what is tested here is what is in front of it."""
    opened = await Store.open(database_url, durable=False)
    yield opened
    await opened.close()


@pytest.fixture
async def door(store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path) -> AsyncIterator[Door]:
    settings = Settings(home=tmp_path, max_request_bytes=100_000, fetch_max_bytes=200_000)
    opened = await Door.open(store, clock, ids, settings=settings)
    yield opened
    await opened.client.aclose()
