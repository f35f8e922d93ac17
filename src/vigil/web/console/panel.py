"""How a ticket stands, for the panel beside its conversation: read through the desk's verbs. How it looks is the template's."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.followup import FollowUp, FollowUpState
from vigil.domain.progress import Fact, FactKind, Progress
from vigil.store.followups import FollowUpFilter
from vigil.web.services import Services

MOST = 200
"""Follow-ups of a ticket that are looked through; one has seldom more than a handful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How a ticket stands."""

    progress: Progress
    follow_ups: tuple[FollowUp, ...]
    """All that there ever were."""

    @property
    def listed(self) -> FollowUp | None:
        """One that is shown without words of its own: the ticket looks resolved."""
        shown = (each for each in self.follow_ups if each.state is FollowUpState.SHOWN and each.decision_id is None)
        return next(shown, None)

    @property
    def next_look(self) -> FollowUp | None:
        """What is looked at next, if nobody writes until then."""
        waiting = [each for each in self.follow_ups if each.state in (FollowUpState.PENDING, FollowUpState.SNOOZED)]
        return min(waiting, key=lambda each: each.due, default=None)

    @property
    def known(self) -> Sequence[Fact]:
        """The newest fact of each kind, and all that was tried."""
        latest = {fact.kind: fact for fact in self.progress.facts if fact.kind is not FactKind.TRIED}
        tried = [fact for fact in self.progress.facts if fact.kind is FactKind.TRIED]
        return [*(latest[kind] for kind in FactKind if kind in latest), *tried]


async def panel_of(services: Services, workspace: str, ticket_id: str) -> Panel:
    """Raises NotFound."""
    ticket = await services.desk.ticket(workspace, ticket_id)
    wanted = FollowUpFilter(states=(), ticket_id=ticket.id, limit=MOST)
    return Panel(
        progress=await services.desk.progress(workspace, ticket.id),
        follow_ups=tuple(await services.tracking.follow_ups.find(workspace, wanted)),
    )
