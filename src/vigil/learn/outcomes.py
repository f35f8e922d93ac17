"""What became of Vigil's answers, as the ticket shows it: used by the analyst, contradicted, confirmed by the customer, asked again, opened
again. What people say themselves goes before it, and what follows for the entries is `trust`'s."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Message, Role
from vigil.domain.decision import Decision, DecisionKind, Outcome, OutcomeKind
from vigil.domain.knowledge import Draft
from vigil.domain.post import PostState, Visibility
from vigil.errors import ModelUnavailable
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.words import words
from vigil.language.reading import read
from vigil.language.sentences import sentences_of
from vigil.learn.exchanges import helped, part_in
from vigil.learn.lesson import Ended
from vigil.learn.plan import Became
from vigil.learn.relation import Known, Reconciles, Relation
from vigil.learn.signs import sign
from vigil.learn.support import copied
from vigil.store.decisions import DecisionFilter, Decisions
from vigil.store.lessons import Lessons
from vigil.store.outbox import Outbox
from vigil.store.store import Store

BY = "vigil"
MOST = 20
"""Answers of one ticket that are looked at, the latest."""
NEXT = 3
"""Sayings of an analyst's after an answer in which they may use or contradict it: what comes later is about something else."""
AGAIN = 0.5
"""Share of the question's words that a customer who asks the same again uses once more."""
_GOOD = frozenset({OutcomeKind.ADOPTED, OutcomeKind.CONFIRMED})
_BAD = frozenset({OutcomeKind.CONTRADICTED, OutcomeKind.REASKED, OutcomeKind.REOPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An answer that somebody got to see."""

    decision: Decision
    to_customer: bool
    after: Sequence[Message]
    """What people wrote since, oldest first."""


class Outcomes:
    """Sees what became of answers, in the tickets of all workspaces. No model."""

    def __init__(
        self, *, store: Store, knowledge: KnowledgeBase, reconciles: Reconciles, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._reconciles = reconciles
        self._clock = clock
        self._ids = ids

    async def of(self, workspace: str, ended: Ended) -> list[Became]:
        """What became of the answers in a ticket that nobody has said anything of."""
        told, judged, learned_to = await self._told(workspace, ended)
        found: list[Became] = []
        for each in told:
            kind = await self._kind(each, ended)
            if learned_to is not None and each.to_customer and each.decision.decided_at <= learned_to:
                back = any(message.sent_at > learned_to for message in each.after)
                kind = OutcomeKind.REOPENED if back and kind not in _BAD else kind
            if kind is None or (each.decision.id, kind) in judged:
                continue
            outcome = Outcome(
                id=self._ids.new("out"), decision_id=each.decision.id, kind=kind, by=BY, at=self._clock.now()
            )
            found.append(await self._became(each.decision, outcome))
        return found

    async def _told(
        self, workspace: str, ended: Ended
    ) -> tuple[list[_Told], Collection[tuple[str, OutcomeKind]], datetime | None]:
        """The answers that somebody got to see and no person judged, what was seen of them before, and when that was."""
        async with self._store.read(workspace) as session:
            wanted = DecisionFilter(
                ticket_id=ended.ticket.id, kinds=(DecisionKind.SUGGEST, DecisionKind.REPLY), limit=MOST
            )
            decisions = [each for each in await Decisions(session).find(wanted) if each.answer]
            names = [each.id for each in decisions]
            outcomes = await Decisions(session).outcomes_of(names)
            posts = await Outbox(session).of_decisions(names)
            lessons = await Lessons(session).of_ticket(ended.ticket.id)
        by_people = {each.decision_id for each in outcomes if each.by != BY}
        seen = {(each.decision_id, each.kind) for each in outcomes}
        sent = {each.decision_id: each.visibility for each in posts if each.state is PostState.SENT}
        places = {message.id: place for place, message in enumerate(ended.messages)}
        told: list[_Told] = []
        for each in decisions:
            if each.id not in sent or each.id in by_people or each.message_id not in places:
                continue
            after = [
                m for m in ended.messages[places[each.message_id] + 1 :] if not m.by_vigil and m.deleted_at is None
            ]
            public = each.kind is DecisionKind.REPLY and sent[each.id] is Visibility.PUBLIC
            told.append(_Told(decision=each, to_customer=public, after=after))
        learned_to = max((each.at for each in lessons), default=None)
        return told, seen, learned_to

    async def _kind(self, told: _Told, ended: Ended) -> OutcomeKind | None:
        """A contradiction counts before everything, then the customer's word, then that it was used."""
        said = [m for m in told.after if part_in(m, ended.ticket) is Role.ANALYST][:NEXT]
        used = None
        for message in said:
            if copied(message.text, told.decision.answer) or copied(told.decision.answer, message.text):
                used = message
                break
            relation = await self._relation(told.decision, message.text)
            if relation in (Relation.CONTRADICTS, Relation.RETIRES):
                return OutcomeKind.CONTRADICTED
            if relation is Relation.SAME:
                used = message
                break
        if not told.to_customer and used is None:
            return None
        since = told.after if told.to_customer or used is None else told.after[told.after.index(used) + 1 :]
        customer = self._customer(told, [m for m in since if part_in(m, ended.ticket) is Role.CUSTOMER])
        return customer or (OutcomeKind.ADOPTED if used is not None else None)

    def _customer(self, told: _Told, since: Sequence[Message]) -> OutcomeKind | None:
        asked = set(words(told.decision.question))
        for message in since:
            reading = read(message.text)
            if helped(reading):
                return OutcomeKind.CONFIRMED
            again = len(asked & set(words(message.text))) >= AGAIN * max(1, len(asked))
            if reading.not_solved or (again and (reading.question or reading.problem)):
                return OutcomeKind.REASKED
        return None

    async def _relation(self, decision: Decision, text: str) -> Relation | None:
        """How an analyst's words stand to an answer; None where they answer nothing, or it can't be told for sure."""
        kept = [each for each in sentences_of(text) if sign(each).answers and not sign(each).reading.small_talk]
        if not any(sign(each).directs or sign(each).concrete for each in kept):
            return None
        said = Draft(key="said", title=decision.question, question=decision.question, answer=" ".join(kept))
        answer = Draft(key="told", title=decision.question, question=decision.question, answer=decision.answer)
        try:
            related = await self._reconciles.relate(said, [Known(entry_id="told", draft=answer)])
        except ModelUnavailable:
            return None
        return related.relation if related.firm else None

    async def _became(self, decision: Decision, outcome: Outcome) -> Became:
        if outcome.kind not in _GOOD or not decision.question.strip():
            return Became(outcome=outcome, decision=decision)
        entries = [citation.entry_id for citation in decision.citations]
        try:
            uses = await self._knowledge.uses(decision.question, entries, reference=decision.id)
        except ModelUnavailable:  # the outcome stands; the search will not remember it
            uses = ()
        return Became(outcome=outcome, decision=decision, uses=tuple(uses))
