"""The figures of the insight page: what they count, and that each leads to exactly the decisions that it counted."""

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

from tests.integration.web.browser import Browser
from tests.integration.web.door import OURS, THEIRS, Door
from vigil.domain.account import Part
from vigil.domain.decision import OutcomeKind, Reason
from vigil.domain.ticket import TicketState
from vigil.domain.topic import Topic
from vigil.runtime.insight import READING, WRITING, Insight
from vigil.web.console.insight import PERIODS, span_of

ANSWER_WORDS = 8
"""Of the answer that the door's assist gives."""


async def played(door: Door) -> None:
    """Four tickets: answered and confirmed, answered with changes and back again, dismissed, and one without a word by Vigil."""
    for number in range(3):
        await door.write("How do I pay?", room=f"T-{number}", name=f"m{number}")
    await door.write("Thanks.", room="T-3", name="m3")
    await door.write("How do I pay?", room="T-9", name="x", workspace=THEIRS)
    await door.send_due()
    said = [each for each in await door.decisions() if each.answer]
    for decision, kind in zip(said, (OutcomeKind.ADOPTED, OutcomeKind.EDITED, OutcomeKind.DISMISSED), strict=True):
        await door.desk.record_outcome(OURS, decision.id, kind=kind, by="kim", text="In short: no.", reason="Wrong")
    await door.desk.record_outcome(OURS, said[0].id, kind=OutcomeKind.CONFIRMED, by="ada")
    tickets = [each.ticket_id or "" for each in said]
    for ticket in tickets[:2]:
        await door.desk.change_ticket(OURS, ticket, by="kim", state=TicketState.RESOLVED)
    await door.desk.change_ticket(OURS, tickets[1], by="kim", state=TicketState.REOPENED)
    await door.desk.change_ticket(OURS, tickets[1], by="kim", state=TicketState.RESOLVED)


async def test_the_figures_say_what_happened(door: Door) -> None:
    await played(door)
    look = await Insight(store=door.store).look(OURS, span_of(7, "", door.clock.now()))
    total = look.total
    assert (total.tickets, total.helped) == (4, 2)
    assert (total.adopted, total.edited, total.dismissed) == (1, 1, 1)
    assert (total.confirmed, total.assumed, total.reopened) == (1, 1, 1)
    assert (total.suggestions, total.shown, total.interruptions) == (3, 3, 0.75)
    assert total.minutes == 1.5 * ANSWER_WORDS / WRITING - 3 * ANSWER_WORDS / READING
    assert (total.calls, total.money) == (0, 0.0)
    assert [step.tickets for step in look.steps] == [0, 0, 0, 0, 0, 0, 4]
    assert [(topic, tally.tickets) for topic, tally in look.topics] == [(None, 4)]
    empty = await Insight(store=door.store).look(OURS, span_of(7, "billing", door.clock.now()))
    assert (empty.total.tickets, empty.total.helped_share, empty.total.first_help_s) == (0, 0.0, None)
    later = await Insight(store=door.store).look(OURS, span_of(7, "", door.clock.now() + timedelta(days=8)))
    assert later.total.tickets == 0


async def test_each_number_leads_to_what_it_counts(door: Door) -> None:
    await played(door)
    viewer = await Browser.of(door, Part.VIEWER)
    page = (await viewer.get("/insight")).text
    led = {
        tuple(
            sorted(pair for pair in urlsplit(html.unescape(address)).query.split("&") if not pair.startswith("opened_"))
        ): (html.unescape(address))
        for address in re.findall(r'<p class="big"><a href="([^"]+)"', page)
    }
    counts: dict[tuple[str, ...], tuple[str, ...]] = {}
    for asked, address in led.items():
        answer = (await viewer.get(address)).text
        (found,) = re.findall(r"([\d,]+) decisions? in ([\d,]+) tickets?", answer)
        counts[asked] = found
    assert counts == {
        (): ("4", "4"),
        ("resolution=helped",): ("2", "2"),
        ("helped=1",): ("2", "2"),
        ("shown=1",): ("3", "3"),
        ("outcome=adopted",): ("1", "1"),
        ("outcome=edited",): ("1", "1"),
        ("outcome=dismissed",): ("1", "1"),
        ("resolution=confirmed",): ("1", "1"),
        ("resolution=assumed",): ("1", "1"),
        ("resolution=reopened",): ("1", "1"),
        ("kind=said",): ("3", "3"),
        ("kind=said", "reason=follow_up"): ("0", "0"),
        ("called=1",): ("0", "0"),
    }
    assert page.count('<svg class="chart"') == 6
    assert "Karat and others" in page


async def test_decisions_are_filtered_paged_and_explained(door: Door) -> None:
    for number in range(60):
        await door.write("Thanks.", name=f"m{number}")
    await door.write("How do I pay?", name="last")
    viewer = await Browser.of(door, Part.VIEWER)
    first = (await viewer.get("/decisions")).text
    assert "61 decisions in" in first
    following = html.unescape(re.findall(r'href="(/decisions\?[^"]*before=[^"]+)"', first)[0])
    second = (await viewer.get(following)).text
    ids = [set(re.findall(r"/decisions/(dec_\d+)", page)) for page in (first, second)]
    assert (len(ids[0]), len(ids[1]), ids[0] & ids[1]) == (50, 11, set())
    said = (await door.decisions())[-1]
    assert re.findall(r"/decisions/(dec_\d+)", (await viewer.get("/decisions?kind=said")).text) == [said.id]
    story = (await viewer.get(f"/decisions/{said.id}")).text
    assert "Vigil chose suggest" in story
    assert "Open Users" in story
    for odd in ("kind=x&reason=y&outcome=z&resolution=w&before=q", "topic=nothing", "before=2026-01-01%20x"):
        assert (await viewer.get(f"/decisions?{odd}")).status_code == 200
    assert (await viewer.get("/decisions?opened_from=yesterday")).status_code == 422
    await door.write("How do I pay?", room="T-9", name="x", workspace=THEIRS)
    (theirs,) = await door.decisions(THEIRS)
    assert (await viewer.get(f"/decisions/{theirs.id}")).status_code == 404
    assert theirs.id not in (await viewer.get("/decisions")).text


async def test_answers_to_colleagues_and_follow_ups_are_no_suggestions(door: Door) -> None:
    await played(door)
    await door.write("How do I get my invoice for May?", room="T-4", name="m4")
    await door.pass_time(timedelta(hours=1))
    nudges = [each for each in await door.decisions() if each.reason is Reason.FOLLOW_UP]
    for nudge in nudges:
        await door.desk.record_outcome(OURS, nudge.id, kind=OutcomeKind.ADOPTED, by="kim")
    analyst = await Browser.of(door, Part.ANALYST)
    assert (await analyst.send(f"/tickets/{nudges[-1].ticket_id}/ask", text="what about invoices?")).status_code == 303
    look = await Insight(store=door.store).look(OURS, span_of(7, "", door.clock.now()))
    assert (look.total.suggestions, look.total.replies, look.total.adopted) == (4, 0, 1)
    assert (look.total.helped, look.total.unjudged) == (2, 1)
    assert look.total.follow_ups == len(nudges) > 0
    for asked, number in (("outcome=adopted", 1), ("reason=follow_up&outcome=adopted", len(nudges)), ("helped=1", 2)):
        assert f"{number} decision" in (await analyst.get(f"/decisions?{asked}")).text, asked


VISIT = 120_000
"""Bytes that any page may bring on a first visit."""


async def test_insight_is_light_on_a_first_visit_however_long_the_time(door: Door) -> None:
    await _a_year(door)
    viewer = await Browser.of(door, Part.VIEWER)
    for days in PERIODS:
        page = (await viewer.get(f"/insight?days={days}")).text
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        assert len(files) > 3
        squeezed = [await viewer.get(each, accept_encoding="gzip") for each in files]
        brought = len(page.encode()) + sum(int(each.headers["content-length"]) for each in squeezed)
        assert brought <= VISIT, (days, brought)


async def _a_year(door: Door) -> None:
    """Something of each kind on each of the last four weeks' days, and in each step of the year before."""
    topics = [Topic(key=f"topic-{number}", name=f"Topic number {number}") for number in range(20)]
    await door.administration.set_topics(OURS, topics, by="test")
    for day in range(40):
        for number, kind in enumerate((OutcomeKind.ADOPTED, OutcomeKind.EDITED, OutcomeKind.DISMISSED)):
            await door.write("How do I pay?", room=f"T-{day}-{number}", name=f"m{day}-{number}")
            said = (await door.decisions())[-1]
            topic = topics[(3 * day + number) % len(topics)].key
            await door.desk.change_ticket(OURS, said.ticket_id or "", by="kim", topic=topic)
            await door.desk.record_outcome(OURS, said.id, kind=kind, by="kim", text="In short: no.", reason="Wrong")
        await door.send_due()
        if day < 39:
            door.clock.advance(timedelta(days=28 if day < 12 else 1))
