"""The desk, a ticket's page and the customer's page, as somebody without a screen would use them."""

import asyncio
import re
from datetime import timedelta

from tests.integration.web.browser import Browser
from tests.integration.web.door import ANSWER, OURS, Door
from vigil.domain.account import Part
from vigil.domain.conversation import Incoming, Person, Role
from vigil.domain.decision import Decision, DecisionKind, OutcomeKind
from vigil.runtime.pulse import Pulse
from vigil.store.store import Store
from vigil.web.console.ticket import marked


async def suggested(door: Door) -> Decision:
    """The latest decision that said something, with its post delivered."""
    await door.send_due()
    return [each for each in await door.decisions() if each.kind is not DecisionKind.SILENT][-1]


async def test_the_desk_shows_who_waits_longest_first_and_finds_by_words(door: Door) -> None:
    for number in range(3):
        await door.write(f"Problem {number}", room=f"T-{number}", name=f"m{number}")
    await door.write("Anybody there", room="T-1", name="again")
    analyst = await Browser.of(door, Part.ANALYST)
    page = (await analyst.get("/desk")).text
    assert "(3) Desk" in page
    assert [page.index(f"Problem {number}<") for number in range(3)] == sorted(
        page.index(f"Problem {number}<") for number in range(3)
    )
    found = (await analyst.get("/desk?q=problem+2")).text
    assert "Problem 2<" in found
    assert "Problem 1<" not in found
    assert "Problem 1<" not in (await analyst.get("/desk?view=over")).text


async def test_a_suggestion_is_sent_once_however_often_the_key_is_pressed(door: Door) -> None:
    await door.write("How do I pay?")
    decision = await suggested(door)
    analyst = await Browser.of(door, Part.ANALYST)
    page = (await analyst.get(f"/tickets/{decision.ticket_id}")).text
    assert "Vigil suggests" in page
    for _ in range(2):
        await analyst.send(f"/decisions/{decision.id}/send")
        await door.settle()
    messages = await door.desk.transcript(OURS, decision.ticket_id or "")
    assert [message.text for message in messages].count(ANSWER) == 1
    assert messages[-1].author.name == "Kim analyst"
    record = await door.desk.decision(OURS, decision.id)
    assert [outcome.kind for outcome in record.outcomes] == [OutcomeKind.ADOPTED]
    after = (await analyst.get(f"/tickets/{decision.ticket_id}")).text
    assert "Suggested by Vigil" in after
    assert f"/decisions/{decision.id}/send" not in after


async def test_a_suggestion_is_shown_once_it_is_there(door: Door) -> None:
    await door.write("How do I pay?")
    analyst = await Browser.of(door, Part.ANALYST)
    address = f"/tickets/{(await door.decisions())[0].ticket_id}"
    before = (await analyst.get(address)).text
    assert 'class="suggestion' not in before
    assert "Vigil said nothing" not in before
    await door.send_due()
    assert 'class="suggestion' in (await analyst.get(address)).text


async def test_a_full_desk_is_a_small_page(door: Door) -> None:
    """What a first visit transfers, with as many tickets as are shown, of the longest subjects and last words that a row shows."""
    for number in range(101):
        await door.write(f"{number} {'words ' * 60}", room=f"T-{number}", name=f"m{number}")
    analyst = await Browser.of(door, Part.ANALYST)
    page = await analyst.get("/desk")
    assert page.text.count("<li ") == 100
    names = set(re.findall(r"/static/([\w.]+)", page.text))
    files = [await door.client.get(f"/static/{name}", headers={"accept-encoding": "identity, gzip"}) for name in names]
    transferred = len(page.content) + sum(int(each.headers["content-length"]) for each in files)
    assert transferred < 120_000


async def test_a_suggestion_is_edited_or_dismissed_with_a_reason(door: Door) -> None:
    await door.write("How do I pay?")
    first = await suggested(door)
    analyst = await Browser.of(door, Part.ANALYST)
    address = f"/tickets/{first.ticket_id}"
    assert ANSWER in (await analyst.get(f"{address}?edit={first.id}")).text
    await analyst.send(f"{address}/messages", decision=first.id, text="In short: the blue button.")
    await door.settle()
    (edited,) = (await door.desk.decision(OURS, first.id)).outcomes
    assert (edited.kind, edited.text) == (OutcomeKind.EDITED, "In short: the blue button.")

    await door.write("And how do I get a refund?", name="m2")
    second = await suggested(door)
    assert second.id != first.id
    await analyst.get(address)
    assert (await analyst.send(f"/decisions/{second.id}/dismiss")).status_code == 422
    await analyst.send(f"/decisions/{second.id}/dismiss", reason="Wrong")
    assert "Dismissed: Wrong" in (await analyst.get(address)).text


async def test_why_it_was_silent_is_one_click_away(door: Door) -> None:
    await door.write("Thanks.")
    decision = (await door.decisions())[0]
    viewer = await Browser.of(door, Part.VIEWER)
    page = (await viewer.get(f"/tickets/{decision.ticket_id}")).text
    assert "Vigil said nothing" in page
    assert "composer" not in page  # a viewer writes nothing
    assert "Vigil chose silent" in (await viewer.get(f"/decisions/{decision.id}/why")).text


async def test_a_ticket_is_resolved_reopened_muted_and_taken(door: Door) -> None:
    await door.write("Thanks.")
    ticket_id = (await door.decisions())[0].ticket_id or ""
    analyst = await Browser.of(door, Part.ANALYST)
    address = f"/tickets/{ticket_id}"
    await analyst.get(address)
    for do, shown in (("take", "Leave it"), ("mute", "Vigil is muted"), ("resolve", "Reopen"), ("reopen", "Resolve")):
        await analyst.send(f"{address}/change", do=do)
        assert shown in (await analyst.get(address)).text, do
    assert (await analyst.send(f"{address}/change", do="explode")).status_code == 422


async def test_a_conversation_of_another_system_is_answered_there(door: Door) -> None:
    author = Person(id="ada", name="Ada", role=Role.CUSTOMER)
    incoming = Incoming(
        channel="webhook:acme",
        conversation="T-1",
        external_id="m1",
        message_id="m1",
        author=author,
        text="How do I pay?",
    )
    await door.desk.receive(OURS, incoming)
    await door.settle()
    decision = await suggested(door)
    analyst = await Browser.of(door, Part.ANALYST)
    page = (await analyst.get(f"/tickets/{decision.ticket_id}")).text
    assert "lives on webhook:acme" in page
    assert (await analyst.send(f"/decisions/{decision.id}/send")).status_code == 422
    assert not (await door.desk.decision(OURS, decision.id)).outcomes


async def test_a_customer_writes_and_sees_their_own_conversation_alone(door: Door) -> None:
    analyst = await Browser.of(door, Part.ANALYST)
    mine, other = (Browser(door, {"vigil_visit": analyst.cookies["vigil_visit"]}) for _ in range(2))
    await mine.get(f"/help/{OURS}")
    opened = await mine.send(f"/help/{OURS}", name="Maria", text="How do I pay?")
    room = opened.headers["location"]
    await door.settle()
    await suggested(door)
    page = (await mine.get(room)).text
    assert "How do I pay?" in page
    assert ANSWER not in page  # what is suggested privately
    await mine.send(room, text="It is urgent")
    await door.settle()
    assert "It is urgent" in (await mine.get(room)).text
    assert "Maria" in (await analyst.get("/desk")).text
    await other.get(f"/help/{OURS}")
    for response in (await other.send(room, text="hello"), await other.get(room), await other.get(f"{room}/live")):
        assert response.status_code == 404
    assert (await mine.send(room, token="", text="from another page")).status_code == 403


async def test_strangers_come_in_only_where_the_page_is_open(door: Door) -> None:
    stranger = Browser(door)
    assert (await stranger.get(f"/help/{OURS}")).status_code == 404


def test_evidence_is_shown_with_its_words_marked() -> None:
    assert marked("a <b> c", "<b>") == "a <mark>&lt;b&gt;</mark> c"
    assert marked("a <b> c", "nothing of it") == "a &lt;b&gt; c"


async def test_an_open_page_hears_of_what_changes(door: Door, store: Store) -> None:
    pulse = Pulse(store=store, clock=door.clock)
    async with pulse.listen(OURS) as listener, asyncio.timeout(10):
        assert await listener.next(at_most_s=5) == {"*"}
        await door.write("How do I pay?")
        (conversation,) = {each.conversation_id for each in await door.decisions()}
        assert await listener.next(at_most_s=5) == {conversation}
        door.clock.advance(timedelta(seconds=1))
        decision = (await door.decisions())[0]
        await door.desk.record_outcome(OURS, decision.id, kind=OutcomeKind.ADOPTED, by="kim")
        assert await listener.next(at_most_s=5) == {conversation}
        pulse.end()
        assert await listener.next(at_most_s=5) == frozenset()
        assert listener.ended
    await pulse.close()


async def test_vigil_is_asked_in_private(door: Door) -> None:
    await door.write("Hello there")
    ticket_id = (await door.decisions())[0].ticket_id or ""
    analyst, viewer = await Browser.of(door, Part.ANALYST), await Browser.of(door, Part.VIEWER)
    address = f"/tickets/{ticket_id}"
    await analyst.get(address)
    for path, text in ((f"{address}/messages", "@Vigil, what about <b>quota</b>?"), (f"{address}/ask", "and refunds?")):
        assert (await analyst.send(path, text=text)).status_code == 303
        await door.settle()
    assert [each.text for each in await door.desk.transcript(OURS, ticket_id)] == ["Hello there"]
    page = (await viewer.get(address)).text
    assert page.index("what about &lt;b&gt;quota&lt;/b&gt;?") < page.index("and refunds?")
    assert "Vigil knows nothing about this" in page
    assert (await analyst.send(f"{address}/ask", text="@vigil ")).status_code == 422
    await viewer.get("/desk")
    assert (await viewer.send(f"{address}/ask", text="quota?")).status_code == 403
