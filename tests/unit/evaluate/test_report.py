"""The report tells a replay in figures that a program can rely on and in a page that a person likes to read."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evaluate.small import recording
from vigil.domain.conversation import Incoming
from vigil.evaluate.charts import Mark, bars, columns, intervals
from vigil.evaluate.charts import reliability as reliability_chart
from vigil.evaluate.counting import count
from vigil.evaluate.figures import Figures
from vigil.evaluate.judge import judge
from vigil.evaluate.metrics import reliability, share
from vigil.evaluate.recording import Recording, Shape
from vigil.evaluate.replay import replay
from vigil.evaluate.report import summary, to_html, to_json, write
from vigil.testing.embedder import HashEmbedder
from vigil.testing.replayed import Line, ScriptedSystem

MADE_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> ]]> {{ 7*7 }} \N{RIGHT-TO-LEFT OVERRIDE}\x00"


def desk_talk() -> Recording:
    return recording(
        [
            ("one", 0, "ann", "how do I play films?"),
            ("one", 2, "ned", "ann: get ubuntu-restricted-extras"),
            ("one", 3, "ann", "thanks"),
            ("one", 60, "robot", "tick"),
            ("two", 0, "bea", "no sound at all?"),
            ("two", 4, "ned", "bea: buy new ears"),
            ("two", 61, "robot", "tick"),
            ("three", 0, "cy", "hello"),
            ("three", 59, "cy", "what is the time?"),
        ]
    )


def answer(incoming: Incoming) -> Line | None:
    if "films" in incoming.text:
        return Line(answer="Install ubuntu-restricted-extras.", confidence=0.9, entry_id="ent_films")
    if "sound" in incoming.text:
        return Line(answer="Unmute it with `alsamixer -c 0`.", confidence=0.7, entry_id="ent_sound")
    if "time" in incoming.text:
        return Line(answer="Late.", confidence=0.6, entry_id="ent_time")
    return None


async def figures_of(
    talk: Recording | None = None, *, script: ScriptedSystem | None = None, embedder: HashEmbedder | None = None
) -> Figures:
    replayed = await replay(script or ScriptedSystem(answer), talk or desk_talk())
    return count(await judge(replayed, embedder=embedder), made_at=MADE_AT)


async def test_every_message_and_every_suggestion_is_counted_once() -> None:
    f = await figures_of()

    assert (f.about.conversations, f.about.messages, f.about.human_messages) == (3, 9, 7)
    assert f.decisions.total == 9
    assert f.decisions.by_kind == {"silent": 6, "suggest": 3}
    assert (f.suggestions.made, f.suggestions.shown, f.suggestions.withdrawn) == (3, 3, 0)
    assert f.suggestions.interruptions_per_100.value == pytest.approx(300 / 7)
    assert sum(each.suggestions for each in f.over_time) == 3
    assert sum(each.human_messages for each in f.over_time) == 7


async def test_precision_leaves_out_what_can_not_be_judged() -> None:
    f = await figures_of()

    assert f.suggestions.not_judged == 1  # the recording ends right after the third
    assert (f.suggestions.answered.hits, f.suggestions.answered.n) == (2, 2)
    assert (f.suggestions.hit.hits, f.suggestions.hit.n) == (1, 2)
    assert f.suggestions.control.value == 0
    assert f.coverage.openings.value == 1
    assert f.lead.seconds.p50 == 180


async def test_a_message_that_got_no_decision_is_not_hushed_up() -> None:
    replayed = await replay(ScriptedSystem(answer), desk_talk())
    parked = replace(replayed, decided=replayed.decided[:-2])

    f = count(await judge(parked), made_at=MADE_AT)

    assert f.about.undecided == 2
    assert "2 messages failed on the way" in to_html(f)
    assert "without a decision" in dict(summary(f))


async def test_best_and_worst_show_what_the_human_said_instead() -> None:
    f = await figures_of()

    (best,), (worst,) = f.best, f.worst
    assert best.question == "how do I play films?"
    assert best.human_answer is not None
    assert best.human_answer.text == "ann: get ubuntu-restricted-extras"
    assert [line.asked for line in best.transcript] == [True, False, False]
    assert worst.human_answer is not None
    assert worst.human_answer.text == "bea: buy new ears"
    assert worst.sources[0].title == "ent_sound"


async def test_at_most_one_case_for_each_entry() -> None:
    rows = [
        row
        for n in range(15)
        for row in (
            (f"c{n}", 0.0, "ann", "how do I play films?"),
            (f"c{n}", 2.0, "ned", "ann: ubuntu-restricted-extras"),
        )
    ]
    f = await figures_of(recording([*rows, *((f"c{n}", 60.0, "robot", "tick") for n in range(15))]))

    assert f.suggestions.hit.hits == 15
    assert len(f.best) == 1


async def test_the_page_needs_nothing_but_itself() -> None:
    page = to_html(await figures_of(embedder=HashEmbedder()))

    assert "<script" not in page
    assert not re.search(r"(?:src|href|@import|url\()\s*=?\s*[\"']?\s*(?:https?:)?//", page)
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == page.count("</svg>") == 6
    assert page.count("<details>") >= 6


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


async def test_what_people_wrote_is_shown_and_never_run() -> None:
    talk = recording(
        [
            (EVIL[:60], 0, "<i>ann</i>", f"films? {EVIL}"),
            (EVIL[:60], 2, "ned", f"<i>ann</i>: {EVIL}"),
            (EVIL[:60], 60, "robot", "tick"),
        ]
    )

    page = to_html(await figures_of(talk, script=ScriptedSystem(lambda _: Line(answer=EVIL, entry_id=EVIL))))

    reader = _Tags()
    reader.feed(page)
    assert not reader.tags & {"script", "img", "i", "iframe"}
    assert not reader.handlers
    assert "{{ 7*7 }}" in page
    assert not set(page) & {"\x00", "\N{RIGHT-TO-LEFT OVERRIDE}"}


@pytest.mark.parametrize("shape", list(Shape))
async def test_an_empty_recording_makes_an_honest_report(shape: Shape) -> None:
    f = await figures_of(recording([], shape=shape))

    assert f.suggestions.hit.value is None
    assert "NaN" not in to_json(f)
    assert "Nothing that Vigil said was borne out." in to_html(f)
    assert dict(summary(f))["median lead"] == "–"


async def test_json_comes_back_as_the_same_figures(tmp_path: Path) -> None:
    f = await figures_of(embedder=HashEmbedder())

    as_json, as_html = write(f, tmp_path / "new" / "folder", stem="small")

    assert Figures.model_validate_json(as_json.read_text()) == f
    assert as_html.read_text().startswith("<!doctype html>")


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        inside = cast("dict[str, Any]", value)
        return set(inside) | {key for each in inside.values() for key in keys_of(each)}
    if isinstance(value, list):
        return {key for each in cast("list[Any]", value) for key in keys_of(each)}
    return set()


async def test_every_key_of_the_json_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "replay-report.md").read_text()
    f = await figures_of(embedder=HashEmbedder())

    told: dict[str, Any] = json.loads(to_json(f))
    data: set[str] = set(told["latency_ms"])
    for part, field in (
        ("decisions", "by_kind"),
        ("decisions", "by_reason"),
        ("decisions", "silent_by_reason"),
        ("suggestions", "withdrawn_by_reason"),
    ):
        data |= set(told[part][field])
    assert {key for key in keys_of(told) - data if f"`{key}`" not in page} == set()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.floats(0, 1e9)), max_size=30))
def test_charts_draw_any_numbers_and_escape_any_label(rows: list[tuple[str, float]]) -> None:
    marks = [Mark(label=label, value=value, shown=str(value)) for label, value in rows]
    shares = [(label, share([("a", value % 1)]), False) for label, value in rows]
    bins = reliability([("a", value % 1, 1.0) for _, value in rows])

    for chart in (
        bars(marks, title="<t>"),
        columns(marks, title='"t"'),
        intervals(shares, title="t"),
        reliability_chart(bins, title="t"),
    ):
        assert "<t>" not in chart
        assert "nan" not in chart.lower() or any("nan" in label.lower() for label, _ in rows)
