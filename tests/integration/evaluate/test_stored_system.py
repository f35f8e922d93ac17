"""A replay through the real desk, drain and outbox over a database, with a scripted assist in the place of the pipeline."""

from collections.abc import Sequence

from tests.unit.evaluate.small import NOON, recording
from vigil.assist.situation import Situation
from vigil.clock import CountingIds, ManualClock
from vigil.domain.decision import DecisionKind
from vigil.domain.post import PostState
from vigil.domain.workspace import DEFAULT_WORKSPACE
from vigil.evaluate.recording import CHANNEL, Shape
from vigil.evaluate.replay import replay
from vigil.evaluate.system import PAGE, StoredSystem
from vigil.runtime.administration import Administration
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.runtime.lastlook import LastLook
from vigil.runtime.sender import Sender, SendLimits
from vigil.runtime.worker import Worker
from vigil.store.store import Store
from vigil.testing.assist import ScriptedAssist
from vigil.testing.channel import MemoryChannel
from vigil.testing.embedder import HashEmbedder

TALK = [
    ("one", 0.0, "customer", "films?"),
    ("two", 0.0, "customer", "sound?"),
    ("one", 2.0, "analyst", "one moment"),
    ("two", 2.0, "customer", "hello?"),
]


class Everything:
    """Every revision is in force."""

    async def in_force(self, workspace: str, revision_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(revision_ids)


async def system_over(store: Store, seen: list[Situation], *, page: int = PAGE) -> tuple[StoredSystem, MemoryChannel]:
    clock, ids, bell, channel = ManualClock(NOON), CountingIds(), Bell(), MemoryChannel()
    await Administration(store=store, clock=clock, ids=ids).ensure_default()

    def answer(situation: Situation) -> str | None:
        seen.append(situation)
        return f"about {situation.message.text}" if situation.message.text.endswith("?") else None

    drain = Drain(
        store=store,
        assists=ScriptedAssist(clock=clock, ids=ids, answer_of=answer),
        clock=clock,
        ids=ids,
        owner="test",
        limits=DrainLimits(lease_s=20, max_attempts=3, burst_window_s=90),
    )
    sender = Sender(
        store=store,
        channels={CHANNEL: channel},
        standing=Everything(),
        last_look=LastLook(HashEmbedder()),
        clock=clock,
        ids=ids,
        owner="test",
        limits=SendLimits(claim_s=20, patience_s=6),
    )
    worker = Worker(store=store, drain=drain, sender=sender, bell=bell, clock=clock)
    desk = Desk(store=store, clock=clock, ids=ids, bell=bell)
    system = StoredSystem(
        workspace=DEFAULT_WORKSPACE, desk=desk, store=store, clock=clock, settle=worker.settle, page=page
    )
    return system, channel


async def test_each_message_is_decided_before_the_next_one_is_known(store: Store) -> None:
    seen: list[Situation] = []
    system, _ = await system_over(store, seen)

    replayed = await replay(system, recording(TALK, shape=Shape.TICKETS))

    assert [each.message for each in replayed.decided] == ["one/0", "two/0", "one/1", "two/1"]
    assert [situation.message.external_id for situation in seen] == ["one/0", "two/0", "one/1", "two/1"]
    assert [len(situation.recent) for situation in seen] == [0, 0, 1, 1]
    assert all(message.sent_at <= situation.message.sent_at for situation in seen for message in situation.recent)
    assert not any(situation.turn_continues for situation in seen)


async def test_suggestions_come_back_with_what_became_of_their_posts(store: Store) -> None:
    system, channel = await system_over(store, [])

    replayed = await replay(system, recording(TALK, shape=Shape.TICKETS))

    assert [each.decision.kind for each in replayed.spoke] == [DecisionKind.SUGGEST] * 3
    assert {each.message: each.posts[0].state for each in replayed.spoke} == {
        "one/0": PostState.SENT,
        "two/0": PostState.SENT,
        "two/1": PostState.SENT,
    }
    assert len(channel.posted) == 3


async def test_roles_are_those_of_the_recording(store: Store) -> None:
    seen: list[Situation] = []
    system, _ = await system_over(store, seen)

    await replay(system, recording(TALK, shape=Shape.TICKETS))

    assert [situation.message.author.role.value for situation in seen] == [
        "customer",
        "customer",
        "analyst",
        "customer",
    ]


async def test_more_decisions_than_a_page_all_come_back(store: Store) -> None:
    system, _ = await system_over(store, [], page=3)
    many = [("long", 0.0, "customer", f"line {n}") for n in range(8)]

    replayed = await replay(system, recording(many))

    assert [each.message for each in replayed.decided] == [f"long/{n}" for n in range(8)]
