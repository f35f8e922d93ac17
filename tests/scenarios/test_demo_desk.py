"""The demo desk alive: within minutes a visitor sees help that is sent, silence, an angry customer handed to a person, and a ticket
from which Vigil learns; and what they do themselves counts."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

import httpx2
import pytest

from tests.conftest import MORNING
from vigil.app import App
from vigil.cli.demo_desk import free_port
from vigil.clock import CountingIds, ManualClock
from vigil.demo.alive import Alive
from vigil.demo.cues import MIA, before_today, from_now_on
from vigil.demo.play import WORKSPACE, set_up
from vigil.demo.visit import Visit, tour_of
from vigil.domain.conversation import Incoming, Person, Role
from vigil.domain.decision import Decision, DecisionKind, OutcomeKind, Reason
from vigil.domain.ticket import OVER
from vigil.settings import Settings
from vigil.store.decisions import DecisionFilter
from vigil.web.console.customer import CHANNEL


@dataclass
class Desk:
    app: App
    clock: ManualClock
    alive: Alive
    visit: Visit
    spent: list[str]

    async def go_on(self, seconds: int) -> None:
        """Let time pass, two seconds at a time."""
        for _ in range(0, seconds, 2):
            self.clock.advance(timedelta(seconds=2))
            await self.alive.play_due()
            await self.app.worker.settle()
            await self.app.alarms.fire_due()

    async def decisions(self, ticket: str) -> list[Decision]:
        """About a ticket of the play, oldest first."""
        found = await self.alive.ticket(ticket)
        assert found is not None
        return (await self.app.desk.decisions(WORKSPACE, DecisionFilter(ticket_id=found.id)))[::-1]

    async def outcomes(self, ticket: str) -> list[OutcomeKind]:
        ids = [each.id for each in await self.decisions(ticket)]
        return [each.kind for each in await self.app.desk.outcomes(WORKSPACE, ids)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = ManualClock(MORNING - timedelta(hours=3))
    async with App.open(Settings(home=tmp_path), clock=clock, ids=CountingIds(), durable=False) as app:
        await set_up(app, lambda done, total: None)
        spent: list[str] = []
        visit = Visit(app, spent=lambda: spent.append("spent"))
        alive = Alive(app, mia=visit.room, began=MORNING)
        await alive.catch_up(clock)
        clock.move_to(MORNING)
        alive.begin()
        yield Desk(app=app, clock=clock, alive=alive, visit=visit, spent=spent)


def test_what_happens_when_is_worked_out_beforehand() -> None:
    assert all(cue.at < timedelta(0) for cue in before_today())
    first = list(islice(from_now_on(), 700))
    assert [cue.at for cue in first] == sorted(cue.at for cue in first)
    assert first[0].at >= timedelta(0)
    assert len({(cue.ticket, cue.position) for cue in first}) == len(first)
    hour = [cue for cue in first if cue.at < timedelta(hours=1)]
    assert 500 < len(hour) < 1000  # a message every four to seven seconds: alive, and not a flood


async def test_the_first_minutes_show_the_point(desk: Desk) -> None:
    waiting = (await desk.decisions(MIA))[-1]
    assert waiting.kind is DecisionKind.SUGGEST
    assert waiting.confidence is not None
    assert waiting.confidence > 0.72
    assert "link-registry" in waiting.answer

    await desk.go_on(160)
    assert OutcomeKind.ADOPTED in await desk.outcomes("LS-0154")
    furious = [each for each in await desk.decisions("LS-0132") if each.kind is DecisionKind.HAND_OFF]
    assert [each.reason for each in furious] == [Reason.WANTS_HUMAN]
    unknown = await desk.decisions("LS-0201")
    assert {each.kind for each in unknown} == {DecisionKind.SILENT}
    learned = (await desk.decisions("LS-0202"))[0]
    assert learned.kind is DecisionKind.SUGGEST
    assert learned.citations[0].title.startswith("Is there a way to get an e-mail")
    done = await desk.alive.ticket("LS-0201")
    assert done is not None
    assert done.state in OVER


async def test_the_day_so_far_left_every_kind_of_trace(desk: Desk) -> None:
    kinds = [await desk.outcomes(name) for name in ("LS-0101", "LS-0131", "LS-0104", "LS-0112")]
    assert {OutcomeKind.ADOPTED, OutcomeKind.EDITED, OutcomeKind.DISMISSED} <= {kind for each in kinds for kind in each}


async def test_who_answers_mia_is_thanked_and_left_alone(desk: Desk) -> None:
    mia = await desk.alive.ticket(MIA)
    assert mia is not None
    visitor = Person(id="acc_visitor", name="Robin", role=Role.ANALYST)
    answer = Incoming(
        channel=CHANNEL,
        conversation=desk.visit.room,
        external_id="v1",
        message_id="v1",
        author=visitor,
        text="Run it once per cluster.",
    )
    await desk.app.desk.receive(WORKSPACE, answer, trust_role=True)
    await desk.go_on(12)
    said = await desk.app.desk.transcript(WORKSPACE, mia.id)
    assert said[-1].author.name == "Mia Lindgren"
    thanks = (await desk.decisions(MIA))[-1]
    assert (thanks.kind, thanks.reason) == (DecisionKind.SILENT, Reason.NOT_A_QUESTION)
    await desk.go_on(10)
    assert len(await desk.app.desk.transcript(WORKSPACE, mia.id)) == len(said)


async def test_a_link_signs_one_browser_in_and_shows_mias_window(desk: Desk) -> None:
    mia = await desk.alive.ticket(MIA)
    assert mia is not None
    tour = tour_of(mia.id, desk.visit.room)
    web = desk.app.web(tour=tour)
    web.include_router(desk.visit.router())
    path = desk.visit.path
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(web), base_url="http://demo.test") as visitor:
        assert (await visitor.get(path)).headers["location"] == "/desk"
        assert desk.spent == ["spent"]
        page = (await visitor.get("/desk")).text
        assert "Open Mia’s ticket" in page
        window = (await visitor.get(tour.steps[3].address)).text
        assert "ImagePullBackOff" not in window  # the desk's name for it
        assert "401 Unauthorized" in window
        assert "link-registry" not in window  # what Vigil suggests
        visitor.cookies.set("vigil_tour", "over")
        assert "Open Mia’s ticket" not in (await visitor.get("/desk")).text
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(web), base_url="http://demo.test") as another:
        assert (await another.get(path)).status_code == 404
        assert (await another.get("/desk")).headers["location"].startswith("/sign-in")
        assert (await another.get(desk.visit.path)).headers["location"] == "/desk"


def test_a_taken_port_is_passed_over() -> None:
    with free_port("127.0.0.1", 0) as taken:
        port: int = taken.getsockname()[1]
        with free_port("127.0.0.1", port) as found:
            assert found.getsockname()[1] != port
            assert found.family is socket.AF_INET
