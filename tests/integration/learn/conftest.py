"""A desk that learns."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.learn.school import School, W
from vigil.clock import CountingIds, ManualClock
from vigil.domain.workspace import Workspace
from vigil.runtime.administration import Administration
from vigil.store.store import Store


@pytest.fixture
async def school(store: Store, clock: ManualClock, ids: CountingIds) -> AsyncIterator[School]:
    await Administration(store=store, clock=clock, ids=ids).create_workspace(Workspace(id=W, name="Acme"), by="test")
    made = School(store=store, clock=clock, ids=ids)
    yield made
    await made.knowledge.close()
