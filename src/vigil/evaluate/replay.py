"""Plays a recording through a running system, message by message, as it was lived: in the order of time, by the production door, with
nothing of what came later. Reading recordings is `recorded`'s, judging what came out `judge`'s."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter

from vigil.domain.decision import DecisionKind
from vigil.errors import InvalidInput
from vigil.evaluate.recording import RecordedMessage, Recording
from vigil.evaluate.system import Decided, System

Progress = Callable[[int, int], None]
"""Told (messages done, messages in all) after each message."""

LAST_WAIT = timedelta(minutes=5)
"""Simulated time after the last message in which what still waits may go out: longer than any post is held back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A recording and what the system decided about each of its messages."""

    recording: Recording
    decided: tuple[Decided, ...]
    """In the order in which the messages were fed."""
    seconds: float
    """What the replay took on the wall's clock; reading the decisions back is not counted."""
    refused: tuple[tuple[str, str], ...] = ()
    """Messages (ids) that the door didn't take, with the reason."""

    @property
    def spoke(self) -> tuple[Decided, ...]:
        """Decisions that were no silence."""
        return tuple(decided for decided in self.decided if decided.decision.kind is not DecisionKind.SILENT)


async def replay(system: System, recording: Recording, *, progress: Progress | None = None) -> Replayed:
    """Feed every message and wait each time until all is decided, so that no decision can see a later message.

    Before a message comes in, the clock is moved to its moment and whatever fell due in between is sent: a post that waits leaves before
    the next message is known, and one of the same instant finds the message there and may be withdrawn.
    """
    total = recording.size
    order: dict[str, int] = {}
    refused: list[tuple[str, str]] = []
    previous: RecordedMessage | None = None
    started = perf_counter()
    for message in recording.in_order():
        if previous is None or message.at > previous.at:
            system.move_to(message.at)
            if previous is not None:
                await system.settle()
        previous = message
        try:
            await system.receive(message.incoming())
        except InvalidInput as error:
            refused.append((message.id, str(error)))
        else:
            await system.settle()
        order[message.id] = len(order)
        if progress is not None:
            progress(len(order), total)
    if previous is not None:
        system.move_to(previous.at + LAST_WAIT)
        await system.settle()
    seconds = perf_counter() - started
    decided = [_slim(each) async for each in system.decided() if each.message in order]
    decided.sort(key=lambda each: order[each.message])
    return Replayed(recording=recording, decided=tuple(decided), seconds=seconds, refused=tuple(refused))


def _slim(decided: Decided) -> Decided:
    """A silence without its candidates: a long recording has far too many of them to hold."""
    if decided.decision.kind is not DecisionKind.SILENT:
        return decided
    return replace(decided, decision=replace(decided.decision, candidates=(), citations=()))
