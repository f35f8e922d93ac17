"""Playing recorded conversations through the production loop with a clock that jumps from message to message. How it looks is the
command line's affair."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vigil.app import App
from vigil.clock import ManualClock
from vigil.demo import larkspur
from vigil.demo.larkspur import Line, Recording
from vigil.domain.conversation import Incoming, Role
from vigil.domain.decision import Decision
from vigil.domain.post import Post
from vigil.domain.workspace import Workspace
from vigil.store.decisions import DecisionFilter

WORKSPACE = "larkspur"
CHANNEL = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message, and what Vigil made of it."""

    line: Line
    decision: Decision
    posts: tuple[Post, ...]
    """As they stood when the next message came: sent, withdrawn with a reason, or still waiting."""
    human_answer_after_s: float | None
    """Seconds until the next message by an analyst, where a suggestion was made; None where none came."""


async def set_up(app: App, progress: Callable[[int, int], None]) -> None:
    """Make the Larkspur workspace with its topics, people and documents."""
    administration = app.administration
    await administration.create_workspace(Workspace(id=WORKSPACE, name="Larkspur Cloud"), by="demo")
    await administration.set_topics(WORKSPACE, larkspur.topics(), by="demo")
    known = {person.id: person for ticket in larkspur.tickets() for person in ticket.people}
    for person in known.values():
        if person.role in (Role.ANALYST, Role.BOT):
            await administration.set_person(WORKSPACE, CHANNEL, person, by="demo")
    await app.intake.add(WORKSPACE, [larkspur.documents()], by="demo", progress=progress, root=larkspur.DESK)


async def play(app: App, clock: ManualClock, recording: Recording) -> AsyncIterator[Step]:
    """Play one conversation: each message goes in by the door, and comes out decided.

    Conversations that went side by side are played one after the other, so each is moved behind the one before on the clock.
    """
    lines = _not_before(clock.now(), recording.lines)
    for position, line in enumerate(lines):
        clock.move_to(line.at)
        await app.worker.settle()
        receipt = await app.desk.receive(
            WORKSPACE,
            Incoming(
                channel=CHANNEL,
                conversation=recording.id,
                external_id=f"{recording.id}-{position}",
                message_id=f"{recording.id}-{position}",
                author=line.by,
                text=line.text,
                sent_at=line.at,
                kind=recording.kind,
            ),
        )
        await app.worker.drain_once()
        following = lines[position + 1 :]
        clock.move_to(_look_again_at(line, following, app.settings.post_delay_s))
        await app.worker.settle()
        wanted = DecisionFilter(conversation_id=receipt.conversation_id, limit=1)
        (decision,) = await app.desk.decisions(WORKSPACE, wanted)
        yield Step(
            line=recording.lines[position],
            decision=decision,
            posts=tuple(await app.desk.posts(WORKSPACE, [decision.id])),
            human_answer_after_s=_human_answer(line, following),
        )


def _not_before(instant: datetime, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    late = max(instant - lines[0].at, timedelta(0))
    return tuple(replace(line, at=line.at + late) for line in lines)


def _look_again_at(line: Line, following: tuple[Line, ...], delay_s: float) -> datetime:
    """After the post's delay, unless somebody wrote on before."""
    due = line.at + timedelta(seconds=delay_s)
    return min(due, following[0].at) if following else due


def _human_answer(line: Line, following: tuple[Line, ...]) -> float | None:
    for later in following:
        if later.by.role is Role.ANALYST:
            return (later.at - line.at).total_seconds()
    return None
