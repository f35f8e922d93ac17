"""Putting knowledge in force: drafts are checked, embedded and published, documents compared with what came from them before. What the
database does with them is in `vigil.store.knowledge`; the door to it all is `base`."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vigil.clock import Clock, Ids
from vigil.domain.knowledge import Draft
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.knowledge.vectors import embed_drafts, pack
from vigil.language.embedder import Embedder
from vigil.store.entries import Embedding, Entries, Publication, Source
from vigil.store.knowledge import Knowledge, Signature, draft_digest
from vigil.store.store import Session, Store

PUBLISH_AT_ONCE = 1_000
"""Entries of documents that are published as one version, if so many come together: some minutes of embedding, which a crash would lose."""
EMBED_AT_ONCE = 64
"""Drafts between two signs of progress."""
MAX_KEY, MAX_SOURCE = 1_536, 1_024
"""Characters that the database keeps of a key and of an address."""
_ATTEMPTS = 3
_UNKEEPABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
"""Characters that no database takes: NUL, and halves of characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """A document, cut into drafts."""

    address: str
    """Path or URL: the same address again is the same document."""
    title: str
    media_type: str
    digest: str
    """Of its bytes: the same again means that nothing has changed."""
    drafts: tuple[Draft, ...]
    """With `address` as their source, each with a key of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of adding documents."""

    documents: int = 0
    """That were looked at."""
    unchanged: int = 0
    """Of these, those that stood already as they are."""
    published: int = 0
    """Entries new or changed."""
    retired: int = 0
    """Entries that their documents no longer hold."""
    version: int = 0
    """The knowledge version that now is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A change of the knowledge with everything that takes time done: writing it is left, in whatever commit it belongs to."""

    drafts: tuple[Draft, ...]
    embeddings: Mapping[str, Embedding]
    retire: tuple[str, ...]
    documents: tuple[Source, ...]
    signature: Signature
    ids: Ids

    async def write(self, session: Session) -> Publication | None:
        """Make it one new version; None where everything stood so already.

        Raises:
            Conflict: one of the entries was changed since it was prepared; prepare it again.
        """
        return await Knowledge(session, self.ids).publish(
            self.drafts, self.embeddings, self.signature, retire=self.retire, documents=self.documents
        )


class Publishing:
    """Changes the knowledge of all workspaces. Each change is a new version, at once and as a whole."""

    def __init__(self, store: Store, embedder: Embedder, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._ids = ids

    async def add(
        self,
        workspace: str,
        documents: Iterable[SourceDocument],
        *,
        by: str,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Taken:
        """Take documents in: an unchanged one is passed over, of a changed one what is gone retires and what is new is published.

        Args:
            progress: is told how many entries of how many are done.

        Raises:
            InvalidInput: a draft is not one, or a key stands twice.
            ModelUnavailable: a remote embedder gave no usable answer; what was done until then stays.
            NotFound: there is no such workspace.
        """
        wanted = list(documents)
        changed: list[SourceDocument] = []
        async with self._store.read(workspace) as session:
            for document in wanted:
                known = await Entries(session).source(document.address)
                if known is None or known.retired or known.digest != document.digest:
                    changed.append(document)
        taken = Taken(documents=len(wanted), unchanged=len(wanted) - len(changed))
        total, done = sum(len(document.drafts) for document in changed), 0
        for batch in _batches(changed):
            sources = [self._source(document) for document in batch]
            summary = (
                batch[0].title if len(batch) == 1 else f"{len(batch)} documents, the first of them {batch[0].title}"
            )
            publication = await self.publish(
                workspace,
                [draft for document in batch for draft in document.drafts],
                by=by,
                summary=f"added {summary}",
                documents=sources,
                progress=lambda some, before=done: progress(before + some, total),
            )
            done += sum(len(document.drafts) for document in batch)
            if publication is not None:
                taken = replace(
                    taken,
                    published=taken.published + publication.published,
                    retired=taken.retired + publication.retired,
                )
            progress(done, total)
        return replace(taken, version=await self._version(workspace))

    async def forget_source(self, workspace: str, address: str, *, by: str) -> int:
        """Retire all entries of a document; the knowledge version that now is.

        Raises:
            NotFound: there is no such document.
        """
        async with self._store.read(workspace) as session:
            source = await Entries(session).source(address)
        if source is None:
            raise NotFound(f"No document was added from {address!r}; `vigil knowledge list` shows those there are.")
        gone = replace(source, retired=True, digest="")
        publication = await self.publish(workspace, [], by=by, summary=f"removed {source.title}", documents=[gone])
        return publication.version if publication else await self._version(workspace)

    async def roll_back(self, workspace: str, version: int, *, by: str) -> int:
        """Publish a new version that stands as `version` stood; its number, or the present one where nothing differs.

        Raises:
            NotFound: there is no such version.
        """
        signature = Signature(by=by, summary=f"back to version {version}", at=self._clock.now())
        async with self._store.write(workspace) as session:
            publication = await Knowledge(session, self._ids).roll_back(version, signature)
        return publication.version if publication else await self._version(workspace)

    async def publish(
        self,
        workspace: str,
        drafts: Sequence[Draft],
        *,
        by: str,
        summary: str,
        retire: Collection[str] = (),
        documents: Sequence[Source] = (),
        progress: Callable[[int], None] = lambda _: None,
    ) -> Publication | None:
        """Put drafts in force, take the entries with the keys in `retire` out of it, and of each of the `documents` what is not among the
        drafts; None where everything stood so already.

        Raises:
            InvalidInput: a draft is not one, or a key stands twice.
            ModelUnavailable: a remote embedder gave no usable answer; nothing was changed.
            NotFound: there is no such workspace.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            prepared = await self.prepare(
                workspace, drafts, by=by, summary=summary, retire=retire, documents=documents, progress=progress
            )
            try:
                async with self._store.write(workspace) as session:
                    publication = await prepared.write(session)
            except Conflict:  # somebody changed one of the entries between the two looks
                if attempt == _ATTEMPTS:
                    raise
                continue
            return publication
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def prepare(
        self,
        workspace: str,
        drafts: Sequence[Draft],
        *,
        by: str,
        summary: str,
        retire: Collection[str] = (),
        documents: Sequence[Source] = (),
        progress: Callable[[int], None] = lambda _: None,
    ) -> Prepared:
        """Everything of a publication but the writing. Raises what `publish` raises."""
        clean = [_checked(draft) for draft in drafts]
        digests = {draft.key: draft_digest(draft) for draft in clean}
        async with self._store.read(workspace) as session:
            await Entries(session).version()
            unchanged = await Entries(session).unchanged(digests)
        return Prepared(
            drafts=tuple(clean),
            embeddings=await self._embed([draft for draft in clean if draft.key not in unchanged], progress),
            retire=tuple(retire),
            documents=tuple(documents),
            signature=Signature(by=by, summary=summary, at=self._clock.now()),
            ids=self._ids,
        )

    async def _embed(self, drafts: Sequence[Draft], progress: Callable[[int], None]) -> dict[str, Embedding]:
        made: dict[str, Embedding] = {}
        for start in range(0, len(drafts), EMBED_AT_ONCE):
            some = drafts[start : start + EMBED_AT_ONCE]
            vectors = await embed_drafts(self._embedder, some)
            for draft, vector in zip(some, vectors, strict=True):
                made[draft.key] = Embedding(embedder_id=self._embedder.id, vector=pack(vector))
            progress(start + len(some))
            await asyncio.sleep(0)
        return made

    async def _version(self, workspace: str) -> int:
        async with self._store.read(workspace) as session:
            return await Entries(session).version()

    def _source(self, document: SourceDocument) -> Source:
        return Source(
            address=document.address,
            title=_kept(document.title),
            media_type=document.media_type,
            digest=document.digest,
            added_at=self._clock.now(),
        )


def _batches(documents: Sequence[SourceDocument]) -> Iterator[list[SourceDocument]]:
    """Documents that are published together."""
    batch: list[SourceDocument] = []
    for document in documents:
        if batch and sum(len(each.drafts) for each in batch) + len(document.drafts) > PUBLISH_AT_ONCE:
            yield batch
            batch = []
        batch.append(document)
    if batch:
        yield batch


def _checked(draft: Draft) -> Draft:
    """The draft with nothing in it that can't be kept.

    Raises:
        InvalidInput: it is not one.
    """
    name = draft.title[:60] or draft.key[:60]
    if not draft.key.strip() or len(draft.key) > MAX_KEY:
        raise InvalidInput(f"The entry {name!r} needs a key of 1 to {MAX_KEY} characters.")
    if draft.source is not None and len(draft.source) > MAX_SOURCE:
        raise InvalidInput(f"The address of the entry {name!r} is longer than {MAX_SOURCE} characters.")
    if not draft.answer.strip():
        raise InvalidInput(f"The entry {name!r} has no answer; write one, or retire the entry.")
    for instant in (draft.valid_from, draft.valid_until):
        if instant is not None and instant.tzinfo is None:
            raise InvalidInput(f"The entry {name!r} has a date without a time zone; say which, such as +00:00.")
    if draft.valid_from and draft.valid_until and draft.valid_from >= draft.valid_until:
        raise InvalidInput(f"The entry {name!r} would end before it begins; change valid_from or valid_until.")
    return replace(
        draft,
        key=_kept(draft.key),
        title=_kept(draft.title),
        answer=_kept(draft.answer),
        question=_kept(draft.question),
        aliases=tuple(_kept(alias) for alias in draft.aliases),
        conditions=_kept(draft.conditions),
        evidence=tuple(
            replace(
                evidence,
                reference=_kept(evidence.reference),
                title=_kept(evidence.title),
                quote=_kept(evidence.quote),
            )
            for evidence in draft.evidence
        ),
    )


def _kept(text: str) -> str:
    return text.translate(_UNKEEPABLE)
