"""An analyst sent an answer of Vigil's with words of their own: those are the better answer, and go the way of any lesson. When is
`when`'s, what becomes of it is `fate`'s."""

from dataclasses import replace

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Message
from vigil.domain.decision import Decision, Outcome
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, Scope
from vigil.domain.ticket import Ticket, subject_of
from vigil.domain.timer import Timer
from vigil.errors import NotFound
from vigil.guard.redact import Vault
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.words import words
from vigil.learn.distil import LEAST_QUESTION, MOST_ANSWER_CHARS, MOST_QUESTION_CHARS
from vigil.learn.exchanges import kept_sentences, vault_of
from vigil.learn.fate import Candidate, Fate, Fates
from vigil.learn.lesson import INTERNAL, Nothing
from vigil.learn.plan import Plan, Writes, nothing_to_write
from vigil.learn.weighing import LEAST_ANSWER
from vigil.store.conversations import Conversations
from vigil.store.decisions import Decisions
from vigil.store.lessons import LessonRecord, Lessons, LessonState, Origin
from vigil.store.store import Store


class Edits:
    """Learns from answers that analysts improved, in all workspaces."""

    def __init__(self, *, store: Store, knowledge: KnowledgeBase, fates: Fates, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._knowledge = knowledge
        self._fates = fates
        self._clock = clock
        self._ids = ids

    async def ring(self, workspace: str, timer: Timer) -> Writes:
        """The alarm: an outcome's timer is due."""
        try:
            plan = await self.plan(workspace, timer.subject)
        except NotFound:  # forgotten meanwhile
            return nothing_to_write
        return plan.write

    async def plan(self, workspace: str, outcome_id: str) -> Plan:
        """What is learned from one edited answer. Raises NotFound, ModelUnavailable."""
        async with self._store.read(workspace) as session:
            outcome = await Decisions(session).outcome(outcome_id)
            decision = await Decisions(session).get(outcome.decision_id)
            ticket_id = decision.ticket_id or ""
            empty = Plan(ids=self._ids, ticket_id=ticket_id, through=outcome_id)
            if not ticket_id or await Lessons(session).learned(ticket_id, outcome_id):
                return empty
            ticket = await Conversations(session).ticket(ticket_id)
            messages = await Conversations(session).of_ticket(ticket.id)
        fate = await self._fate(workspace, outcome, decision, ticket, messages)
        drafts = [] if fate.draft is None else [fate.draft]
        prepared = None
        if drafts:
            summary = f"an answer improved in {ticket.external_id}"
            prepared = await self._knowledge.prepare(workspace, drafts, by="vigil", summary=summary)
        return replace(empty, fates=(fate,), prepared=prepared, told=lambda: self._knowledge.published(workspace))

    async def _fate(
        self, workspace: str, outcome: Outcome, decision: Decision, ticket: Ticket, messages: list[Message]
    ) -> Fate:
        vault = vault_of(messages)
        question, answer = _redacted(vault, decision.question), _redacted(vault, outcome.text)
        evidence = (
            Evidence(kind=EvidenceKind.MESSAGE, reference=decision.message_id, title="asked"),
            Evidence(kind=EvidenceKind.PERSON, reference=outcome.by, title="edited"),
        )
        record = LessonRecord(
            id=self._ids.new("les"),
            ticket_id=ticket.id,
            through=outcome.id,
            number=1,
            state=LessonState.NOTHING,
            evidence=(decision.message_id,),
            origin=Origin.EDIT,
            at=self._clock.now(),
        )
        if len(set(words(question))) < LEAST_QUESTION:
            return Fate(record=replace(record, number=0, reason=Nothing.NOT_ALONE.value))
        if len(answer.split()) < LEAST_ANSWER:
            return Fate(record=replace(record, number=0, reason=Nothing.NO_HUMAN_ANSWER.value))
        draft = Draft(
            key=f"edit:{outcome.id}",
            title=subject_of(question),
            question=question[:MOST_QUESTION_CHARS],
            answer=answer[:MOST_ANSWER_CHARS],
            scope=Scope(product=ticket.product, audience=INTERNAL, language=ticket.language),
            evidence=evidence,
        )
        entries = list(dict.fromkeys(citation.entry_id for citation in decision.citations))
        return await self._fates.of(
            workspace,
            Candidate(
                record=record,
                draft=draft,
                topic=ticket.topic,
                aims_at=entries[0] if len(entries) == 1 else None,
            ),
        )


def _redacted(vault: Vault, text: str) -> str:
    """Without greetings, and without anybody's name."""
    return " ".join(kept_sentences(vault, text))
