"""The trained scores that ship fit what this version computes, never look into the future, and hear something in any text."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.assist.small_desk import OpenDesk, opener
from vigil.assist.figures import NAMES, TICKET_NAMES, figures, ticket_figures
from vigil.assist.hearing import FOLLOW_UP_NAMES, OPENING_NAMES, follow_up_row, opening_row, read_card, shipped
from vigil.assist.linear import Head
from vigil.assist.linear import shipped as shipped_belongs
from vigil.assist.links import links
from vigil.assist.scene import Heard, Scene
from vigil.domain.conversation import ConversationKind, Message
from vigil.errors import Misconfigured
from vigil.testing.hearing import shipped_hearing
from vigil.testing.knowledge import KnownAnswers
from vigil.testing.situations import MIA, OTTO, TOM

LINES = [
    (MIA, "Hi, how do I get my wireless card to work after the upgrade? It was fine before"),
    (OTTO, "Does anybody know where I can find the invoice for January? I looked everywhere"),
    (TOM, "Mia: which card is it?"),
    (MIA, "Tom: the broadcom one, it says exit code 19"),
]


async def lines(open_desk: OpenDesk, text: str) -> tuple[Message, tuple[Message, ...]]:
    desk = open_desk(ConversationKind.CHANNEL)
    for who, line in LINES:
        await desk.say(who, line)
    situation = desk.situation(MIA, text)
    return situation.message, situation.recent


async def test_the_shipped_scores_fit_this_versions_figures(open_desk: OpenDesk) -> None:
    message, recent = await lines(open_desk, "any idea?")
    heard = Heard(message=message, recent=recent)
    scene = Scene(heard)
    assert len(figures(scene)) == len(NAMES)
    assert len(ticket_figures(scene)) == len(TICKET_NAMES)
    assert len(opening_row(heard, shipped().texts)) == len(OPENING_NAMES)
    assert len(follow_up_row(heard, shipped().texts)) == len(FOLLOW_UP_NAMES)


async def test_the_score_of_message_and_ticket_fits_its_figures(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.CHANNEL)
    for who, text in LINES:
        await desk.say(who, text)
    candidates = links(desk.situation(MIA, "any idea?"), opening=0.5, answerable=0.5)
    assert candidates
    shipped_belongs().check(candidates[0].figures)


async def test_annotations_of_a_recording_change_no_score(open_desk: OpenDesk) -> None:
    message, recent = await lines(open_desk, "does anybody know how to print on both sides?")
    linked = replace(message, reply_to=("x1",), thread="x1")
    others = tuple(replace(earlier, reply_to=("x9",), thread="x9", ticket_id=None) for earlier in recent)
    hearing = shipped_hearing()
    assert await hearing.opening(message, recent) == await hearing.opening(linked, others)
    assert await hearing.follow_up(message, recent) == await hearing.follow_up(linked, others)


async def test_a_plain_question_is_heard_and_small_talk_is_not(open_desk: OpenDesk) -> None:
    hearing = shipped_hearing()
    message, recent = await lines(open_desk, "how do I mount my usb stick?")
    asked = await hearing.opening(replace(message, author=OTTO, sent_at=message.sent_at + timedelta(hours=1)), recent)
    chatted = await hearing.opening(replace(message, text="Tom: lol ok thanks"), recent)
    assert asked.answerable > hearing.bars.answerable
    assert chatted.opens < 0.1
    assert chatted.answerable <= chatted.opens


@given(text=st.text(max_size=200), before=st.lists(st.text(max_size=60), max_size=5))
def test_every_text_gets_a_probability_also_without_its_vector(text: str, before: list[str]) -> None:
    desk = opener(KnownAnswers())()
    recent = tuple(desk.situation(OTTO, line).message for line in before)
    heard = Heard(message=desk.situation(MIA, text).message, recent=recent)
    opening = shipped().opening(heard)
    assert 0.0 <= opening.answerable <= opening.opens <= 1.0
    assert 0.0 <= shipped().follow_up(heard) <= 1.0


def test_weights_of_another_version_are_refused_with_what_to_do() -> None:
    with pytest.raises(Misconfigured, match="train_gate"):
        shipped_belongs().check([("something", 1.0)])


@pytest.mark.parametrize("text", ["", "{}", '{"weights": 1}', "[1]"])
def test_a_broken_weights_file_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(Misconfigured, match="Install Vigil again"):
        Head.parse(text)


def test_the_shipped_card_says_where_the_scores_come_from() -> None:
    card = read_card()
    assert "CC BY 4.0" in card["data"]
    assert card["scores_out_of_fold"]["answerable"]["average_precision"] > 0.5
