"""Keeping the search indexes up to date with SQL, in the background and under a lease, so that of many processes one at a time writes to
an index. Searching is `search`; what an index is, `index`."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from sqlalchemy.exc import SQLAlchemyError

from vigil.clock import Clock
from vigil.errors import LeaseLost, VigilError
from vigil.knowledge.index import EntryIndex, IndexRow, IndexShelf
from vigil.knowledge.ranking import entry_names, entry_words
from vigil.knowledge.vectors import embed_drafts, pack, unpack
from vigil.language.embedder import Embedder
from vigil.store.entries import Embedding, Entries, Standing
from vigil.store.indexes import Indexes, Progress, embedders_of, workspaces_to_index
from vigil.store.knowledge import keep_embeddings
from vigil.store.store import Store

INDEX_FROM = 500
"""Entries from which a workspace has an index at all: up to so many, looking at each takes 2 ms, and nothing has to be loaded."""
PAGE = 1_000
"""Entries that are read, prepared and written at once: some 5 MB."""
LEASE_S = 60.0
"""Seconds that an index belongs to one process without news of it: a page takes well under one."""
TIDY_EVERY = 50
"""Writes between two tidyings: after 60 a search takes three times as long (9 ms instead of 3 at 100,000 entries)."""
POLL_S = 2.0
"""Seconds between two looks for what other processes published; what this one published is indexed without waiting."""

_PASSING = (SQLAlchemyError, OSError, RuntimeError, ValueError, VigilError)
"""What may go wrong on the way and be well the next time: the database, the disk, a remote embedder."""
_LOG = logging.getLogger(__name__)


class Indexer:
    """The indexes of all workspaces, and the one background task that fills them.

    Args:
        owner: names this process among others, for the lease.
        index_from: entries from which a workspace gets an index.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        shelf: IndexShelf,
        clock: Clock,
        *,
        owner: str,
        index_from: int = INDEX_FROM,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._shelf = shelf
        self._clock = clock
        self._owner = owner
        self._index_from = index_from
        self._indexes: dict[str, EntryIndex] = {}
        self._seen: dict[str, Progress] = {}
        self._writes: dict[str, int] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._broken: set[str] = set()
        self._small: dict[str, int] = {}
        """Workspaces that need no index, and at which version that was found."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to work in the background."""
        self._task = asyncio.create_task(self._run(), name="vigil-indexer")

    async def stop(self) -> None:
        """Finish the step in hand and end. Nothing is cancelled: a query cut off in the middle leaves its connection behind."""
        if self._task is not None:
            self._stopping = True
            self._wake.set()
            await self._task
            self._task, self._stopping = None, False

    def wake(self) -> None:
        """Something was published: don't wait for the next look."""
        self._wake.set()

    def report_broken(self, workspace: str) -> None:
        """A search found the index missing or unreadable: fill it again, soon."""
        self._broken.add(workspace)
        self._wake.set()

    async def index(self, workspace: str, progress: Progress) -> EntryIndex:
        """The index of a workspace, at least as fresh as `progress`, which was just read, says."""
        index = self._indexes.get(workspace)
        if index is None:
            index = await self._shelf.index(workspace, self._embedder.id, self._embedder.dimensions)
            index = self._indexes.setdefault(workspace, index)
        elif self._seen.get(workspace) != progress:
            await index.refresh()
        self._seen[workspace] = progress
        return index

    async def catch_up(self, workspace: str, *, anew: bool = False) -> bool:
        """Bring the index up to the present version now, or with `anew` fill it again from nothing; False where another process is at it.
        A workspace with few entries needs no index and gets none.

        Raises:
            NotFound: there is no such workspace.
        """
        async with self._locks.setdefault(workspace, asyncio.Lock()):
            if await self._is_small(workspace):
                return True
            async with self._store.write(workspace) as session:
                epoch = await Indexes(session, self._embedder.id).claim(
                    self._owner, at=self._clock.now(), seconds=LEASE_S
                )
            if epoch is None:
                return False
            try:
                await self._work(workspace, epoch, anew=anew)
            except LeaseLost:
                return False
            finally:
                async with self._store.write(workspace) as session:
                    await Indexes(session, self._embedder.id).release(epoch)
            return True

    async def forget(self, workspace: str) -> bool:
        """Leave nothing of what the indexes of a workspace held: the present one is filled anew, or taken away where none is needed, and so
        are those that other embedders made before. False where another process is at it."""
        async with self._store.read(workspace) as session:
            known = await embedders_of(session)
            progress = await Indexes(session, self._embedder.id).progress()
        for embedder_id in sorted(known - {self._embedder.id}):
            index = await self._shelf.index(workspace, embedder_id, self._embedder.dimensions)
            await index.clear()
            async with self._store.write(workspace) as session:
                await Indexes(session, embedder_id).drop()
        if await self._is_small(workspace):
            await (await self.index(workspace, progress)).clear()
        return await self.catch_up(workspace, anew=True)

    async def _run(self) -> None:
        while not self._stopping:
            try:
                waiting = await self._waiting()
            except _PASSING as error:
                _LOG.warning("Nothing can be indexed now (%s); it is tried again.", type(error).__name__)
                waiting = []
            for workspace in waiting:
                if self._stopping:
                    return
                try:
                    if await self.catch_up(workspace, anew=workspace in self._broken):
                        self._broken.discard(workspace)
                except _PASSING as error:
                    _LOG.warning(
                        "Workspace %s can't be indexed now (%s); it is tried again.", workspace, type(error).__name__
                    )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
            self._wake.clear()

    async def _waiting(self) -> list[str]:
        behind = await workspaces_to_index(self._store, self._embedder.id)
        waiting = {workspace for workspace, version in behind.items() if self._small.get(workspace) != version}
        return sorted(waiting | self._broken)

    async def _is_small(self, workspace: str) -> bool:
        """Whether a workspace has no index and needs none."""
        async with self._store.read(workspace) as session:
            progress = await Indexes(session, self._embedder.id).progress()
            small = progress.watermark == 0 and (await Entries(session).counts()).entries < self._index_from
        if small:
            self._small[workspace] = progress.version
        return small

    async def _work(self, workspace: str, epoch: int, *, anew: bool) -> None:
        async with self._store.read(workspace) as session:
            progress = await Indexes(session, self._embedder.id).progress()
        index = await self.index(workspace, progress)
        fit = await index.count() is not None and progress.watermark > 0
        if fit and not anew:
            fit = await self._apply(workspace, index, epoch, progress)
            if fit:
                return
        held = (
            progress.watermark if fit else 0
        )  # with nothing to read in the index, searches look into SQL until it is whole again
        await self._advance(workspace, epoch, held)
        await index.fill(self._pages(workspace, epoch, held, progress.version))
        await self._advance(workspace, epoch, progress.version)

    async def _apply(self, workspace: str, index: EntryIndex, epoch: int, progress: Progress) -> bool:
        """Work off what is past the watermark; False where the index is not fit for that."""
        start = (0, "")
        while page := await self._page(workspace, progress.watermark, progress.version, start):
            rows, gone = await self._rows(workspace, page)
            await self._advance(workspace, epoch, progress.watermark)  # still the holder? then, and only then, write
            if not await index.change(rows, gone):
                return False
            start = _end(page)
            self._writes[workspace] = self._writes.get(workspace, 0) + 1
        await self._advance(workspace, epoch, progress.version)
        if self._writes.get(workspace, 0) >= TIDY_EVERY:
            await index.tidy()
            self._writes[workspace] = 0
        return True

    async def _pages(self, workspace: str, epoch: int, held: int, version: int) -> AsyncIterator[Sequence[IndexRow]]:
        start = (0, "")
        while page := await self._page(workspace, 0, version, start):
            rows, _ = await self._rows(workspace, page)
            await self._advance(workspace, epoch, held)
            yield rows
            start = _end(page)

    async def _page(self, workspace: str, after: int, until: int, start: tuple[int, str]) -> list[Standing]:
        async with self._store.read(workspace) as session:
            return await Entries(session).after(after, until=until, start=start, limit=PAGE)

    async def _rows(self, workspace: str, page: Sequence[Standing]) -> tuple[list[IndexRow], list[str]]:
        """What the index is to hold of these entries, and which of them it is to forget."""
        alive = [standing for standing in page if standing.in_force]
        missing = [s for s in alive if s.embedding is None or s.embedding.embedder_id != self._embedder.id]
        made: dict[str, Embedding] = {}
        if missing:
            vectors = await embed_drafts(self._embedder, [standing.revision.draft for standing in missing])
            for standing, vector in zip(missing, vectors, strict=True):
                made[standing.revision.id] = Embedding(embedder_id=self._embedder.id, vector=pack(vector))
            async with self._store.write(workspace) as session:
                await keep_embeddings(session, made)
        rows = await asyncio.to_thread(_index_rows, alive, made)
        return rows, [standing.revision.entry_id for standing in page if not standing.in_force]

    async def _advance(self, workspace: str, epoch: int, watermark: int) -> None:
        async with self._store.write(workspace) as session:
            await Indexes(session, self._embedder.id).advance(epoch, watermark, at=self._clock.now(), seconds=LEASE_S)


def _index_rows(alive: Sequence[Standing], made: dict[str, Embedding]) -> list[IndexRow]:
    if not alive:
        return []
    packed = [made.get(standing.revision.id, standing.embedding) for standing in alive]
    vectors = unpack([embedding.vector for embedding in packed if embedding is not None])
    return [
        IndexRow(
            entry_id=standing.revision.entry_id,
            revision_id=standing.revision.id,
            vector=vector.astype("<f4").tobytes(),
            words=" ".join(entry_words(standing.revision.draft)),
            names="\n".join(entry_names(standing.revision.draft)),
            scope=standing.revision.draft.scope,
        )
        for standing, vector in zip(alive, vectors, strict=True)
    ]


def _end(page: Sequence[Standing]) -> tuple[int, str]:
    return page[-1].revision.version, page[-1].revision.entry_id
