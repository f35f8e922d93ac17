"""A day of an analyst's by keys alone; a live update takes no focus away, and what is to be still stays still."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PASSWORD, SHIFTS, Desk, opened, write
from tests.integration.web.door import ANSWER, OURS
from vigil.domain.account import Part
from vigil.domain.decision import OutcomeKind

pytestmark = pytest.mark.browser


async def tab_to(page: Page, name: str) -> None:
    """Go on by Tab until what has this name has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        told: str = await page.evaluate(
            "(() => { const a = document.activeElement; return a.ariaLabel || a.labels?.[0]?.innerText || a.innerText || ''; })()"
        )
        if name in told:
            return
    raise AssertionError(f"no Tab leads to {name!r}")


async def test_a_day_without_a_mouse(desk: Desk) -> None:
    customer = await desk.window(None)
    await opened(desk, customer, text="Hello there")
    _, secret = await desk.door.sign_ins.invite(OURS, Part.ANALYST, note="", by="test")
    await desk.door.sign_ins.join(secret, login="jo", name="Jo Weiss", password=PASSWORD)
    page = await desk.page(await desk.browser.new_context(base_url=desk.url))
    await page.goto("/desk")
    await page.keyboard.type("jo")  # the first field has the focus
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#rows > li")).to_have_count(1)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread")).to_contain_text("Hello there")
    await write(customer, "How do I pay?")
    await expect(page.locator(".suggestion.open")).to_have_count(1)
    await page.keyboard.press("v")
    await expect(page.locator(".suggestion .why")).to_be_visible()
    await page.keyboard.press("s")
    await expect(page.locator(".mark")).to_have_text("Suggested by Vigil")

    await write(customer, "And how do I get a refund?")
    await expect(page.locator(".suggestion.open")).to_have_count(1)
    await page.keyboard.press("e")
    await expect(page.locator("#text")).to_have_value(ANSWER)
    await page.keyboard.press("Control+a")
    await page.keyboard.type("By the same way back.")
    await page.keyboard.press("Control+Enter")
    await expect(customer.locator("#thread")).to_contain_text("By the same way back.")

    await write(customer, "What else can I do?")
    await expect(page.locator(".suggestion.open")).to_have_count(1)
    await page.keyboard.press("Escape")
    await page.keyboard.press("x")
    await page.keyboard.press("1")
    await expect(page.locator(".suggestion.open")).to_have_count(0)

    await page.keyboard.press("r")
    await page.keyboard.type("@vigil what did we tell them about the way?")
    await expect(page.get_by_role("button", name="Ask Vigil in private")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".asked")).to_contain_text("By the same way back.")
    await expect(page.locator("#text")).to_have_value("")
    assert "@vigil" not in await customer.locator("body").inner_text()

    await page.keyboard.press("Escape")
    await tab_to(page, "Vigil said nothing")
    await page.keyboard.press("Enter")
    await expect(page.locator(".why[open] .story")).to_contain_text("Vigil chose silent")
    await page.locator(".skip").focus()
    for name, shown in (("Take it", "Leave it"), ("Mute Vigil", "Vigil is muted"), ("Resolve", "Reopen")):
        await tab_to(page, name)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name=shown)).to_be_visible()
        await page.locator(".skip").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await expect(page).to_have_url(f"{desk.url}/desk")
    outcomes = [
        outcome.kind
        for each in await desk.door.decisions()
        for outcome in (await desk.door.desk.decision(OURS, each.id)).outcomes
    ]
    assert outcomes == [OutcomeKind.ADOPTED, OutcomeKind.EDITED, OutcomeKind.DISMISSED]
    assert desk.problems == []


async def test_a_live_update_takes_no_focus_and_moves_nothing(desk: Desk) -> None:
    customer, page = await desk.window(None), await desk.window(Part.ANALYST)
    address = await opened(desk, customer)
    await page.add_init_script(SHIFTS)
    await page.goto(address)
    await expect(page.locator(".suggestion.open")).to_have_count(1)
    for number, place in enumerate((".suggestion.open [data-key=s]", ".dismiss summary", "#do-mute", "#text", ".back")):
        goal = page.locator(place).first
        await goal.focus()
        await write(customer, f"One more thing, number {number}?")
        await expect(page.locator(".suggestion.open")).to_have_count(number + 2)
        await expect(goal).to_be_focused()
    assert sum(await page.evaluate("window.shifts")) == 0
    assert desk.problems == []


async def test_a_suggestion_beside_an_older_message_moves_nothing(desk: Desk) -> None:
    """It comes when others have written on: what they wrote stays where somebody is reading it."""
    customer, page = await desk.window(None), await desk.window(Part.ANALYST)
    await page.add_init_script(SHIFTS)
    await page.goto(await opened(desk, customer, text="Hello there"))
    desk.sends.clear()
    await write(customer, "How do I pay?")
    await write(customer, "It is for the whole team")
    await expect(page.locator(".text").last).to_have_text("It is for the whole team")
    before = await page.locator(".text").last.bounding_box()
    desk.door.clock.advance(timedelta(seconds=1))
    desk.sends.set()
    await desk.door.send_due()
    await expect(page.locator(".suggestion.open")).to_have_count(1)
    assert await page.locator(".text").last.bounding_box() == before
    assert sum(await page.evaluate("window.shifts")) == 0


async def test_what_is_still_stays_still(desk: Desk) -> None:
    """Reduced motion: nothing is animated. And without it nothing is animated for long."""
    for motion, most in (("reduce", 0.0), ("no-preference", 0.2)):
        page = await desk.window(Part.ADMIN, reduced_motion=motion)
        await page.goto("/desk")
        longest: float = await page.evaluate(
            """Math.max(...[...document.querySelectorAll("*")].flatMap((each) => {
              const style = getComputedStyle(each);
              return [style.transitionDuration, style.animationDuration].flatMap((all) => all.split(",").map(parseFloat));
            }))"""
        )
        assert longest <= most
