"""What learning comes to, ready to be written: lessons, the publication, words about entries, what became of answers, all in one commit.
What it should be is decided in `fate` and `outcomes`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from vigil.clock import Ids
from vigil.domain.decision import Decision, Outcome
from vigil.domain.timer import Timer
from vigil.knowledge.publishing import Prepared
from vigil.learn.fate import Fate
from vigil.learn.trusted import vote
from vigil.store.audit import Audit
from vigil.store.decisions import Decisions
from vigil.store.entries import Entries
from vigil.store.lessons import LessonRecord, Lessons, LessonState
from vigil.store.store import Session
from vigil.store.timers import Timers
from vigil.store.uses import Use, Uses
from vigil.store.votes import Votes
from vigil.trust.standing import WEIGHTS

CHAIN = "knowledge"
"""Of the audit trail: what people and Vigil did to the knowledge."""


Writes: TypeAlias = Callable[[Session], Awaitable[Any]]
"""Writes what a timer brings about, in the commit that ends it."""


async def nothing_to_write(session: Session) -> None:
    """What isn't there any more teaches nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of an answer, as it is seen in the ticket."""

    outcome: Outcome
    decision: Decision
    uses: tuple[Use, ...] = ()
    """What the search remembers of it from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What learning from one ticket, edit or page comes to."""

    ids: Ids
    ticket_id: str
    through: str
    fates: tuple[Fate, ...] = ()
    became: tuple[Became, ...] = ()
    timers: tuple[Timer, ...] = ()
    prepared: Prepared | None = None
    told: Callable[[], None] = field(default=lambda: None)
    """To be called where knowledge was published."""

    async def write(self, session: Session) -> list[LessonRecord]:
        """Write it in the caller's commit; nothing where another has learned from the same meanwhile.

        Raises:
            Conflict: an entry or a lesson changed since; plan again.
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
                version = publication.version if publication is not None else 0
                record = replace(record, entry_id=entry.entry_id, version=version)
            records.append(record)
            await self._settle(session, fate, record)
        await Lessons(session).add(records)
        for each in self.became:
            await self._note(session, each)
        for timer in self.timers:
            await Timers(session).set(timer, at=records[0].at)
        if publication is not None:
            self.told()
        return records

    async def _settle(self, session: Session, fate: Fate, record: LessonRecord) -> None:
        """What it says about its entry, and the conflicts that are over with it."""
        if fate.speaks is not None and record.entry_id is not None:
            known_as = record.id if record.state is LessonState.CONFLICT else self.ticket_id
            said = vote(self.ids, record.entry_id, fate.speaks, known_as, at=record.at)
            await Votes(session).add([said])
        if record.decided_by is not None and record.state is LessonState.PUBLISHED:
            await Audit(session).add(CHAIN, at=record.at, actor="vigil", action="lesson.won", subject=record.id)
        for each in fate.settled:
            done = replace(
                each, state=LessonState.PUBLISHED, entry_id=record.entry_id, version=record.version, draft=None
            )
            await Lessons(session).decide(done)
            await Votes(session).withdraw(each.id)

    async def _note(self, session: Session, each: Became) -> None:
        outcome = each.outcome
        await Decisions(session).add_outcome(outcome)
        await Audit(session).add(
            f"decision:{outcome.decision_id}",
            at=outcome.at,
            actor=outcome.by,
            action=f"outcome.{outcome.kind}",
            subject=outcome.decision_id,
        )
        await speak(session, self.ids, each.decision, outcome)
        await Uses(session).take_back([outcome.decision_id])
        for use in each.uses:
            await Uses(session).add(use)


async def speak(session: Session, ids: Ids, decision: Decision, outcome: Outcome) -> None:
    """Let an outcome speak for or against the entries that the answer stood on, each for its share. A later word about the same answer
    takes the place of the earlier."""
    entries: Sequence[str] = list(dict.fromkeys(citation.entry_id for citation in decision.citations))
    if not entries or outcome.kind.value not in WEIGHTS:
        return
    share = 1.0 / len(entries)
    kind = outcome.kind.value
    await Votes(session).add([vote(ids, each, kind, decision.id, at=outcome.at, share=share) for each in entries])
