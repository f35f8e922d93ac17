"""Which ticket a message is put on, and when it is left alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.assist.small_desk import ASKS_INVOICE, ASKS_PASSWORD, OpenDesk
from vigil.domain.conversation import ConversationKind, Person, Role
from vigil.domain.decision import Reason
from vigil.domain.ticket import TicketState
from vigil.testing.situations import MIA, OTTO, ROBOT, STRANGER, TOM, SmallDesk

CHANNEL = ConversationKind.CHANNEL
NORA = Person(id="who-2", name="Nora Berg", role=Role.BYSTANDER)
SOON = timedelta(seconds=40)

MIAS = "Hi, how do I get my wireless card to work after the upgrade? It was fine before"
OTTOS = "Does anybody know where I can find the invoice for January? I looked everywhere"


async def busy(open_desk: OpenDesk) -> SmallDesk:
    """A channel in which Mia and Otto each have just asked something."""
    desk = open_desk(CHANNEL)
    await desk.say(MIA, MIAS)
    await desk.say(OTTO, OTTOS, after=SOON)
    assert {ticket.customer_id for ticket in desk.tickets.values()} == {MIA.id, OTTO.id}
    return desk


def of(desk: SmallDesk, person: Person) -> str:
    return next(ticket.id for ticket in desk.tickets.values() if ticket.customer_id == person.id)


async def test_in_a_room_everything_is_one_ticket(open_desk: OpenDesk) -> None:
    desk = open_desk()
    for who in (MIA, TOM, ROBOT, STRANGER, OTTO):
        await desk.say(who, "hello there")
    assert {message.ticket_id for message in desk.messages} == {desk.ticket.id}
    assert desk.ticket.customer_id == MIA.id


@pytest.mark.parametrize("who", [TOM, ROBOT, STRANGER])
async def test_only_a_customer_opens_a_rooms_ticket(open_desk: OpenDesk, who: Person) -> None:
    desk = open_desk()
    assert (await desk.say(who, ASKS_PASSWORD)).ticket is None
    await desk.say(MIA, ASKS_PASSWORD)
    assert desk.ticket.customer_id == MIA.id


async def test_a_plain_question_in_a_channel_opens_a_ticket_for_whoever_asks(open_desk: OpenDesk) -> None:
    desk = open_desk(CHANNEL)
    await desk.say(STRANGER, MIAS)
    assert desk.ticket.customer_id == STRANGER.id


@pytest.mark.parametrize("text", ["hello", "lol", "me too", "ok then", "it is raining in Ghent"])
async def test_talk_in_a_channel_opens_nothing(open_desk: OpenDesk, text: str) -> None:
    desk = open_desk(CHANNEL)
    verdict = await desk.say(MIA, text)
    assert (verdict.ticket, verdict.decision.reason) == (None, Reason.UNASSIGNED)


async def test_an_analysts_question_in_a_channel_opens_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(CHANNEL)
    assert (await desk.say(TOM, OTTOS)).ticket is None


async def test_an_explicit_ticket_beats_everything(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    verdict = await desk.say(MIA, "any news?", ticket=of(desk, OTTO), after=SOON)
    assert verdict.decision.ticket_id == of(desk, OTTO)


async def test_a_ticket_that_is_not_at_hand_is_not_guessed(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    verdict = await desk.say(MIA, "any news?", ticket="tkt_elsewhere", after=SOON)
    assert (verdict.ticket, verdict.decision.reason) == (None, Reason.UNASSIGNED)


async def test_a_reply_goes_where_the_message_that_it_answers_is(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    verdict = await desk.say(NORA, "have you looked under Billing?", reply_to=[desk.messages[1]], after=SOON)
    assert verdict.decision.ticket_id == of(desk, OTTO)


async def test_a_thread_stays_together(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    first = await desk.say(NORA, "which card is it?", thread="x1", after=SOON)
    second = await desk.say(MIA, "an old one", thread="x1", after=timedelta(hours=5))
    assert (first.decision.ticket_id, second.decision.ticket_id) == (of(desk, MIA), of(desk, MIA))


async def test_a_thread_without_a_ticket_gets_one_when_somebody_asks_there(open_desk: OpenDesk) -> None:
    desk = open_desk(CHANNEL)
    await desk.say(TOM, "Maintenance tonight at ten.")
    talk = await desk.say(NORA, "ok", thread="x1", after=SOON)
    asks = await desk.say(
        MIA, "Hi, how can I find out whether my cluster is part of that maintenance tonight?", thread="x1", after=SOON
    )
    assert talk.ticket is None
    assert asks.ticket is not None


@pytest.mark.parametrize("name", ["Otto:", "otto,", "@otto"])
async def test_whoever_speaks_to_a_tickets_customer_is_put_on_it(open_desk: OpenDesk, name: str) -> None:
    desk = await busy(open_desk)
    verdict = await desk.say(NORA, f"{name} did you look under Billing?", after=SOON)
    assert verdict.decision.ticket_id == of(desk, OTTO)


async def test_first_names_are_enough(open_desk: OpenDesk) -> None:
    desk = open_desk(CHANNEL)
    await desk.say(NORA, MIAS)
    assert (await desk.say(TOM, "nora: which card is it?", after=SOON)).ticket is not None


async def test_the_customer_goes_on_with_their_own_ticket(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    await desk.say(NORA, "Mia: which card is it?", after=SOON)
    verdict = await desk.say(MIA, "it is the one with the broadcom chip", after=SOON)
    assert verdict.decision.ticket_id == of(desk, MIA)


async def test_whoever_helps_in_a_channel_counts_as_a_human(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    verdict = await desk.say(NORA, "Mia: which card is it?", after=SOON)
    assert verdict.decision.reason is Reason.ANALYST_AT_WORK
    ticket = desk.tickets[of(desk, MIA)]
    assert ticket.human_joined_at is not None
    assert ticket.state is TicketState.PENDING_CUSTOMER


async def test_a_question_to_somebody_outside_every_ticket_is_left_alone(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    await desk.say(STRANGER, "coffee time", after=SOON)
    verdict = await desk.say(NORA, "Kim: how do you like yours, with milk?", after=SOON)
    assert verdict.decision.reason is Reason.ADDRESSED_TO_OTHERS


async def test_in_a_channel_a_ticket_that_is_over_is_not_taken_up_by_a_new_question(open_desk: OpenDesk) -> None:
    desk = await busy(open_desk)
    old = desk.tickets[of(desk, MIA)]
    desk.change_ticket(replace(old, state=TicketState.RESOLVED))
    for who, text in ((NORA, "it rains again"), (STRANGER, "as always"), (NORA, "lovely"), (OTTO, "lol")) * 3:
        await desk.say(who, text, after=SOON)
    verdict = await desk.say(MIA, "Hi, does anybody know how I can share one disk between two servers?", after=SOON)
    assert verdict.ticket is not None
    assert verdict.ticket.id != old.id


async def test_one_private_chat_is_one_ticket(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.PRIVATE)
    await desk.say(MIA, ASKS_PASSWORD)
    await desk.say(MIA, ASKS_INVOICE)
    assert desk.ticket.customer_id == MIA.id
