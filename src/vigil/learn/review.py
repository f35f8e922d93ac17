"""What people do with what was held or is in conflict: look at it with both sides' evidence, accept it, keep what is known, reject it. What
is held, and why, is decided in `loop`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Message, Role
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, Revision
from vigil.errors import Conflict, InvalidInput
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.vectors import embed_drafts, pack
from vigil.language.embedder import Embedder
from vigil.learn.lesson import is_learned, merged, public
from vigil.learn.trusted import trust_of, vote
from vigil.store.audit import Audit
from vigil.store.conversations import Conversations
from vigil.store.entries import Embedding, Entries
from vigil.store.lessons import WAITING, LessonRecord, Lessons, LessonState
from vigil.store.store import Session, Store
from vigil.store.votes import Votes
from vigil.trust.standing import CONFIRMED, KEPT, Trust

_ATTEMPTS = 3
LONGEST_REASON = 500
"""Characters of a person's reason: a sentence or two, for the next person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message that stands behind a side, as it was written."""

    message_id: str
    ticket_id: str | None
    role: Role
    """By verified id."""
    author: str
    """Display name."""
    part: str
    """``asked``, ``answered`` or ``confirmed``."""
    text: str
    """Empty where the message was deleted or forgotten."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side says, and what it rests on."""

    draft: Draft
    said: tuple[Said, ...]
    """Its messages, the oldest first."""
    tickets: int
    """From how many tickets these are."""
    entry_id: str | None = None
    """None for what isn't published."""
    in_force: bool = False
    trust: Trust | None = None
    """Of a published one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lesson that waits for a person, or was decided about: what it says, and what it stands against."""

    lesson: LessonRecord
    new: Side | None
    """None where its words were forgotten, or have become part of an entry."""
    known: Side | None
    """The entry that it would change or contradicts; None for a new one."""


class Review:
    """Shows people what waits for them, and does what they decide. Each verb is one commit, with the person's name in the audit."""

    def __init__(self, *, store: Store, knowledge: KnowledgeBase, embedder: Embedder, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._knowledge = knowledge
        self._embedder = embedder
        self._clock = clock
        self._ids = ids

    async def lessons(
        self,
        workspace: str,
        states: Collection[LessonState] = WAITING,
        *,
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> list[LessonRecord]:
        """Lessons in these states, the latest first; those before the (instant, id) `before`. What waits has its `draft`."""
        async with self._store.read(workspace) as session:
            return await Lessons(session).find(states, before=before, limit=limit)

    async def show(self, workspace: str, lesson_id: str) -> Case:
        """A lesson with both sides' evidence.

        Raises:
            NotFound: there is no such lesson.
        """
        async with self._store.read(workspace) as session:
            record = await Lessons(session).get(lesson_id)
            known = None
            if record.entry_id is not None:
                standing = (await Entries(session).standing([record.entry_id])).get(record.entry_id)
                if standing is not None:
                    trusted = await trust_of(session, [record.entry_id], now=self._clock.now())
                    known = replace(
                        await _side(session, standing.revision.draft),
                        entry_id=record.entry_id,
                        in_force=standing.in_force,
                        trust=trusted[record.entry_id],
                    )
            new = None if record.draft is None else await _side(session, record.draft)
        return Case(lesson=record, new=new, known=known)

    async def trust(self, workspace: str, entry_ids: Collection[str]) -> dict[str, Trust]:
        """How far each of these entries can be trusted."""
        async with self._store.read(workspace) as session:
            return await trust_of(session, entry_ids, now=self._clock.now())

    async def accept(self, workspace: str, lesson_id: str, *, by: str, to_customers: bool = False) -> int:
        """Publish what waits, in the place of what it would change or contradicts; the knowledge version that now is.

        Analysts are shown it from now on. Customers are, where they were shown what it replaces, or with `to_customers`.

        Raises:
            NotFound: there is no such lesson.
            Conflict: somebody has decided about it already, or its words were forgotten.
            ModelUnavailable: a remote embedder gave no usable answer; nothing was changed.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            record, against = await self._waiting(workspace, lesson_id)
            if record.draft is None:
                raise Conflict(f"The words of the lesson {lesson_id} were forgotten; nothing is left to accept.")
            draft, retire = _instead(record.draft, against)
            yes = Evidence(kind=EvidenceKind.PERSON, reference=by, title="accepted")
            draft = replace(draft, evidence=(*draft.evidence, yes))
            if to_customers:
                draft = public(draft)
            prepared = await self._knowledge.prepare(
                workspace, [draft], retire=retire, by=by, summary=f"accepted {draft.title}"
            )
            try:
                async with self._store.write(workspace) as session:
                    publication = await prepared.write(session)
                    version = await Entries(session).version()
                    entry = (await Entries(session).called([draft.key]))[draft.key]
                    done = self._decided(record, LessonState.PUBLISHED, by=by)
                    await Lessons(session).decide(
                        replace(done, entry_id=entry.entry_id, version=version if publication else 0, draft=None)
                    )
                    await self._vote(session, entry.entry_id, CONFIRMED, record.id)
                    await self._note(session, by, "lesson.accepted", record.id)
            except Conflict:
                if attempt == _ATTEMPTS:
                    raise
                continue
            self._knowledge.published(workspace)
            return version
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def keep(self, workspace: str, lesson_id: str, *, by: str, reason: str = "") -> None:
        """Stand by what is known against what contradicts it or would change it. What says the same later is rejected at once.

        Raises:
            NotFound: there is no such lesson.
            InvalidInput: there is nothing known that it stands against.
            Conflict: somebody has decided about it already.
        """
        await self._reject(workspace, lesson_id, by=by, reason=reason.strip(), stand_by=True)

    async def reject(self, workspace: str, lesson_id: str, *, by: str, reason: str) -> None:
        """Say no. It doesn't come back by itself: what says the same later is rejected at once.

        Raises:
            NotFound: there is no such lesson.
            InvalidInput: the reason is missing or too long.
            Conflict: somebody has decided about it already.
        """
        if not reason.strip():
            raise InvalidInput("A rejection needs `reason`: a word on why, for the next person who wonders.")
        await self._reject(workspace, lesson_id, by=by, reason=reason.strip(), stand_by=False)

    async def _reject(self, workspace: str, lesson_id: str, *, by: str, reason: str, stand_by: bool) -> None:
        if len(reason) > LONGEST_REASON:
            raise InvalidInput(f"`reason` is longer than {LONGEST_REASON} characters; a sentence or two will do.")
        record, against = await self._waiting(workspace, lesson_id)
        if stand_by and against is None:
            raise InvalidInput(f"The lesson {lesson_id} stands against nothing that is known; accept or reject it.")
        embedding = None
        if record.draft is not None:
            (vector,) = await embed_drafts(self._embedder, [record.draft])
            embedding = Embedding(embedder_id=self._embedder.id, vector=pack(vector))
        async with self._store.write(workspace) as session:
            done = replace(self._decided(record, LessonState.REJECTED, by=by), note=reason)
            await Lessons(session).decide(done, embedding=embedding)
            await Votes(session).withdraw(record.id)  # what it said against an entry no longer counts
            if against is not None and stand_by:
                await self._vote(session, against.entry_id, KEPT, record.id)
            await self._note(session, by, "lesson.kept_known" if stand_by else "lesson.rejected", record.id)

    async def _waiting(self, workspace: str, lesson_id: str) -> tuple[LessonRecord, Revision | None]:
        async with self._store.read(workspace) as session:
            record = await Lessons(session).get(lesson_id)
            against = None
            if record.entry_id is not None:
                standing = (await Entries(session).standing([record.entry_id])).get(record.entry_id)
                against = standing.revision if standing is not None and standing.in_force else None
        if record.state not in WAITING:
            who = f" by {record.decided_by}" if record.decided_by else ""
            raise Conflict(f"The lesson {lesson_id} is {record.state.value}{who} and waits for nobody.")
        return record, against

    def _decided(self, record: LessonRecord, state: LessonState, *, by: str) -> LessonRecord:
        return replace(record, state=state, decided_by=by, decided_at=self._clock.now())

    async def _vote(self, session: Session, entry_id: str, kind: str, reference: str) -> None:
        await Votes(session).add([vote(self._ids, entry_id, kind, reference, at=self._clock.now())])

    async def _note(self, session: Session, by: str, action: str, lesson_id: str) -> None:
        await Audit(session).add("knowledge", at=self._clock.now(), actor=by, action=action, subject=lesson_id)


def _instead(draft: Draft, against: Revision | None) -> tuple[Draft, tuple[str, ...]]:
    """What to publish in the place of `against`, and the keys to retire. What a document says stays its own entry: it is retired, and the
    answer is a new one; anything else gets another revision, for whom it was for."""
    if against is None:
        return draft, ()
    known = against.draft
    if known.source is not None:
        return draft, (known.key,)
    evidence = merged(known.evidence, draft.evidence) if is_learned(known) else draft.evidence
    scope = replace(draft.scope, audience=known.scope.audience, product=known.scope.product or draft.scope.product)
    return replace(draft, key=known.key, aliases=known.aliases, scope=scope, evidence=evidence), ()


async def _side(session: Session, draft: Draft) -> Side:
    parts = {each.reference: each.title for each in draft.evidence if each.kind is EvidenceKind.MESSAGE}
    found: Sequence[Message] = await Conversations(session).messages(parts)
    said = tuple(
        Said(
            message_id=each.id,
            ticket_id=each.ticket_id,
            role=each.author.role,
            author=each.author.name,
            part=parts[each.id],
            text="" if each.deleted_at is not None else each.text,
            at=each.sent_at,
        )
        for each in sorted(found, key=lambda each: (each.sent_at, each.id))
    )
    return Side(draft=draft, said=said, tickets=len({each.ticket_id for each in said if each.ticket_id}))
