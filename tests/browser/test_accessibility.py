"""Every page of the console under axe-core, at both widths and in both colour schemes. A new page is one line in `PAGES`."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk, opened, running, write
from tests.browser.test_settings import furnish
from tests.integration.web.door import OURS
from vigil.domain.account import Part
from vigil.domain.knowledge import Draft
from vigil.web.console.tour import Step, Tour

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page as somebody sees it."""

    path: str
    """`{ticket}`, `{chat}`, `{invitation}` and `{reset}` stand for a ticket's page, a customer's chat and two kinds of links."""
    part: Part | None
    """Who looks; None is a customer, or whoever isn't signed in."""
    clicks: tuple[str, ...] = ()
    """What is clicked, one after the other, before it is looked at: selectors."""
    key: str = ""
    """And what is pressed after that."""


PAGES = (
    Place(path="/sign-in", part=None),
    Place(path="{invitation}", part=None),
    Place(path="/nowhere-at-all", part=Part.VIEWER),
    Place(path="/desk", part=Part.VIEWER),
    Place(path="/desk", part=Part.ANALYST),
    Place(path="/desk", part=Part.ADMIN, key="?"),
    Place(path="/desk?view=all&q=nothing+like+it", part=Part.ANALYST),
    Place(path="{ticket}", part=Part.VIEWER),
    Place(path="{ticket}", part=Part.ANALYST),
    Place(
        path="{ticket}",
        part=Part.ANALYST,
        clicks=(".suggestion.open .why summary", ".suggestion.open .dismiss summary"),
    ),
    Place(path="{ticket}?edit={suggestion}", part=Part.ANALYST),
    Place(path="/people", part=Part.ADMIN, clicks=(".menu summary",)),
    Place(path="{reset}", part=None),
    Place(path="/account", part=Part.VIEWER),
    Place(path="/settings", part=Part.ADMIN),
    Place(path="/settings/topics", part=Part.ADMIN),
    Place(path="/settings/topic?key=billing", part=Part.ADMIN),
    Place(path="/settings/topic", part=Part.ADMIN),
    Place(path="/settings/hours", part=Part.ADMIN),
    Place(path="/settings/follow-ups", part=Part.ADMIN),
    Place(path="/settings/model", part=Part.ADMIN),
    Place(path="/settings/access", part=Part.ADMIN),
    Place(path="/settings/history", part=Part.ADMIN),
    Place(path="/knowledge", part=Part.VIEWER),
    Place(path="/knowledge?q=How+do+I+pay%3F", part=Part.ANALYST),
    Place(path="/knowledge/new?question=Where", part=Part.ANALYST, clicks=("#main details summary",)),
    Place(path="{entry}", part=Part.ANALYST, clicks=(".reading .sure-of-it summary", ".steps .sure-of-it summary")),
    Place(path="{entry}/edit", part=Part.ANALYST),
    Place(path="/knowledge/documents", part=Part.ADMIN),
    Place(path="/knowledge/versions", part=Part.VIEWER),
    Place(path="/knowledge/versions/2", part=Part.ADMIN),
    Place(path="/knowledge/versions/1/back", part=Part.ADMIN),
    Place(path="/knowledge/lessons", part=Part.ANALYST),
    Place(path="/knowledge/gaps", part=Part.ANALYST),
    Place(path="/insight", part=Part.VIEWER, clicks=(".charts summary",)),
    Place(path="/decisions?kind=said", part=Part.VIEWER),
    Place(path="/decisions/{suggestion}", part=Part.VIEWER),
    Place(path=f"/help/{OURS}", part=None),
    Place(path="{chat}", part=None),
)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
LOOK = """() => axe.run(document, { resultTypes: ["violations"], runOnly: { type: "tag", values: [
  "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } })"""
"""Target sizes (WCAG 2.2) are looked at only where their tag is named."""
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".top, .top nav")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => `${each.nodeName} scrolls sideways`)"""
"""What is wider than the window: the page, or its menu."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_every_page_is_accessible(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    windows = {part: await desk.window(part, **options) for part in (None, *Part)}
    names = await _furnish(desk, windows[None])
    found: list[str] = []
    for place in PAGES:
        page = windows[place.part]
        await page.goto(place.path.format(**names))
        for selector in place.clicks:
            await page.locator(selector).first.click()
        if place.key:
            await page.keyboard.press(place.key)
        told = f"{place.path} for {place.part or 'anybody'} {place.key}{' '.join(place.clicks)}"
        found += [f"{told}: {each}" for each in (*await violations(page), *await page.evaluate(SIDEWAYS))]
    assert not found, "\n".join(found)


TOUR = Tour(
    steps=(
        Step(words="People write as you watch.", address="/workload", link="See who waits", done=".nothing"),
        Step(words="Now be the customer.", address=f"/help/{OURS}", link="Write", done="", new_window=True),
    )
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_the_tour_is_accessible_and_goes_by_keys(
    chromium: str, tmp_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    async with running(chromium, tmp_path, tour=TOUR) as desk:
        page = await desk.window(Part.ADMIN, viewport={"width": width, "height": 844}, color_scheme=scheme)
        await page.goto("/desk")
        for words in [each.words for each in TOUR.steps]:
            await expect(page.locator("#tour li:visible")).to_contain_text(words)
            assert await violations(page) == []
            assert await page.evaluate(SIDEWAYS) == []
            await page.get_by_role("button", name="Next").press("Enter")
        await page.get_by_role("button", name="End the tour").press("Enter")
        await expect(page.locator("#tour")).to_have_count(0)
        assert await violations(page) == []


async def violations(page: Page) -> list[str]:
    """What axe-core objects to on a page as it stands: the rule, and where."""
    await page.evaluate(AXE)  # by the protocol, which the page's Content-Security-Policy doesn't hold
    result: dict[str, Any] = await page.evaluate(LOOK)
    return [
        f"{each['id']} at {[node['target'] for node in each['nodes']]}: {each['help']}" for each in result["violations"]
    ]


async def know(desk: Desk) -> str:
    """An entry with two revisions; its id."""
    for answer in ("Open *Billing*, then **Pay**.", "Open *Billing*, then **Pay now**, or:\n\n```sh\nvigil pay\n```"):
        draft = Draft(key="hand:pay", title="Paying", question="How do I pay?", answer=answer)
        await desk.door.knowledge.publish(OURS, [draft], by="test", summary="for a look")
    return (await desk.door.knowledge.entries(OURS))[0].entry_id


async def _furnish(desk: Desk, customer: Page) -> dict[str, str]:
    """A ticket with an answer that lies ready, a silence and one that was sent; and where it is."""
    ticket = await opened(desk, customer)
    analyst = await desk.window(Part.ANALYST)
    await analyst.goto(ticket)
    await expect(analyst.locator(".suggestion.open")).to_have_count(1)
    await analyst.keyboard.press("s")
    await expect(analyst.locator(".mark")).to_have_count(1)
    await write(customer, "Thank you")
    await write(customer, "And how do I get a refund?")
    await expect(analyst.locator(".suggestion.open")).to_have_count(1)
    await write(analyst, "One moment")
    await expect(analyst.locator(".line")).to_have_count(5)
    await write(analyst, "@vigil what did we tell them? One moment?")
    await expect(analyst.locator(".asked")).to_have_count(1)
    suggestion = await analyst.locator(".suggestion.open").get_attribute("id") or ""
    _, secret = await desk.door.sign_ins.invite(OURS, Part.VIEWER, note="Jonas, second line", by="test")
    reset = await desk.door.recovery.link(OURS, (await desk.door.sign_ins.people(OURS))[0].id, by="test")
    await furnish(desk)
    entry = await know(desk)
    return {
        "entry": f"/knowledge/entries/{entry}",
        "ticket": ticket,
        "suggestion": suggestion.removeprefix("s-"),
        "chat": customer.url,
        "invitation": f"/join/{secret}",
        "reset": f"/reset/{reset}",
    }
