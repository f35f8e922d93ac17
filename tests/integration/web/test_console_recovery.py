"""Passwords after the first one: changed, forgotten, and given anew from the server's terminal; and leaving every browser at once."""

from datetime import timedelta

import pytest

from tests.integration.web.browser import PASSWORD, Browser
from tests.integration.web.door import OURS, THEIRS, Door
from vigil.domain.account import Part
from vigil.errors import Conflict, NotFound

OTHER = "another few words in a row"


async def account_of(door: Door, part: Part, workspace: str = OURS) -> str:
    return next(each.id for each in await door.sign_ins.people(workspace) if each.part is part)


async def signs_in(door: Door, login: str, password: str) -> bool:
    return (await Browser(door).send("/sign-in", login=login, password=password)).status_code == 303


async def test_who_changes_their_password_stays_and_every_other_browser_leaves(door: Door) -> None:
    here = await Browser.of(door, Part.ANALYST, login="kim")
    elsewhere = Browser(door)
    await elsewhere.send("/sign-in", login="kim", password=PASSWORD)
    wrong = await here.send("/account/password", present="not this", wanted=OTHER)
    short = await here.send("/account/password", present=PASSWORD, wanted="short")
    assert (wrong.status_code, short.status_code) == (422, 422)
    assert "present password" in wrong.text
    assert "12 to 200" in short.text
    assert (await here.send("/account/password", present=PASSWORD, wanted=OTHER)).status_code == 200
    assert (await here.get("/desk")).status_code == 200
    assert (await elsewhere.get("/desk")).status_code == 303
    assert (await signs_in(door, "kim", PASSWORD), await signs_in(door, "kim", OTHER)) == (False, True)


async def test_guessing_at_an_open_browser_has_to_wait(door: Door) -> None:
    here = await Browser.of(door, Part.ANALYST, login="kim")
    for _ in range(5):
        await here.send("/account/password", present="a guess", wanted=OTHER)
    refused = await here.send("/account/password", present=PASSWORD, wanted=OTHER)
    assert refused.status_code == 429


async def test_a_link_gives_a_new_password_once_within_a_day(door: Door) -> None:
    admin = await Browser.of(door, Part.ADMIN)
    kim = await Browser.of(door, Part.ANALYST, login="kim")
    account = await account_of(door, Part.ANALYST)

    async def link() -> str:
        page = (await admin.send(f"/people/{account}/reset")).text
        return "/reset/" + page.split("/reset/")[1].split('"')[0]

    older, newer = await link(), await link()
    assert (await Browser(door).get(older)).status_code == 404, "a newer link takes its place"
    browser = Browser(door)
    assert "Choose a new password" in (await browser.get(newer)).text
    assert (await browser.send(newer, password="short")).status_code == 422
    assert (await browser.send(newer, password=OTHER)).headers["location"] == "/desk"
    assert (await browser.get("/desk")).status_code == 200
    assert (await kim.get("/desk")).status_code == 303, "who was signed in is out"
    assert (await Browser(door).send(newer, password=OTHER)).status_code == 404
    late = await link()
    door.clock.advance(timedelta(hours=25))
    assert (await Browser(door).get(late)).status_code == 404


async def test_a_link_for_a_password_makes_no_account_and_the_other_way_round(door: Door) -> None:
    await Browser.of(door, Part.ADMIN)
    reset = await door.recovery.link(OURS, await account_of(door, Part.ADMIN), by="test")
    _, joins = await door.sign_ins.invite(OURS, Part.ADMIN, note="", by="test")
    assert (await Browser(door).get(f"/join/{reset}")).status_code == 404
    assert (await Browser(door).send(f"/join/{reset}", name="x", login="x", password=OTHER)).status_code == 404
    assert (await Browser(door).send(f"/reset/{joins}", password=OTHER)).status_code == 404
    assert (await door.sign_ins.invitation(joins)).account_id is None
    assert [each.account_id for each in await door.sign_ins.invitations(OURS)] == [None]


async def test_the_only_admin_gets_a_link_from_the_terminal(door: Door) -> None:
    await Browser.of(door, Part.ADMIN, login="ada")
    secret = await door.recovery.link_for(" Ada ")
    assert (await Browser(door).send(f"/reset/{secret}", password=OTHER)).status_code == 303
    assert await signs_in(door, "ada", OTHER)
    with pytest.raises(NotFound, match="vigil account list"):
        await door.recovery.link_for("nobody")


async def test_a_disabled_person_gets_no_link_and_has_none_that_holds(door: Door) -> None:
    await Browser.of(door, Part.ADMIN)
    await Browser.of(door, Part.ANALYST)
    account = await account_of(door, Part.ANALYST)
    secret = await door.recovery.link(OURS, account, by="test")
    await door.sign_ins.change(OURS, account, by="test", disabled=True)
    assert (await Browser(door).send(f"/reset/{secret}", password=OTHER)).status_code == 404
    with pytest.raises(Conflict, match="disabled"):
        await door.recovery.link(OURS, account, by="test")


async def test_leaving_everywhere(door: Door) -> None:
    admin, kim = await Browser.of(door, Part.ADMIN), await Browser.of(door, Part.ANALYST, login="kim")
    elsewhere = Browser(door)
    await elsewhere.send("/sign-in", login="kim", password=PASSWORD)
    assert (await kim.send("/account/leave")).headers["location"] == "/sign-in"
    assert [(await each.get("/desk")).status_code for each in (kim, elsewhere)] == [303, 303]
    await kim.send("/sign-in", login="kim", password=PASSWORD)
    await admin.send(f"/people/{await account_of(door, Part.ANALYST)}", do="sign-out")
    assert (await kim.get("/desk")).status_code == 303


async def test_an_admin_changes_nobodys_password_elsewhere(door: Door) -> None:
    admin = await Browser.of(door, Part.ADMIN)
    await Browser.of(door, Part.ADMIN, workspace=THEIRS)
    theirs = await account_of(door, Part.ADMIN, THEIRS)
    for path, fields in ((f"/people/{theirs}/reset", {}), (f"/people/{theirs}", {"do": "sign-out"})):
        assert (await admin.send(path, **fields)).status_code == 404


async def test_a_name_is_changed_and_what_was_done_is_written_down(door: Door) -> None:
    kim = await Browser.of(door, Part.ANALYST, login="kim")
    assert "Kimberly" in (await kim.send("/account/name", name="  Kimberly   Sato ")).text
    assert (await kim.send("/account/name", name="  ")).status_code == 422
    await kim.send("/account/password", present=PASSWORD, wanted=OTHER)
    account = await account_of(door, Part.ANALYST)
    done = [(each.actor, each.action) for each in await door.administration.history(OURS, limit=2)]
    assert done == [(account, "account.password"), (account, "account.named")]
