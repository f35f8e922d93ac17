"""The demo shows the main job: on the desk that ships with Vigil, help comes before the human's, and most messages are left alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigil.app import App
from vigil.cli.commands import cli
from vigil.clock import CountingIds, ManualClock
from vigil.demo import larkspur
from vigil.demo.play import Step, play, set_up
from vigil.domain.conversation import Role
from vigil.domain.decision import Reason
from vigil.domain.post import Visibility
from vigil.settings import Settings


def quiet(done: int, total: int) -> None:
    """No progress bar."""


@pytest.fixture
async def larkspur_app(tmp_path: Path) -> AsyncIterator[tuple[App, ManualClock]]:
    clock = ManualClock(min(ticket.lines[0].at for ticket in larkspur.tickets()))
    async with App.open(Settings(home=tmp_path), clock=clock, ids=CountingIds(), durable=False) as app:
        await set_up(app, quiet)
        yield app, clock


async def steps_of(app: App, clock: ManualClock, ticket_id: str) -> list[Step]:
    (recording,) = [ticket for ticket in larkspur.tickets() if ticket.id == ticket_id]
    return [step async for step in play(app, clock, recording)]


def test_the_walk_ends_by_itself_and_shows_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    result = CliRunner().invoke(cli, ["demo", "--headless"])
    assert result.exit_code == 0, result.output
    assert "Vigil suggests, privately to the analyst" in result.output
    assert "What you saw" in result.output
    assert "0 model calls" in result.output


def documents_of(step: Step) -> set[str]:
    return {citation.reference.partition("#")[0] for citation in step.decision.citations}


async def test_over_the_whole_desk_it_helps_is_mostly_right_and_mostly_quiet(
    larkspur_app: tuple[App, ManualClock],
) -> None:
    app, clock = larkspur_app
    steps: dict[tuple[str, int], Step] = {}
    for ticket in larkspur.tickets():
        async for step in play(app, clock, ticket):
            steps[(ticket.id, len([place for place in steps if place[0] == ticket.id]))] = step
    spoke = {place: step for place, step in steps.items() if step.decision.citations}
    expected = larkspur.expected()
    right = [place for place, step in spoke.items() if documents_of(step) & expected.get(place, frozenset())]

    assert len(spoke) < 0.25 * len(steps)
    assert len(right) > 0.6 * len(spoke)  # .74 when it was written
    assert len(right) > 0.4 * len(expected)  # .55
    assert all(step.decision.cost.calls == 0 for step in steps.values())
    assert not [step for step in steps.values() if step.decision.reason is Reason.FAILED]
    assert not [step for step in spoke.values() if step.line.by.role is Role.BOT]


async def test_internal_pages_never_reach_a_customer(larkspur_app: tuple[App, ManualClock]) -> None:
    app, clock = larkspur_app
    for step in await steps_of(app, clock, "LS-0114"):
        for post in step.posts:
            if post.visibility is Visibility.PUBLIC:
                assert "runbook" not in post.text.casefold()


async def test_instructions_in_chat_text_are_only_text(larkspur_app: tuple[App, ManualClock]) -> None:
    app, clock = larkspur_app
    for step in await steps_of(app, clock, "LS-0110"):
        assert "system prompt" not in step.decision.answer.casefold()
