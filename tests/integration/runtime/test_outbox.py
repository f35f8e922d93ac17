"""From a decision to a post: sent once, put off when the channel is down, withdrawn when the world has changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.integration.runtime.house import ANALYST, CUSTOMER, House, W
from vigil.assist.situation import Situation
from vigil.domain.conversation import ConversationKind, MessageEvent, Person, Role
from vigil.domain.decision import Citation, OutcomeKind
from vigil.domain.post import PostState, Visibility
from vigil.domain.ticket import TicketState
from vigil.errors import InvalidInput

ANSWER = "restart the node pool with lark lke pool restart"
CITATION = Citation(revision_id="rev-1", entry_id="ent-1", title="Node pools", quote="restart the node pool")


def cited(house: House, visibility: Visibility = Visibility.PRIVATE) -> None:
    """From now on questions are answered from an entry; everything else is passed over."""
    house.answer_of = lambda situation: ANSWER if "?" in situation.message.text else None
    original = house.assist.decide
    house.assist._visibility = visibility  # pyright: ignore[reportPrivateUsage]

    async def decide(situation: Situation):
        verdict = await original(situation)
        if not verdict.decision.answer:
            return verdict
        return replace(verdict, decision=replace(verdict.decision, citations=(CITATION,)))

    house.assist.decide = decide


async def states(house: House) -> list[tuple[PostState, str]]:
    return [(post.state, post.reason) for post in await house.posts()]


async def test_a_suggestion_is_posted_once_with_its_key(house: House) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.worker.settle()
    await house.worker.settle()

    (delivery,) = house.channel.posted
    (post,) = await house.posts()
    assert delivery.key == post.id
    assert delivery.visibility is Visibility.PRIVATE
    assert delivery.reply_to == "m1"
    assert house.channel.attempts == 1
    assert post.state is PostState.SENT


async def test_a_reply_becomes_part_of_the_conversation(house: House) -> None:
    cited(house, Visibility.PUBLIC)
    await house.write("node not ready?")
    await house.worker.settle()
    await house.write("ok thanks")
    await house.worker.settle()

    recent = house.assist.situations[-1].recent
    assert [(message.by_vigil, message.text) for message in recent] == [(False, "node not ready?"), (True, ANSWER)]


async def test_a_channel_that_is_down_is_tried_again_with_the_same_key(house: House) -> None:
    cited(house)
    house.channel.be_down(2)
    await house.write("node not ready?")
    await house.worker.settle()
    assert await states(house) == [(PostState.WAITING, "the channel answered 500")]
    for _ in range(2):
        house.clock.advance(timedelta(seconds=10))
        await house.worker.settle()

    assert [post.state for post in await house.posts()] == [PostState.SENT]
    assert len(house.channel.posted) == 1


async def test_a_channel_that_stays_down_is_given_up_with_the_reason(house: House) -> None:
    cited(house)
    house.channel.be_down(99)
    await house.write("node not ready?")
    for _ in range(5):
        await house.worker.settle()
        house.clock.advance(timedelta(minutes=10))
    assert await states(house) == [(PostState.FAILED, "given up: the channel answered 500")]


async def test_a_refusal_for_good_is_not_tried_again(house: House) -> None:
    cited(house)
    house.channel.failures.append(InvalidInput("410 Gone"))
    await house.write("node not ready?")
    await house.worker.settle()
    assert await states(house) == [(PostState.FAILED, "410 Gone")]
    assert house.channel.attempts == 1


async def test_a_sender_that_died_with_a_claim_is_replaced(house: House) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.worker.drain_once()
    dead = house.sender
    assert await dead._claim(W)  # pyright: ignore[reportPrivateUsage]
    await house.worker.settle()
    assert house.channel.attempts == 0
    house.clock.advance(timedelta(seconds=21))
    await house.worker.settle()
    assert len(house.channel.posted) == 1


async def _mute_ticket(house: House, ticket: str) -> None:
    await house.desk.change_ticket(W, ticket, by="tomas", muted=True)


async def _resolve(house: House, ticket: str) -> None:
    await house.desk.change_ticket(W, ticket, by="tomas", state=TicketState.RESOLVED)


async def _switch_off(house: House, ticket: str) -> None:
    await house.administration.change_workspace(W, by="admin", silenced=True)


async def _retire(house: House, ticket: str) -> None:
    house.standing.retired.add("rev-1")


async def _shadow(house: House, ticket: str) -> None:
    from vigil.domain.topic import Autonomy

    await house.administration.change_workspace(W, by="admin", default_autonomy=Autonomy.SHADOW)


async def _answer_it(house: House, ticket: str) -> None:
    await house.write("see the page on pools", by=ANALYST, reply_to=("m1",))
    await house.worker.drain_once()


async def _say_the_same(house: House, ticket: str) -> None:
    await house.write("just restart the node pool: lark lke pool restart", by=ANALYST)
    await house.worker.drain_once()


async def _delete(house: House, ticket: str) -> None:
    await house.write("", name="del", about="m1", event=MessageEvent.DELETED)
    await house.worker.drain_once()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_mute_ticket, "Vigil is muted here"),
        (_resolve, "the ticket is over"),
        (_switch_off, "Vigil is switched off in this workspace"),
        (_retire, "an entry that the answer rests on was changed or retired"),
        (_shadow, "the topic was put in shadow"),
        (_answer_it, "a human has answered this very message"),
        (_say_the_same, "a human has said the same"),
        (_delete, "the message was deleted"),
    ],
)
async def test_a_post_is_withdrawn_when_the_world_has_changed(
    house: House, change: Callable[[House, str], object], reason: str
) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.worker.drain_once()
    (decision,) = await house.decisions()
    await change(house, decision.ticket_id or "")  # pyright: ignore[reportGeneralTypeIssues]
    await house.worker.settle()

    assert await states(house) == [(PostState.WITHDRAWN, reason)]
    assert house.channel.posted == []


async def test_a_human_reply_withdraws_only_what_it_answers(house: House) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.write("and what about my invoice?")
    await house.worker.drain_once()
    await house.write("I'm looking into the invoice", by=ANALYST, reply_to=("m2",))
    await house.worker.settle()
    assert [state for state, _ in await states(house)] == [PostState.SENT, PostState.WITHDRAWN]


async def test_nothing_goes_to_a_customer_over_the_head_of_a_human(house: House) -> None:
    cited(house, Visibility.PUBLIC)
    await house.write("node not ready?")
    await house.worker.drain_once()
    await house.write("hello, I'm taking over here", by=ANALYST)
    await house.worker.settle()
    assert await states(house) == [(PostState.WITHDRAWN, "a human has joined the ticket")]


async def test_in_a_channel_a_bystander_who_answers_is_a_human_too(house: House) -> None:
    cited(house)
    someone = Person(id="u-77", name="zed", role=Role.BYSTANDER)
    await house.write("node not ready?", kind=ConversationKind.CHANNEL)
    await house.worker.drain_once()
    await house.write("restart the node pool with lark lke pool restart", by=someone, kind=ConversationKind.CHANNEL)
    await house.worker.settle()
    assert await states(house) == [(PostState.WITHDRAWN, "a human has said the same")]


async def test_a_customer_who_writes_on_does_not_withdraw_it(house: House) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.worker.drain_once()
    await house.write("it is in fra2", by=CUSTOMER)
    await house.worker.settle()
    assert [state for state, _ in await states(house)] == [PostState.SENT]


async def test_a_dismissed_suggestion_is_not_sent_and_needs_a_reason(house: House) -> None:
    cited(house)
    await house.write("node not ready?")
    await house.worker.drain_once()
    (decision,) = await house.decisions()
    with pytest.raises(InvalidInput, match="reason"):
        await house.desk.record_outcome(W, decision.id, kind=OutcomeKind.DISMISSED, by="tomas")
    await house.desk.record_outcome(W, decision.id, kind=OutcomeKind.DISMISSED, by="tomas", reason="wrong product")
    await house.worker.settle()
    assert [state for state, _ in await states(house)] == [PostState.WITHDRAWN]
    record = await house.desk.decision(W, decision.id)
    assert [outcome.reason for outcome in record.outcomes] == ["wrong product"]
