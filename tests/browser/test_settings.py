"""Settings and accounts in a real Chromium: the big switch reaches open pages, every action has a key, secrets are shown once, and people
come in through a provider."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect
from pydantic import SecretStr

from tests.browser.conftest import PASSWORD, Desk, opened, running, write
from tests.integration.web.door import ANSWER, OURS
from vigil.clock import SystemClock
from vigil.domain.account import Part
from vigil.domain.topic import Topic
from vigil.testing.identity_provider import CLIENT, CLIENT_SECRET, IdentityProviderStub, StubPerson

pytestmark = pytest.mark.browser

OTHER = "another few words in a row"
PAGES = (
    "/settings",
    "/settings/topics",
    "/settings/topic?key=billing",
    "/settings/hours",
    "/settings/follow-ups",
    "/settings/model",
    "/settings/access",
    "/people",
    "/settings/history",
    "/account",
)


async def press(page: Page, name: str) -> None:
    """By keyboard alone: to the button, and Enter."""
    button = page.get_by_role("button", name=name).first
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await button.evaluate("each => each === document.activeElement"):
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} can't be reached by the Tab key")


async def test_the_big_switch_is_seen_on_open_pages_and_by_customers_not_at_all(desk: Desk) -> None:
    customer, admin, viewer = await desk.window(None), await desk.window(Part.ADMIN), await desk.window(Part.VIEWER)
    ticket = await opened(desk, customer, text="Hello there")
    await viewer.goto(ticket)
    await expect(viewer.locator("#off")).to_be_hidden()
    await admin.goto("/settings")
    await press(admin, "Switch Vigil off everywhere")
    await expect(admin.get_by_role("heading", name="Vigil is switched off")).to_be_visible()
    await expect(viewer.locator("#off")).to_be_visible()
    await write(customer, "How do I pay?")
    await expect(viewer.locator(".line")).to_have_count(2)
    await expect(viewer.locator(".suggestion.open")).to_have_count(0)
    await press(admin, "Switch Vigil on")
    await expect(viewer.locator("#off")).to_be_hidden()
    await write(customer, "How do I pay by card?")
    await expect(viewer.locator(".suggestion.open")).to_contain_text(ANSWER)
    assert desk.problems == []


async def test_a_topic_is_added_and_set_by_keyboard(desk: Desk) -> None:
    admin = await desk.window(Part.ADMIN)
    await admin.goto("/settings/topics")
    await admin.get_by_role("link", name="Add a topic").focus()
    await admin.keyboard.press("Enter")
    await admin.get_by_label("Name", exact=True).focus()
    await admin.keyboard.type("Billing")
    await admin.keyboard.press("Enter")
    mode = admin.get_by_label("How far Vigil may go in Billing")
    await expect(mode.locator("option[value=auto]")).to_be_disabled()
    await mode.focus()
    await admin.keyboard.press("s")  # the option that begins with it
    await mode.select_option("shadow")
    await press(admin, "Set Billing")
    await expect(admin.get_by_role("status").first).to_contain_text("Billing is set")
    (topic,) = await desk.door.administration.topics(OURS)
    assert topic.autonomy == "shadow"
    assert desk.problems == []


async def test_a_secret_is_shown_once_and_works(desk: Desk) -> None:
    admin = await desk.window(Part.ADMIN)
    await admin.goto("/settings/access")
    await admin.get_by_label("What it is for").fill("bridge")
    await admin.get_by_label("read", exact=False).first.check()
    await admin.get_by_role("button", name="Make a token").click()
    secret = await admin.get_by_label("The secret").input_value()
    assert await desk.door.administration.whose(secret) is not None
    await admin.goto("/settings/access")
    await expect(admin.get_by_label("The secret")).to_have_count(0)
    await admin.get_by_role("button", name="Revoke the token bridge").click()
    await expect(admin.get_by_text("The token opens nothing any more.")).to_be_visible()
    assert await desk.door.administration.whose(secret) is None
    assert desk.problems == []


async def test_a_password_is_forgotten_and_given_anew(desk: Desk) -> None:
    admin, kim, elsewhere = await desk.window(Part.ADMIN), await desk.window(Part.ANALYST), await desk.window(None)
    await kim.goto("/account")
    await kim.get_by_label("Present password").fill(PASSWORD)
    await kim.get_by_label("New password").fill(OTHER)
    await press(kim, "Change the password")
    await expect(kim.get_by_text("Your password is changed.")).to_be_visible()
    await admin.goto("/people")
    await admin.locator(".people > li", has_text="kim1").get_by_text("More").click()
    await admin.get_by_role("button", name="Link for a new password").click()
    link = await admin.get_by_label("The link").input_value()
    await elsewhere.goto(link)
    await elsewhere.get_by_label("New password").fill("a third row of some words")
    await elsewhere.get_by_role("button", name="Keep it").click()
    await expect(elsewhere).to_have_url(f"{desk.url}/desk")
    await kim.goto("/desk")
    await expect(kim).to_have_url(f"{desk.url}/sign-in?next=/desk")
    assert desk.problems == []


async def test_people_come_in_through_a_provider(chromium: str, tmp_path: Path) -> None:
    async with (
        IdentityProviderStub(SystemClock()) as provider,
        running(
            chromium,
            tmp_path,
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SecretStr(CLIENT_SECRET),
            oidc_name="Example",
        ) as desk,
    ):
        admin, kim = await desk.window(Part.ADMIN), await desk.window(None)
        await kim.goto("/desk")
        await kim.get_by_role("link", name="Sign in with Example").click()
        await expect(kim.get_by_role("heading", name="You aren’t invited yet")).to_be_visible()
        await expect(kim.locator("main")).to_contain_text(provider.person.email)
        await admin.goto("/people")
        await admin.get_by_label("E-mail address at Example").fill(provider.person.email)
        await admin.get_by_label("Name", exact=True).fill("Kim")
        await admin.get_by_role("button", name="Let them in").click()
        await kim.get_by_role("link", name="Back to the sign-in page").click()
        await kim.get_by_role("link", name="Sign in with Example").click()
        await expect(kim).to_have_url(f"{desk.url}/desk")
        provider.person = StubPerson(sub="other", email="<img src=x onerror=alert(1)>@example.org")
        stranger = await desk.window(None)
        await stranger.goto("/sign-in/provider")
        await expect(stranger.locator("main")).to_contain_text(provider.person.email)
        desk.problems = [each for each in desk.problems if "403" not in each]  # browsers note refusals
        assert desk.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_every_settings_page_fits(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    admin = await desk.window(Part.ADMIN, **options)
    await furnish(desk)
    for path in PAGES:
        await admin.goto(path)
        assert await admin.evaluate("document.documentElement.scrollWidth") == width, path
        assert await admin.evaluate("document.querySelectorAll('[style], script:not([src]), style').length") == 0
    assert desk.problems == []


async def furnish(desk: Desk) -> None:
    """Something on every page, some of it long."""
    there = desk.door.administration
    await there.set_topics(
        OURS,
        [
            Topic(
                key="billing",
                name="Billing and plans",
                description="Invoices, cards, refunds.",
                owner="the billing team",
            ),
            Topic(key="long", name="unbreakable" * 15, examples=("x" * 400,)),
        ],
        by="test",
    )
    await there.create_integration(
        OURS, name="Help desk", post_url=f"https://desk.example.com/{'long' * 60}", asserts_roles=True, by="test"
    )
    await desk.door.sign_ins.invite(OURS, Part.VIEWER, note="Jonas, second line " * 8, by="test")
