"""A ticket's follow-ups, brought into line with what it wants as it stands: set in the commit of the message that causes one, taken back in
the commit of the message that settles it. One timer a ticket waits for the soonest; what happens then is `nudges`'s."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from vigil.clock import Ids
from vigil.domain.conversation import Conversation, ConversationKind
from vigil.domain.followup import FollowUp, FollowUpReason, FollowUpState
from vigil.domain.progress import Progress
from vigil.domain.ticket import Ticket
from vigil.domain.timer import Timer
from vigil.domain.workspace import Workspace
from vigil.store.followups import OPEN, FollowUps
from vigil.store.outbox import Outbox
from vigil.store.store import Session
from vigil.store.timers import Timers
from vigil.track.followups import NOTHING, Plan, Wanted, plan

KIND: Final = "track.follow_up"
VIGIL: Final = "vigil"
WENT_ON: Final = "the ticket went on"
_S = FollowUpState
_LOOKED_AT: Final = frozenset({_S.DONE, _S.WRONG, _S.SENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpSchedule:
    """Keeps follow-ups and their timer."""

    ids: Ids

    async def settle(
        self,
        session: Session,
        conversation: Conversation,
        ticket: Ticket,
        progress: Progress | None,
        workspace: Workspace,
        *,
        at: datetime,
        became: FollowUp | None = None,
    ) -> bool:
        """Plan a ticket anew, in the transaction of whatever changed it.

        Args:
            became: one of its follow-ups, as a person wants it to stand. False is given back where it stands otherwise by now.

        The timer comes first: whoever shows a follow-up at this moment has locked it, and is waited for; or they find it moved, and write
        nothing.
        """
        known = await FollowUps(session).of_ticket(ticket.id)
        wants = plan_of(conversation, ticket, progress, workspace)
        if not known and wants == NOTHING:
            return became is None
        changes = reconcile(ticket, known, wants, at=at, ids=self.ids, became=became)
        await self.wind(session, ticket, changes.after, wants, at=at)
        written = await write(session, changes, at=at)
        return became is None or became.id in written

    async def wind(
        self, session: Session, ticket: Ticket, after: Iterable[FollowUp], wants: Plan, *, at: datetime
    ) -> None:
        """Set the ticket's timer for the soonest of what waits, or stop it."""
        waiting = [each.due for each in after if each.state in (_S.PENDING, _S.SNOOZED)]
        waiting += [] if wants.closes_at is None else [wants.closes_at]
        timers = Timers(session)
        if waiting:
            timer = Timer(id=self.ids.new("tmr"), kind=KIND, subject=ticket.id, due=min(waiting))
            await timers.set(timer, at=at)
        else:
            await timers.drop(KIND, ticket.id, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be written so that a ticket's follow-ups are what it wants."""

    new: tuple[FollowUp, ...] = ()
    changed: tuple[tuple[FollowUp, FollowUp], ...] = ()
    """As one stood, and as it is to stand."""
    after: tuple[FollowUp, ...] = ()
    """All of the ticket's, as they are to stand."""


def plan_of(conversation: Conversation, ticket: Ticket, progress: Progress | None, workspace: Workspace) -> Plan:
    """What a ticket wants here. Nothing where Vigil is muted, or alone with one person who asked Vigil itself."""
    if progress is None or conversation.muted or conversation.kind is ConversationKind.PRIVATE:
        return NOTHING
    return plan(ticket, progress, workspace.follow_ups, workspace.quiet)


def reconcile(
    ticket: Ticket,
    known: Sequence[FollowUp],
    wants: Plan,
    *,
    at: datetime,
    ids: Ids,
    became: FollowUp | None = None,
) -> Changes:
    """From what a ticket had, one of them perhaps just changed by a person, to what it wants. What a person has looked at never comes back
    for the same message, and a reason that was wrong once is not tried again in this ticket."""
    stands = [became if became is not None and became.id == each.id else each for each in known]
    wanted = {(each.reason, each.about): each for each in wants.wanted}
    wrong = {each.reason for each in stands if each.state is _S.WRONG}
    seen_to = {each.about for each in stands if each.state in _LOOKED_AT and each.by not in ("", VIGIL)}
    allowed = {key: each for key, each in wanted.items() if key[0] not in wrong and key[1] not in seen_to}
    changed: list[tuple[FollowUp, FollowUp]] = []
    after: list[FollowUp] = []
    for before, each in zip(known, stands, strict=True):
        then = _then(each, (each.reason, each.about) in wanted, allowed.get((each.reason, each.about)), at)
        after.append(then)
        if then != before:
            changed.append((before, then))
    have = {(each.reason, each.about) for each in known}
    new = tuple(_new(ticket, each, at, ids) for key, each in allowed.items() if key not in have)
    return Changes(new=new, changed=tuple(changed), after=(*after, *new))


async def write(session: Session, changes: Changes, *, at: datetime) -> frozenset[str]:
    """Write them, and take back the posts of those that are over; says which were written, by id. One that somebody else has just changed
    is left as they left it."""
    rows = FollowUps(session)
    written = {each.id for each in changes.new if await rows.add(each)}
    written |= {then.id for before, then in changes.changed if await rows.change(then, was=before.state)}
    ended = [then for _, then in changes.changed if then.id in written and then.state in (_S.DONE, _S.WITHDRAWN)]
    posted = [each.decision_id for each in ended if each.decision_id is not None]
    await Outbox(session).withdraw(posted, reason=WENT_ON, at=at)
    return frozenset(written)


def _then(each: FollowUp, wanted: bool, allowed: Wanted | None, at: datetime) -> FollowUp:
    """How one is to stand."""
    if allowed is not None:
        if each.state is _S.PENDING and each.due != allowed.due:
            return replace(each, due=allowed.due, changed_at=at)
        if each.state is _S.WITHDRAWN and each.shown_at is None:
            return replace(each, state=_S.PENDING, due=allowed.due, changed_at=at, by="", note="")
        return each
    if each.state not in OPEN or (wanted and each.state is not _S.PENDING):
        return each
    ends = _S.WITHDRAWN if each.shown_at is None else _S.DONE
    return replace(each, state=ends, changed_at=at, by="", note=WENT_ON)


def _new(ticket: Ticket, wanted: Wanted, at: datetime, ids: Ids) -> FollowUp:
    return FollowUp(
        id=ids.new("fup"),
        ticket_id=ticket.id,
        conversation_id=ticket.conversation_id,
        reason=FollowUpReason(wanted.reason),
        about=wanted.about,
        due=wanted.due,
        changed_at=at,
    )
