"""How tickets stand, what they want later, and their summaries."""

from sqlalchemy import Column, Index, String, Table, UniqueConstraint

from vigil.store.columns import Counter, Document, Instant
from vigil.store.tables.keys import id_key, metadata, workspace_key

progress = Table(
    "progress",
    metadata,
    workspace_key(),
    Column("ticket_id", String(128), primary_key=True),
    Column("seq", Counter, nullable=False),
    Column("body", Document, nullable=False),
)
"""How each ticket stands after its message at `seq`. It holds words of messages, and can be read from them again."""

urgencies = Table(
    "urgencies",
    metadata,
    workspace_key(),
    Column("ticket_id", String(128), primary_key=True),
    Column("urgency", String(16), nullable=False),
    Column("by", String(256), nullable=False),
    Column("at", Instant, nullable=False),
)
"""How urgent tickets are where a person said so."""

follow_ups = Table(
    "follow_ups",
    metadata,
    workspace_key(),
    id_key(),
    Column("ticket_id", String(128), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("about", String(128), nullable=False),
    Column("due", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decision_id", String(128)),
    Column("shown_at", Instant),
    Column("changed_at", Instant, nullable=False),
    Column("by", String(256), nullable=False, default=""),
    Column("note", String(200), nullable=False, default=""),
    UniqueConstraint("workspace_id", "ticket_id", "reason", "about"),
)
"""What ought to be looked at again, once for a reason and a message: ids and instants, never words."""
Index("ix_follow_ups_state", follow_ups.c.workspace_id, follow_ups.c.state, follow_ups.c.due)
Index("ix_follow_ups_changed", follow_ups.c.workspace_id, follow_ups.c.changed_at)
Index("ix_follow_ups_decision", follow_ups.c.workspace_id, follow_ups.c.decision_id)

summaries = Table(
    "summaries",
    metadata,
    workspace_key(),
    Column("ticket_id", String(128), primary_key=True),
    Column("audience", String(16), primary_key=True),
    Column("through", String(128), nullable=False),
    Column("occasion", String(16), nullable=False),
    Column("body", Document, nullable=False),
    Column("at", Instant, nullable=False),
)
"""The latest summary of a ticket for each audience. It holds words of messages, and can be made from them again."""
