"""Which follow-ups a ticket wants as it stands, and how those that it has are brought into line with that."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from tests.unit.track.stands import ROOM, after, asked, promised, stands, ticket
from vigil.clock import CountingIds
from vigil.domain.conversation import ConversationKind, Role
from vigil.domain.followup import FollowUp, FollowUpRules
from vigil.domain.followup import FollowUpReason as R
from vigil.domain.followup import FollowUpState as S
from vigil.domain.hours import QuietHours
from vigil.domain.progress import Noted, Progress, Standing, Turn
from vigil.domain.ticket import TicketState
from vigil.domain.workspace import Workspace
from vigil.track.followups import NOTHING, Plan, Wanted, plan
from vigil.track.schedule import plan_of, reconcile

RULES = FollowUpRules(
    unanswered_s=600, promise_lead_s=600, promise_grace_s=300, stalled_s=7200, fix_s=3600, quiet_s=3600, resolved_s=3600
)
DESK = Workspace(id="acme", name="Acme", follow_ups=RULES)
DAY = 1440


@pytest.mark.parametrize(
    ("progress", "wants"),
    [
        pytest.param({}, [], id="nothing is open"),
        pytest.param(
            {
                "turn": Turn.ANALYST,
                "turn_in": "m1",
                "turn_since": after(0),
                "questions": (asked("m1", 0), asked("m2", 1)),
            },
            [(R.UNANSWERED_QUESTION, "m1", 10)],
            id="the first question that nobody answered",
        ),
        pytest.param(
            {
                "turn": Turn.ANALYST,
                "turn_in": "m3",
                "turn_since": after(5),
                "questions": (asked("m1", 0), asked("m3", 5)),
                "analyst_wrote_at": after(3),
            },
            [(R.UNANSWERED_QUESTION, "m3", 15)],
            id="an analyst who wrote since has seen the others",
        ),
        pytest.param(
            {"turn": Turn.ANALYST, "turn_in": "m4", "turn_since": after(5)},
            [(R.STALLED, "m4", 125)],
            id="the desk's turn and no question",
        ),
        pytest.param(
            {"turn": Turn.ANALYST, "turn_in": "m1", "turn_since": after(2), "promises": (promised("m2", 1, 61),)},
            [(R.PROMISE_DUE, "m2", 51), (R.PROMISE_OVERDUE, "m2", 66)],
            id="who promised is left alone until then",
        ),
        pytest.param(
            {"promises": (promised("m2", 0, 8),)},
            [(R.PROMISE_DUE, "m2", 6), (R.PROMISE_OVERDUE, "m2", 13)],
            id="a short promise is looked at in its last quarter",
        ),
        pytest.param({"promises": (promised("m2", 0, None),)}, [(R.STALLED, "m2", 120)], id="a promise for no time"),
        pytest.param(
            {
                "turn": Turn.CUSTOMER,
                "standing": Standing.FIX_ANNOUNCED,
                "standing_in": "m2",
                "standing_since": after(4),
            },
            [(R.FIX_NOT_CONFIRMED, "m2", 64)],
            id="a fix that nobody confirmed",
        ),
        pytest.param(
            {
                "turn": Turn.NOBODY,
                "standing": Standing.FIX_ANNOUNCED,
                "standing_in": "m2",
                "standing_since": after(4),
                "customer_wrote_at": after(9),
            },
            [(R.LOOKS_RESOLVED, "m2", 69)],
            id="a fix that the customer has seen and left at that",
        ),
        pytest.param(
            {
                "turn": Turn.CUSTOMER,
                "standing": Standing.FIX_ANNOUNCED,
                "standing_in": "m2",
                "standing_since": after(4),
                "fix": Noted(text="Or restart it", message_id="m4", at=after(6)),
                "customer_wrote_at": after(5),
                "analyst_wrote_at": after(6),
            },
            [(R.FIX_NOT_CONFIRMED, "m4", 66)],
            id="the latest fix is the one that is asked about",
        ),
        pytest.param(
            {
                "turn": Turn.CUSTOMER,
                "standing": Standing.FIX_ANNOUNCED,
                "standing_in": "m2",
                "standing_since": after(4),
                "customer_wrote_at": after(5),
                "questions": (asked("m4", 6, Role.ANALYST),),
            },
            [(R.CUSTOMER_QUIET, "m4", 66)],
            id="what was asked after the fix is what is waited for",
        ),
        pytest.param(
            {"turn": Turn.CUSTOMER, "questions": (asked("m2", 4, Role.ANALYST),)},
            [(R.CUSTOMER_QUIET, "m2", 64)],
            id="the desk's question",
        ),
        pytest.param(
            {"turn": Turn.CUSTOMER, "promises": (promised("m2", 0, 30, Role.CUSTOMER),)},
            [(R.CUSTOMER_QUIET, "m2", 90)],
            id="the customer's promise",
        ),
        pytest.param(
            {"standing": Standing.CONFIRMED, "standing_in": "m5", "standing_since": after(9)},
            [(R.LOOKS_RESOLVED, "m5", 69)],
            id="it looks resolved",
        ),
        pytest.param(
            {
                "standing": Standing.CONFIRMED,
                "standing_in": "m5",
                "standing_since": after(9),
                "promises": (promised("m2", 0, 600),),
            },
            [(R.PROMISE_DUE, "m2", 590), (R.PROMISE_OVERDUE, "m2", 605)],
            id="the desk still owes something",
        ),
    ],
)
def test_what_a_ticket_wants(progress: dict[str, Any], wants: list[tuple[R, str, float]]) -> None:
    found = plan(ticket(), stands(**progress), RULES)
    assert [(each.reason, each.about, each.due) for each in found.wanted] == [
        (reason, about, after(minutes)) for reason, about, minutes in wants
    ]
    assert found.closes_at is None


WAITING = stands(turn=Turn.ANALYST, turn_in="m1", turn_since=after(0), questions=(asked("m1", 0),))


@pytest.mark.parametrize("changed", [{"muted": True}, {"state": TicketState.RESOLVED}, {"state": TicketState.CLOSED}])
def test_a_ticket_that_is_muted_or_over_wants_nothing(changed: dict[str, Any]) -> None:
    assert plan(ticket(**changed), WAITING, RULES) == NOTHING


def test_muted_conversations_and_private_chats_want_nothing() -> None:
    for conversation in (replace(ROOM, muted=True), replace(ROOM, kind=ConversationKind.PRIVATE)):
        assert plan_of(conversation, ticket(), WAITING, DESK) == NOTHING
    assert plan_of(ROOM, ticket(), WAITING, DESK).wanted
    assert plan_of(ROOM, ticket(), None, DESK) == NOTHING


def test_a_reason_is_switched_off_by_its_time_or_when_it_was_wrong_too_often() -> None:
    assert plan(ticket(), WAITING, replace(RULES, unanswered_s=0, stalled_s=0)) == NOTHING
    assert plan(ticket(), WAITING, replace(RULES, paused=frozenset({R.UNANSWERED_QUESTION}))) == NOTHING


def test_what_falls_into_quiet_hours_waits_for_their_end() -> None:
    quiet = QuietHours(zone="UTC", start=time(9, 30), end=time(11))
    fixed = stands(turn=Turn.CUSTOMER, standing=Standing.FIX_ANNOUNCED, standing_in="m2", standing_since=after(0))
    (wanted,) = plan(ticket(), fixed, replace(RULES, fix_s=2400), quiet).wanted
    assert wanted.due == after(120)
    owed = stands(promises=(promised("m2", 0, 60),))
    assert [each.reason for each in plan(ticket(), owed, RULES, quiet).wanted] == [R.PROMISE_OVERDUE]


def test_the_desks_own_time_passes_only_while_it_works() -> None:
    quiet = QuietHours(zone="UTC", start=time(9, 5), end=time(11))
    (wanted,) = plan(ticket(), WAITING, RULES, quiet).wanted
    assert wanted.due == after(125)


def test_it_closes_only_after_a_direct_question_and_only_where_the_workspace_says_so() -> None:
    quiet = stands(turn=Turn.CUSTOMER, questions=(asked("m2", 4, Role.ANALYST),))
    closing = replace(RULES, close_after_days=7)
    assert plan(ticket(), quiet, RULES).closes_at is None
    assert plan(ticket(), quiet, closing).closes_at == after(4 + 7 * DAY)
    assert plan(ticket(), WAITING, closing).closes_at is None
    fixed = stands(turn=Turn.CUSTOMER, standing=Standing.FIX_ANNOUNCED, standing_in="m2", standing_since=after(4))
    assert plan(ticket(), fixed, closing).closes_at is None
    owes = replace(quiet, promises=(promised("m3", 5, None),))
    assert plan(ticket(), owes, closing).closes_at is None


def had(state: S, reason: R = R.UNANSWERED_QUESTION, about: str = "m1", **changed: Any) -> FollowUp:
    values: dict[str, Any] = {
        "id": "fup_1",
        "ticket_id": "tkt_1",
        "conversation_id": "con_1",
        "reason": reason,
        "about": about,
        "due": after(10),
        "state": state,
        "changed_at": after(0),
        "shown_at": None if state in (S.PENDING, S.WITHDRAWN) else after(10),
    }
    return FollowUp(**values | changed)


def brought(known: list[FollowUp], progress: Progress | None) -> list[tuple[str, R, S]]:
    """What the ticket has afterwards."""
    wants = NOTHING if progress is None else plan(ticket(), progress, RULES)
    changes = reconcile(ticket(), known, wants, at=after(20), ids=CountingIds())
    return [(each.about, each.reason, each.state) for each in changes.after]


@pytest.mark.parametrize(
    ("known", "progress", "after_it"),
    [
        ([], WAITING, [("m1", R.UNANSWERED_QUESTION, S.PENDING)]),
        ([had(S.PENDING)], None, [("m1", R.UNANSWERED_QUESTION, S.WITHDRAWN)]),
        ([had(S.SHOWN)], None, [("m1", R.UNANSWERED_QUESTION, S.DONE)]),
        ([had(S.SNOOZED)], None, [("m1", R.UNANSWERED_QUESTION, S.DONE)]),
        ([had(S.SHOWN)], WAITING, [("m1", R.UNANSWERED_QUESTION, S.SHOWN)]),
        ([had(S.SNOOZED)], WAITING, [("m1", R.UNANSWERED_QUESTION, S.SNOOZED)]),
        ([had(S.WITHDRAWN)], WAITING, [("m1", R.UNANSWERED_QUESTION, S.PENDING)]),
        ([had(S.DONE)], WAITING, [("m1", R.UNANSWERED_QUESTION, S.DONE)]),
        ([had(S.WRONG, about="m0")], WAITING, [("m0", R.UNANSWERED_QUESTION, S.WRONG)]),
        (
            [had(S.DONE, R.PROMISE_DUE, "m2", by="jonas")],
            stands(promises=(promised("m2", 0, 60),)),
            [("m2", R.PROMISE_DUE, S.DONE)],
        ),
        (
            [had(S.SHOWN, R.PROMISE_DUE, "m2")],
            stands(promises=(promised("m2", 0, 60),)),
            [("m2", R.PROMISE_DUE, S.SHOWN), ("m2", R.PROMISE_OVERDUE, S.PENDING)],
        ),
    ],
)
def test_what_it_has_is_brought_into_line(
    known: list[FollowUp], progress: Progress | None, after_it: list[tuple[str, R, S]]
) -> None:
    assert brought(known, progress) == after_it


def test_it_is_moved_when_its_time_moves() -> None:
    wants = Plan(wanted=(Wanted(reason=R.STALLED, about="m1", due=after(90)),))
    changes = reconcile(ticket(), [had(S.PENDING, R.STALLED)], wants, at=after(20), ids=CountingIds())
    assert [(then.due, then.id) for _, then in changes.changed] == [(after(90), "fup_1")]
    assert changes.new == ()
