"""`/healthz`, `/readyz` and `/metrics`: what a process shows of itself, and that each failing part is named."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from tests.integration.web.door import OURS, Door
from vigil.clock import CountingIds
from vigil.domain.workspace import Workspace
from vigil.knowledge.base import Readiness
from vigil.runtime import health
from vigil.runtime.health import Health
from vigil.store.store import Store
from vigil.web.watch import Watch, observability_application

READY = Readiness(ready=True, note="3 entries")


class Index:
    """Says what it was told to, or nothing for a while."""

    def __init__(self, **said: Readiness) -> None:
        self.said = said
        self.asked: list[str] = []
        self.hangs: asyncio.Event | None = None

    async def ready_check(self, workspace: str) -> Readiness:
        self.asked.append(workspace)
        if self.hangs is not None:
            await self.hangs.wait()
        return self.said.get(workspace, READY)


@asynccontextmanager
async def watched(checks: Health) -> AsyncGenerator[httpx2.AsyncClient]:
    app = observability_application(Watch(health=checks, metrics=None), CountingIds())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://vigil.test") as client:
        yield client


async def test_all_parts_are_named_and_ready(door: Door) -> None:
    async with watched(Health(store=door.store, knowledge=door.knowledge, model_last=None)) as client:
        assert (await client.get("/healthz")).json()["status"] == "alive"
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert {name: check["status"] for name, check in answer.json()["checks"].items()} == {
        "database": "ok",
        "index": "ok",
        "model": "ok",
    }


async def test_an_index_that_does_not_find_what_it_holds_is_named_with_its_workspace(door: Door) -> None:
    index = Index(acme=Readiness(ready=False, note="the search index does not find what it holds"))
    async with watched(Health(store=door.store, knowledge=index, model_last=None)) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["index"] == {
            "status": "failed",
            "detail": f"workspace {OURS}: the search index does not find what it holds",
        }
        assert (await client.get("/healthz")).status_code == 200


async def test_a_database_that_is_away_is_named_and_its_address_is_not(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/secret-name.sqlite3")
    async with store.write("acme") as session:
        await session.connection.exec_driver_sql("DROP TABLE workspaces")
    checks = Health(store=store, knowledge=Index(), model_last=None)
    async with watched(checks) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["index"]["status"] == "failed"
    assert "secret-name" not in answer.text
    await store.close()


async def test_a_part_that_hangs_is_named_in_time_and_asked_once(door: Door) -> None:
    index = Index()
    index.hangs = asyncio.Event()
    checks = Health(store=door.store, knowledge=index, model_last=None, patience_s=0.05)
    async with watched(checks) as client:
        for _ in range(3):
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["checks"]["index"]["detail"] == "no answer within 0.05 s"
        assert len(index.asked) == 1
        index.hangs.set()
        await checks.close()
        assert (await client.get("/readyz")).status_code == 200


async def test_without_its_model_a_process_is_degraded_and_ready(door: Door) -> None:
    async with watched(Health(store=door.store, knowledge=Index(), model_last=lambda: "timeout")) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["model"] == {
        "status": "failed",
        "detail": "the last call had no answer in time; answers are quoted meanwhile",
    }


async def test_with_many_workspaces_each_look_goes_on_where_the_last_one_ended(door: Door) -> None:
    for number in range(20):
        await door.administration.create_workspace(Workspace(id=f"w-{number:02}", name="W"), by="test")
    index = Index()
    checks = Health(store=door.store, knowledge=index, model_last=None)
    for _ in range(3):
        assert (await checks.report()).ready
    assert len(index.asked) == 3 * health.INDEXES_AT_ONCE
    assert len(set(index.asked)) == 22


async def test_the_doors_answer_the_same_and_nothing_is_counted_where_nobody_asked(door: Door) -> None:
    assert (await door.client.get("/readyz")).status_code == 404  # this door is watched by nobody
    async with watched(Health(store=door.store, knowledge=Index(), model_last=None)) as client:
        assert (await client.get("/metrics")).status_code == 404
