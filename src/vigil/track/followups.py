"""Which follow-ups a ticket wants, by how it stands: pure rules from progress and a workspace's times. They are planned anew after each
message; scheduling them is `schedule`'s, showing them `nudges`'."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigil.domain.conversation import Role
from vigil.domain.followup import FollowUpReason, FollowUpRules
from vigil.domain.hours import QuietHours, free, worked
from vigil.domain.progress import OVER as SETTLED
from vigil.domain.progress import Progress, Promise, Question, Standing, Turn
from vigil.domain.ticket import OVER, Ticket

LEAD_SHARE = 0.25
"""A promise is looked at before it is due by at most this share of the time that it gave itself: one of ten minutes not at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A follow-up that a ticket wants as it stands."""

    reason: FollowUpReason
    about: str
    """The message that it is about, by id."""
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a ticket wants later."""

    wanted: tuple[Wanted, ...] = ()
    """At most one for each reason, the soonest first."""
    closes_at: datetime | None = None
    """When it closes by itself; None: never."""


NOTHING = Plan()


def plan(ticket: Ticket, progress: Progress, rules: FollowUpRules, quiet: QuietHours | None = None) -> Plan:
    """What the ticket wants later if nobody writes until then. A muted ticket and one that is over want nothing."""
    if ticket.muted or ticket.state in OVER:
        return NOTHING
    found: dict[FollowUpReason, Wanted] = {}
    for each in (*_promises(progress, rules, quiet), *_whose_turn(progress, rules, quiet)):
        later = Wanted(reason=each.reason, about=each.about, due=free(quiet, each.due))
        known = found.get(each.reason)
        if each.reason not in rules.paused and (known is None or later.due < known.due):
            found[each.reason] = later
    due, overdue = found.get(FollowUpReason.PROMISE_DUE), found.get(FollowUpReason.PROMISE_OVERDUE)
    if due is not None and overdue is not None and due.about == overdue.about and overdue.due <= due.due:
        del found[FollowUpReason.PROMISE_DUE]  # quiet hours have put it off until it was too late
    wanted = tuple(sorted(found.values(), key=lambda each: (each.due, each.reason)))
    return Plan(wanted=wanted, closes_at=_closing(progress, rules, quiet))


def _promises(progress: Progress, rules: FollowUpRules, quiet: QuietHours | None) -> Iterator[Wanted]:
    """The desk's promises; a customer's is waited for like an answer."""
    for promise in progress.open_promises:
        if promise.role is not Role.ANALYST:
            continue
        if promise.due is None:
            if rules.stalled_s and not _came_back(progress, promise.made_at):
                due = worked(quiet, promise.made_at, timedelta(seconds=rules.stalled_s))
                yield Wanted(reason=FollowUpReason.STALLED, about=promise.message_id, due=due)
        elif rules.promise_grace_s:
            lead = min(timedelta(seconds=rules.promise_lead_s), (promise.due - promise.made_at) * LEAD_SHARE)
            overdue = promise.due + timedelta(seconds=rules.promise_grace_s)
            yield Wanted(reason=FollowUpReason.PROMISE_DUE, about=promise.message_id, due=promise.due - lead)
            yield Wanted(reason=FollowUpReason.PROMISE_OVERDUE, about=promise.message_id, due=overdue)


def _whose_turn(progress: Progress, rules: FollowUpRules, quiet: QuietHours | None) -> Iterator[Wanted]:
    """One look for whoever's turn it is: never several about the same wait."""
    if progress.turn is Turn.ANALYST:
        yield from _desks_turn(progress, rules, quiet)
    elif progress.standing in SETTLED or _taken_as_an_answer(progress):
        if rules.resolved_s and progress.standing_in and not progress.open_promises:
            since = progress.customer_wrote_at or progress.standing_since
            yield from _later(FollowUpReason.LOOKS_RESOLVED, progress.standing_in, since, rules.resolved_s)
    elif progress.turn is Turn.CUSTOMER and (progress.standing is not Standing.FIX_ANNOUNCED or _asked_last(progress)):
        yield from _customers_turn(progress, rules)
    elif progress.standing is Standing.FIX_ANNOUNCED:
        about = progress.fix.message_id if progress.fix else progress.standing_in
        if about:
            since = _latest(progress.standing_since, progress.analyst_wrote_at, progress.customer_wrote_at)
            yield from _later(FollowUpReason.FIX_NOT_CONFIRMED, about, since, rules.fix_s)


def _taken_as_an_answer(progress: Progress) -> bool:
    """The customer wrote after the latest fix, and nothing was asked of them since: they have seen it, and the ticket is listed rather than
    asked about."""
    if progress.standing is not Standing.FIX_ANNOUNCED or progress.customer_wrote_at is None or _asked_last(progress):
        return False
    given = progress.fix.at if progress.fix else progress.standing_since
    return given is not None and progress.customer_wrote_at > given


def _asked_last(progress: Progress) -> bool:
    """The desk asked the customer something after the latest fix and after the customer's last word."""
    asked = _put_to_customer(progress)
    before = (progress.customer_wrote_at, progress.fix.at if progress.fix else progress.standing_since)
    return asked is not None and all(each is None or asked.at > each for each in before)


def _desks_turn(progress: Progress, rules: FollowUpRules, quiet: QuietHours | None) -> Iterator[Wanted]:
    if any(_holds(promise) for promise in progress.open_promises):
        return  # they said when they would be back: that is what is looked at
    asked = _unseen(progress)
    if asked is not None and rules.unanswered_s:
        due = worked(quiet, asked.at, timedelta(seconds=rules.unanswered_s))
        yield Wanted(reason=FollowUpReason.UNANSWERED_QUESTION, about=asked.message_id, due=due)
    elif progress.turn_in and progress.turn_since is not None and rules.stalled_s:
        if _came_back(progress, progress.turn_since):
            return
        due = worked(quiet, progress.turn_since, timedelta(seconds=rules.stalled_s))
        yield Wanted(reason=FollowUpReason.STALLED, about=progress.turn_in, due=due)


def _customers_turn(progress: Progress, rules: FollowUpRules) -> Iterator[Wanted]:
    asked = _put_to_customer(progress)
    if asked is not None:
        since = _latest(asked.at, progress.customer_wrote_at)
        yield from _later(FollowUpReason.CUSTOMER_QUIET, asked.message_id, since, rules.quiet_s)
        return
    owed = next((each for each in progress.open_promises if each.role is Role.CUSTOMER), None)
    if owed is not None:
        since = _latest(owed.due or owed.made_at, progress.customer_wrote_at)
        yield from _later(FollowUpReason.CUSTOMER_QUIET, owed.message_id, since, rules.quiet_s)


def _closing(progress: Progress, rules: FollowUpRules, quiet: QuietHours | None) -> datetime | None:
    """Only a question that was put to the customer and that nobody answered closes a ticket, and only where the desk owes nothing."""
    asked = _put_to_customer(progress)
    owes = any(promise.role is Role.ANALYST for promise in progress.open_promises)
    if not rules.close_after_days or progress.turn is not Turn.CUSTOMER or asked is None or owes:
        return None
    since = _latest(asked.at, progress.customer_wrote_at)
    return free(quiet, since + timedelta(days=rules.close_after_days))


def _unseen(progress: Progress) -> Question | None:
    """The first open question of the customer's after the last word of an analyst: one who wrote since has seen the others."""
    seen = progress.analyst_wrote_at
    asked = [each for each in progress.open_questions if each.role is not Role.ANALYST]
    return next((each for each in asked if seen is None or each.at > seen), None)


def _put_to_customer(progress: Progress) -> Question | None:
    """The latest open question of an analyst's."""
    asked = [each for each in progress.open_questions if each.role is Role.ANALYST]
    return asked[-1] if asked else None


def _came_back(progress: Progress, since: datetime) -> bool:
    """An analyst has written since: whatever they said, they have it in hand."""
    return progress.analyst_wrote_at is not None and progress.analyst_wrote_at > since


def _holds(promise: Promise) -> bool:
    return promise.role is Role.ANALYST


def _later(reason: FollowUpReason, about: str, since: datetime | None, seconds: float) -> Iterator[Wanted]:
    if since is not None and seconds:
        yield Wanted(reason=reason, about=about, due=since + timedelta(seconds=seconds))


def _latest(first: datetime | None, *others: datetime | None) -> datetime:
    return max(each for each in (first, *others) if each is not None)
