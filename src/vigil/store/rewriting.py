"""Entries whose evidence is forgotten: what has to become of them, and the one place where a revision is overwritten. Whose evidence that
is, is `belongings`'s."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, and_, select, update

from vigil.clock import Ids
from vigil.domain.knowledge import Draft, EvidenceKind
from vigil.store.entries import Embedding, draft_body, draft_of
from vigil.store.knowledge import Knowledge, Signature, draft_digest
from vigil.store.paging import pages
from vigil.store.store import Session
from vigil.store.tables import entries, revisions
from vigil.store.traces import GONE, Traces, scrub_json

_DRAFT = TypeAdapter(Draft)
_DRAFTS = 1_000
"""Drafts that are in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What becomes of the entries."""

    after: dict[str, Draft] = field(default_factory=dict[str, Draft])
    """By revision; those that change only."""
    keys: dict[str, str] = field(default_factory=dict[str, str])
    """New keys of entries, where the old one says too much."""
    retired: dict[str, str] = field(default_factory=dict[str, str])
    """Entries in force that nothing stands behind any more, with their keys."""
    changed: dict[str, Draft] = field(default_factory=dict[str, Draft])
    """Of entries in force that go on with other words: by the revision that was in force."""
    gone: frozenset[str] = frozenset()
    """Entries of which a revision said nothing but what is forgotten."""
    near: frozenset[str] = frozenset()
    """Entries that had a message of theirs as evidence."""


async def rewrite(session: Session, references: Collection[str], traces: Traces) -> Rewritten:
    """What has to become of entries that they are evidence of, or that quote them. Documents' entries are the documents' affair."""
    after: dict[str, Draft] = {}
    retired: dict[str, str] = {}
    changed: dict[str, Draft] = {}
    keys: dict[str, str] = {}
    near: set[str] = set()
    gone: set[str] = set()
    current = and_(
        entries.c.workspace_id == session.workspace,
        revisions.c.workspace_id == session.workspace,
        entries.c.id == revisions.c.entry_id,
    )
    key = [revisions.c.workspace_id, revisions.c.id]
    columns = (*key, revisions.c.entry_id, revisions.c.draft, entries.c.revision_id, entries.c.retired)
    async for row in _rows(session, select(*columns).where(current), key):
        draft = draft_of(row)
        if draft.source is not None:
            continue
        rests = rests_on(draft, references)
        if rests and not others_stand_behind(draft, references):
            new = Draft(key=f"erased:{row.entry_id}", title=GONE, answer=GONE)
            gone.add(row.entry_id)
        else:
            kept = replace(draft, evidence=tuple(each for each in draft.evidence if each.reference not in references))
            wanted = traces if rests else traces.wide
            new = _DRAFT.validate_python(scrub_json(draft_body(kept), wanted))
            if new.key != draft.key:
                new = replace(new, key=f"erased:{row.entry_id}")
        if rests:
            near.add(row.entry_id)
        if new == draft:
            continue
        after[row.id] = new
        if new.key != draft.key:
            keys[row.entry_id] = new.key
        if row.id == row.revision_id and not row.retired:
            if new.answer == GONE:
                retired[row.entry_id] = new.key
            else:
                changed[row.id] = new
    return Rewritten(
        after=after, keys=keys, retired=retired, changed=changed, gone=frozenset(gone), near=frozenset(near)
    )


async def overwrite(
    session: Session, rewritten: Rewritten, embeddings: dict[str, Embedding], ids: Ids, signature: Signature
) -> None:
    """A new version takes out of force what is gone and puts in force what goes on with other words; then the old words go. The order
    matters: a retirement repeats what stands, and a publication compares itself with it."""
    w = session.workspace
    for entry_id, key in rewritten.keys.items():
        this = and_(entries.c.workspace_id == w, entries.c.id == entry_id)
        await session.execute(update(entries).where(this).values(key=key))
    first = {each: draft for each, draft in rewritten.after.items() if each not in rewritten.changed}
    await _overwrite(session, first)
    if rewritten.retired or rewritten.changed:
        await Knowledge(session, ids).publish(
            list(rewritten.changed.values()), embeddings, signature, retire=list(rewritten.retired.values())
        )
    await _overwrite(session, rewritten.changed)


async def _overwrite(session: Session, drafts: dict[str, Draft]) -> None:
    """The one place where a revision changes: its words, and the vector that they were made into."""
    for revision_id, draft in drafts.items():
        this = and_(revisions.c.workspace_id == session.workspace, revisions.c.id == revision_id)
        await session.execute(
            update(revisions)
            .where(this)
            .values(draft=draft_body(draft), digest=draft_digest(draft), embedder_id=None, embedding=None)
        )


async def _rows(session: Session, statement: Select[Any], key: Sequence[ColumnElement[Any]]) -> AsyncIterator[Row[Any]]:
    async for rows in pages(session.connection, statement, key, size=_DRAFTS):
        for row in rows:
            yield row


def said_in(draft: Draft) -> list[str]:
    """What a draft says, its evidence left out."""
    return [draft.title, draft.question, draft.answer, draft.conditions, *draft.aliases]


def rests_on(draft: Draft, references: Collection[str]) -> bool:
    """Whether one of these messages is evidence of it."""
    return any(each.kind is EvidenceKind.MESSAGE and each.reference in references for each in draft.evidence)


def others_stand_behind(draft: Draft, references: Collection[str]) -> bool:
    """Whether anything else stands behind it."""
    return any(each.reference not in references for each in draft.evidence)
