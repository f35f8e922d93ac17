"""Knowledge and insight in a real Chromium: a document goes in while the page shows how far it is, an entry is changed, much of it by keys;
and what documents say runs nowhere."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Desk, opened
from tests.browser.test_console import PAYLOADS
from tests.integration.web.door import OURS
from vigil.domain.account import Part
from vigil.domain.knowledge import Draft

pytestmark = pytest.mark.browser


async def test_a_document_is_added_found_and_changed(desk: Desk, tmp_path: Path) -> None:
    analyst = await desk.window(Part.ANALYST)
    path = tmp_path / "guide.md"
    path.write_text("# Guide\n\n## Restore\n\nOpen *Backups*, choose one, then **Restore**.\n")
    await analyst.goto("/knowledge/documents")
    await analyst.set_input_files("[name=files]", path)
    await analyst.get_by_role("button", name="Add", exact=True).click()
    await expect(analyst.locator("#uploads")).to_contain_text("1 passages are new or changed")
    await expect(analyst.locator("#rows > li")).to_have_count(1)
    await analyst.keyboard.press("g")
    await analyst.keyboard.press("k")
    await expect(analyst).to_have_url(f"{desk.url}/knowledge")
    await analyst.keyboard.press("/")
    await analyst.keyboard.type("restore a backup")
    await analyst.keyboard.press("Enter")
    await expect(analyst.locator("#rows .e-words").first).to_contain_text("Open Backups, choose one, then Restore.")
    await analyst.locator("#rows a").first.focus()
    await analyst.keyboard.press("Enter")
    await analyst.get_by_role("link", name="Edit").click()
    await analyst.get_by_label("The answer").fill("Open *Backups*, choose one, then **Bring back**.")
    await analyst.get_by_role("button", name="Save as a new revision").click()
    await expect(analyst.locator(".diff ins").first).to_have_text("Bring back")
    await analyst.locator(".steps summary").click()
    await analyst.get_by_role("button", name="Bring it back").click()
    await expect(analyst.locator(".prose strong")).to_have_text("Restore")
    await expect(analyst.locator(".steps > li")).to_have_count(3)
    assert desk.problems == []


async def test_a_number_leads_to_its_decisions(desk: Desk) -> None:
    customer, viewer = await desk.window(None), await desk.window(Part.VIEWER)
    await opened(desk, customer)
    await viewer.goto("/insight")
    await expect(viewer.locator("svg.chart")).to_have_count(6)
    await viewer.locator(".big a").first.click()
    await expect(viewer.locator(".sieve")).to_contain_text("1 decision in 1 ticket")
    await viewer.locator("#rows a").first.click()
    await expect(viewer.locator(".story")).to_contain_text("Vigil chose")
    assert desk.problems == []


async def test_what_documents_say_runs_nowhere(desk: Desk) -> None:
    drafts = [
        Draft(key=each, title=each, question=each, answer=f"{each}\n\n**x** {each}", conditions=each, aliases=(each,))
        for each in PAYLOADS
    ]
    await desk.door.knowledge.publish(OURS, drafts, by="test", summary=PAYLOADS[1])
    admin = await desk.window(Part.ADMIN)
    entries = await desk.door.knowledge.entries(OURS)
    for path in (
        "/knowledge",
        "/knowledge/versions",
        "/knowledge/versions/1",
        *(f"/knowledge/entries/{each.entry_id}" for each in entries),
    ):
        await admin.goto(path)
        assert await admin.title() != "owned"
        assert await admin.locator("iframe, [onerror], [onload], [onfocus], [hx-trigger=load], #main img").count() == 0
        assert await admin.locator("a[href^='javascript']").count() == 0
    assert desk.problems == []
