"""Learning from one ticket, from end to end: distil, see what became of Vigil's own answers, decide about each lesson, and then one commit.
When that happens is `when`'s; what becomes of a lesson is `fate`'s."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Role
from vigil.domain.knowledge import Evidence, EvidenceKind, RevisionKind
from vigil.domain.timer import Timer
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.publishing import Prepared
from vigil.language.model import Model
from vigil.learn.distil import distil
from vigil.learn.exchanges import part_in
from vigil.learn.fate import Candidate, Fate, Fates
from vigil.learn.lesson import Distilled, Ended, Lesson, is_learned, public
from vigil.learn.outcomes import Outcomes
from vigil.learn.plan import CHAIN, Plan, Writes, nothing_to_write
from vigil.learn.quoting import distil_with
from vigil.learn.relation import Reconciles
from vigil.learn.shared import Links
from vigil.learn.support import Backing
from vigil.learn.trusted import vote
from vigil.learn.when import DOCUMENTS, SOON, missing_care
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.entries import Entries
from vigil.store.lessons import LessonRecord, Lessons, LessonState
from vigil.store.store import Store
from vigil.store.votes import Votes
from vigil.trust.standing import CONFIRMED

BY = "vigil"
NO_LINKS = Links(())
_ATTEMPTS = 3


class Learner:
    """Learns from the tickets of all workspaces.

    Args:
        least_confidence: how sure a lesson must be found for its own question. `Settings.suggest_confidence`.
        model: points at what a ticket teaches; None for the model-free way.
        links: which pages may be read that are linked in a ticket; none by default.
        suspects: says of a text that it carries instructions to a machine; such a lesson is held.
    """

    def __init__(
        self,
        *,
        store: Store,
        knowledge: KnowledgeBase,
        reconciles: Reconciles,
        clock: Clock,
        ids: Ids,
        least_confidence: float,
        model: Model | None = None,
        suspects: Callable[[str], bool] = lambda _: False,
        links: Links = NO_LINKS,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self._ids = ids
        self._model = model
        self.fates = Fates(
            store=store,
            knowledge=knowledge,
            reconciles=reconciles,
            clock=clock,
            ids=ids,
            least=least_confidence,
            suspects=suspects,
        )
        """Decides what becomes of a lesson, wherever it comes from."""
        self._links = links
        self._outcomes = Outcomes(store=store, knowledge=knowledge, reconciles=reconciles, clock=clock, ids=ids)

    async def ring(self, workspace: str, timer: Timer) -> Writes:
        """The alarm: a ticket's timer is due. What is written is written in the commit that ends the timer."""
        try:
            plan = await self.plan(workspace, timer.subject)
        except NotFound:  # forgotten meanwhile
            return nothing_to_write
        return plan.write

    async def learn(self, workspace: str, ticket_id: str) -> list[LessonRecord]:
        """Learn from a ticket now; nothing where that was done and nobody has written since.

        Raises:
            NotFound: there is no such ticket.
            ModelUnavailable: a remote embedder gave no usable answer.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            plan = await self.plan(workspace, ticket_id)
            try:
                async with self._store.write(workspace) as session:
                    return await plan.write(session)
            except (Conflict, IntegrityError):
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def confirm(self, workspace: str, entry_id: str, *, by: str) -> int:
        """A person says that what was learned may go to customers; the knowledge version that now is.

        Raises:
            NotFound: there is no such entry.
            InvalidInput: it was not learned, or is out of force.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            prepared = await self._confirmed(workspace, entry_id, by=by)
            try:
                async with self._store.write(workspace) as session:
                    await prepared.write(session)
                    now = self._clock.now()
                    await Votes(session).add([vote(self._ids, entry_id, CONFIRMED, by, at=now)])
                    await Audit(session).add(CHAIN, at=now, actor=by, action="lesson.confirmed", subject=entry_id)
                    version = await Entries(session).version()
            except Conflict:
                if attempt == _ATTEMPTS:
                    raise
                continue
            self._knowledge.published(workspace)
            return version
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _confirmed(self, workspace: str, entry_id: str, *, by: str) -> Prepared:
        revision = await self._knowledge.entry(workspace, entry_id)
        draft = revision.draft
        if not is_learned(draft) or revision.kind is RevisionKind.RETIRED:
            raise InvalidInput(
                f"The entry {entry_id} is no lesson in force; `vigil learn --report` lists those that wait for a yes."
            )
        yes = Evidence(kind=EvidenceKind.PERSON, reference=by, title="confirmed")
        confirmed = public(replace(draft, evidence=(*draft.evidence, yes)))
        return await self._knowledge.prepare(workspace, [confirmed], by=by, summary=f"confirmed {draft.title}")

    async def plan(self, workspace: str, ticket_id: str) -> Plan:
        """Everything of learning from a ticket but the writing. Raises NotFound, ModelUnavailable."""
        async with self._store.read(workspace) as session:
            ticket = await Conversations(session).ticket(ticket_id)
            messages = await Conversations(session).of_ticket(ticket.id)
            timers = await missing_care(session, self._ids, at=self._clock.now())
            ended = Ended(ticket=ticket, messages=messages)
            if not messages or await Lessons(session).learned(ticket.id, ended.through):
                return Plan(ids=self._ids, ticket_id=ticket.id, through=ended.through)
        if self._model is None:
            distilled = await asyncio.to_thread(distil, ended)
        else:
            distilled = await distil_with(self._model, ended, workspace=workspace)
        fates = self._nothing(ended, distilled)
        for lesson in distilled.lessons:
            fates.append(await self.fates.of(workspace, self._candidate(ended, lesson)))
        drafts = {fate.draft.key: fate.draft for fate in fates if fate.draft is not None}
        prepared = None
        if drafts:
            summary = f"learned from {ticket.external_id}"
            prepared = await self._knowledge.prepare(workspace, list(drafts.values()), by=BY, summary=summary)
        return Plan(
            ids=self._ids,
            ticket_id=ticket.id,
            through=ended.through,
            fates=tuple(fates),
            became=tuple(await self._outcomes.of(workspace, ended)),
            timers=(*timers, *self._pages(ended)),
            prepared=prepared,
            told=lambda: self._knowledge.published(workspace),
        )

    def _pages(self, ended: Ended) -> tuple[Timer, ...]:
        """What was linked is read soon after, by itself: a page that doesn't answer holds up nothing."""
        if not self._links.of(ended):
            return ()
        due = self._clock.now() + SOON
        return (Timer(id=self._ids.new("tmr"), kind=DOCUMENTS, subject=ended.ticket.id, due=due),)

    def _nothing(self, ended: Ended, distilled: Distilled) -> list[Fate]:
        return [
            Fate(record=self._record(ended, -place, LessonState.NOTHING, reason=reason.value))
            for place, reason in enumerate(distilled.nothing)
        ]

    def _candidate(self, ended: Ended, lesson: Lesson) -> Candidate:
        told = [each for each in ended.messages if each.id in lesson.answered_in]
        analysts = {each.author.id for each in told if part_in(each, ended.ticket) is Role.ANALYST}
        return Candidate(
            record=self._record(ended, lesson.number, LessonState.HELD, lesson=lesson),
            draft=lesson.draft(ended.ticket),
            topic=ended.ticket.topic,
            backing=Backing(
                tickets=frozenset({ended.ticket.id}),
                customers=frozenset({ended.ticket.customer_id}),
                analysts=frozenset(analysts),
            ),
            sure=lesson.sure,
        )

    def _record(
        self, ended: Ended, number: int, state: LessonState, *, lesson: Lesson | None = None, reason: str = ""
    ) -> LessonRecord:
        return LessonRecord(
            id=self._ids.new("les"),
            ticket_id=ended.ticket.id,
            through=ended.through,
            number=number,
            state=state,
            reason=reason,
            evidence=() if lesson is None else lesson.messages,
            at=self._clock.now(),
        )
