"""A house to test the runtime in."""

import pytest

from tests.integration.runtime.house import EverythingStands, House, W
from vigil.clock import CountingIds, ManualClock
from vigil.domain.workspace import Workspace
from vigil.runtime.administration import Administration
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.store.store import Store
from vigil.testing.channel import MemoryChannel


@pytest.fixture
async def house(store: Store, clock: ManualClock, ids: CountingIds) -> House:
    administration = Administration(store=store, clock=clock, ids=ids)
    await administration.create_workspace(Workspace(id=W, name="Acme"), by="test")
    bell = Bell()
    return House(
        store=store,
        clock=clock,
        ids=ids,
        desk=Desk(store=store, clock=clock, ids=ids, bell=bell),
        administration=administration,
        channel=MemoryChannel(),
        standing=EverythingStands(),
        bell=bell,
    )
