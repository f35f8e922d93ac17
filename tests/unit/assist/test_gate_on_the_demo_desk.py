"""The gate on the demo's desk: what the documents answer is taken up, and small talk, bots and analysts are passed over."""

import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from vigil.assist.pipeline import Pipeline, Thresholds
from vigil.clock import CountingIds, ManualClock
from vigil.demo.larkspur import DESK, Recording, channel, tickets
from vigil.domain.conversation import Role
from vigil.domain.decision import Decision
from vigil.knowledge.finding import Finding, Question
from vigil.settings import Settings
from vigil.testing.embedder import HashEmbedder
from vigil.testing.hearing import shipped_hearing
from vigil.testing.knowledge import NOTHING
from vigil.testing.situations import SmallDesk


@dataclass
class Counting:
    """Knows nothing, and remembers how often it was asked."""

    asked: list[str] = field(default_factory=list[str])

    async def ask(self, workspace: str, question: Question) -> Finding:
        self.asked.append(question.text)
        return NOTHING


async def play(recording: Recording) -> list[tuple[int, Role, Decision]]:
    clock = ManualClock(recording.lines[0].at)
    assist = Pipeline(
        knowledge=Counting(),
        embedder=HashEmbedder(),
        clock=clock,
        ids=CountingIds(),
        hearing=shipped_hearing(),
        thresholds=Thresholds.of(Settings()),
        timer=lambda: 0.0,
    )
    desk = SmallDesk(assist=assist, clock=clock, kind=recording.kind)
    decided: list[tuple[int, Role, Decision]] = []
    for number, line in enumerate(recording.lines):
        verdict = await desk.say(line.by, line.text, after=max(line.at - clock.now(), timedelta(0)))
        decided.append((number, line.by.role, verdict.decision))
    return decided


async def test_nearly_everything_that_the_documents_answer_is_taken_up() -> None:
    answers: list[dict[str, Any]] = tomllib.loads((DESK / "expected.toml").read_text("utf-8"))["questions"]
    answered = {(question["ticket"], question["message"]) for question in answers}
    taken_up = of_customers = 0
    for ticket in tickets():
        for number, role, decision in await play(ticket):
            if (ticket.id, number) in answered and role is Role.CUSTOMER:
                of_customers += 1
                taken_up += bool(decision.question)
    assert of_customers > 100
    assert taken_up >= 0.95 * of_customers


async def test_bots_and_analysts_are_passed_over() -> None:
    for ticket in tickets():
        for _, role, decision in await play(ticket):
            if role in (Role.BOT, Role.ANALYST):
                assert not decision.question


async def test_most_talk_in_the_shared_channel_is_passed_over() -> None:
    decided = await play(channel())
    asked = [decision for _, _, decision in decided if decision.question]
    assert 5 <= len(asked) <= 0.25 * len(decided)
