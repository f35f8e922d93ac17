"""What messages make of a ticket, and that every move is a legal one."""

from dataclasses import replace

import pytest

from vigil.assist import lifecycle
from vigil.domain.conversation import Message, Role
from vigil.domain.ticket import Ticket, TicketState, check_transition
from vigil.testing.situations import MIA, START

MESSAGE = Message(
    id="m",
    external_id="m",
    conversation_id="c",
    seq=1,
    author=MIA,
    text="My server is gone",
    sent_at=START,
    received_at=START,
)
TICKET = lifecycle.opened(MESSAGE, ticket_id="t")


def test_a_new_ticket_carries_its_opening() -> None:
    assert (TICKET.subject, TICKET.customer_id, TICKET.state) == ("My server is gone", MIA.id, TicketState.OPEN)


@pytest.mark.parametrize("state", list(TicketState))
@pytest.mark.parametrize("part", list(Role))
@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("small_talk", [True, False])
@pytest.mark.parametrize("reopens", [True, False])
def test_every_move_is_legal(state: TicketState, part: Role, asks: bool, small_talk: bool, reopens: bool) -> None:
    before = replace(TICKET, state=state)
    after = lifecycle.after(before, MESSAGE, part, asks=asks, reopens=reopens, small_talk=small_talk, to_vigil=False)
    if after.state is not state:
        check_transition(state, after.state)
    handed = lifecycle.handed_off(after) if after.state not in (TicketState.RESOLVED, TicketState.CLOSED) else after
    lifecycle.answered_by_vigil(handed)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TicketState.OPEN, TicketState.OPEN),
        (TicketState.ESCALATED, TicketState.ESCALATED),
        (TicketState.FIRST_LINE, TicketState.PENDING_ANALYST),
        (TicketState.PENDING_CUSTOMER, TicketState.PENDING_ANALYST),
        (TicketState.REOPENED, TicketState.PENDING_ANALYST),
        (TicketState.RESOLVED, TicketState.REOPENED),
        (TicketState.CLOSED, TicketState.REOPENED),
    ],
)
def test_a_question_of_the_customers(before: TicketState, after: TicketState) -> None:
    ticket = lifecycle.customer_wrote(replace(TICKET, state=before), asks=True, reopens=True, small_talk=False)
    assert ticket.state is after


def test_an_analyst_who_only_asks_vigil_has_joined_and_has_not_answered() -> None:
    ticket = lifecycle.human_wrote(TICKET, MESSAGE, to_vigil=True)
    assert (ticket.state, ticket.human_joined_at) == (TicketState.OPEN, START)


def test_the_first_human_stays_the_first() -> None:
    once = lifecycle.human_wrote(TICKET, MESSAGE, to_vigil=False)
    later = replace(MESSAGE, sent_at=START.replace(hour=20))
    assert lifecycle.human_wrote(once, later, to_vigil=False).human_joined_at == START


def test_a_clock_that_runs_backwards_does_not_turn_a_ticket_back() -> None:
    early = replace(MESSAGE, received_at=START.replace(year=2020))
    assert lifecycle.touched(TICKET, early).updated_at == START


def test_a_called_human_is_waited_for_until_one_comes() -> None:
    called: Ticket = lifecycle.handed_off(TICKET)
    assert lifecycle.waits_for_human(called)
    assert not lifecycle.waits_for_human(lifecycle.human_wrote(called, MESSAGE, to_vigil=True))
