"""A replay is lived forwards: every message at its own moment, all decided before the next one is known."""

from datetime import timedelta

from tests.unit.evaluate.small import NOON, recording
from vigil.domain.conversation import Incoming
from vigil.domain.decision import DecisionKind
from vigil.domain.post import PostState
from vigil.evaluate.recording import Gold
from vigil.evaluate.replay import replay
from vigil.testing.replayed import Line, ScriptedSystem

TALK = [
    ("a", 0, "ann", "my disk is full?"),
    ("b", 1, "bea", "no sound?"),
    ("a", 5, "ned", "ann: run df -h"),
    ("b", 5, "ned", "bea: unmute it"),
    ("a", 6, "ann", "thanks"),
]


def to_questions(incoming: Incoming) -> Line | None:
    return Line(answer=f"about {incoming.text}") if incoming.text.endswith("?") else None


def silent(_: Incoming) -> None:
    return None


async def test_messages_come_in_one_by_one_at_their_own_time() -> None:
    system = ScriptedSystem(silent)

    replayed = await replay(system, recording(TALK))

    assert [(at, incoming.message_id) for at, incoming in system.seen] == [
        (NOON, "a/0"),
        (NOON + timedelta(minutes=1), "b/0"),
        (NOON + timedelta(minutes=5), "a/1"),
        (NOON + timedelta(minutes=5), "b/1"),
        (NOON + timedelta(minutes=6), "a/2"),
    ]
    assert [each.message for each in replayed.decided] == ["a/0", "b/0", "a/1", "b/1", "a/2"]
    assert not replayed.spoke


async def test_whatever_is_due_is_sent_before_the_next_message_is_known() -> None:
    replayed = await replay(ScriptedSystem(to_questions), recording(TALK))

    states = {each.message: each.posts[0].state for each in replayed.spoke}
    assert states == {"a/0": PostState.SENT, "b/0": PostState.SENT}


async def test_a_human_of_the_same_moment_is_there_before_the_post_leaves() -> None:
    hasty = [("a", 0, "ann", "my disk is full?"), ("a", 0, "ned", "ann: run df -h")]

    replayed = await replay(ScriptedSystem(to_questions), recording(hasty))

    (only,) = replayed.spoke
    assert only.posts[0].state is PostState.WITHDRAWN


async def test_what_still_waits_at_the_end_leaves() -> None:
    replayed = await replay(ScriptedSystem(to_questions), recording([("a", 0, "ann", "my disk is full?")]))

    assert replayed.spoke[0].posts[0].state is PostState.SENT


async def test_the_annotators_words_change_no_event() -> None:
    told = {"a/1": Gold(reply_to=("a/0",), thread="a/0"), "a/0": Gold(opens_answered=True, thread="a/0")}
    lied = {"a/1": Gold(reply_to=("b/0",), thread="b/0"), "b/0": Gold(opens_answered=True, near_end=True)}
    seen: list[list[Incoming]] = []
    for gold in (told, lied, {}):
        system = ScriptedSystem(to_questions)
        await replay(system, recording(TALK, gold=gold))
        seen.append([incoming for _, incoming in system.seen])

    assert seen[0] == seen[1] == seen[2]


async def test_progress_counts_up_to_the_whole() -> None:
    told: list[tuple[int, int]] = []

    await replay(ScriptedSystem(silent), recording(TALK), progress=lambda done, total: told.append((done, total)))

    assert told == [(n, 5) for n in range(1, 6)]


async def test_a_message_that_the_door_refuses_is_noted_and_the_others_go_on() -> None:
    replayed = await replay(ScriptedSystem(silent, refuse=frozenset({"a/1"})), recording(TALK))

    assert [message for message, _ in replayed.refused] == ["a/1"]
    assert len(replayed.decided) == 4


async def test_nothing_to_replay_is_no_fault() -> None:
    replayed = await replay(ScriptedSystem(silent), recording([]))

    assert replayed.decided == ()


async def test_a_silence_is_kept_without_its_candidates() -> None:
    replayed = await replay(ScriptedSystem(silent), recording(TALK))

    assert all(each.decision.kind is DecisionKind.SILENT and not each.decision.candidates for each in replayed.decided)
