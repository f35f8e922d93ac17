"""The knowledge base: entries with their revisions, what was learned, and how far the search index is."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from vigil.store.columns import Counter, Document, Instant, MaybeDocument
from vigil.store.tables.keys import id_key, metadata, workspace_key

sources = Table(
    "sources",
    metadata,
    workspace_key(),
    Column("address", String(1024), primary_key=True),
    Column("title", Text, nullable=False),
    Column("media_type", String(128), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("retired", Boolean, nullable=False, default=False),
    Column("added_at", Instant, nullable=False),
)
"""Documents that entries came from, by their address; the digest of the bytes tells whether one has changed."""

entries = Table(
    "entries",
    metadata,
    workspace_key(),
    id_key(),
    Column("key", String(1536), nullable=False),
    Column("source", String(1024)),
    Column("revision_id", String(128), nullable=False),
    Column("retired", Boolean, nullable=False, default=False),
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("version", Counter, nullable=False),
    UniqueConstraint("workspace_id", "key"),
)
"""Which revision of an entry is in force, and since which knowledge version."""
Index("ix_entries_source", entries.c.workspace_id, entries.c.source)
Index("ix_entries_version", entries.c.workspace_id, entries.c.version)

revisions = Table(
    "revisions",
    metadata,
    workspace_key(),
    id_key(),
    Column("entry_id", String(128), nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Counter, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("draft", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("embedder_id", String(128)),
    Column("embedding", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(256), nullable=False),
    UniqueConstraint("workspace_id", "entry_id", "number"),
)
"""Append-only. The embedding (float16, little-endian) stands here because SQL is the truth: an index is rebuilt from it without a model."""
Index("ix_revisions_version", revisions.c.workspace_id, revisions.c.version)

publications = Table(
    "publications",
    metadata,
    workspace_key(),
    Column("version", Counter, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", String(256), nullable=False),
    Column("summary", Text, nullable=False),
    Column("published", Integer, nullable=False),
    Column("retired", Integer, nullable=False),
)
"""One row a knowledge version. It is the index job as well: whatever is past the index's watermark is still to be indexed."""

indexes = Table(
    "indexes",
    metadata,
    workspace_key(),
    Column("embedder_id", String(128), primary_key=True),
    Column("watermark", Counter, nullable=False, default=0),
    Column("lease_owner", String(128)),
    Column("lease_epoch", Counter, nullable=False, default=0),
    Column("lease_until", Instant),
)
"""How far the search index has caught up with the knowledge, and who may write to it."""

uses = Table(
    "uses",
    metadata,
    workspace_key(),
    Column("number", Counter, primary_key=True),
    Column("entry_id", String(128), nullable=False),
    Column("reference", String(128), nullable=False),
    Column("embedder_id", String(128), nullable=False),
    Column("embedding", LargeBinary, nullable=False),
    Column("weight", Float, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "reference", "entry_id"),
)
"""Questions that an entry has answered, as vectors (float16, little-endian). `number` rises with each change; a use that was taken back
keeps its row with weight 0 and no vector, so that whoever has read it learns of it."""
Index("ix_uses_entry", uses.c.workspace_id, uses.c.entry_id, uses.c.number)

lessons = Table(
    "lessons",
    metadata,
    workspace_key(),
    id_key(),
    Column("ticket_id", String(128), nullable=False),
    Column("through", String(128), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("relation", String(16), nullable=False),
    Column("entry_id", String(128)),
    Column("version", Counter, nullable=False),
    Column("evidence", Document, nullable=False),
    Column("rehearsal", Document),
    Column("at", Instant, nullable=False),
    Column("origin", String(16), nullable=False, server_default="ticket"),
    Column("draft", MaybeDocument),
    Column("note", Text, nullable=False, server_default=""),
    Column("decided_by", String(256)),
    Column("decided_at", Instant),
    Column("embedder_id", String(128)),
    Column("embedding", LargeBinary),
    UniqueConstraint("workspace_id", "ticket_id", "through", "number"),
)
"""What came of learning from a ticket up to the message `through`. The words are in the messages and the entries, but for what waits for a
person or was rejected by one: its `draft` stands here, redacted, and a rejected one's vector, so that it is known when it comes back."""
Index("ix_lessons_at", lessons.c.workspace_id, lessons.c.at)
Index("ix_lessons_state", lessons.c.workspace_id, lessons.c.state, lessons.c.at)

votes = Table(
    "votes",
    metadata,
    workspace_key(),
    id_key(),
    Column("entry_id", String(128), nullable=False),
    Column("reference", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("good", Float, nullable=False),
    Column("bad", Float, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "entry_id", "reference"),
)
"""What spoke for and against an entry: an outcome, a ticket, a person. Ids and figures, never words."""
Index("ix_votes_at", votes.c.workspace_id, votes.c.at)

uploads = Table(
    "uploads",
    metadata,
    workspace_key(),
    id_key(),
    Column("name", String(1024), nullable=False),
    Column("by", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
"""How far a document that somebody uploaded has come, for whoever waits. What became of it stands in `sources` and `publications`."""
Index("ix_uploads_begun", uploads.c.workspace_id, uploads.c.begun_at)
