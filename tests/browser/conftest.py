"""A real Chromium, and a console to look at: a server on loopback whose assist is scripted, a worker beside it, and people."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.conftest import missing
from tests.integration.web.door import OURS, Door
from tests.integration.web.serving import Announcing
from vigil.clock import CountingIds, ManualClock, SystemClock
from vigil.domain.account import Part
from vigil.settings import Settings
from vigil.store.store import Store
from vigil.web.console.tour import Tour

PASSWORD = "correct horse battery"
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((each) => each.value)))
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("no Chromium: install the package `chromium`")
    return path


@dataclass
class Desk:
    """The console, and what went wrong on any of its pages."""

    door: Door
    url: str
    browser: Browser
    problems: list[str] = field(default_factory=list[str])
    sends: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: what Vigil wants to say waits."""

    async def window(self, part: Part | None, **options: Any) -> Page:
        """Somebody's browser; None is a customer, who plays beside whoever is signed in."""
        context = await self.browser.new_context(base_url=self.url, **options)
        if part is not None:
            await self._join(context, part)
        return await self.page(context)

    async def page(self, context: BrowserContext) -> Page:
        """One more window of a browser."""
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        return page

    async def _join(self, context: BrowserContext, part: Part) -> None:
        _, secret = await self.door.sign_ins.invite(OURS, part, note="", by="test")
        number = len(await self.door.sign_ins.people(OURS))
        kept = await self.door.sign_ins.join(secret, login=f"kim{number}", name="Kim Sato", password=PASSWORD)
        await context.add_cookies([{"name": "vigil_visit", "value": kept, "url": self.url}])


@pytest.fixture
async def desk(chromium: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running(chromium, tmp_path) as started:
        yield started


@asynccontextmanager
async def running(chromium: str, home: Path, tour: Tour | None = None, **settings: Any) -> AsyncGenerator[Desk]:
    """A console that is served, a worker and a Chromium, for as long as the block lasts."""
    store = await Store.open(f"sqlite:///{home / 'vigil.sqlite3'}", durable=False)
    door = await Door.open(
        store,
        ManualClock(SystemClock().now()),
        CountingIds(),
        settings=Settings(home=home, customer_page=True, **settings),
        tour=tour,
    )
    sends = asyncio.Event()
    sends.set()
    server = Announcing(uvicorn.Config(door.app, port=0, log_config=None, ws="none", server_header=False))
    serving, working = asyncio.create_task(server.serve()), asyncio.create_task(_work(door, sends))
    await server.listening.wait()
    port: int = server.servers[0].sockets[0].getsockname()[1]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield Desk(door=door, url=f"http://127.0.0.1:{port}", browser=browser, sends=sends)
        await browser.close()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    server.should_exit = True
    await door.pulse.close()
    await serving
    await door.client.aclose()
    await store.close()


async def _work(door: Door, sends: asyncio.Event) -> None:
    while True:
        for workspace, conversation in await door.bell.wait(at_most_s=60):
            await asyncio.shield(door.drain.drain(workspace, conversation))
        if sends.is_set():
            await asyncio.shield(door.send_due())


async def opened(desk: Desk, customer: Page, *, name: str = "Maria", text: str = "How do I pay?") -> str:
    """A customer opens a ticket; returns the address at which analysts see it."""
    await customer.goto(f"/help/{OURS}")
    await customer.get_by_label("Your name").fill(name)
    await customer.get_by_label("What is it about?").fill(text)
    await customer.get_by_role("button", name="Start the chat").click()
    await expect(customer.locator(".line")).to_have_count(1)
    return f"/tickets/{(await desk.door.decisions())[-1].ticket_id}"


async def write(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.keyboard.press("Control+Enter")
