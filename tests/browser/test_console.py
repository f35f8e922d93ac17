"""The console in a real Chromium: it keeps up without moving what somebody looks at; each suggestion has its keys; what strangers write
runs nowhere; every page fits a phone in both colour schemes."""

from typing import Any, Literal

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PASSWORD, SHIFTS, Desk, opened, write
from tests.integration.web.door import ANSWER, OURS
from vigil.domain.account import Part
from vigil.domain.decision import OutcomeKind

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"alert('owned')\">",
    "\"><svg onload=alert('owned')>",
    "' autofocus onfocus=alert('owned') x='",
    "<a href=\"javascript:alert('owned')\">click</a>",
    "<iframe srcdoc=\"<script>parent.alert('owned')</script>\"></iframe>",
    "<div hx-get=/sign-out hx-trigger=load>x</div>",
    "{{ 7 * 7 }}${7 * 7}<%= 7 * 7 %>",
    "</textarea></title><script>alert('owned')</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert('owned')>",
)


async def test_two_windows_a_suggestion_and_one_key(desk: Desk) -> None:
    customer, analyst = await desk.window(None), await desk.window(Part.ANALYST)
    address = await opened(desk, customer, text="Hello there")
    await analyst.add_init_script(SHIFTS)
    await analyst.goto(address)
    await expect(analyst.locator(".line")).to_have_count(1)
    await analyst.locator("#text").fill("Half a sen")
    await write(customer, "How do I pay?")
    card = analyst.locator(".suggestion.open")
    await expect(card).to_contain_text(ANSWER)
    await expect(analyst.locator("#text")).to_be_focused()
    await expect(analyst.locator("#text")).to_have_value("Half a sen")
    assert sum(await analyst.evaluate("window.shifts")) == 0
    assert ANSWER not in await customer.locator("#thread").inner_text()
    await analyst.keyboard.press("Escape")
    await analyst.keyboard.press("s")
    await expect(analyst.locator(".mark")).to_have_text("Suggested by Vigil")
    await expect(customer.locator("#thread")).to_contain_text(ANSWER)
    await expect(analyst.locator("#text")).to_have_value("Half a sen")
    assert desk.problems == []


async def test_a_suggestion_is_edited_and_another_dismissed_by_keys(desk: Desk) -> None:
    customer, analyst = await desk.window(None), await desk.window(Part.ANALYST)
    await analyst.goto(await opened(desk, customer))
    await expect(analyst.locator(".suggestion.open")).to_have_count(1)
    await analyst.keyboard.press("e")
    await expect(analyst.locator("#text")).to_have_value(ANSWER)
    await write(analyst, "The blue button.")
    await expect(customer.locator("#thread")).to_contain_text("The blue button.")
    await expect(analyst.locator("#text")).to_have_value("")
    await write(customer, "And how do I get a refund?")
    await expect(analyst.locator(".suggestion.open")).to_have_count(1)
    await analyst.keyboard.press("Escape")
    await analyst.keyboard.press("x")
    await expect(analyst.locator(".reasons button").first).to_be_focused()
    await analyst.keyboard.press("2")
    await expect(analyst.locator(".verdict").last).to_contain_text("Dismissed: Not what was asked")
    decisions = [each for each in await desk.door.decisions() if each.answer]
    kinds = [(await desk.door.desk.decision(OURS, each.id)).outcomes[0].kind for each in decisions]
    assert kinds == [OutcomeKind.EDITED, OutcomeKind.DISMISSED]
    assert desk.problems == []


async def test_the_desk_keeps_its_rows_where_they_are(desk: Desk) -> None:
    first, second, analyst = await desk.window(None), await desk.window(None), await desk.window(Part.ANALYST)
    await opened(desk, first, text="The first problem")
    await analyst.add_init_script(SHIFTS)
    await analyst.goto("/desk")
    await expect(analyst.locator("#rows > li")).to_have_count(1)
    await analyst.keyboard.press("j")
    row = analyst.locator("#rows a").first
    await expect(row).to_be_focused()
    await opened(desk, second, text="The second problem")
    await expect(analyst.locator("#show-news")).to_contain_text("1 new")
    await expect(analyst).to_have_title("(2) Desk · Vigil")
    await write(first, "It is worse now")
    await expect(row).to_contain_text("It is worse now")
    await expect(row).to_be_focused()
    assert sum(await analyst.evaluate("window.shifts")) == 0
    await analyst.keyboard.press(".")
    await expect(analyst.locator("#rows > li")).to_have_count(2)
    await analyst.keyboard.press("/")
    await analyst.keyboard.type("second")
    await expect(analyst.locator("#rows > li")).to_have_count(1)
    await expect(analyst.locator("#q")).to_be_focused()
    assert desk.problems == []


async def test_what_strangers_write_runs_nowhere(desk: Desk) -> None:
    customer, admin = await desk.window(None), await desk.window(Part.ADMIN)
    address = await opened(desk, customer, name=PAYLOADS[1][:80], text=PAYLOADS[0])
    await admin.goto(address)
    for payload in PAYLOADS:
        await write(customer, f"{payload} How do I pay?")
        await expect(customer.locator(".text").last).to_have_text(f"{payload} How do I pay?")
        await expect(admin.locator(".text").last).to_have_text(f"{payload} How do I pay?")
    await admin.goto("/people")
    await admin.get_by_label("Whom it is for").fill(PAYLOADS[2])
    await admin.get_by_role("button", name="Make a link").click()
    for page, path in (
        (admin, f"/desk?view=all&q={PAYLOADS[3]}&topic={PAYLOADS[2]}"),
        (admin, "/desk"),
        (admin, address),
    ):
        await page.goto(path)
        await page.locator("#main").hover()
    joining = await desk.window(None)
    _, secret = await desk.door.sign_ins.invite(OURS, Part.VIEWER, note=PAYLOADS[1], by="test")
    await joining.goto(f"/join/{secret}")
    await joining.get_by_label("Your name").fill(PAYLOADS[2])
    await joining.get_by_label("Sign in as").fill("kim\"onfocus=alert('owned')")
    await joining.get_by_label("Password").fill(PASSWORD)
    await joining.get_by_role("button", name="Make it").click()
    await expect(joining).to_have_url(f"{desk.url}/desk")
    await admin.goto("/people")
    await expect(admin.locator(".people").first).to_contain_text(PAYLOADS[2])
    for page in (customer, admin, joining):
        assert await page.title() != "owned"
        assert await page.locator("iframe, [onerror], [onload], [onfocus], .text *, [hx-trigger=load]").count() == 0
    assert desk.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_every_page_fits(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    customer, admin = await desk.window(None, **options), await desk.window(Part.ADMIN, **options)
    address = await opened(desk, customer, name="Maximiliana " * 6, text=f"{'unbreakable' * 30} how do I pay?")
    bytes_of: list[int] = []
    admin.on("response", lambda response: bytes_of.append(int(response.headers.get("content-length", 0))))
    for page, path in ((admin, "/desk"), (admin, address), (admin, "/people"), (customer, ""), (customer, "/sign-in")):
        if path:
            await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
        assert await page.evaluate("document.querySelectorAll('[style], script:not([src]), style').length") == 0
    assert sum(bytes_of[:5]) < 120_000
    assert desk.problems == []
