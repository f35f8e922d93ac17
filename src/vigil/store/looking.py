"""Looking through everything that a workspace holds, for what somebody left behind: every text and every document of every table. What the
traces are is `traces`'s; this also puts marks in their place."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, Row, String, Table, and_, select, update

from vigil.store.paging import pages
from vigil.store.store import Session, Store
from vigil.store.tables import (
    audit,
    conversations,
    decisions,
    entries,
    inbox,
    messages,
    metadata,
    outcomes,
    revisions,
    sources,
    tickets,
)
from vigil.store.traces import Kind, Traces, scrub_json, strings_in

_ROWS = 500

_CLOSED = frozenset(
    {"workspace_id", "state", "kind", "role", "author_role", "visibility", "default_autonomy", "digest", "hash"}
)
"""Columns that only hold what Vigil itself puts there, from a short list or as a hash."""
_BY_OTHERS = frozenset({messages.name, inbox.name, tickets.name})
"""Where people write. Elsewhere than in the person's own conversations the same words are other people's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A trace that is there."""

    table: str
    column: str
    row: str
    """The rest of the row's key."""
    kind: Kind


@dataclass(slots=True, kw_only=True)
class Looked:
    """What was looked through, and what was found."""

    tables: int = 0
    rows: int = 0
    texts: int = 0
    found: list[Found] = field(default_factory=list[Found])
    documents: set[str] = field(default_factory=set[str])
    """Documents that name them: what a document says has to be changed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Where the person was."""

    conversations: frozenset[str]
    decisions: frozenset[str]
    entries: frozenset[str]
    """Whose evidence their messages are."""
    but: frozenset[str] = frozenset()
    """What is theirs, by id, and is not looked at: it is about to be emptied, and has to be found for that."""


async def look(store: Store, workspace: str, traces: Traces, near: Near) -> Looked:
    """Look through all tables of a workspace."""
    looked = Looked()
    for table in metadata.sorted_tables:
        looked.tables += 1
        columns = _texts(table)
        async for row in _rows(store, workspace, table):
            looked.rows += 1
            wanted = _wanted(table, row, traces, near)
            if wanted is None:
                continue
            for column in columns:
                for said in strings_in(getattr(row, column.name)):
                    looked.texts += 1
                    kind = wanted.found_in(said)
                    if kind is not None:
                        _note(looked, table, column, row, kind)
                        break
    return looked


async def scrub(store: Store, workspace: str, traces: Traces, near: Near) -> int:
    """Put a mark in the place of every trace in what others wrote; how many rows were changed. Keys, entries and the audit trail are left
    alone: they have ways of their own."""
    changed = 0
    for table in metadata.sorted_tables:
        if table in (audit, revisions, entries, sources):
            continue
        key = {column.name for column in table.primary_key}
        columns = [column for column in _texts(table) if column.name not in key]
        if not columns:
            continue
        async for row in _rows(store, workspace, table):
            wanted = _wanted(table, row, traces, near)
            if wanted is not None and _scrubbed(row, columns, wanted):
                changed += await _rewrite(store, workspace, table, columns, row, wanted)
    return changed


async def _rewrite(
    store: Store, workspace: str, table: Table, columns: Collection[Column[Any]], row: Row[Any], wanted: Traces
) -> int:
    """Read the row again, so that nothing that changed meanwhile is overwritten, and write what differs."""
    this = and_(
        table.c.workspace_id == workspace,
        *(column == getattr(row, column.name) for column in table.primary_key if column.name != "workspace_id"),
    )
    async with store.write(workspace) as session:
        present = (await session.execute(select(table).where(this).with_for_update())).one_or_none()
        values = {} if present is None else _scrubbed(present, columns, wanted)
        if values:
            await session.execute(update(table).where(this).values(values))
    return bool(values)


def _scrubbed(row: Row[Any], columns: Collection[Column[Any]], wanted: Traces) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in columns:
        before = getattr(row, column.name)
        after = scrub_json(before, wanted)
        if after != before:
            length = getattr(column.type, "length", None)
            values[column.name] = after[:length] if isinstance(after, str) and length else after
    return values


def _wanted(table: Table, row: Row[Any], traces: Traces, near: Near) -> Traces | None:
    """What to look for in a row."""
    if table in (messages, inbox, tickets, decisions) and row.id in near.but:
        return None
    if table is revisions or table is entries:
        entry_id = row.entry_id if table is revisions else row.id
        if (row.draft.get("source") if table is revisions else row.source) is not None:
            return traces.wide.without_words
        return traces if entry_id in near.entries else traces.wide
    if table is sources:
        return traces.wide.without_words
    if table is audit:
        return traces.without_words
    conversation = getattr(row, "conversation_id", None) or (row.id if table is conversations else None)
    decision = row.id if table is decisions else getattr(row, "decision_id", None) if table is outcomes else None
    if conversation in near.conversations or decision in near.decisions:
        return traces
    by_vigil = table is messages and row.by_vigil
    return traces.wide.without_words if table.name in _BY_OTHERS and not by_vigil else traces.wide


def _texts(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if isinstance(column.type, (String, JSON))
        and column.name not in _CLOSED
        and not (table is decisions and column.name == "reason")
    ]


async def _rows(store: Store, workspace: str, table: Table) -> AsyncIterator[Row[Any]]:
    columns = [column for column in table.columns if column.name != "embedding"]
    statement = select(*columns).where(table.c.workspace_id == workspace)
    async with store.read(workspace) as session:
        async for some in _pages(session, statement, table):
            for row in some:
                yield row


def _pages(session: Session, statement: Any, table: Table) -> AsyncIterator[Any]:
    return pages(session.connection, statement, list(table.primary_key), size=_ROWS)


def _note(looked: Looked, table: Table, column: Column[Any], row: Row[Any], kind: Kind) -> None:
    document = {revisions.name: lambda: row.draft.get("source"), entries.name: lambda: row.source}.get(table.name)
    source = row.address if table is sources else document() if document else None
    if source is not None:
        looked.documents.add(source)
        return
    key = [str(getattr(row, each.name)) for each in table.primary_key if each.name != "workspace_id"]
    looked.found.append(Found(table=table.name, column=column.name, row="/".join(key), kind=kind))
