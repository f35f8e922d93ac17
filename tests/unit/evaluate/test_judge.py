"""What Vigil said is judged by what the humans then said to the same customer, beside what chance gives."""

from collections.abc import Mapping, Sequence

from tests.unit.evaluate.small import NOON, recording
from vigil.domain.conversation import Incoming
from vigil.domain.decision import DecisionKind
from vigil.evaluate.counting import count
from vigil.evaluate.judge import Judged, judge
from vigil.evaluate.recording import Recording, Shape
from vigil.evaluate.replay import replay
from vigil.testing.embedder import HashEmbedder
from vigil.testing.replayed import Line, ScriptedSystem

CODECS = "Install ubuntu-restricted-extras to play films."
SOUND = "Unmute it with `alsamixer -c 0`."


async def judged(
    small: Recording,
    answers: Mapping[str, str | Line],
    *,
    embedder: HashEmbedder | None = None,
    withdraws: bool = True,
) -> Judged:
    def script(incoming: Incoming) -> Line | None:
        said = answers.get(incoming.text)
        return Line(answer=said) if isinstance(said, str) else said

    return await judge(await replay(ScriptedSystem(script, withdraws=withdraws), small), embedder=embedder)


def channel(*answers: tuple[float, str, str]) -> Recording:
    rows = [("c", 0.0, "ann", "how do I play films?"), *(("c", at, who, text) for at, who, text in answers)]
    return recording([*rows, ("c", 60.0, "zed", "bye")])


async def test_an_answer_that_names_the_same_package_bears_it_out_and_the_lead_is_the_time_until_then() -> None:
    result = await judged(
        channel((3.0, "ned", "ann: you want ubuntu-restricted-extras")), {"how do I play films?": CODECS}
    )

    (one,) = result.judgements
    assert one.hit is not None
    assert one.hit.shared == ("token:ubuntu-restricted-extras",)
    assert one.lead_s == 180
    assert result.covered[0].by is one


async def test_an_answer_in_much_the_same_words_bears_it_out_only_with_an_embedder() -> None:
    small = channel((3.0, "ned", "ann: install the restricted extras to play films"))
    plain = {"how do I play films?": "install the restricted extras to play films"}

    without = await judged(small, plain)
    with_meaning = await judged(small, plain, embedder=HashEmbedder())

    assert without.judgements[0].hit is None
    assert with_meaning.judgements[0].hit is not None
    assert with_meaning.judgements[0].hit.cosine is not None
    assert with_meaning.judgements[0].hit.cosine > 0.9
    assert with_meaning.embedder == HashEmbedder().id


async def test_the_name_in_front_counts_for_nothing() -> None:
    rows = [
        ("c", 0.0, "dr_who", "how do I play films?"),
        ("c", 2.0, "ned", "dr_who: no idea"),
        ("c", 60.0, "zed", "bye"),
    ]

    result = await judged(recording(rows), {"how do I play films?": "ask dr_who"})

    assert result.judgements[0].hit is None


async def test_another_answer_is_no_hit() -> None:
    result = await judged(channel((3.0, "ned", "ann: buy a television")), {"how do I play films?": CODECS})

    assert result.judgements[0].answers
    assert result.judgements[0].hit is None


async def test_what_comes_too_late_or_from_robots_or_to_others_is_no_answer() -> None:
    small = channel(
        (1.0, "robot", "ann: ubuntu-restricted-extras"),
        (2.0, "ned", "bea: ubuntu-restricted-extras"),
        (16.0, "ned", "ann: ubuntu-restricted-extras"),
    )

    result = await judged(small, {"how do I play films?": CODECS})

    assert result.judgements[0].answers == ()
    assert result.judgements[0].lead_s is None
    assert not result.judgements[0].cut_short


async def test_in_a_ticket_the_rest_of_the_ticket_counts() -> None:
    small = recording(
        [
            ("t", 0, "customer", "how do I play films?"),
            ("t", 1, "analyst", "let me look"),
            ("t", 300, "analyst", "it is in ubuntu-restricted-extras"),
        ],
        shape=Shape.TICKETS,
    )

    result = await judged(small, {"how do I play films?": CODECS})

    assert result.judgements[0].hit is not None
    assert result.judgements[0].lead_s == 60


async def test_what_was_withdrawn_is_counted_and_not_judged() -> None:
    result = await judged(channel((0.0, "ned", "ann: ubuntu-restricted-extras")), {"how do I play films?": CODECS})

    (one,) = result.judgements
    assert not one.shown
    assert one.withdrawn == "a human answered"
    assert one.hit is None
    assert result.covered[0].by is None


async def test_help_that_comes_after_the_human_covers_nothing() -> None:
    small = channel((3.0, "ned", "ann: hello"), (5.0, "ann", "and in colour?"), (30.0, "ned", "ann: no"))

    result = await judged(small, {"and in colour?": CODECS})

    assert [each.by is not None for each in result.covered] == [False]


async def test_what_leaves_only_after_the_human_answered_was_not_there_first() -> None:
    small = channel((0.0, "ned", "ann: ubuntu-restricted-extras"))

    result = await judged(small, {"how do I play films?": CODECS}, withdraws=False)

    assert result.judgements[0].shown
    assert result.judgements[0].lead_s == 0
    assert [each.by for each in result.covered] == [None]


async def test_a_handoff_is_no_suggestion() -> None:
    result = await judged(
        channel((3.0, "ned", "ann: hello")),
        {"how do I play films?": Line(answer="ask a person", kind=DecisionKind.HAND_OFF)},
    )

    assert result.judgements == ()


def two_desks() -> Sequence[tuple[str, float, str, str]]:
    return [
        ("one", 0, "ann", "how do I play films?"),
        ("one", 2, "ned", "ann: ubuntu-restricted-extras"),
        ("one", 60, "zed", "bye"),
        ("two", 0, "bea", "no sound?"),
        ("two", 2, "ned", "bea: alsamixer -c 0"),
        ("two", 60, "zed", "bye"),
    ]


async def test_the_control_is_a_suggestion_from_elsewhere_against_the_same_answers() -> None:
    right = await judged(recording(two_desks()), {"how do I play films?": CODECS, "no sound?": SOUND})
    lucky = await judged(recording(two_desks()), {"how do I play films?": SOUND, "no sound?": SOUND})

    assert [each.control for each in right.judgements] == [0.0, 0.0]
    assert [each.control for each in lucky.judgements] == [0.0, 1.0]


async def test_the_control_stays_within_the_subject() -> None:
    small = recording(two_desks(), topics={"one": "films", "two": "sound"})

    result = await judged(small, {"how do I play films?": SOUND, "no sound?": SOUND})

    assert [each.control for each in result.judgements] == [0.0, 0.0]


async def test_the_same_seed_draws_the_same_control() -> None:
    rows = [
        row
        for n in range(30)
        for row in (
            (f"c{n}", float(n), "ann", f"question {n}?"),
            (f"c{n}", n + 2.0, "ned", f"ann: package-{n % 3}"),
            (f"c{n}", n + 60.0, "zed", "bye"),
        )
    ]
    answers = {f"question {n}?": f"install package-{n % 5}" for n in range(30)}

    once, again = await judged(recording(rows), answers), await judged(recording(rows), answers)

    assert [each.control for each in once.judgements] == [each.control for each in again.judgements]
    assert 0 < sum(each.control for each in once.judgements) < 30


async def test_a_handoff_interrupts_all_the_same() -> None:
    result = await judged(
        channel((3.0, "ned", "ann: hello")),
        {"how do I play films?": Line(answer="ask a person", kind=DecisionKind.HAND_OFF)},
    )

    figures = count(result, made_at=NOON)

    assert (figures.suggestions.made, figures.suggestions.interruptions) == (0, 1)
