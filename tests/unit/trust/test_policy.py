"""Who may see an answer, and when Vigil keeps quiet or calls a human."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from vigil.domain.decision import DecisionKind, Reason, Risk
from vigil.domain.post import Visibility
from vigil.domain.topic import Autonomy
from vigil.settings import Settings
from vigil.trust.policy import Earlier, Ruling, Standing, decide, may_reach_customer
from vigil.trust.risk import Assessment
from vigil.trust.thresholds import Thresholds

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
THRESHOLDS = Thresholds.of(Settings(suggest_confidence=0.5, reply_confidence=0.7, repeat_window_s=3600))
SAFE = Assessment(risk=Risk.LOW)
DANGEROUS = Assessment(risk=Risk.HIGH, dangers=("deletes files",))


@dataclass(frozen=True, kw_only=True)
class Answer:
    answered: bool = True
    reason: Reason = Reason.ANSWERED
    note: str = ""
    confidence: float = 0.9
    risk: Risk = Risk.LOW


FIRST_LINE = Standing(
    by_customer=True,
    by_analyst=False,
    addressed=False,
    private_chat=False,
    shared=False,
    human_joined=False,
    first_line=True,
    autonomy=Autonomy.SUGGEST,
)
HUMAN_THERE = replace(FIRST_LINE, human_joined=True)
ASKED = replace(HUMAN_THERE, addressed=True)
COLLEAGUE_ASKS = replace(ASKED, by_customer=False, by_analyst=True, can_hand_off=False)


def rule(
    standing: Standing,
    answer: Answer | None = None,
    *,
    assessed: Assessment = SAFE,
    public: bool = True,
    earlier: tuple[Earlier, ...] = (),
) -> Ruling:
    return decide(
        answer or Answer(),
        standing,
        THRESHOLDS,
        assessed=assessed,
        public=public,
        entry_ids={"e1"},
        earlier=earlier,
        now=NOW,
    )


def test_before_a_human_has_joined_the_customer_gets_a_sure_and_harmless_answer() -> None:
    ruling = rule(FIRST_LINE)
    assert (ruling.kind, ruling.reason, ruling.visibility) == (DecisionKind.REPLY, Reason.ANSWERED, Visibility.PUBLIC)


def test_a_less_sure_answer_is_only_suggested() -> None:
    ruling = rule(FIRST_LINE, Answer(confidence=0.6))
    assert (ruling.kind, ruling.visibility) == (DecisionKind.SUGGEST, Visibility.PRIVATE)
    assert "0.70" in ruling.note


def test_an_unsure_answer_is_kept() -> None:
    ruling = rule(FIRST_LINE, Answer(confidence=0.4))
    assert (ruling.kind, ruling.reason) == (DecisionKind.SILENT, Reason.NOT_SURE)


def test_no_answer_is_silence_with_the_knowledge_bases_own_reason() -> None:
    for reason in (Reason.NO_EVIDENCE, Reason.MODEL_DECLINED, Reason.NOT_SURE):
        ruling = rule(FIRST_LINE, Answer(answered=False, reason=reason))
        assert (ruling.kind, ruling.reason) == (DecisionKind.SILENT, reason)


def test_once_a_human_is_there_vigil_suggests() -> None:
    assert rule(HUMAN_THERE).kind is DecisionKind.SUGGEST


def test_once_a_human_is_there_only_a_topic_set_to_auto_replies() -> None:
    assert rule(replace(HUMAN_THERE, autonomy=Autonomy.AUTO)).kind is DecisionKind.REPLY


def test_a_customer_who_speaks_to_a_colleague_by_name_is_left_to_that_colleague() -> None:
    standing = replace(HUMAN_THERE, autonomy=Autonomy.AUTO, to_colleague=True)
    assert rule(standing).kind is DecisionKind.SUGGEST
    assert not may_reach_customer(standing)


def test_without_a_first_line_the_analysts_decide() -> None:
    assert rule(replace(FIRST_LINE, first_line=False)).kind is DecisionKind.SUGGEST


def test_a_topic_in_shadow_shows_nobody() -> None:
    ruling = rule(replace(FIRST_LINE, autonomy=Autonomy.SHADOW))
    assert (ruling.kind, ruling.reason) == (DecisionKind.SILENT, Reason.TOPIC_SHADOW)


@pytest.mark.parametrize("autonomy", list(Autonomy))
@pytest.mark.parametrize("human_joined", [True, False])
@pytest.mark.parametrize("addressed", [True, False])
@pytest.mark.parametrize("by_model", [True, False])
def test_a_dangerous_answer_never_reaches_a_customer(
    autonomy: Autonomy, human_joined: bool, addressed: bool, by_model: bool
) -> None:
    standing = replace(FIRST_LINE, autonomy=autonomy, human_joined=human_joined, addressed=addressed)
    answer = Answer(risk=Risk.HIGH if by_model else Risk.LOW)
    ruling = rule(standing, answer, assessed=SAFE if by_model else DANGEROUS)
    assert ruling.kind is not DecisionKind.REPLY
    assert ruling.visibility is not Visibility.PUBLIC


def test_a_dangerous_answer_calls_a_human_in_the_first_line_and_is_suggested_beside_one() -> None:
    assert (rule(FIRST_LINE, assessed=DANGEROUS).kind, rule(HUMAN_THERE, assessed=DANGEROUS).kind) == (
        DecisionKind.HAND_OFF,
        DecisionKind.SUGGEST,
    )
    assert rule(HUMAN_THERE, assessed=DANGEROUS).reason is Reason.HIGH_RISK


def test_an_answer_that_interrupts_is_looked_at_by_a_person() -> None:
    assert (
        rule(FIRST_LINE, assessed=Assessment(risk=Risk.MEDIUM, dangers=("interrupts a service",))).kind
        is DecisionKind.SUGGEST
    )


def test_internal_knowledge_never_reaches_a_customer() -> None:
    assert rule(FIRST_LINE, public=False).kind is DecisionKind.SUGGEST
    assert rule(replace(FIRST_LINE, addressed=True), public=False).reason is Reason.UNKNOWN_TO_VIGIL


def test_the_same_answer_is_given_once_within_the_window_and_again_after_it() -> None:
    def said(ago: timedelta) -> tuple[Earlier, ...]:
        return (Earlier(entry_ids=("e1",), at=NOW - ago, seen_by_customer=False),)

    assert rule(HUMAN_THERE, earlier=said(timedelta(minutes=10))).reason is Reason.ALREADY_SAID
    assert rule(HUMAN_THERE, earlier=said(timedelta(minutes=61))).kind is DecisionKind.SUGGEST


def test_another_answer_is_no_repetition() -> None:
    earlier = (Earlier(entry_ids=("e2",), at=NOW - timedelta(minutes=1), seen_by_customer=True),)
    assert rule(HUMAN_THERE, earlier=earlier).kind is DecisionKind.SUGGEST


def test_a_customer_who_asks_again_after_the_same_answer_gets_a_human() -> None:
    earlier = (Earlier(entry_ids=("e1",), at=NOW - timedelta(minutes=10), seen_by_customer=True),)
    ruling = rule(FIRST_LINE, earlier=earlier)
    assert (ruling.kind, ruling.reason, ruling.tell_customer) == (DecisionKind.HAND_OFF, Reason.WANTS_HUMAN, True)


def test_a_call_for_a_human_is_heard_once() -> None:
    wants = replace(FIRST_LINE, wants_human=True)
    assert rule(wants).kind is DecisionKind.HAND_OFF
    assert rule(replace(wants, handed_off=True)).kind is DecisionKind.SUGGEST
    assert rule(replace(wants, human_joined=True)).kind is DecisionKind.SUGGEST


def test_a_call_for_a_human_in_a_shared_channel_is_told_to_the_analysts_only() -> None:
    assert rule(replace(FIRST_LINE, wants_human=True, shared=True)).tell_customer is False


def test_nobody_but_the_customer_can_call_the_human() -> None:
    stranger = replace(FIRST_LINE, wants_human=True, by_customer=False, can_hand_off=False)
    assert rule(stranger).kind is DecisionKind.SUGGEST


def test_nothing_to_ask_and_no_call_is_silence() -> None:
    ruling = decide(None, FIRST_LINE, THRESHOLDS, assessed=SAFE, public=True, now=NOW)
    assert ruling.kind is DecisionKind.SILENT


def test_whoever_asks_vigil_gets_an_answer_even_in_shadow_and_again() -> None:
    earlier = (Earlier(entry_ids=("e1",), at=NOW, seen_by_customer=True),)
    ruling = rule(replace(ASKED, autonomy=Autonomy.SHADOW), earlier=earlier)
    assert (ruling.kind, ruling.reason, ruling.visibility) == (DecisionKind.REPLY, Reason.ADDRESSED, Visibility.PUBLIC)


@pytest.mark.parametrize("answer", [Answer(answered=False, reason=Reason.NO_EVIDENCE), Answer(confidence=0.3)])
def test_whoever_asks_vigil_hears_honestly_that_it_does_not_know(answer: Answer) -> None:
    ruling = rule(ASKED, answer)
    assert (ruling.kind, ruling.reason) == (DecisionKind.REPLY, Reason.UNKNOWN_TO_VIGIL)


def test_a_colleague_is_answered_among_colleagues() -> None:
    assert rule(COLLEAGUE_ASKS, public=False).visibility is Visibility.PRIVATE
    assert rule(replace(COLLEAGUE_ASKS, private_chat=True), public=False).visibility is Visibility.PUBLIC


def test_a_colleague_may_hear_dangerous_things() -> None:
    assert rule(COLLEAGUE_ASKS, assessed=DANGEROUS, public=False).kind is DecisionKind.REPLY


def test_a_stranger_in_a_ticket_never_gets_a_reply_unasked() -> None:
    stranger = replace(FIRST_LINE, by_customer=False, autonomy=Autonomy.AUTO, can_hand_off=False)
    assert rule(stranger).kind is DecisionKind.SUGGEST
    assert not may_reach_customer(stranger)


def test_in_a_busy_channel_only_what_is_worth_it_is_said_unasked() -> None:
    reads_along = replace(HUMAN_THERE, shared=True)
    for worth, kind in ((0.4, DecisionKind.SILENT), (0.6, DecisionKind.SUGGEST), (None, DecisionKind.SUGGEST)):
        ruling = decide(
            Answer(),
            reads_along,
            replace(THRESHOLDS, channel_worth=0.5),
            assessed=SAFE,
            public=False,
            entry_ids={"e1"},
            worth=worth,
            now=NOW,
        )
        assert ruling.kind is kind, ruling.note
