"""What strangers write runs nowhere: each well-known shape of script injection in every field that can be written from outside or by a
colleague, on every page that there is, in a real Chromium. The pages are those of the table that `test_every_route` holds to be whole."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Desk, opened, write
from tests.browser.payloads import PAYLOADS
from tests.integration.web.door import OURS, message
from tests.integration.web.test_console_entrance import PAGES
from vigil.domain.account import Part
from vigil.domain.knowledge import Draft
from vigil.domain.topic import Topic
from vigil.guard.access import Scope
from vigil.store.lessons import LessonRecord, Lessons, LessonState

pytestmark = pytest.mark.browser

WATCH = """
addEventListener("securitypolicyviolation", (event) => trap(`policy: ${event.violatedDirective} ${event.blockedURI}`), true);
"""
ALIVE = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll("body *"))
    for (const kind of ["mouseover", "mouseenter", "focus", "toggle", "animationstart", "load", "error"])
      each.dispatchEvent(new Event(kind));
}"""
"""Wakes whatever waits for a hand."""
FOREIGN = """() => [...document.querySelectorAll("*")].filter((each) =>
  [...each.attributes].some(({ name, value }) => name.startsWith("on") || name.startsWith("hx-on") || name === "style"
    || (/^(href|src|action|formaction|data|xlink:href)$/.test(name) && /^\\s*(javascript|data):/i.test(value)))
  || /^(IFRAME|OBJECT|EMBED|BASE|STYLE|MARQUEE|MATH)$/i.test(each.nodeName)
  || (each.nodeName === "SCRIPT" && !each.src.startsWith(location.origin + "/static/"))
  || (each.nodeName === "META" && each.httpEquiv)
).map((each) => each.outerHTML.slice(0, 200))"""
"""What none of our pages has."""
NOT_OPENED = frozenset(
    {
        "/live",
        "/help/{workspace}/{room}/live",
        "/knowledge/documents/live",
        "/static/{name}",
        "/sign-in/provider",
        "/sign-in/back",
    }
)
"""No pages: streams, files, and doors that lead elsewhere."""


async def trapped(desk: Desk, part: Part | None) -> tuple[Page, list[str]]:
    """A window in which whatever runs is noticed, and what was."""
    page = await desk.window(part)
    caught: list[str] = []

    def note(what: object) -> None:
        caught.append(str(what))

    await page.context.expose_function("trap", note)  # pyright: ignore[reportUnknownMemberType]  # playwright types its callback by half
    await page.context.add_init_script(WATCH)
    return page, caught


async def look(page: Page, path: str) -> None:
    await page.goto(path)
    await page.evaluate(ALIVE)
    assert await page.evaluate(FOREIGN) == [], path


async def test_the_trap_catches_what_runs_and_what_the_policy_stops(desk: Desk) -> None:
    page, caught = await trapped(desk, None)

    async def careless(route: Route) -> None:
        headers = {"content-type": "text/html; charset=utf-8"}
        if route.request.url.endswith("/strict"):
            headers["content-security-policy"] = "default-src 'none'; script-src 'self'"
        await route.fulfill(headers=headers, body="".join(f"<div>{each}</div>" for each in PAYLOADS[4:8]))

    await page.route("**/careless*", careless)
    await page.route("**/careless/strict", careless)
    await page.goto("/careless")
    await page.evaluate(ALIVE)
    assert "img" in caught
    assert await page.evaluate(FOREIGN) != []
    caught.clear()
    await page.goto("/careless/strict")
    await page.wait_for_timeout(0)
    assert any(each.startswith("policy: script-src") for each in caught)
    assert "img" not in caught


async def test_nothing_runs_on_any_page_whatever_was_stored(desk: Desk) -> None:
    ids = await _filled(desk)
    admin, caught = await trapped(desk, Part.ADMIN)
    opened = 0
    for method, path in PAGES:
        if method != "GET" or path in NOT_OPENED:
            continue
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", value)
        await look(admin, path)
        opened += 1
        assert caught == [], path
    for ticket_id in ids["tickets"].split():
        await look(admin, f"/tickets/{ticket_id}")
        assert caught == [], ticket_id
    for lesson_id in ids["lessons"].split():
        await look(admin, f"/knowledge/lessons/{lesson_id}")
        assert caught == [], lesson_id
    await look(admin, "/desk?view=all")
    await look(admin, f"/settings/topic?key={quote('topic-0')}")
    assert caught == []
    assert opened > 15


async def test_nothing_runs_in_a_customers_own_room_or_beside_it(desk: Desk) -> None:
    """What a customer types as their name and says, bare and as code, in their window and on the analyst's page of the ticket."""
    customer, caught = await trapped(desk, None)
    analyst, caught_there = await trapped(desk, Part.ANALYST)
    for payload in PAYLOADS:
        desk.door.clock.advance(timedelta(hours=1))  # nobody opens more than some tickets in an hour
        await opened(desk, customer, name=payload[:80], text=f"{payload} How do I pay?")
        for number, said in enumerate((f"`{payload}`", f"```\n{payload}\n```"), start=2):
            await write(customer, said)
            await expect(customer.locator(".line")).to_have_count(number)
        await customer.evaluate(ALIVE)
        assert await customer.evaluate(FOREIGN) == [], payload
        await look(analyst, f"/tickets/{(await desk.door.decisions())[-1].ticket_id}")
        assert (caught, caught_there) == ([], []), payload


async def test_nothing_runs_that_an_address_says(desk: Desk) -> None:
    page, caught = await trapped(desk, Part.ADMIN)
    stranger, caught_there = await trapped(desk, None)
    for payload in PAYLOADS:
        said = quote(payload, safe="")
        await look(page, f"/desk?view={said}&topic={said}&q={said}&mine={said}")
        await look(page, f"/settings/topic?key={said}")
        await look(stranger, f"/sign-in?next={said}")
        await look(stranger, f"/{said}")
        assert (caught, caught_there) == ([], []), payload


async def test_nothing_runs_that_a_form_gives_back(desk: Desk) -> None:
    """Forms that are refused show what was typed."""
    admin, caught = await trapped(desk, Part.ADMIN)
    _, secret = await desk.door.sign_ins.invite(OURS, Part.VIEWER, note=PAYLOADS[4], by="test")
    stranger, caught_there = await trapped(desk, None)
    for payload in PAYLOADS[4:28:3]:
        await stranger.goto("/sign-in")
        await stranger.get_by_label("E-mail or name").fill(payload)
        await stranger.get_by_label("Password").fill("a wrong password")
        await stranger.get_by_role("button", name="Sign in").click()
        await stranger.evaluate(ALIVE)
        assert await stranger.evaluate(FOREIGN) == []
        await stranger.goto(f"/join/{secret}")
        await stranger.get_by_label("Your name").fill(payload)
        await stranger.get_by_label("Sign in as").fill(f"{payload} x")  # a space: refused
        await stranger.get_by_label("Password").fill("a few words in a row")
        await stranger.get_by_role("button", name="Make it").click()
        await stranger.evaluate(ALIVE)
        assert await stranger.evaluate(FOREIGN) == []
        await admin.goto("/settings/hours")
        await admin.get_by_label("On the clocks of").fill(payload[:60])
        await admin.get_by_role("button", name="Keep").first.click()
        await admin.evaluate(ALIVE)
        await admin.goto("/settings/topic")
        await admin.get_by_label("Name", exact=True).fill(payload)
        await admin.get_by_label("Key, for programs").fill("No Key!")
        await admin.get_by_role("button", name="Keep").click()
        assert await admin.evaluate(FOREIGN) == []
        assert (caught, caught_there) == ([], []), payload
        desk.problems.clear()  # a refused form is answered with 401 or 422, which browsers note


async def _filled(desk: Desk) -> dict[str, str]:
    """Every payload in every field, by the doors through which it would come; and ids of what was made."""
    door = desk.door
    for number, payload in enumerate(PAYLOADS):
        plain = "".join(letter for letter in payload if letter.isprintable())  # as ids are
        said: dict[str, Any] = message(
            f"{payload} How do I pay?",
            conversation=f"{plain} room"[:250],
            message_id=f"m{number} {plain}"[:250],
            author={"id": f"{number} {plain}"[:200], "name": payload[:190], "role": "customer"},
        )
        taken = await door.call("POST", "/messages", json=said, scope=Scope.WRITE)
        assert taken.status_code == 202, taken.text
    for number, payload in enumerate(PAYLOADS):
        said = message(
            f"{payload}?",
            conversation="one room for all",
            message_id=f"all{number}",
            author={"id": f"all {number}", "name": payload[:190], "role": "customer"},
        )
        assert (await door.call("POST", "/messages", json=said, scope=Scope.WRITE)).status_code == 202
    topics = [
        Topic(key=f"topic-{number}", name=payload[:200], description=payload, examples=(payload,), owner=payload[:200])
        for number, payload in enumerate(PAYLOADS)
    ]
    await door.administration.set_topics(OURS, topics, by="test")
    await door.administration.change_workspace(OURS, by="test", name=PAYLOADS[4])
    for payload in PAYLOADS:
        await door.administration.create_token(OURS, name=payload[:200], scopes=frozenset({Scope.READ}), by="test")
        await door.administration.create_integration(
            OURS, name=payload[:200], post_url=f"https://x.example/{payload}", asserts_roles=True, by="test"
        )
        await door.sign_ins.invite(OURS, Part.VIEWER, note=payload, by="test")
    _, secret = await door.sign_ins.invite(OURS, Part.VIEWER, note="", by="test")
    await door.sign_ins.join(
        secret, login="<imgsrc=xonerror=trap('login')>", name=PAYLOADS[17], password="a few words in a row"
    )
    account = (await door.sign_ins.people(OURS))[0]
    drafts = [
        Draft(
            key=f"entry-{number}",
            title=payload[:200],
            question=payload,
            answer=f"{payload} is what to do.",
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    await door.knowledge.publish(OURS, drafts, by=PAYLOADS[4], summary=PAYLOADS[6])
    entries = await door.knowledge.entries(OURS)
    for number, payload in enumerate(PAYLOADS):
        uploaded = await door.call(
            "POST",
            "/knowledge/documents",
            content=f"# {payload}\n\n{payload} is what to do about it.".encode(),
            params={"name": f"{number} {''.join(each for each in payload if each.isprintable())}"[:190] + ".md"},
            headers={"content-type": "text/markdown"},
            scope=Scope.KNOWLEDGE,
        )
        assert uploaded.status_code == 200, uploaded.text
    lessons = [
        LessonRecord(
            id=f"les_{number}",
            ticket_id=f"tkt_{number}",
            through=payload[:128],
            number=number,
            state=LessonState.CONFLICT if number % 2 else LessonState.HELD,
            reason="contradicts",
            relation="contradicts",
            entry_id=entries[0].entry_id,
            draft=replace(drafts[number], conditions=payload, aliases=(payload,), source=f"upload/{payload}"[:200]),
            at=door.clock.now(),
            note=payload,
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    async with door.store.write(OURS) as session:
        await Lessons(session).add(lessons)
    await _settled(desk)
    decisions = await door.decisions()
    _, joins = await door.sign_ins.invite(OURS, Part.VIEWER, note=PAYLOADS[4], by="test")
    return {
        "ticket_id": decisions[0].ticket_id or "",
        "tickets": " ".join({each.ticket_id for each in decisions if each.ticket_id}),
        "decision_id": decisions[0].id,
        "number": "0",
        "account_id": account.id,
        "entry_id": entries[0].entry_id,
        "version": "1",
        "lesson_id": lessons[0].id,
        "lessons": " ".join(each.id for each in lessons),
        "workspace": OURS,
        "secret": joins,
    }


async def _settled(desk: Desk) -> None:
    """Until everything that came in is decided."""
    for _ in range(200):
        if len(await desk.door.decisions()) >= 2 * len(PAYLOADS):
            return
        await desk.door.settle()
