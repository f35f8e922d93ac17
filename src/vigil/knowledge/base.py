"""The knowledge base: the one door to this room. It publishes, searches, answers, and tells the history of what was known; how it does
each of these is in the modules beside it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from vigil.clock import Clock, Ids
from vigil.domain.knowledge import Draft, Revision, RevisionKind, Scope
from vigil.errors import Conflict
from vigil.knowledge.ask import Ask
from vigil.knowledge.finding import Finding, Question
from vigil.knowledge.index import IndexShelf
from vigil.knowledge.indexer import INDEX_FROM, Indexer
from vigil.knowledge.learned import Learned, shipped
from vigil.knowledge.publishing import Prepared, Publishing, SourceDocument, Taken
from vigil.knowledge.recent import MOST
from vigil.knowledge.search import MAX_QUESTION, Search, SearchResult, Staged
from vigil.knowledge.vectors import embed_drafts, pack, unpack
from vigil.language.embedder import Embedder
from vigil.language.model import Model
from vigil.store.entries import Change, Counts, Embedding, Entries, Publication, Source
from vigil.store.indexes import Indexes
from vigil.store.store import Store
from vigil.store.uses import Use, Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether searches can be relied on."""

    ready: bool
    note: str


class KnowledgeBase:
    """The knowledge of all workspaces of an installation.

    Args:
        shelf: where the search indexes stand; every process of an installation has to see the same.
        model: answers questions; None to quote.
        least_confidence: below which nothing is answered. `Settings.suggest_confidence`.
        learned: what ranks and judges; what came with Vigil by default.
        index_from: entries from which a workspace gets a search index.
    """

    def __init__(
        self,
        *,
        store: Store,
        embedder: Embedder,
        shelf: IndexShelf,
        clock: Clock,
        ids: Ids,
        model: Model | None = None,
        least_confidence: float = 0.5,
        learned: Learned | None = None,
        index_from: int = INDEX_FROM,
    ) -> None:
        learned = learned or shipped()
        self._store = store
        self._embedder = embedder
        self._clock = clock
        owner = ids.new("indexer")
        self._indexer = Indexer(store, embedder, shelf, clock, owner=owner, index_from=index_from)
        self._search = Search(store, embedder, self._indexer, clock, learned.ranker)
        self._ask = Ask(self._search, embedder, model, learned, least=least_confidence)
        self._publishing = Publishing(store, embedder, clock, ids)
        self._changed: set[str] = set()
        """Workspaces whose search index may be behind by what this process published."""

    async def open(self) -> None:
        """Begin to keep the search indexes up to date, in the background."""
        self._indexer.start()

    async def close(self) -> None:
        """Finish what this process published, and stop."""
        await self._indexer.stop()
        for workspace in sorted(self._changed):
            await self._indexer.catch_up(workspace)
        self._changed.clear()

    # Asking.

    async def search(self, workspace: str, text: str, *, scope: Scope | None = None, limit: int = 10) -> SearchResult:
        """The `limit` entries that answer `text` best, with the scores that put them there.

        Raises:
            NotFound: there is no such workspace.
        """
        return await self._search.search(workspace, text, scope=scope, limit=limit)

    async def ask(self, workspace: str, question: Question) -> Finding:
        """What is known about a question; not known is an ordinary result.

        Raises:
            NotFound: there is no such workspace.
        """
        return await self._ask.ask(workspace, question)

    async def in_force(self, workspace: str, revision_ids: Collection[str]) -> frozenset[str]:
        """Of these revisions those that are what their entries say now."""
        async with self._store.read(workspace, short=True) as session:
            return frozenset(await Entries(session).in_force(revision_ids, at=self._clock.now()))

    async def answered(self, workspace: str, question: str, entry_ids: Collection[str], *, reference: str) -> None:
        """Entries answered a question, and somebody said so: from now on questions like it find them sooner. `reference` says where, such
        as a decision's id; the same again counts once.

        Raises:
            ModelUnavailable: a remote embedder gave no usable answer.
        """
        made = await self.uses(question, entry_ids, reference=reference)
        if made:
            async with self._store.write(workspace) as session:
                for use in made:
                    await Uses(session).add(use)

    async def uses(self, question: str, entry_ids: Collection[str], *, reference: str) -> list[Use]:
        """What `answered` keeps, for somebody who writes it in a commit of their own. Raises ModelUnavailable."""
        if not question.strip() or not entry_ids:
            return []
        vector = await self._embedder.embed([question[-MAX_QUESTION:]])
        kept = Embedding(embedder_id=self._embedder.id, vector=pack(vector[0]))
        now = self._clock.now()
        return [Use(entry_id=each, reference=reference, question=kept, at=now) for each in dict.fromkeys(entry_ids)]

    async def not_answered(self, workspace: str, references: Collection[str]) -> None:
        """What was said with these references was no answer after all."""
        async with self._store.write(workspace) as session:
            await Uses(session).take_back(references)

    # Rehearsing: what would be found if something were published.

    async def stage(self, workspace: str, draft: Draft, *, instead_of: str | None = None) -> Staged:
        """A draft made ready to be searched as if it were published, in the place of the entry `instead_of` or as a new one.

        Raises:
            ModelUnavailable: a remote embedder gave no usable answer.
        """
        vector = await embed_drafts(self._embedder, [draft])
        revision = Revision(
            id=f"staged:{draft.key}",
            entry_id=f"staged:{draft.key}",
            number=1,
            version=await self.version(workspace),
            kind=RevisionKind.PUBLISHED,
            draft=draft,
            created_at=self._clock.now(),
            created_by="vigil",
        )
        return Staged(revision=revision, vector=vector, instead_of=instead_of)

    async def rehearse(
        self, workspace: str, question: Question, staged: Staged | None = None
    ) -> tuple[str | None, float]:
        """Which entry comes first for a question, by its id, and how sure it is; with `staged` as if that were published."""
        return await self._ask.rehearse(workspace, question, staged)

    async def answered_like(self, workspace: str, staged: Staged, *, limit: int) -> list[tuple[str, str]]:
        """The answered questions that are most like a staged entry: the reference of each (as in `answered`) and the entry."""
        return await self._search.answered_like(workspace, staged.vector[0], limit=limit)

    # Changing. Each is a new version, at once and as a whole.

    async def publish(
        self, workspace: str, drafts: Sequence[Draft], *, retire: Collection[str] = (), by: str, summary: str
    ) -> int:
        """Put drafts in force (new entries, or new revisions of those with the same keys), and take the entries with the keys in `retire`
        out of it. Returns the knowledge version that now is: the one before where everything stood so already.

        Raises:
            InvalidInput: a draft is not one, or a key stands twice.
            ModelUnavailable: a remote embedder gave no usable answer; nothing was changed.
            NotFound: there is no such workspace.
        """
        publication = await self._publishing.publish(workspace, drafts, by=by, summary=summary, retire=retire)
        self._published(workspace)
        return publication.version if publication else await self.version(workspace)

    async def prepare(
        self, workspace: str, drafts: Sequence[Draft], *, retire: Collection[str] = (), by: str, summary: str
    ) -> Prepared:
        """A publication that somebody writes in a commit of their own (`Prepared.write`), and then tells `published`. Raises what `publish`
        raises."""
        return await self._publishing.prepare(workspace, drafts, by=by, summary=summary, retire=retire)

    def published(self, workspace: str) -> None:
        """Something was, by `Prepared.write`: the search index should follow."""
        self._published(workspace)

    async def add(
        self,
        workspace: str,
        documents: Iterable[SourceDocument],
        *,
        by: str,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Taken:
        """Take documents in: an unchanged one is passed over, of a changed one what is gone retires and what is new is published. Returns
        once the search index has them too.

        Args:
            progress: is told how many entries of how many are done.

        Raises:
            InvalidInput: a draft is not one, or a key stands twice.
            ModelUnavailable: a remote embedder gave no usable answer; what was done until then stays.
            NotFound: there is no such workspace.
        """
        taken = await self._publishing.add(workspace, documents, by=by, progress=progress)
        if taken.published or taken.retired:
            self._published(workspace)
            await self._indexer.catch_up(workspace)
        return taken

    async def forget_source(self, workspace: str, address: str, *, by: str) -> int:
        """Retire all entries of a document; the knowledge version that now is.

        Raises:
            NotFound: there is no such document.
        """
        version = await self._publishing.forget_source(workspace, address, by=by)
        self._published(workspace)
        return version

    async def rollback(self, workspace: str, version: int, *, by: str) -> int:
        """Publish a new version that stands as `version` stood; its number, or the present one where nothing differs.

        Raises:
            NotFound: there is no such version.
        """
        made = await self._publishing.roll_back(workspace, version, by=by)
        self._published(workspace)
        return made

    # Looking.

    async def version(self, workspace: str) -> int:
        """The present knowledge version; 0 before the first publication."""
        async with self._store.read(workspace) as session:
            return await Entries(session).version()

    async def entry(self, workspace: str, entry_id: str) -> Revision:
        """The latest revision of an entry.

        Raises:
            NotFound: there is no such entry.
        """
        async with self._store.read(workspace) as session:
            return await Entries(session).entry(entry_id)

    async def entries(
        self, workspace: str, *, source: str | None = None, retired: bool = False, start: str = "", limit: int = 50
    ) -> list[Revision]:
        """Entries in force, or with `retired` those that no longer are, by id; the page that begins after the entry `start`."""
        async with self._store.read(workspace) as session:
            return await Entries(session).entries(source=source, retired=retired, start=start, limit=limit)

    async def history(self, workspace: str, entry_id: str) -> list[Revision]:
        """Every revision of an entry, the first one first.

        Raises:
            NotFound: there is no such entry.
        """
        async with self._store.read(workspace) as session:
            return await Entries(session).history(entry_id)

    async def sources(self, workspace: str, *, start: str = "", limit: int = 50) -> list[Source]:
        """Documents that entries in force came from, by address; the page that begins after `start`."""
        async with self._store.read(workspace) as session:
            return await Entries(session).sources(start=start, limit=limit)

    async def log(self, workspace: str, *, before: int | None = None, limit: int = 50) -> list[Publication]:
        """Knowledge versions, the latest first; those before `before`."""
        async with self._store.read(workspace) as session:
            return await Entries(session).log(before=before, limit=limit)

    async def diff(self, workspace: str, first: int, second: int) -> list[Change]:
        """What differs between two versions, by entry.

        Raises:
            NotFound: there is no such version.
        """
        async with self._store.read(workspace) as session:
            return await Entries(session).diff(first, second)

    async def counts(self, workspace: str) -> Counts:
        """How much is known."""
        async with self._store.read(workspace) as session:
            return await Entries(session).counts()

    # The search index.

    async def reindex(self, workspace: str) -> int:
        """Fill the search index again from SQL, with the vectors that are there; how many entries are in force. Searches go on meanwhile.

        Raises:
            Conflict: another process is at it.
            NotFound: there is no such workspace.
        """
        counts = await self.counts(workspace)
        if not await self._indexer.catch_up(workspace, anew=True):
            raise Conflict("Another process is working on this search index; try again in a minute.")
        return counts.entries

    async def forget_index(self, workspace: str) -> int:
        """After entries were overwritten, or a backup restored: leave none of the old words in any search index of a workspace, and fill it
        again; how many entries are in force.

        Raises:
            Conflict: another process is at it.
            NotFound: there is no such workspace.
        """
        counts = await self.counts(workspace)
        if not await self._indexer.forget(workspace):
            raise Conflict("Another process is working on this search index; try again in a minute.")
        return counts.entries

    async def ready_check(self, workspace: str) -> Readiness:
        """Ask the search index something whose answer is known: an entry that it holds, by its own vector. An index that doesn't find it
        is filled again, soon."""
        async with self._store.read(workspace) as session:
            progress = await Indexes(session, self._embedder.id).progress()
            held = await Entries(session).after(0, until=progress.watermark, limit=20) if progress.watermark else []
            in_force = (await Entries(session).counts()).entries
        if not progress.watermark:
            if in_force > MOST:
                return Readiness(ready=False, note=f"the search index of {in_force} entries is being built")
            return Readiness(ready=True, note=f"{in_force} entries, searched without an index")
        index = await self._indexer.index(workspace, progress)
        for standing in held:
            embedding = standing.embedding
            if not standing.in_force or embedding is None or embedding.embedder_id != self._embedder.id:
                continue
            hits = await index.search(
                unpack([embedding.vector]),
                [],
                embedder_id=self._embedder.id,
                wanted=Scope(audience="internal"),
                limit=20,
            )
            if hits is None or standing.revision.id not in hits.revision_ids:
                self._indexer.report_broken(workspace)
                return Readiness(
                    ready=False, note="the search index does not find what it holds; it is being filled again"
                )
            break
        return Readiness(
            ready=True, note=f"{in_force} entries, indexed up to version {progress.watermark} of {progress.version}"
        )

    def _published(self, workspace: str) -> None:
        self._changed.add(workspace)
        self._indexer.wake()
