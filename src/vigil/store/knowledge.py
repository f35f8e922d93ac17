"""Changing what a workspace knows: each change is one new version, in one transaction, and nothing is ever overwritten.
Reading is in `entries`; how far a search index has caught up is in `indexes`."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from vigil.clock import Ids
from vigil.domain.knowledge import Draft, RevisionKind
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.store.columns import Json
from vigil.store.entries import (
    Embedding,
    Entries,
    Publication,
    Source,
    batches,
    check_version,
    draft_body,
    draft_of,
    embedding_of,
)
from vigil.store.store import Session
from vigil.store.tables import entries, publications, revisions, sources, workspaces
from vigil.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who changes the knowledge, when, and what for."""

    by: str
    summary: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A revision to be written: the next one of the entry in `row`, or the first one of a new entry."""

    kind: RevisionKind
    row: Row[Any] | None
    draft: Draft
    digest: str
    embedding: Embedding | None = None


def draft_digest(draft: Draft) -> str:
    """SHA-256 in hex: equal where two drafts are."""
    canonical = json.dumps(draft_body(draft), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Knowledge:
    """The knowledge of a session's workspace, for changing."""

    def __init__(self, session: Session, ids: Ids) -> None:
        self._session = session
        self._ids = ids
        self._reading = Entries(session)
        self._mine = workspaces.c.workspace_id == session.workspace

    async def publish(
        self,
        drafts: Sequence[Draft],
        embeddings: Mapping[str, Embedding],
        signature: Signature,
        *,
        retire: Collection[str] = (),
        documents: Sequence[Source] = (),
    ) -> Publication | None:
        """Put `drafts` in force, the entries with the keys in `retire` out of it, and of each of the `documents` all that came from it and
        is not among `drafts`. What stands as wanted is left alone; None where that is everything.

        Args:
            embeddings: by key; a draft that stands already needs none.

        Raises:
            Conflict: a draft is to be written and has no embedding.
            InvalidInput: a key stands twice among `drafts`.
            NotFound: there is no such workspace.
        """
        wanted = {draft.key: draft for draft in drafts}
        if len(wanted) < len(drafts):
            raise InvalidInput("Two drafts of one publication have the same key; give each a key of its own.")
        await self._lock()
        standing: dict[str, Row[Any]] = {}
        for some in batches(dict.fromkeys([*wanted, *retire])):
            standing |= {row.key: row for row in await self._reading.rows(entries.c.key.in_(some))}
        for document in documents:
            standing |= {row.key: row for row in await self._reading.rows(entries.c.source == document.address)}
            await self._keep_source(document)
        steps: list[_Step] = []
        for key, draft in wanted.items():
            row, digest = standing.get(key), draft_digest(draft)
            if row is None or row.retired or row.digest != digest:
                if key not in embeddings:
                    raise Conflict(f"The entry {key!r} was changed by somebody else just now; publish again.")
                published = RevisionKind.PUBLISHED
                steps.append(_Step(kind=published, row=row, draft=draft, digest=digest, embedding=embeddings[key]))
        steps += [_retired(row) for key, row in standing.items() if key not in wanted and not row.retired]
        return await self._write(steps, signature)

    async def roll_back(self, version: int, signature: Signature) -> Publication | None:
        """Publish a new version in which every entry stands as it stood at `version`; None where every entry does already.

        Raises:
            NotFound: there is no such version.
        """
        check_version(version, await self._lock())
        now = {row.entry_id: row for row in await self._reading.rows(entries.c.version > version)}
        then = await self._reading.rows_at(version, now)
        steps: list[_Step] = []
        for entry_id, row in now.items():
            old = then.get(entry_id)
            if old is None or old.kind == RevisionKind.RETIRED.value:
                if not row.retired:
                    steps.append(_retired(row))
            elif row.retired or row.digest != old.digest:
                steps.append(
                    _Step(
                        kind=RevisionKind.PUBLISHED,
                        row=row,
                        draft=draft_of(old),
                        digest=old.digest,
                        embedding=embedding_of(old),
                    )
                )
        publication = await self._write(steps, signature)
        await self._doubt_sources({step.draft.source for step in steps if step.draft.source is not None})
        return publication

    async def _lock(self) -> int:
        """The present version, which nobody else can change until this transaction ends."""
        statement = select(workspaces.c.knowledge_version).where(self._mine).with_for_update()
        version = (await self._session.execute(statement)).scalar_one_or_none()
        if version is None:
            raise NotFound(
                f"There is no workspace {self._session.workspace!r}; `vigil workspace list` shows those there are."
            )
        return version

    async def _write(self, steps: Sequence[_Step], signature: Signature) -> Publication | None:
        if not steps:
            return None
        raised = (
            update(workspaces)
            .where(self._mine)
            .values(knowledge_version=workspaces.c.knowledge_version + 1)
            .returning(workspaces.c.knowledge_version)
        )
        version: int = (await self._session.execute(raised)).scalar_one()
        made: list[Json] = []
        added: list[Json] = []
        changed: list[Json] = []
        for step in steps:
            revision_id = self._ids.new("rev")
            entry_id = self._ids.new("ent") if step.row is None else step.row.entry_id
            made.append(
                {
                    "workspace_id": self._session.workspace,
                    "id": revision_id,
                    "entry_id": entry_id,
                    "number": 1 if step.row is None else step.row.number + 1,
                    "version": version,
                    "kind": step.kind.value,
                    "draft": draft_body(step.draft),
                    "digest": step.digest,
                    "embedder_id": step.embedding.embedder_id if step.embedding else None,
                    "embedding": step.embedding.vector if step.embedding else None,
                    "created_at": signature.at,
                    "created_by": signature.by,
                }
            )
            state: Json = {
                "revision_id": revision_id,
                "source": step.draft.source,
                "retired": step.kind is RevisionKind.RETIRED,
                "valid_from": step.draft.valid_from,
                "valid_until": step.draft.valid_until,
                "version": version,
            }
            if step.row is None:
                added.append({"workspace_id": self._session.workspace, "id": entry_id, "key": step.draft.key, **state})
            else:
                changed.append({"entry": entry_id, **{f"new_{name}": value for name, value in state.items()}})
        await self._session.execute(insert(revisions), made)
        if added:
            await self._session.execute(insert(entries), added)
        if changed:
            columns = ("revision_id", "source", "retired", "valid_from", "valid_until", "version")
            statement = update(entries).where(
                entries.c.workspace_id == self._session.workspace, entries.c.id == bindparam("entry")
            )
            values = {name: bindparam(f"new_{name}", type_=entries.c[name].type) for name in columns}
            await self._session.execute(statement.values(values), changed)
        retired = sum(step.kind is RevisionKind.RETIRED for step in steps)
        publication = Publication(
            version=version,
            at=signature.at,
            by=signature.by,
            summary=signature.summary,
            published=len(steps) - retired,
            retired=retired,
        )
        await self._session.execute(
            insert(publications).values(
                workspace_id=self._session.workspace,
                version=version,
                at=publication.at,
                by=publication.by,
                summary=publication.summary,
                published=publication.published,
                retired=publication.retired,
            )
        )
        return publication

    async def _keep_source(self, source: Source) -> None:
        await upsert(
            self._session,
            sources,
            {"workspace_id": self._session.workspace, "address": source.address},
            {
                "title": source.title,
                "media_type": source.media_type,
                "digest": source.digest,
                "retired": source.retired,
                "added_at": source.added_at,
            },
        )

    async def _doubt_sources(self, addresses: Collection[str]) -> None:
        """Entries of these documents no longer stand as the documents say: the next time that these are added, they are read again."""
        mine = sources.c.workspace_id == self._session.workspace
        for some in batches(addresses):
            alive = select(entries.c.id).where(
                entries.c.workspace_id == self._session.workspace,
                entries.c.source == sources.c.address,
                entries.c.retired.is_(False),
            )
            await self._session.execute(
                update(sources).where(mine, sources.c.address.in_(some)).values(digest="", retired=~alive.exists())
            )


def _retired(row: Row[Any]) -> _Step:
    return _Step(kind=RevisionKind.RETIRED, row=row, draft=draft_of(row), digest=row.digest)


async def keep_embeddings(session: Session, embeddings: Mapping[str, Embedding]) -> None:
    """Replace the vectors of revisions, by their ids: they are no part of what is known, and an installation may change its embedder."""
    if embeddings:
        await session.execute(
            update(revisions)
            .where(revisions.c.workspace_id == session.workspace, revisions.c.id == bindparam("revision"))
            .values(embedder_id=bindparam("embedder"), embedding=bindparam("vector")),
            [
                {"revision": revision, "embedder": embedding.embedder_id, "vector": embedding.vector}
                for revision, embedding in embeddings.items()
            ],
        )
