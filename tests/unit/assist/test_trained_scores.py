"""The trained scores that ship fit the figures that this version computes, and never look into the future."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.assist.small_desk import OpenDesk, opener
from vigil.assist import lifecycle
from vigil.assist.features import GateInput, follow_up_features, opening_features
from vigil.assist.gate import LinearGate
from vigil.assist.linear import Weights, shipped
from vigil.assist.links import links
from vigil.domain.conversation import ConversationKind
from vigil.errors import Misconfigured
from vigil.testing.knowledge import KnownAnswers
from vigil.testing.situations import MIA, OTTO, TOM

LINES = [
    (MIA, "Hi, how do I get my wireless card to work after the upgrade? It was fine before"),
    (OTTO, "Does anybody know where I can find the invoice for January? I looked everywhere"),
    (TOM, "Mia: which card is it?"),
    (MIA, "Tom: the broadcom one, it says exit code 19"),
]


async def test_the_shipped_weights_fit_this_versions_figures(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.CHANNEL)
    for who, text in LINES:
        await desk.say(who, text)
    situation = desk.situation(MIA, "any idea?")
    given_now = GateInput(message=situation.message, recent=situation.recent)
    weights = shipped()
    weights.opens.check(opening_features(given_now))
    weights.answerable.check(opening_features(given_now))
    weights.follow_up.check(follow_up_features(given_now))
    candidates = links(situation, opening=0.5, answerable=0.5)
    assert candidates
    weights.belongs.check(candidates[0].figures)


async def test_gold_fields_of_a_recording_change_no_score(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.CHANNEL)
    for who, text in LINES:
        await desk.say(who, text)
    situation = desk.situation(MIA, "does anybody know?")
    gate = LinearGate(shipped())
    plain = GateInput(message=situation.message, recent=situation.recent)
    linked = GateInput(
        message=replace(situation.message, reply_to=("x1",), thread="x1"),
        recent=tuple(replace(message, reply_to=("x9",), thread="x9", ticket_id=None) for message in situation.recent),
    )
    assert gate.score(plain) == gate.score(linked)


@given(text=st.text(max_size=200), before=st.lists(st.text(max_size=60), max_size=5))
def test_every_text_gets_a_probability(text: str, before: list[str]) -> None:
    desk = opener(KnownAnswers())()
    recent = tuple(desk.situation(OTTO, line).message for line in before)
    message = desk.situation(MIA, text).message
    ticket = lifecycle.opened(message, ticket_id="t")
    gate = LinearGate(shipped())
    for given_now in (
        GateInput(message=message, recent=recent),
        GateInput(message=message, recent=recent, ticket=ticket),
    ):
        assert 0.0 <= gate.score(given_now) <= 1.0


def test_weights_of_another_version_are_refused_with_what_to_do() -> None:
    head = shipped().opens
    with pytest.raises(Misconfigured, match="measure_gate"):
        head.check([("something", 1.0)])


@pytest.mark.parametrize("text", ["", "{}", '{"id": "x", "heads": {}}', "[1]"])
def test_a_broken_weights_file_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(Misconfigured, match="Install Vigil again"):
        Weights.parse(text)


def test_the_shipped_file_says_where_it_comes_from() -> None:
    content = json.loads(files("vigil.assist").joinpath("weights/gate.json").read_text("utf-8"))
    assert "CC BY 4.0" in content["card"]["data"]
    assert content["heads"]["answerable"]["scores_out_of_fold"]["average_precision"] > 0.4
