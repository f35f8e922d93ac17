"""Whatever people write, in whatever order: every message gets one coherent verdict, and the rules that must never break don't."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.assist.small_desk import (
    ASKS_INVOICE,
    ASKS_LIMIT,
    ASKS_PASSWORD,
    ASKS_UNKNOWN,
    ASKS_WIPE,
    INTERNAL,
    opener,
    what_is_known,
)
from vigil.domain.conversation import ConversationKind, Person, Role
from vigil.domain.decision import DecisionKind, Reason
from vigil.domain.post import Visibility
from vigil.domain.ticket import OVER, TicketState
from vigil.domain.topic import Autonomy
from vigil.testing.situations import MIA, OTTO, ROBOT, STRANGER, TOM

LINES = (
    ASKS_PASSWORD,
    ASKS_INVOICE,
    ASKS_LIMIT,
    ASKS_WIPE,
    ASKS_UNKNOWN,
    "thanks!",
    "Mia: did it work?",
    "still not working, same error",
    "I want to talk to a human",
    "never mind, found it",
    "@vigil any idea?",
    "hello",
    "",
)

people = st.sampled_from([MIA, OTTO, TOM, STRANGER, ROBOT])
texts = st.one_of(st.sampled_from(LINES), st.text(max_size=80))
lines = st.lists(st.tuples(people, texts, st.integers(-600, 7200), st.booleans(), st.booleans()), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    said=lines,
    kind=st.sampled_from(list(ConversationKind)),
    autonomy=st.sampled_from(list(Autonomy)),
    over_at=st.integers(0, 11),
)
async def test_every_message_gets_one_coherent_verdict(
    said: list[tuple[Person, str, int, bool, bool]], kind: ConversationKind, autonomy: Autonomy, over_at: int
) -> None:
    knowledge = what_is_known()
    desk = opener(knowledge)(kind, autonomy=autonomy)
    for number, (who, text, seconds, mention, more) in enumerate(said):
        if number == over_at:
            for ticket in list(desk.tickets.values()):
                desk.change_ticket(replace(ticket, state=TicketState.RESOLVED, resolved_at=desk.clock.now()))
        before = len(knowledge.asked)
        verdict = await desk.say(who, text, after=timedelta(seconds=seconds), mention=mention, turn_continues=more)
        decision = verdict.decision
        asked = knowledge.asked[before:]
        assert decision.reason is not Reason.FAILED
        assert (decision.kind is DecisionKind.SILENT) == (verdict.posts == ())
        assert decision.ticket_id == (verdict.ticket.id if verdict.ticket else None)
        assert decision.covers[-1] == decision.message_id
        assert len(asked) <= 3
        assert len({post.id for post in verdict.posts}) == len(verdict.posts)
        if who.role is Role.BOT:
            assert (asked, verdict.posts) == ([], ())
        if decision.reason is Reason.NOT_A_QUESTION or more:
            assert asked == []
        for post in verdict.posts:
            if post.visibility is Visibility.PUBLIC and who.role is not Role.ANALYST:
                assert INTERNAL not in post.text
                assert "rm -rf" not in post.text
        if verdict.ticket is not None and verdict.ticket.state not in OVER:
            assert verdict.ticket.resolved_at is None
