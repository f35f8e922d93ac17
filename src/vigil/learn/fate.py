"""What is to become of one lesson, whatever it was made of: it is related to what is known and to what was rejected, tried out, and then
published, held, or put before a person. Nothing is written here; that is `plan`'s."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vigil.clock import Clock, Ids
from vigil.domain.knowledge import Draft, Revision, RevisionKind, Scope
from vigil.errors import NotFound
from vigil.knowledge.base import KnowledgeBase
from vigil.learn.lesson import INTERNAL, is_learned, is_tentative, merged, public
from vigil.learn.rehearse import MOST, Past, rehearse
from vigil.learn.rejected import Rejected
from vigil.learn.relation import Known, Reconciles, Related, Relation
from vigil.learn.support import Backing, backing_of, bears_out
from vigil.learn.winning import Winning
from vigil.store.conversations import Conversations
from vigil.store.decisions import DecisionFilter, Decisions
from vigil.store.entries import Entries
from vigil.store.lessons import LessonRecord, LessonState
from vigil.store.store import Store
from vigil.trust.standing import CONFLICT, TAUGHT

NEAREST = 5
"""Entries that a lesson is compared with: near-duplicates are the nearest by meaning and by words, or not near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that may become knowledge."""

    record: LessonRecord
    """What is noted of it, but for what becomes of it."""
    draft: Draft
    """What it would say; nothing personal is in its words."""
    topic: str | None = None
    """Of its ticket."""
    backing: Backing = field(default_factory=Backing)
    """Who stands behind it."""
    aims_at: str | None = None
    """The entry that it says better, where somebody said so."""
    sure: bool = True
    """Without it, it is no more than evidence for what is known already, or waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What is to become of one lesson."""

    record: LessonRecord
    draft: Draft | None = None
    """What to publish."""
    speaks: str | None = None
    """The kind of word that it is about its entry (`trust.standing`)."""
    settled: tuple[LessonRecord, ...] = ()
    """Conflicts that are over with it."""


class Fates:
    """Decides about the lessons of all workspaces.

    Args:
        least: how sure a lesson must be found for its own question.
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
        least: float,
        suspects: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._reconciles = reconciles
        self._least = least
        self._suspects = suspects
        self._rejected = Rejected(store=store, knowledge=knowledge, reconciles=reconciles)
        self._winning = Winning(store=store, reconciles=reconciles, clock=clock)

    async def of(self, workspace: str, candidate: Candidate) -> Fate:
        """What becomes of it. Raises ModelUnavailable where a remote embedder gave no usable answer."""
        draft = candidate.draft
        if any(self._suspects(text) for text in (draft.question, draft.answer, draft.conditions) if text):
            return _held(candidate, "instructions_to_a_machine")
        async with self._store.read(workspace) as session:
            own = (await Entries(session).called([draft.key])).get(draft.key)
        if own is not None and own.kind is RevisionKind.RETIRED:
            return _held(candidate, "was_retired", entry_id=own.entry_id)
        if await self._rejected.before(workspace, draft):
            record = replace(candidate.record, state=LessonState.REJECTED, reason="was_rejected", decided_by="vigil")
            return Fate(record=replace(record, decided_at=record.at))
        known = await self._known(workspace, draft)
        related, against = await self._relate(candidate, known, own)
        if not candidate.sure and related.relation is not Relation.SAME:
            return _held(candidate, "not_taken_up", entry_id=None if against is None else against.entry_id)
        if related.relation in (Relation.CONTRADICTS, Relation.RETIRES) and against is not None:
            return await self._conflict(workspace, candidate, related, against, known)
        if related.relation is Relation.SAME and against is not None:
            return await self._same(workspace, candidate, against)
        if related.relation is Relation.REFINES and against is not None:
            if not is_tentative(against.draft) and own is None:
                return _held(candidate, "would_change_what_is_confirmed", entry_id=against.entry_id)
            evidence = merged(against.draft.evidence, draft.evidence)
            better = replace(draft, key=against.draft.key, aliases=against.draft.aliases, evidence=evidence)
            return await self._tried(workspace, candidate, better, known, against.entry_id)
        return await self._tried(workspace, candidate, draft, known, None)

    async def _relate(
        self, candidate: Candidate, known: Sequence[Known], own: Revision | None
    ) -> tuple[Related, Known | None]:
        """How it stands to what is known: to what its ticket taught before, to what it was said to be better than, or to the nearest."""
        if own is not None:
            again = own.draft.answer == candidate.draft.answer and own.draft.question == candidate.draft.question
            relation = Relation.SAME if again else Relation.REFINES
            return Related(relation=relation, entry_id=own.entry_id), Known(entry_id=own.entry_id, draft=own.draft)
        aimed = [each for each in known if each.entry_id == candidate.aims_at and is_learned(each.draft)]
        if aimed:
            related = await self._reconciles.relate(candidate.draft, aimed)
            if related.relation is Relation.NEW:  # it was put in that one's place, so it answers the same question
                related = Related(relation=Relation.REFINES, entry_id=aimed[0].entry_id)
            return related, aimed[0]
        related = await self._reconciles.relate(candidate.draft, known)
        return related, next((each for each in known if each.entry_id == related.entry_id), None)

    async def _conflict(
        self, workspace: str, candidate: Candidate, related: Related, against: Known, known: Sequence[Known]
    ) -> Fate:
        """A person decides, with both sides before them; or the evidence does, where the topic lets it."""
        record = replace(
            candidate.record,
            state=LessonState.CONFLICT,
            reason=related.relation.value,
            relation=related.relation.value,
            entry_id=against.entry_id,
            draft=candidate.draft,
        )
        won = await self._winning.over(workspace, candidate.draft, candidate.backing, against, topic=candidate.topic)
        if won is not None:
            draft = replace(candidate.draft, key=against.draft.key, evidence=won.evidence)
            fate = await self._tried(workspace, candidate, draft, known, against.entry_id)
            if fate.draft is not None:
                now = replace(fate.record, relation=related.relation.value, decided_by="vigil", decided_at=record.at)
                done = [replace(each, decided_by="vigil", decided_at=record.at) for each in won.settled]
                return replace(fate, record=now, settled=tuple(done))
            record = replace(record, rehearsal=fate.record.rehearsal)
        return Fate(record=record, speaks=CONFLICT)

    async def _tried(
        self, workspace: str, candidate: Candidate, draft: Draft, known: Sequence[Known], instead_of: str | None
    ) -> Fate:
        """Rehearse, and publish or hold."""
        staged = await self._knowledge.stage(workspace, draft, instead_of=instead_of)
        references = await self._knowledge.answered_like(workspace, staged, limit=MOST)
        past = [*await self._past(workspace, references)]
        past += [Past(question=each.draft.question, entry_id=each.entry_id) for each in known if each.draft.question]
        rehearsal = await rehearse(self._knowledge, workspace, draft, staged, past, least=self._least)
        relation = Relation.NEW if instead_of is None else Relation.REFINES
        if rehearsal.why_held:
            held = _held(candidate, rehearsal.why_held, entry_id=instead_of)
            return replace(held, record=replace(held.record, relation=relation.value, rehearsal=rehearsal.figures()))
        record = replace(
            candidate.record,
            state=LessonState.PUBLISHED,
            relation=relation.value,
            rehearsal=rehearsal.figures(),
        )
        return Fate(record=record, draft=draft, speaks=TAUGHT)

    async def _same(self, workspace: str, candidate: Candidate, against: Known) -> Fate:
        """More evidence for what is known; where another ticket bears a lesson out, it may go to customers from now on."""
        record = replace(
            candidate.record,
            state=LessonState.PUBLISHED,
            relation=Relation.SAME.value,
            entry_id=against.entry_id,
        )
        draft = against.draft
        if draft.source is not None:
            stands = replace(record, state=LessonState.NOTHING, reason="stands_in_a_document")
            return Fate(record=stands, speaks=TAUGHT)
        more = replace(draft, evidence=merged(draft.evidence, candidate.draft.evidence))
        if candidate.sure and is_tentative(draft) and await self._borne_out(workspace, candidate, draft):
            more = public(more)
        return Fate(record=record, draft=more, speaks=TAUGHT)

    async def _borne_out(self, workspace: str, candidate: Candidate, draft: Draft) -> bool:
        async with self._store.read(workspace) as session:
            before = await backing_of(Conversations(session), draft)
            ticket = DecisionFilter(ticket_id=candidate.record.ticket_id, limit=200)
            said = await Decisions(session).find(ticket)
        heard = [draft.answer, *(decision.answer for decision in said if decision.answer)]
        return bears_out(before, candidate.backing, candidate.draft.answer, heard)

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


def _held(candidate: Candidate, reason: str, *, entry_id: str | None = None) -> Fate:
    record = replace(candidate.record, state=LessonState.HELD, reason=reason, entry_id=entry_id, draft=candidate.draft)
    return Fate(record=record)
