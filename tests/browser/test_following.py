"""Follow-ups, progress and the workload in a real Chromium: a card with keys, a panel that keeps up, and pages that fit."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Desk
from tests.browser.test_console import opened, write
from tests.integration.web.door import OURS
from vigil.domain.account import Part
from vigil.store.followups import FollowUpFilter

pytestmark = pytest.mark.browser

HOUR = timedelta(hours=1)


async def states(desk: Desk) -> list[str]:
    found = await desk.door.tracking.follow_ups.find(OURS, FollowUpFilter(states=()))
    return [each.state for each in found]


async def test_a_follow_up_is_a_card_with_keys(desk: Desk) -> None:
    customer, analyst = await desk.window(None), await desk.window(Part.ANALYST)
    address = await opened(desk, customer, text="Where is my invoice for May, please? It is not in the console")
    await analyst.goto(address)
    await expect(analyst.locator(".panel")).to_contain_text("The desk's turn")
    await desk.door.pass_time(HOUR)
    card = analyst.locator(".suggestion.follow_up.open")
    await expect(card).to_contain_text("The customer's question has waited for 60 minutes")
    await analyst.goto("/desk")
    await expect(analyst.locator("#rows")).to_contain_text("Question waits")
    await analyst.goto(address)
    await analyst.keyboard.press("z")
    await card.get_by_role("button", name="In an hour").click()
    await expect(card).to_have_count(0)
    await desk.door.pass_time(2 * HOUR)
    await expect(card).to_have_count(1)
    await analyst.keyboard.press("d")
    await expect(card).to_have_count(0)
    await expect(analyst.locator(".verdict").last).to_contain_text("Seen to · Kim Sato")
    assert await states(desk) == ["done"]
    assert desk.problems == []


async def test_sending_a_follow_up_settles_it(desk: Desk) -> None:
    customer, analyst = await desk.window(None), await desk.window(Part.ANALYST)
    address = await opened(desk, customer, text="Where is my invoice for May, please? It is not in the console")
    await desk.door.pass_time(HOUR)
    await analyst.goto(address)
    await expect(analyst.locator(".suggestion.follow_up.open")).to_have_count(1)
    await analyst.keyboard.press("s")
    await expect(customer.locator("#thread")).to_contain_text("Sorry for the wait")
    await expect(analyst.locator(".suggestion.follow_up.open")).to_have_count(0)
    assert (await states(desk))[0] == "sent"
    assert desk.problems == []


async def test_the_panel_keeps_up_and_tells_the_ticket(desk: Desk) -> None:
    customer, analyst = await desk.window(None), await desk.window(Part.ANALYST)
    await analyst.goto(
        await opened(desk, customer, text="Where is my invoice for May, please? It is not in the console")
    )
    panel = analyst.locator(".panel")
    await expect(panel).to_contain_text("Where is my invoice for May")
    await write(analyst, "Which of your two accounts is it?")
    await expect(panel).to_contain_text("The customer's turn")
    await panel.get_by_text("For who takes over").click()
    await expect(panel.locator(".told")).to_contain_text("The customer wants")
    assert desk.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_its_pages_fit(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    customer, lead = await desk.window(None, **options), await desk.window(Part.VIEWER, **options)
    address = await opened(desk, customer, name="Maximiliana " * 6, text=f"{'unbreakable' * 30} Where is my invoice?")
    await desk.door.pass_time(HOUR)
    for path in ("/workload", "/desk", address):
        await lead.goto(path)
        assert await lead.evaluate("document.documentElement.scrollWidth") == width, path
        if path == address and width == 390:
            await lead.get_by_text("How it stands").click()
            await expect(lead.locator(".panel")).to_be_visible()
    assert desk.problems == []
