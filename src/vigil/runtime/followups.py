"""Follow-ups as verbs: see which there are, put one off, say that it is seen to or that there was nothing to it; and a workspace's rules
for them. Which there ought to be is `track`'s."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final

from vigil.clock import Clock, Ids
from vigil.domain.decision import Outcome, OutcomeKind
from vigil.domain.followup import FollowUp, FollowUpReason, FollowUpRules, FollowUpState
from vigil.domain.ticket import Ticket
from vigil.errors import Conflict, InvalidInput
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.followups import OPEN, FollowUpFilter, FollowUps
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces
from vigil.track.schedule import FollowUpSchedule

LONGEST_SNOOZE: Final = timedelta(days=90)
"""What is put off for longer is forgotten anyway; it would better be marked as done."""
JUDGED: Final = 20
"""Judgements that tell whether a reason is worth its interruptions, the latest of it ..."""
LEAST_JUDGED: Final = 8
"""... and so many at least: of eight, five or more are wrong by chance in a third of the cases where half would be, and a pause is undone
with one click."""
_S = FollowUpState
_AS: Final[Mapping[OutcomeKind, FollowUpState]] = {
    OutcomeKind.ADOPTED: _S.SENT,
    OutcomeKind.EDITED: _S.SENT,
    OutcomeKind.DISMISSED: _S.WRONG,
}


class FollowUpDesk:
    """The follow-ups of all workspaces, for whoever comes in by a door."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids, schedule: FollowUpSchedule) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._schedule = schedule

    async def find(self, workspace: str, wanted: FollowUpFilter) -> list[FollowUp]:
        """The soonest due first."""
        async with self._store.read(workspace) as session:
            return await FollowUps(session).find(wanted)

    async def counts(self, workspace: str, *, since: datetime) -> Mapping[FollowUpReason, Mapping[FollowUpState, int]]:
        """What became of those that were shown or sent since then, by reason."""
        async with self._store.read(workspace) as session:
            return await FollowUps(session).counts(since=since)

    async def snooze(self, workspace: str, follow_up_id: str, *, until: datetime, by: str) -> FollowUp:
        """Show it again later, if it is still wanted then.

        Raises:
            NotFound: there is none of this id.
            Conflict: it isn't shown just now.
            InvalidInput: not later, or too late.
        """
        now = self._clock.now()
        if not now < until <= now + LONGEST_SNOOZE:
            raise InvalidInput(f"`until` must lie ahead, by at most {LONGEST_SNOOZE.days} days.")
        return await self._end(workspace, follow_up_id, by=by, state=_S.SNOOZED, due=until)

    async def done(self, workspace: str, follow_up_id: str, *, by: str) -> FollowUp:
        """A person has seen to it. Raises NotFound, or Conflict where it isn't shown just now."""
        return await self._end(workspace, follow_up_id, by=by, state=_S.DONE)

    async def wrong(self, workspace: str, follow_up_id: str, *, by: str, reason: str) -> FollowUp:
        """There was nothing to look at. The reason is not tried again in this ticket, and one that is wrong more often than right is paused
        in the whole workspace.

        Raises:
            NotFound: there is none of this id.
            Conflict: it isn't shown just now.
            InvalidInput: no reason is given.
        """
        if not reason.strip():
            raise InvalidInput("Say in `reason` why it was wrong: that is what Vigil learns from.")
        return await self._end(workspace, follow_up_id, by=by, state=_S.WRONG, why=reason)

    async def rules(self, workspace: str) -> FollowUpRules:
        """Raises NotFound where there is no such workspace."""
        async with self._store.read(workspace) as session:
            return (await Workspaces(session).get()).follow_ups

    async def set_rules(self, workspace: str, rules: FollowUpRules, *, by: str) -> FollowUpRules:
        """Change after how long what is looked at; it holds from each ticket's next message on. Raises InvalidInput for a time below 0."""
        for name, value in asdict(rules).items():
            if name != "paused" and not 0 <= value < 10**8:
                raise InvalidInput(f"`{name}` must be 0 or more, and less than three years; 0 switches it off.")
        async with self._store.write(workspace) as session:
            await Workspaces(session).get()
            await Workspaces(session).set_follow_ups(rules)
            await Audit(session).add(
                "workspace", at=self._clock.now(), actor=by, action="followups.rules", subject=workspace
            )
        return rules

    async def _end(
        self,
        workspace: str,
        follow_up_id: str,
        *,
        by: str,
        state: FollowUpState,
        due: datetime | None = None,
        why: str = "",
    ) -> FollowUp:
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            before = await FollowUps(session).get(follow_up_id)
            if before.state is not _S.SHOWN and not (before.state is _S.SNOOZED and state is not _S.SNOOZED):
                raise Conflict(f"This follow-up is {before.state} already; only one that is shown can be changed.")
            after = replace(before, state=state, due=due or before.due, by=by, changed_at=now)
            if not await became(session, self._schedule, after, at=now):
                raise Conflict("Somebody else has just changed this follow-up; look at it again.")
            if state is _S.WRONG:
                await self._learn(session, after, why, now)
        return after

    async def _learn(self, session: Session, wrong: FollowUp, why: str, now: datetime) -> None:
        if wrong.decision_id is not None:
            outcome = Outcome(
                id=self._ids.new("out"),
                decision_id=wrong.decision_id,
                kind=OutcomeKind.DISMISSED,
                by=wrong.by,
                at=now,
                reason=why,
            )
            await Decisions(session).add_outcome(outcome)
        await pause_if_wrong(session, wrong.reason, at=now)


async def planned_anew(session: Session, schedule: FollowUpSchedule, ticket: Ticket, *, at: datetime) -> None:
    """Somebody changed a ticket: what it wants later may be something else now."""
    await schedule.settle(
        session,
        await Conversations(session).conversation(ticket.conversation_id),
        ticket,
        await ProgressOfTickets(session).of(ticket.id),
        await Workspaces(session).get(),
        at=at,
    )


async def became(session: Session, schedule: FollowUpSchedule, follow_up: FollowUp, *, at: datetime) -> bool:
    """A person changed a follow-up; False where it stands otherwise by now."""
    ticket = await Conversations(session).ticket(follow_up.ticket_id)
    conversation = await Conversations(session).conversation(ticket.conversation_id)
    progress = await ProgressOfTickets(session).of(ticket.id)
    settings = await Workspaces(session).get()
    held = await schedule.settle(session, conversation, ticket, progress, settings, at=at, became=follow_up)
    if held:
        action = f"followup.{follow_up.state}"
        await Audit(session).add(f"ticket:{ticket.id}", at=at, actor=follow_up.by, action=action, subject=follow_up.id)
    return held


async def judged(session: Session, schedule: FollowUpSchedule, outcome: Outcome, *, at: datetime) -> None:
    """What people made of a follow-up's words says what became of the follow-up."""
    state = _AS.get(outcome.kind)
    follow_up = await FollowUps(session).behind(outcome.decision_id)
    if state is None or follow_up is None or follow_up.state not in OPEN:
        return
    await became(session, schedule, replace(follow_up, state=state, by=outcome.by, changed_at=at), at=at)
    if state is _S.WRONG:
        await pause_if_wrong(session, follow_up.reason, at=at)


async def pause_if_wrong(session: Session, reason: FollowUpReason, *, at: datetime) -> None:
    """Pause a reason that people found wrong more often than right."""
    said = await FollowUps(session).judged(reason, limit=JUDGED)
    if len(said) < LEAST_JUDGED or 2 * said.count(False) <= len(said):
        return
    rules = (await Workspaces(session).get()).follow_ups
    if reason not in rules.paused:
        await Workspaces(session).set_follow_ups(replace(rules, paused=rules.paused | {reason}))
        await Audit(session).add("workspace", at=at, actor="vigil", action="followups.paused", subject=reason.value)
