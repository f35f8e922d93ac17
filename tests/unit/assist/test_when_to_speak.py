"""When Vigil speaks and when it keeps quiet: each rule as somebody at the desk would notice it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.assist.small_desk import (
    ASKS_INVOICE,
    ASKS_PASSWORD,
    ASKS_QUOTA,
    ASKS_UNKNOWN,
    ASKS_WIPE,
    INVOICE,
    PASSWORD,
    RUNTIME,
    OpenDesk,
)
from vigil.domain.conversation import ConversationKind
from vigil.domain.decision import DecisionKind, Reason
from vigil.domain.post import Visibility
from vigil.domain.ticket import TicketState
from vigil.domain.topic import Autonomy
from vigil.errors import InvalidInput, ModelUnavailable
from vigil.testing.knowledge import KnownAnswers
from vigil.testing.situations import MIA, ROBOT, STRANGER, TOM, VIGIL

AT_ONCE = timedelta(seconds=5)


async def test_the_first_question_of_a_ticket_is_answered_while_nobody_else_is_there(open_desk: OpenDesk) -> None:
    desk = open_desk()
    verdict = await desk.say(MIA, ASKS_PASSWORD)
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.REPLY, Reason.ANSWERED)
    (post,) = verdict.posts
    assert post.visibility is Visibility.PUBLIC
    assert PASSWORD in post.text
    assert "Source: Passwords" in post.text
    assert "Vigil" in post.text


async def test_what_nothing_answers_is_met_with_silence(open_desk: OpenDesk) -> None:
    verdict = await open_desk().say(MIA, ASKS_UNKNOWN)
    assert (verdict.decision.kind, verdict.decision.reason, verdict.posts) == (
        DecisionKind.SILENT,
        Reason.NO_EVIDENCE,
        (),
    )


@pytest.mark.parametrize(
    "text",
    [
        "thanks a lot!",
        "ok",
        "great, that worked",
        "Second one done. TUNNEL IS UP AGAIN!!",
        "Hello!",
        "yes",
        "danke schön",
        "will do :)",
    ],
)
async def test_thanks_greetings_and_yes_cost_nothing(open_desk: OpenDesk, knowledge: KnownAnswers, text: str) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_UNKNOWN)
    await desk.say(TOM, "Let me look that up for you.")
    before = len(knowledge.asked)
    verdict = await desk.say(MIA, text)
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.SILENT, Reason.NOT_A_QUESTION)
    assert len(knowledge.asked) == before


async def test_a_greeting_opens_the_ticket_and_waits_for_the_question(open_desk: OpenDesk) -> None:
    desk = open_desk()
    assert (await desk.say(MIA, "Good morning!")).decision.reason is Reason.NOT_A_QUESTION
    verdict = await desk.say(MIA, "I can't find the invoice for January")
    assert verdict.decision.answer == INVOICE
    assert len(desk.tickets) == 1


async def test_vigil_never_answers_itself(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_PASSWORD)
    assert (await desk.say(VIGIL, "How do I reset my password?")).decision.reason is Reason.OWN_MESSAGE


async def test_two_bots_never_talk_to_each_other_even_when_one_calls(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    desk = open_desk()
    await desk.say(MIA, "hello")
    verdict = await desk.say(ROBOT, "@vigil how do I reset my password?", mention=True)
    assert verdict.decision.reason is Reason.BOT_MESSAGE
    assert knowledge.asked == []


async def test_a_muted_conversation_and_a_muted_ticket_stay_quiet_even_when_called(open_desk: OpenDesk) -> None:
    assert (await open_desk(muted=True).say(MIA, ASKS_PASSWORD, mention=True)).decision.reason is Reason.MUTED
    desk = open_desk()
    await desk.say(MIA, "hello")
    desk.change_ticket(replace(desk.ticket, muted=True))
    assert (await desk.say(MIA, ASKS_PASSWORD)).decision.reason is Reason.MUTED


async def test_a_workspace_that_is_switched_off_hears_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(silenced=True)
    verdict = await desk.say(MIA, ASKS_PASSWORD)
    assert (verdict.decision.reason, verdict.posts) == (Reason.SWITCHED_OFF, ())
    assert desk.ticket.subject == ASKS_PASSWORD


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "?!", "\u200b\u202e"])
async def test_a_message_without_words_is_passed_over(open_desk: OpenDesk, text: str) -> None:
    assert (await open_desk().say(MIA, text)).decision.reason is Reason.UNREADABLE


async def test_a_message_that_is_too_long_is_kept_and_not_answered(open_desk: OpenDesk) -> None:
    verdict = await open_desk(max_message_chars=50).say(MIA, ASKS_PASSWORD + " please" * 20)
    assert verdict.decision.reason is Reason.UNREADABLE


async def test_a_topic_in_shadow_keeps_the_answer_to_itself(open_desk: OpenDesk) -> None:
    verdict = await open_desk(autonomy=Autonomy.SHADOW).say(MIA, ASKS_PASSWORD)
    assert (verdict.decision.reason, verdict.posts) == (Reason.TOPIC_SHADOW, ())
    assert verdict.decision.answer == PASSWORD


async def test_a_burst_is_one_turn_and_its_last_message_is_answered_for_all(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    desk = open_desk()
    first = await desk.say(MIA, "Hi,", turn_continues=True)
    second = await desk.say(MIA, "how do I reset my password?", after=AT_ONCE, turn_continues=True)
    last = await desk.say(MIA, "it's for the account of my colleague", after=AT_ONCE)
    assert (first.decision.reason, second.decision.reason) == (Reason.TURN_CONTINUES, Reason.TURN_CONTINUES)
    assert last.decision.answer == PASSWORD
    assert last.decision.covers == ("m1", "m2", "m3")
    assert len(knowledge.asked) == 1


async def test_a_better_answer_replaces_the_one_that_waits_for_the_same_turn(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    first = await desk.say(MIA, ASKS_QUOTA)
    second = await desk.say(MIA, "and where do I find the invoice for it?", after=AT_ONCE)
    assert second.decision.kind is DecisionKind.SUGGEST
    assert second.supersedes == (first.decision.id,)


async def test_never_mind_takes_back_what_waits(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    first = await desk.say(MIA, ASKS_QUOTA)
    verdict = await desk.say(MIA, "never mind, found it", after=AT_ONCE)
    assert (verdict.decision.reason, verdict.supersedes) == (Reason.NOT_A_QUESTION, (first.decision.id,))


async def test_the_same_answer_is_not_given_again_within_the_hour_but_after_it(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    await desk.say(MIA, ASKS_INVOICE)
    again = await desk.say(MIA, "Can you tell me where the invoice is?")
    later = await desk.say(MIA, "Where is the invoice for February?", after=timedelta(hours=2))
    assert (again.decision.reason, later.decision.kind) == (Reason.ALREADY_SAID, DecisionKind.SUGGEST)


async def test_thanks_after_a_ticket_is_resolved_leave_it_resolved(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_UNKNOWN)
    desk.change_ticket(replace(desk.ticket, state=TicketState.RESOLVED, resolved_at=desk.clock.now()))
    verdict = await desk.say(MIA, "Thank you, works now!")
    assert verdict.decision.reason is Reason.TICKET_OVER
    assert desk.ticket.state is TicketState.RESOLVED


async def test_a_new_question_after_a_ticket_is_resolved_reopens_it(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_UNKNOWN)
    desk.change_ticket(replace(desk.ticket, state=TicketState.RESOLVED, resolved_at=desk.clock.now()))
    verdict = await desk.say(MIA, "One more thing: where do I find the invoice for January?", after=timedelta(hours=3))
    assert verdict.decision.answer == INVOICE
    assert (desk.ticket.state, desk.ticket.resolved_at) == (TicketState.REOPENED, None)


async def test_what_was_said_before_a_reopening_does_not_come_back(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_QUOTA)
    desk.change_ticket(replace(desk.ticket, state=TicketState.CLOSED, resolved_at=desk.clock.now()))
    await desk.say(MIA, "New question: how do I reset my password?", after=timedelta(minutes=3))
    assert "quota" not in knowledge.asked[-1].text


async def test_a_question_to_another_person_is_left_alone(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    desk = open_desk()
    await desk.say(MIA, "hello")
    await desk.say(STRANGER, "hi Mia")
    verdict = await desk.say(MIA, "Kim: how do I reset my password?")
    assert verdict.decision.reason is Reason.ADDRESSED_TO_OTHERS
    assert (await desk.say(MIA, "@jonas how do I reset my password?")).decision.reason is Reason.ADDRESSED_TO_OTHERS
    assert knowledge.asked == []


async def test_two_clear_questions_are_asked_one_by_one_and_answered_together(
    open_desk: OpenDesk, knowledge: KnownAnswers
) -> None:
    verdict = await open_desk().say(MIA, "How do I reset my password? And where do I find the invoice for January?")
    assert len(knowledge.asked) == 2
    assert PASSWORD in verdict.decision.answer
    assert INVOICE in verdict.decision.answer
    assert len(verdict.decision.citations) == 2


async def test_a_question_with_an_error_message_keeps_the_message(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    text = 'Hello! kubectl says "container runtime is down: exit code 137", what now? Thanks!'
    assert (await open_desk().say(MIA, text)).decision.answer == RUNTIME
    assert "exit code 137" in knowledge.asked[0].text
    assert "Hello" not in knowledge.asked[0].text


async def test_it_is_understood_by_what_was_said_before(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    desk = open_desk(first_line=False)
    await desk.say(MIA, "We can't find the invoice for January")
    await desk.say(TOM, "Did you look in your mailbox?")
    await desk.say(MIA, "Yes. Can you send it again?", after=timedelta(hours=1))
    assert "invoice" in knowledge.asked[-1].text


async def test_a_person_who_asks_for_a_human_gets_one_and_is_told(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    desk = open_desk()
    verdict = await desk.say(MIA, "I want to talk to a real person")
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.HAND_OFF, Reason.WANTS_HUMAN)
    assert {post.visibility for post in verdict.posts} == {Visibility.PRIVATE, Visibility.PUBLIC}
    assert desk.ticket.state is TicketState.ESCALATED
    assert knowledge.asked == []


async def test_a_human_is_called_once_and_until_then_vigil_only_suggests(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, "Let me talk to a human please")
    again = await desk.say(MIA, "a human please!! where do I find the invoice?")
    assert again.decision.kind is DecisionKind.SUGGEST
    assert desk.ticket.state is TicketState.ESCALATED


async def test_a_furious_customer_gets_a_human_with_what_is_known(open_desk: OpenDesk) -> None:
    desk = open_desk()
    verdict = await desk.say(MIA, "This is unacceptable. Third time I ask: where do I find the invoice for January?")
    assert verdict.decision.kind is DecisionKind.HAND_OFF
    notice = next(post for post in verdict.posts if post.visibility is Visibility.PRIVATE)
    assert INVOICE in notice.text


async def test_an_answer_that_was_no_help_calls_a_human(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_PASSWORD)
    verdict = await desk.say(MIA, "That didn't help, I don't get any link")
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.HAND_OFF, Reason.WANTS_HUMAN)


async def test_asking_again_after_the_same_answer_calls_a_human(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_PASSWORD)
    verdict = await desk.say(MIA, "How do I reset my password, please?")
    assert verdict.decision.kind is DecisionKind.HAND_OFF
    assert desk.ticket.state is TicketState.ESCALATED


async def test_a_dangerous_answer_is_handed_to_a_human(open_desk: OpenDesk) -> None:
    desk = open_desk()
    verdict = await desk.say(MIA, ASKS_WIPE)
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.HAND_OFF, Reason.HIGH_RISK)
    public = [post.text for post in verdict.posts if post.visibility is Visibility.PUBLIC]
    assert public
    assert all("rm -rf" not in text for text in public)
    assert desk.ticket.state is TicketState.ESCALATED


async def test_an_error_on_the_way_is_silence_that_names_it(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    knowledge.failure = lambda: ModelUnavailable("password of Mia")
    desk = open_desk()
    verdict = await desk.say(MIA, ASKS_PASSWORD)
    assert (verdict.decision.kind, verdict.decision.reason) == (DecisionKind.SILENT, Reason.FAILED)
    assert "ModelUnavailable" in verdict.decision.note
    assert "Mia" not in verdict.decision.note
    assert desk.ticket.subject == ASKS_PASSWORD


async def test_an_error_to_one_of_two_questions_is_silence_too(open_desk: OpenDesk, knowledge: KnownAnswers) -> None:
    knowledge.failure = lambda: InvalidInput("no")
    verdict = await open_desk().say(MIA, "How do I reset my password? And where do I find the invoice for January?")
    assert verdict.decision.reason is Reason.FAILED


async def test_the_same_situation_gives_the_same_verdict(open_desk: OpenDesk) -> None:
    async def walk() -> list[object]:
        desk = open_desk()
        return [await desk.say(who, text) for who, text in ((MIA, ASKS_PASSWORD), (TOM, "hi"), (MIA, ASKS_INVOICE))]

    assert await walk() == await walk()


async def test_a_post_waits_a_moment_before_it_is_sent(open_desk: OpenDesk) -> None:
    verdict = await open_desk(post_delay_s=7).say(MIA, ASKS_PASSWORD)
    assert verdict.posts[0].not_before - verdict.decision.decided_at == timedelta(seconds=7)


async def test_each_stage_is_written_down(open_desk: OpenDesk) -> None:
    decision = (await open_desk().say(MIA, ASKS_PASSWORD)).decision
    assert [stage.name for stage in decision.stages] == ["thread", "gate", "rewrite", "ask", "ask: search", "policy"]
    assert all("password" not in stage.outcome for stage in decision.stages)


@pytest.mark.parametrize("kind", list(ConversationKind))
async def test_the_pipeline_reads_every_kind_of_conversation(open_desk: OpenDesk, kind: ConversationKind) -> None:
    verdict = await open_desk(kind).say(
        MIA, "hello everybody, does anybody know how I can reset my password? I lost it"
    )
    assert verdict.decision.answer == PASSWORD


async def test_analysts_are_told_what_was_no_help(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_PASSWORD)
    verdict = await desk.say(MIA, "That didn't help, how do I reset my password?")
    notice = next(post.text for post in verdict.posts if post.visibility is Visibility.PRIVATE)
    assert "Vigil has said this already" in notice


async def test_a_call_for_vigil_in_a_channel_opens_a_ticket_of_its_own(open_desk: OpenDesk) -> None:
    desk = open_desk(ConversationKind.CHANNEL)
    verdict = await desk.say(STRANGER, "@vigil password?", mention=True)
    assert (verdict.decision.kind, verdict.decision.answer) == (DecisionKind.REPLY, PASSWORD)
    assert desk.ticket.customer_id == STRANGER.id
