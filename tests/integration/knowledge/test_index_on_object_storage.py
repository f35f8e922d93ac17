"""The index in a bucket, where several processes on several machines share it: against moto's S3 server, over real HTTP on this machine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from tests.integration.knowledge.shelves import W, answers, entry, publish, workspace
from vigil.clock import CountingIds, ManualClock
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.lance import LanceShelf
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder

DRAFTS = [entry(f"page {number}", f"what to do about topic{number} and thing{number}") for number in range(30)]
PLACE = "s3://vigil/index"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an S3 server that has a bucket called ``vigil``."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    address = f"http://127.0.0.1:{port}"
    httpx2.put(f"{address}/vigil").raise_for_status()
    yield address
    server.stop()


@pytest.fixture
def place(bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set up as docs/how-to/run-on-many.md says."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", bucket)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    return PLACE


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'vigil.sqlite3'}", durable=False)
    yield opened
    await opened.close()


def base_on(place: str, store: Store, embedder: HashEmbedder, clock: ManualClock, ids: CountingIds) -> KnowledgeBase:
    return KnowledgeBase(store=store, embedder=embedder, shelf=LanceShelf(place), clock=clock, ids=ids, index_from=0)


async def test_what_one_process_writes_another_one_finds(
    place: str, store: Store, embedder: HashEmbedder, clock: ManualClock, ids: CountingIds
) -> None:
    await workspace(store, W)
    one = base_on(place, store, embedder, clock, ids)
    other = base_on(place, store, embedder, clock, ids)
    await publish(one, *DRAFTS)
    await one.reindex(W)
    assert (await answers(other, "about topic17"))[0] == DRAFTS[17].answer
    assert "indexed up to version 1 of 1" in (await other.ready_check(W)).note

    await publish(one, entry("page 3", "what to do about otherwise3"), retire=("page 4",))
    await one.close()  # what is still to be brought into the index is
    found = await answers(other, "topic4 thing4 otherwise3")
    assert found[0] == "what to do about otherwise3"
    assert DRAFTS[4].answer not in found


async def test_a_bucket_that_is_gone_leaves_the_searches_to_sql(
    place: str,
    store: Store,
    embedder: HashEmbedder,
    clock: ManualClock,
    ids: CountingIds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await workspace(store, W)
    filled = base_on(place, store, embedder, clock, ids)
    await publish(filled, *DRAFTS)
    await filled.reindex(W)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    cut_off = base_on("s3://vigil/index", store, embedder, clock, ids)
    assert (await answers(cut_off, "about topic17"))[0] == DRAFTS[17].answer
