"""Learning from one ticket, from end to end: distil, reconcile, rehearse, and then one commit with the new knowledge version and what came
of each lesson. When that happens is `when`'s; what each step decides is in its own module."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Message, Role
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, Revision, RevisionKind, Scope
from vigil.domain.timer import Timer
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.publishing import Prepared
from vigil.language.model import Model
from vigil.learn.distil import distil
from vigil.learn.exchanges import part_in
from vigil.learn.lesson import INTERNAL, Distilled, Ended, Lesson, is_learned, is_tentative, merged, public
from vigil.learn.quoting import distil_with
from vigil.learn.rehearse import MOST, Past, rehearse
from vigil.learn.relation import Known, Reconciles, Related, Relation
from vigil.learn.support import Backing, bears_out
from vigil.store.conversations import Conversations
from vigil.store.decisions import DecisionFilter, Decisions
from vigil.store.entries import Entries
from vigil.store.lessons import LessonRecord, Lessons, LessonState
from vigil.store.store import Session, Store

BY = "vigil"
NEAREST = 5
"""Entries that a lesson is compared with: near-duplicates are the nearest by meaning and by words, or not near."""
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    """What is to become of one lesson."""

    record: LessonRecord
    draft: Draft | None = None
    """What to publish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What learning from a ticket comes to, ready to be written."""

    ticket_id: str
    through: str
    fates: tuple[_Fate, ...] = ()
    prepared: Prepared | None = None
    told: Callable[[], None] = field(default=lambda: None)
    """To be called where knowledge was published."""

    async def write(self, session: Session) -> list[LessonRecord]:
        """Write it in the caller's commit; nothing where another has learned from the ticket meanwhile.

        Raises:
            Conflict: an entry changed since; plan again.
            IntegrityError: another is writing the same at this moment.
        """
        if not self.fates or await Lessons(session).learned(self.ticket_id, self.through):
            return []
        publication = None if self.prepared is None else await self.prepared.write(session)
        keys = [fate.draft.key for fate in self.fates if fate.draft is not None]
        entries = await Entries(session).called(keys)
        records: list[LessonRecord] = []
        for fate in self.fates:
            record = fate.record
            if fate.draft is not None:
                entry = entries[fate.draft.key]
                record = replace(
                    record, entry_id=entry.entry_id, version=publication.version if publication is not None else 0
                )
            records.append(record)
        await Lessons(session).add(records)
        if publication is not None:
            self.told()
        return records


class Learner:
    """Learns from the tickets of all workspaces.

    Args:
        least_confidence: how sure a lesson must be found for its own question. `Settings.suggest_confidence`.
        model: points at what a ticket teaches; None for the model-free way.
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
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._reconciles = reconciles
        self._clock = clock
        self._ids = ids
        self._least = least_confidence
        self._model = model
        self._suspects = suspects

    async def ring(self, workspace: str, timer: Timer) -> Callable[[Session], Any]:
        """The alarm: a ticket's timer is due. What is written is written in the commit that ends the timer."""
        try:
            plan = await self.plan(workspace, timer.subject)
        except NotFound:  # forgotten meanwhile
            return _nothing
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
        revision = await self._knowledge.entry(workspace, entry_id)
        draft = revision.draft
        if not is_learned(draft) or revision.kind is RevisionKind.RETIRED:
            raise InvalidInput(
                f"The entry {entry_id} is no lesson in force; `vigil learn --report` lists those that wait for a yes."
            )
        yes = Evidence(kind=EvidenceKind.PERSON, reference=by, title="confirmed")
        confirmed = public(replace(draft, evidence=(*draft.evidence, yes)))
        return await self._knowledge.publish(workspace, [confirmed], by=by, summary=f"confirmed {draft.title}")

    async def plan(self, workspace: str, ticket_id: str) -> Plan:
        """Everything of learning from a ticket but the writing. Raises NotFound, ModelUnavailable."""
        async with self._store.read(workspace) as session:
            ticket = await Conversations(session).ticket(ticket_id)
            messages = await Conversations(session).of_ticket(ticket.id)
            ended = Ended(ticket=ticket, messages=messages)
            if not messages or await Lessons(session).learned(ticket.id, ended.through):
                return Plan(ticket_id=ticket.id, through=ended.through)
        if self._model is None:
            distilled = await asyncio.to_thread(distil, ended)
        else:
            distilled = await distil_with(self._model, ended, workspace=workspace)
        fates = self._nothing(ended, distilled)
        for lesson in distilled.lessons:
            fates.append(await self._fate(workspace, ended, lesson))
        drafts = {fate.draft.key: fate.draft for fate in fates if fate.draft is not None}
        prepared = None
        if drafts:
            summary = f"learned from {ticket.external_id}"
            prepared = await self._knowledge.prepare(workspace, list(drafts.values()), by=BY, summary=summary)
        return Plan(
            ticket_id=ticket.id,
            through=ended.through,
            fates=tuple(fates),
            prepared=prepared,
            told=lambda: self._knowledge.published(workspace),
        )

    def _nothing(self, ended: Ended, distilled: Distilled) -> list[_Fate]:
        return [
            _Fate(record=self._record(ended, -place, LessonState.NOTHING, reason=reason.value))
            for place, reason in enumerate(distilled.nothing)
        ]

    async def _fate(self, workspace: str, ended: Ended, lesson: Lesson) -> _Fate:
        draft = lesson.draft(ended.ticket)
        if any(self._suspects(text) for text in (draft.question, draft.answer, draft.conditions) if text):
            return self._held(ended, lesson, "instructions_to_a_machine")
        async with self._store.read(workspace) as session:
            own = (await Entries(session).called([draft.key])).get(draft.key)
        if own is not None and own.kind is RevisionKind.RETIRED:
            return self._held(ended, lesson, "was_retired", entry_id=own.entry_id)
        known = await self._known(workspace, draft)
        related = _own(own, draft) if own is not None else await self._reconciles.relate(draft, known)
        against = next((each for each in known if each.entry_id == related.entry_id), None)
        if own is not None:
            against = Known(entry_id=own.entry_id, draft=own.draft)
        if related.relation in (Relation.CONTRADICTS, Relation.RETIRES):
            record = self._record(
                ended, lesson.number, LessonState.CONFLICT, lesson=lesson, reason=related.relation.value
            )
            return _Fate(record=replace(record, relation=related.relation.value, entry_id=related.entry_id))
        if related.relation is Relation.SAME and against is not None:
            return await self._same(workspace, ended, lesson, against)
        if related.relation is Relation.REFINES and against is not None:
            if not is_tentative(against.draft) and own is None:
                return self._held(ended, lesson, "would_change_what_is_confirmed", entry_id=against.entry_id)
            evidence = merged(against.draft.evidence, draft.evidence)
            draft = replace(draft, key=against.draft.key, evidence=evidence)
            return await self._tried(workspace, ended, lesson, draft, known, instead_of=against.entry_id)
        return await self._tried(workspace, ended, lesson, draft, known, instead_of=None)

    async def _tried(
        self,
        workspace: str,
        ended: Ended,
        lesson: Lesson,
        draft: Draft,
        known: Sequence[Known],
        *,
        instead_of: str | None,
    ) -> _Fate:
        """Rehearse, and publish or hold."""
        staged = await self._knowledge.stage(workspace, draft, instead_of=instead_of)
        references = await self._knowledge.answered_like(workspace, staged, limit=MOST)
        past = [*await self._past(workspace, references)]
        past += [Past(question=each.draft.question, entry_id=each.entry_id) for each in known if each.draft.question]
        rehearsal = await rehearse(self._knowledge, workspace, draft, staged, past, least=self._least)
        relation = Relation.NEW if instead_of is None else Relation.REFINES
        if rehearsal.why_held:
            held = self._held(ended, lesson, rehearsal.why_held)
            return replace(held, record=replace(held.record, relation=relation.value, rehearsal=rehearsal.figures()))
        record = self._record(ended, lesson.number, LessonState.PUBLISHED, lesson=lesson)
        return _Fate(record=replace(record, relation=relation.value, rehearsal=rehearsal.figures()), draft=draft)

    async def _same(self, workspace: str, ended: Ended, lesson: Lesson, against: Known) -> _Fate:
        """More evidence for what is known; where another ticket bears a lesson out, it may go to customers from now on."""
        record = self._record(ended, lesson.number, LessonState.PUBLISHED, lesson=lesson)
        record = replace(record, relation=Relation.SAME.value, entry_id=against.entry_id)
        draft = against.draft
        if draft.source is not None:
            return _Fate(record=replace(record, state=LessonState.NOTHING, reason="stands_in_a_document"))
        more = replace(draft, evidence=merged(draft.evidence, lesson.evidence()))
        if is_tentative(draft) and await self._borne_out(workspace, ended, lesson, draft):
            more = public(more)
        return _Fate(record=record, draft=more)

    async def _borne_out(self, workspace: str, ended: Ended, lesson: Lesson, draft: Draft) -> bool:
        references = [each.reference for each in draft.evidence if each.kind is EvidenceKind.MESSAGE]
        answered = [each.reference for each in draft.evidence if each.title == "answered"]
        async with self._store.read(workspace) as session:
            conversations = Conversations(session)
            before = [message for message in await conversations.messages(references) if message.ticket_id]
            tickets = [
                await conversations.ticket(each) for each in sorted({m.ticket_id for m in before if m.ticket_id})
            ]
            said = await Decisions(session).find(DecisionFilter(ticket_id=ended.ticket.id, limit=200))
        told = [message for message in ended.messages if message.id in lesson.answered_in]
        heard = [draft.answer, *(decision.answer for decision in said if decision.answer)]
        return bears_out(
            Backing(
                tickets=frozenset(each.id for each in tickets),
                customers=frozenset(each.customer_id for each in tickets),
                analysts=_authors([message for message in before if message.id in answered]),
            ),
            Backing(
                tickets=frozenset({ended.ticket.id}),
                customers=frozenset({ended.ticket.customer_id}),
                analysts=_authors([m for m in told if part_in(m, ended.ticket) is Role.ANALYST]),
            ),
            lesson.answer,
            heard,
        )

    async def _known(self, workspace: str, draft: Draft) -> list[Known]:
        """The entries nearest to a lesson, but those of its own."""
        text = f"{draft.question}\n{draft.answer}"
        found = await self._knowledge.search(workspace, text, scope=Scope(audience=INTERNAL), limit=NEAREST)
        async with self._store.read(workspace) as session:
            standing = await Entries(session).standing([each.entry_id for each in found.candidates])
        drafts = [(each.entry_id, standing[each.entry_id].revision.draft) for each in found.candidates]
        return [Known(entry_id=entry_id, draft=each) for entry_id, each in drafts if each.key != draft.key]

    async def _past(self, workspace: str, references: Sequence[tuple[str, str]]) -> list[Past]:
        found: list[Past] = []
        async with self._store.read(workspace) as session:
            for reference, entry_id in references:
                try:
                    decision = await Decisions(session).get(reference)
                except NotFound:  # told by something else than a decision, or forgotten
                    continue
                if decision.question.strip():
                    found.append(Past(question=decision.question, entry_id=entry_id))
        return found

    def _held(self, ended: Ended, lesson: Lesson, reason: str, *, entry_id: str | None = None) -> _Fate:
        record = self._record(ended, lesson.number, LessonState.HELD, lesson=lesson, reason=reason)
        return _Fate(record=replace(record, entry_id=entry_id))

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


def _own(own: Revision, draft: Draft) -> Related:
    """How a ticket's lesson stands to what the same ticket taught before it was reopened."""
    again = own.draft.answer == draft.answer and own.draft.question == draft.question
    return Related(relation=Relation.SAME if again else Relation.REFINES, entry_id=own.entry_id)


def _authors(messages: Sequence[Message]) -> frozenset[str]:
    return frozenset(message.author.id for message in messages if not message.by_vigil)


async def _nothing(session: Session) -> None:
    """A ticket that isn't there any more teaches nothing."""
