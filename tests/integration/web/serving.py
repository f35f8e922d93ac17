"""The application behind a real server on loopback, in a thread with an event loop of its own: for clients that can't await."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from tests.integration.web.door import OURS, Door
from vigil.clock import CountingIds, ManualClock, SystemClock
from vigil.guard.access import Scope
from vigil.settings import Settings
from vigil.store.store import Store


@dataclass
class Served:
    """Where the application listens, a token of each scope, and a ticket, a decision and a webhook that are there."""

    url: str = ""
    ticket_id: str = ""
    decision_id: str = ""
    webhook_id: str = ""
    webhook_secret: str = ""
    tokens: dict[Scope, str] = field(default_factory=dict)


class Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


async def _serve(folder: Path, served: Served, ready: threading.Event, over: threading.Event) -> None:
    clock, ids = ManualClock(SystemClock().now()), CountingIds()  # a time at which other programs can sign
    store = await Store.open(f"sqlite:///{folder / 'vigil.sqlite3'}", durable=False)
    door = await Door.open(store, clock, ids, settings=Settings(home=folder))
    await door.write("How do I pay?", room="T-1", name="m1")
    await door.write("Thanks.", room="T-1", name="m2")
    config = uvicorn.Config(door.app, port=0, log_config=None, ws="none", server_header=False)
    server = Announcing(config)
    serving = asyncio.create_task(server.serve())
    await server.listening.wait()
    port: int = server.servers[0].sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}"
    served.tokens = {scope: door.tokens[OURS, scope] for scope in Scope}
    decision = (await door.decisions())[0]
    served.ticket_id, served.decision_id = decision.ticket_id or "", decision.id
    webhook = await door.administration.create_integration(
        OURS, name="desk", post_url=None, asserts_roles=True, by="test"
    )
    served.webhook_id, served.webhook_secret = webhook.id, webhook.secret
    ready.set()
    await asyncio.to_thread(over.wait)
    server.should_exit = True
    await serving
    await door.client.aclose()
    await store.close()


@contextmanager
def serving(folder: Path) -> Generator[Served]:
    """The application with a ticket and two decisions in it, for as long as the block lasts."""
    served, ready, over = Served(), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, served, ready, over)))
    thread.start()
    try:
        assert ready.wait(60), "the server did not start"
        yield served
    finally:
        over.set()
        thread.join(30)
