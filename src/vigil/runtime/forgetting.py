"""Forgetting a person or a ticket everywhere, and proving it: the database, the search index and the pages of the file. What is theirs and
what is done with it stands in the store; this puts the steps in an order that may be cut off anywhere and begun again."""

from dataclasses import dataclass, replace

from vigil.clock import Clock, Ids
from vigil.errors import Conflict
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.vectors import embed_drafts, pack
from vigil.language.embedder import Embedder
from vigil.store.belongings import Subject, belongings, find_again, find_person, traces_of
from vigil.store.conversations import Conversations
from vigil.store.entries import Embedding
from vigil.store.erasing import Forgotten, decisions_citing, forget
from vigil.store.erasures import Erasure, SubjectKind, erasures, missing_from, note
from vigil.store.looking import Looked, Near, look, scrub
from vigil.store.rewriting import Rewritten, rewrite
from vigil.store.store import Store
from vigil.store.traces import Traces
from vigil.store.vacuum import vacuum

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was forgotten, what was looked through afterwards, and what was found."""

    forgotten: Forgotten
    looked: Looked
    index_entries: int | None
    """Entries of the search index, which was built anew; None where no entry was theirs, so that it held nothing of it."""
    pages_clean: bool
    """The database gave up the pages that the old words stood on. False where another process held it from doing so: try again."""

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return self.pages_clean and not self.looked.found


class Forgetting:
    """Forgets people and tickets of all workspaces."""

    def __init__(self, *, store: Store, knowledge: KnowledgeBase, embedder: Embedder, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._knowledge = knowledge
        self._embedder = embedder
        self._clock = clock
        self._ids = ids

    async def person(self, workspace: str, person_id: str, *, channel: str | None, by: str) -> Proof:
        """Forget somebody: what they wrote, what was said about it, and whole tickets where they are the customer.

        Raises:
            InvalidInput: people on several channels have this id, and no channel is named.
            NotFound: nobody has it.
        """
        async with self._store.read(workspace) as session:
            subject = await find_person(session, person_id, channel=channel)
        return await self._forget(workspace, subject, by=by)

    async def ticket(self, workspace: str, ticket_id: str, *, by: str) -> Proof:
        """Forget a ticket: its words, everybody's, and who its customer was.

        Raises:
            NotFound: there is no such ticket.
        """
        async with self._store.read(workspace) as session:
            ticket = await Conversations(session).ticket(ticket_id)
        return await self._forget(workspace, Subject(kind=SubjectKind.TICKET, id=ticket.id), by=by)

    async def again(self, wanted: list[Erasure], *, by: str) -> list[Erasure]:
        """After a restore: forget what was forgotten since the backup was made; those that did not work out, of which something is left.
        Whoever is not in the backup is put on the list all the same, for the next one."""
        left: list[Erasure] = []
        for each in missing_from(await erasures(self._store), wanted):
            async with self._store.read(each.workspace) as session:
                subject = await find_again(session, each)
            if subject is None:
                async with self._store.write(each.workspace) as session:
                    await note(session, each.kind, each.subject, at=each.at, by=by)
            elif not (await self._forget(each.workspace, subject, by=by)).holds:
                left.append(each)
        return left

    async def _forget(self, workspace: str, subject: Subject, *, by: str) -> Proof:
        pseudonym = self._ids.new("erased")
        async with self._store.read(workspace) as session:
            theirs = await belongings(session, subject)
            traces = await traces_of(session, subject, theirs, pseudonym)
            rewritten = await rewrite(session, theirs.references, traces)
        near = Near(
            conversations=theirs.conversations,
            decisions=theirs.decisions,
            entries=rewritten.near,
            but=theirs.messages | theirs.events | theirs.tickets | theirs.decisions,
        )
        # What others wrote comes first: as long as the words themselves are there, a second try knows what to look for.
        quotes = await scrub(self._store, workspace, traces, near)
        done = await self._empty(workspace, subject, traces, rewritten, by=by)
        done.quotes = quotes
        index_entries = await self._knowledge.forget_index(workspace) if rewritten.after else None
        near = replace(near, but=frozenset())
        looked = await look(self._store, workspace, traces, near)
        if looked.found:  # somebody quoted them while this was at work
            done.quotes += await scrub(self._store, workspace, traces, near)
            looked = await look(self._store, workspace, traces, near)
        return Proof(forgotten=done, looked=looked, index_entries=index_entries, pages_clean=await vacuum(self._store))

    async def _empty(
        self, workspace: str, subject: Subject, traces: Traces, rewritten: Rewritten, *, by: str
    ) -> Forgotten:
        for attempt in range(1, _ATTEMPTS + 1):
            embeddings = await self._embed(rewritten)
            try:
                async with self._store.write(workspace) as session:
                    theirs = await belongings(session, subject)  # with what was written since
                    rewritten = await rewrite(session, theirs.references, traces)
                    return await forget(
                        session,
                        subject,
                        theirs,
                        traces,
                        rewritten,
                        embeddings=embeddings,
                        citing=await decisions_citing(session, rewritten.gone),
                        ids=self._ids,
                        at=self._clock.now(),
                        by=by,
                    )
            except Conflict:  # an entry was published meanwhile that has no vector yet
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _embed(self, rewritten: Rewritten) -> dict[str, Embedding]:
        drafts = list(rewritten.changed.values())
        if not drafts:
            return {}
        vectors = await embed_drafts(self._embedder, drafts)
        return {
            draft.key: Embedding(embedder_id=self._embedder.id, vector=pack(vector))
            for draft, vector in zip(drafts, vectors, strict=True)
        }
