"""Conversations, tickets and what was decided about them, with what waits to be read, sent or looked at."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint, text

from vigil.store.columns import Counter, Document, Instant
from vigil.store.tables.keys import id_key, metadata, workspace_key

conversations = Table(
    "conversations",
    metadata,
    workspace_key(),
    id_key(),
    Column("channel", String(128), nullable=False),
    Column("external_id", String(256), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("muted", Boolean, nullable=False, default=False),
    Column("next_seq", Counter, nullable=False, default=1),
    Column("waiting", Integer, nullable=False, default=0),
    Column("lease_owner", String(128)),
    Column("lease_epoch", Counter, nullable=False, default=0),
    Column("lease_until", Instant),
    Column("waiting_since", Instant),
    Column("takeovers", Integer, nullable=False, default=0, server_default="0"),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "channel", "external_id"),
)
"""`waiting` counts inbox rows not yet done; the lease says who may drain the conversation, the epoch which holder is the present one.
A lease without an owner keeps everybody away until it is time to try again. `waiting_since` says whose turn it is; `takeovers` counts
leases that ran out, one after the other, without anything done, and deaths of workers over it."""
Index(
    "ix_conversations_turn",
    conversations.c.workspace_id,
    conversations.c.waiting_since,
    postgresql_where=text("waiting > 0"),
    sqlite_where=text("waiting > 0"),
)

inbox = Table(
    "inbox",
    metadata,
    workspace_key(),
    id_key(),
    Column("channel", String(128), nullable=False),
    Column("external_id", String(256), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("seq", Counter, nullable=False),
    Column("event", Document, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("reason", Text, nullable=False, default=""),
    Column("traceparent", String(64)),
    UniqueConstraint("workspace_id", "channel", "external_id"),
    UniqueConstraint("workspace_id", "conversation_id", "seq"),
)
"""One row an event of a channel; unique on the channel's id of it, so that a redelivery is no second event."""
Index(
    "ix_inbox_waiting",
    inbox.c.workspace_id,
    inbox.c.conversation_id,
    inbox.c.seq,
    postgresql_where=text("state = 'waiting'"),
    sqlite_where=text("state = 'waiting'"),
)
Index(
    "ix_inbox_parked",
    inbox.c.workspace_id,
    postgresql_where=text("state = 'parked'"),
    sqlite_where=text("state = 'parked'"),
)

messages = Table(
    "messages",
    metadata,
    workspace_key(),
    id_key(),
    Column("conversation_id", String(128), nullable=False),
    Column("external_id", String(256), nullable=False),
    Column("seq", Counter, nullable=False),
    Column("ticket_id", String(128)),
    Column("author_id", String(256), nullable=False),
    Column("author_name", String(200), nullable=False),
    Column("author_role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("thread", String(256)),
    Column("reply_to", Document, nullable=False),
    Column("mentions_vigil", Boolean, nullable=False, default=False),
    Column("by_vigil", Boolean, nullable=False, default=False),
    Column("edited_at", Instant),
    Column("deleted_at", Instant),
    UniqueConstraint("workspace_id", "conversation_id", "external_id"),
    UniqueConstraint("workspace_id", "conversation_id", "seq"),
)
Index("ix_messages_ticket", messages.c.workspace_id, messages.c.ticket_id, messages.c.seq)

tickets = Table(
    "tickets",
    metadata,
    workspace_key(),
    id_key(),
    Column("external_id", String(256), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("state", String(32), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("customer_id", String(256), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("topic", String(64)),
    Column("topic_by_person", Boolean, nullable=False, default=False),
    Column("human_joined_at", Instant),
    Column("assignee_id", String(256)),
    Column("resolved_at", Instant),
    Column("muted", Boolean, nullable=False, default=False),
    Column("product", String(128)),
    Column("language", String(32)),
    Column("reopened_at", Instant),
    UniqueConstraint("workspace_id", "conversation_id", "external_id"),
)
Index("ix_tickets_external", tickets.c.workspace_id, tickets.c.external_id)
Index(
    "ix_tickets_opened",
    tickets.c.workspace_id,
    tickets.c.opened_at,
    tickets.c.id,
    tickets.c.topic,
    tickets.c.state,
)
Index("ix_tickets_updated", tickets.c.workspace_id, tickets.c.updated_at)
Index("ix_tickets_state", tickets.c.workspace_id, tickets.c.state, tickets.c.updated_at)
Index("ix_tickets_conversation", tickets.c.workspace_id, tickets.c.conversation_id, tickets.c.updated_at)

decisions = Table(
    "decisions",
    metadata,
    workspace_key(),
    id_key(),
    Column("conversation_id", String(128), nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("ticket_id", String(128)),
    Column("kind", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("confidence", Float),
    Column("body", Document, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("position", Counter, nullable=False),
    Column("words", Integer, nullable=False, default=0, server_default="0"),
    Column("calls", Integer, nullable=False, default=0, server_default="0"),
    Column("tokens", Counter, nullable=False, default=0, server_default="0"),
    Column("money", Float, nullable=False, default=0.0, server_default="0"),
    UniqueConstraint("workspace_id", "conversation_id", "position"),
)
"""`position` is the `seq` of the inbox event that it was made for: one event, one decision. `words` (of the answer), `calls`, `tokens` and
`money` stand in the body as well: here they can be added up without reading it."""
Index("ix_decisions_ticket", decisions.c.workspace_id, decisions.c.ticket_id, decisions.c.decided_at)
Index(
    "ix_decisions_listed",
    decisions.c.workspace_id,
    decisions.c.decided_at,
    decisions.c.id,
    decisions.c.kind,
    decisions.c.reason,
    decisions.c.ticket_id,
)
"""By time, with what lists are filtered by: what doesn't fit is passed over without reading it."""
Index(
    "ix_decisions_told",
    decisions.c.workspace_id,
    decisions.c.ticket_id,
    decisions.c.decided_at,
    decisions.c.kind,
    decisions.c.reason,
    decisions.c.id,
    decisions.c.words,
    decisions.c.message_id,
    postgresql_where=text("kind != 'silent'"),
    sqlite_where=text("kind != 'silent'"),
)
Index(
    "ix_decisions_called",
    decisions.c.workspace_id,
    decisions.c.ticket_id,
    decisions.c.calls,
    decisions.c.tokens,
    decisions.c.money,
    postgresql_where=text("calls > 0"),
    sqlite_where=text("calls > 0"),
)
"""All that is counted of decisions, so that counting reads no body."""
Index(
    "ix_decisions_said",
    decisions.c.workspace_id,
    decisions.c.conversation_id,
    decisions.c.position,
    postgresql_where=text("kind != 'silent'"),
    sqlite_where=text("kind != 'silent'"),
)
Index("ix_decisions_message", decisions.c.workspace_id, decisions.c.message_id)

outcomes = Table(
    "outcomes",
    metadata,
    workspace_key(),
    id_key(),
    Column("decision_id", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(256), nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
)
Index("ix_outcomes_said", outcomes.c.workspace_id, outcomes.c.decision_id, outcomes.c.kind)
Index("ix_outcomes_at", outcomes.c.workspace_id, outcomes.c.at)

outbox = Table(
    "outbox",
    metadata,
    workspace_key(),
    id_key(),
    Column("conversation_id", String(128), nullable=False),
    Column("decision_id", String(128), nullable=False),
    Column("visibility", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("reason", Text, nullable=False, default=""),
    Column("external_id", String(256)),
    Column("claimed_by", String(128)),
    Column("claimed_until", Instant),
    Column("changed_at", Instant, nullable=False),
    Column("traceparent", String(64)),
)
Index(
    "ix_outbox_due",
    outbox.c.workspace_id,
    outbox.c.not_before,
    postgresql_where=text("state = 'waiting'"),
    sqlite_where=text("state = 'waiting'"),
)
Index(
    "ix_outbox_waiting",
    outbox.c.not_before,
    postgresql_where=text("state = 'waiting'"),
    sqlite_where=text("state = 'waiting'"),
)
Index(
    "ix_outbox_order",
    outbox.c.workspace_id,
    outbox.c.conversation_id,
    outbox.c.id,
    postgresql_where=text("state = 'waiting'"),
    sqlite_where=text("state = 'waiting'"),
)
Index("ix_outbox_decision", outbox.c.workspace_id, outbox.c.decision_id)
Index("ix_outbox_changed", outbox.c.workspace_id, outbox.c.changed_at)

timers = Table(
    "timers",
    metadata,
    workspace_key(),
    id_key(),
    Column("kind", String(64), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("due", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("every", String(128), nullable=False, default=""),
    Column("payload", Document, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("reason", Text, nullable=False, default=""),
    Column("fired_at", Instant),
    Column("claimed_by", String(128)),
    Column("claimed_until", Instant),
    Column("changed_at", Instant, nullable=False),
)
"""Ids and instants, never words. Of a kind and a subject at most one row waits. `not_before` is `due`, or when to try again."""
Index(
    "ix_timers_waiting",
    timers.c.workspace_id,
    timers.c.kind,
    timers.c.subject,
    unique=True,
    postgresql_where=text("state = 'waiting'"),
    sqlite_where=text("state = 'waiting'"),
)
Index(
    "ix_timers_due",
    timers.c.not_before,
    postgresql_where=text("state = 'waiting'"),
    sqlite_where=text("state = 'waiting'"),
)
