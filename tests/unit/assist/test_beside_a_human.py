"""Beside a human: Vigil whispers, doesn't talk over anybody, and answers whoever calls it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.assist.small_desk import (
    ASKS_INVOICE,
    ASKS_LIMIT,
    ASKS_PASSWORD,
    ASKS_UNKNOWN,
    ASKS_WIPE,
    BILLING,
    INTERNAL,
    INVOICE,
    PASSWORD,
    OpenDesk,
)
from vigil.domain.conversation import ConversationKind
from vigil.domain.decision import DecisionKind, Reason
from vigil.domain.post import Visibility
from vigil.domain.ticket import TicketState
from vigil.domain.topic import Autonomy
from vigil.testing.knowledge import KnownAnswers
from vigil.testing.situations import MIA, OTTO, STRANGER, TOM, SmallDesk


async def joined(open_desk: OpenDesk, **settings: object) -> SmallDesk:
    """A ticket in which the customer has asked something unknown and an analyst has joined."""
    desk = open_desk(**settings)
    await desk.say(MIA, ASKS_UNKNOWN)
    await desk.say(TOM, "Hi Mia, let me look.")
    return desk


async def test_once_a_human_is_there_the_answer_goes_to_them_alone(open_desk: OpenDesk) -> None:
    desk = await joined(open_desk)
    verdict = await desk.say(MIA, ASKS_PASSWORD)
    assert verdict.decision.kind is DecisionKind.SUGGEST
    (post,) = verdict.posts
    assert post.visibility is Visibility.PRIVATE
    assert post.text.startswith("Vigil suggests (90% sure):")
    assert "Source: Passwords (docs/page.md)" in post.text


async def test_a_topic_set_to_reply_goes_on_replying(open_desk: OpenDesk) -> None:
    desk = await joined(open_desk, autonomy=Autonomy.AUTO)
    assert (await desk.say(MIA, ASKS_PASSWORD)).decision.kind is DecisionKind.REPLY


async def test_a_ticket_that_was_given_to_somebody_is_theirs_before_they_write(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, "hello")
    desk.change_ticket(replace(desk.ticket, assignee_id=TOM.id))
    assert (await desk.say(MIA, ASKS_PASSWORD)).decision.kind is DecisionKind.SUGGEST


async def test_an_analyst_at_work_is_left_alone(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    desk = await joined(open_desk)
    before = len(knowledge.asked)
    verdict = await desk.say(TOM, "Did you already try to reset your password?")
    assert verdict.decision.reason is Reason.ANALYST_AT_WORK
    assert len(knowledge.asked) == before


async def test_a_question_to_the_analyst_by_name_is_whispered_never_answered_over_them(open_desk: OpenDesk) -> None:
    desk = await joined(open_desk, autonomy=Autonomy.AUTO)
    assert (await desk.say(MIA, "Tom: how do I reset my password?")).decision.kind is DecisionKind.SUGGEST


async def test_a_dangerous_answer_is_whispered_with_a_warning(open_desk: OpenDesk) -> None:
    desk = await joined(open_desk)
    verdict = await desk.say(MIA, ASKS_WIPE)
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.SUGGEST, Reason.HIGH_RISK)
    assert "deletes files" in verdict.posts[0].text


async def test_internal_knowledge_helps_the_analyst_and_never_the_customer(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    alone = await open_desk().say(MIA, ASKS_LIMIT)
    assert (alone.decision.kind, alone.decision.answer) == (DecisionKind.SUGGEST, INTERNAL)
    assert [post.visibility for post in alone.posts] == [Visibility.PRIVATE]
    assert [question.scope.audience for question in knowledge.asked[-2:]] == ["public", "internal"]
    desk = await joined(open_desk)
    beside = await desk.say(MIA, ASKS_LIMIT)
    assert (beside.decision.kind, beside.decision.answer) == (DecisionKind.SUGGEST, INTERNAL)
    assert knowledge.asked[-1].scope.audience == "internal"
    asked = await desk.say(MIA, ASKS_LIMIT, mention=True, after=timedelta(hours=2))
    assert INTERNAL not in asked.posts[0].text


async def test_an_analyst_who_calls_vigil_is_answered_among_colleagues(open_desk: OpenDesk) -> None:
    desk = await joined(open_desk)
    verdict = await desk.say(TOM, "@vigil what is the hard limit for volumes?", mention=True)
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.REPLY, Reason.ADDRESSED)
    assert (verdict.posts[0].visibility, verdict.decision.answer) == (Visibility.PRIVATE, INTERNAL)


async def test_a_bare_call_for_vigil_means_what_the_customer_asked(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    desk = open_desk(autonomy=Autonomy.SHADOW)
    await desk.say(MIA, ASKS_INVOICE)
    verdict = await desk.say(TOM, "@vigil any idea?", mention=True)
    assert verdict.decision.answer == INVOICE


async def test_a_customer_who_calls_vigil_is_answered_even_beside_a_human(open_desk: OpenDesk) -> None:
    desk = await joined(open_desk)
    verdict = await desk.say(MIA, "@vigil how do I reset my password?", mention=True)
    assert (verdict.decision.kind, verdict.posts[0].visibility) == (DecisionKind.REPLY, Visibility.PUBLIC)


async def test_vigil_says_honestly_that_it_does_not_know_and_who_might(open_desk: OpenDesk) -> None:
    desk = open_desk(topics=(BILLING,))
    await desk.say(MIA, "why was my card charged twice on the invoice? hm")
    verdict = await desk.say(
        MIA, "@vigil why was it charged in dollars, and who decides that?", mention=True, after=timedelta(hours=1)
    )
    knows = verdict.decision.reason is not Reason.UNKNOWN_TO_VIGIL
    assert not knows or verdict.decision.answer == INVOICE
    unknown = await desk.say(
        MIA, "@vigil does your warehouse in Lisbon open on Sundays?", mention=True, after=timedelta(hours=1)
    )
    assert unknown.decision.reason is Reason.UNKNOWN_TO_VIGIL
    assert "I don't know" in unknown.posts[0].text
    assert "Ana Lopes" in unknown.posts[0].text


@pytest.mark.parametrize("text", ["thanks @vigil", "@vigil thank you!", "@vigil ok"])
async def test_thanks_to_vigil_need_no_answer(open_desk: OpenDesk, text: str) -> None:
    desk = await joined(open_desk)
    assert (await desk.say(MIA, text, mention=True)).decision.reason is Reason.NOT_A_QUESTION


@pytest.mark.parametrize("text", ["hi @vigil", "@vigil hello", "Hello Vigil!"])
async def test_whoever_greets_vigil_is_greeted_and_nothing_is_searched(
    open_desk: OpenDesk, knowledge: KnownAnswers, text: str
) -> None:
    verdict = await open_desk(ConversationKind.PRIVATE).say(MIA, text, mention=True)
    assert verdict.decision.kind is DecisionKind.REPLY
    assert knowledge.asked == []


async def test_a_private_chat_is_always_about_vigil(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.PRIVATE)
    assert (await desk.say(MIA, "invoice january")).decision.answer == INVOICE
    assert (await desk.say(MIA, "invoice january")).decision.kind is DecisionKind.REPLY
    assert (
        await desk.say(MIA, "lisbon warehouse sunday", after=timedelta(hours=1))
    ).decision.reason is Reason.UNKNOWN_TO_VIGIL


async def test_a_colleagues_private_chat_opens_no_ticket_and_may_hear_what_is_internal(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.PRIVATE)
    verdict = await desk.say(TOM, ASKS_LIMIT)
    assert (verdict.ticket, verdict.decision.answer, verdict.posts[0].visibility) == (None, INTERNAL, Visibility.PUBLIC)


async def test_a_stranger_in_a_ticket_is_never_answered_in_public(open_desk: OpenDesk) -> None:
    desk = open_desk(autonomy=Autonomy.AUTO)
    await desk.say(MIA, "hello")
    assert (await desk.say(STRANGER, "I'm her neighbour and it rains")).decision.kind is DecisionKind.SILENT
    assert (await desk.say(STRANGER, ASKS_PASSWORD)).decision.kind is DecisionKind.SUGGEST


async def test_a_second_person_of_the_customers_counts_as_customer(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, "hello")
    verdict = await desk.say(OTTO, ASKS_PASSWORD)
    assert (verdict.decision.kind, verdict.decision.answer) == (DecisionKind.REPLY, PASSWORD)


async def test_whose_turn_it_is_follows_who_wrote(open_desk: OpenDesk) -> None:
    desk = open_desk()
    states: list[TicketState] = []
    for who, text in (
        (MIA, ASKS_UNKNOWN),
        (TOM, "Which warehouse do you mean?"),
        (MIA, "The one at the harbour, with the red gate"),
        (TOM, "It opens on weekdays."),
        (MIA, "thanks!"),
    ):
        await desk.say(who, text)
        states.append(desk.ticket.state)
    assert states == [
        TicketState.OPEN,
        TicketState.PENDING_CUSTOMER,
        TicketState.PENDING_ANALYST,
        TicketState.PENDING_CUSTOMER,
        TicketState.PENDING_CUSTOMER,
    ]
    assert desk.ticket.human_joined_at is not None


async def test_the_first_line_keeps_its_ticket_until_it_does_not_know(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_PASSWORD)
    assert desk.ticket.state is TicketState.FIRST_LINE
    await desk.say(MIA, "thanks, that worked")
    assert desk.ticket.state is TicketState.FIRST_LINE
    await desk.say(MIA, ASKS_UNKNOWN, after=timedelta(hours=1))
    assert desk.ticket.state is TicketState.PENDING_ANALYST


async def test_names_go_along_so_that_they_can_be_redacted_and_lines_so_that_they_can_be_understood(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    desk = await joined(open_desk)
    await desk.say(MIA, ASKS_PASSWORD)
    question = knowledge.asked[-1]
    assert question.names == ("Mia", "Tom")
    assert question.context[-2:] == ("analyst: Hi Mia, let me look.", f"customer: {ASKS_PASSWORD}")
