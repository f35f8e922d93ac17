"""Every night: what has outlived its validity, or is contradicted more often than not, goes out of force by itself; a topic that has gone
further than its outcomes bear out takes a step back. Each is told of in the audit trail, the knowledge log and the report."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vigil.clock import Clock, Ids
from vigil.domain.knowledge import Revision
from vigil.domain.timer import Timer
from vigil.domain.topic import Autonomy
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.publishing import Prepared
from vigil.learn.lesson import is_learned
from vigil.learn.plan import CHAIN, Writes
from vigil.learn.trusted import trust_of
from vigil.learn.when import missing_care
from vigil.store.audit import Audit
from vigil.store.entries import Entries
from vigil.store.judgements import Judgements
from vigil.store.store import Session, Store
from vigil.store.timers import Timers
from vigil.store.votes import Votes
from vigil.store.workspaces import Workspaces, all_workspaces
from vigil.trust.autonomy import fallen
from vigil.trust.outcomes import MOST, WINDOW, one_a_ticket
from vigil.trust.standing import BY_CUSTOMERS, REACH

OUTLIVED, CONTRADICTED = "entry.outlived", "entry.contradicted"
"""What the audit trail calls the two ways out."""
AT_ONCE = 200
"""Entries that one night takes out of force, of either kind: a page of history that a person can read. The next night goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one night comes to."""

    outlived: tuple[Revision, ...] = ()
    contradicted: tuple[Revision, ...] = ()
    lowered: tuple[str, ...] = ()
    """Topics, by key."""
    prepared: Prepared | None = field(default=None, repr=False)


class Care:
    """Looks after what is known, in all workspaces.

    Args:
        least: confidence from which a customer sees an answer. `Settings.reply_confidence`.
        bar: share of such answers that has to be right where a topic replies by itself.
    """

    def __init__(
        self, *, store: Store, knowledge: KnowledgeBase, clock: Clock, ids: Ids, least: float, bar: float
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self._ids = ids
        self._least = least
        self._bar = bar

    async def arrange(self) -> None:
        """See to it that every workspace has its nightly round."""
        for workspace in await all_workspaces(self._store):
            await self.arrange_in(workspace.id)

    async def arrange_in(self, workspace: str) -> None:
        """The same for one."""
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            for timer in await missing_care(session, self._ids, at=now):
                await Timers(session).set(timer, at=now)

    async def ring(self, workspace: str, timer: Timer) -> Writes:
        """The alarm: it is night."""
        made = await self.plan(workspace)

        async def write(session: Session) -> None:
            await self._write(session, made)
            if made.prepared is not None:
                self._knowledge.published(workspace)

        return write

    async def plan(self, workspace: str) -> Round:
        """What is to be done; nothing is written."""
        now = self._clock.now()
        async with self._store.read(workspace) as session:
            outlived = [each for each in await Entries(session).outlived(at=now, limit=AT_ONCE) if _is_overdue(each)]
            suspects = await Votes(session).against(since=now - REACH)
            standing = await Entries(session).standing(suspects)
            learned = {
                entry_id: each.revision
                for entry_id, each in standing.items()
                if each.in_force and is_learned(each.revision.draft)
            }
            trusts = await trust_of(session, learned, now=now, without=BY_CUSTOMERS)
            lowered = [
                each.key
                for each in await Workspaces(session).topics()
                if each.autonomy is Autonomy.AUTO and await self._has_fallen(session, each.key)
            ]
        gone = {each.entry_id for each in outlived}
        contradicted = [
            learned[entry_id] for entry_id, each in sorted(trusts.items()) if each.doubted and entry_id not in gone
        ][:AT_ONCE]
        retire = [each.draft.key for each in (*outlived, *contradicted)]
        prepared = None
        if retire:
            summary = _summary(outlived, contradicted)
            prepared = await self._knowledge.prepare(workspace, [], retire=retire, by="vigil", summary=summary)
        return Round(
            outlived=tuple(outlived), contradicted=tuple(contradicted), lowered=tuple(lowered), prepared=prepared
        )

    async def _write(self, session: Session, made: Round) -> None:
        now = self._clock.now()
        if made.prepared is not None:
            await made.prepared.write(session)
        for action, some in ((OUTLIVED, made.outlived), (CONTRADICTED, made.contradicted)):
            for each in some:
                await Audit(session).add(CHAIN, at=now, actor="vigil", action=action, subject=each.entry_id)
        if made.lowered:
            topics = await Workspaces(session).topics_to_change()
            down = {each.key for each in topics if each.key in made.lowered and each.autonomy is Autonomy.AUTO}
            changed = [replace(each, autonomy=Autonomy.SUGGEST) if each.key in down else each for each in topics]
            await Workspaces(session).set_topics(changed)
            for key in sorted(down):
                action = f"topic.{Autonomy.SUGGEST}"
                await Audit(session).add("workspace", at=now, actor="vigil", action=action, subject=key)

    async def _has_fallen(self, session: Session, key: str) -> bool:
        since = self._clock.now() - WINDOW
        judgements = await Judgements(session).of_topic(key, least=self._least, since=since, limit=MOST)
        return fallen(one_a_ticket(judgements), bar=self._bar)


def _is_overdue(revision: Revision) -> bool:
    """What a person brought back after its time stays: searches pass it over anyway."""
    until = revision.draft.valid_until
    return until is not None and (revision.created_by == "vigil" or revision.created_at < until)


def _summary(outlived: Sequence[Revision], contradicted: Sequence[Revision]) -> str:
    parts = [
        f"{len(outlived)} past their validity" if outlived else "",
        f"{len(contradicted)} often contradicted" if contradicted else "",
    ]
    return f"retired by itself: {', '.join(part for part in parts if part)}"
