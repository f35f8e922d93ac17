"""Every table. Each row belongs to a workspace, and each key begins with it, so that no query can wander into another's."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from vigil.store.columns import Counter, Document, Instant, MaybeDocument

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _workspace() -> Column[str]:
    return Column("workspace_id", String(64), primary_key=True)


def _id(name: str = "id") -> Column[str]:
    return Column(name, String(128), primary_key=True)


workspaces = Table(
    "workspaces",
    metadata,
    _workspace(),
    Column("name", String(200), nullable=False),
    Column("silenced", Boolean, nullable=False, default=False),
    Column("default_autonomy", String(16), nullable=False),
    Column("first_line", Boolean, nullable=False, default=True),
    Column("quiet", Document),
    Column("silent_on", Document),
    Column("model", Document),
    Column("knowledge_version", Counter, nullable=False, default=0),
    Column("topics_version", Counter, nullable=False, default=0),
    Column("follow_ups", Document),
    Column("created_at", Instant, nullable=False),
)
"""`quiet`, `silent_on` and `model` are null until somebody says otherwise than an installation comes."""

tokens = Table(
    "tokens",
    metadata,
    _workspace(),
    _id(),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
"""API tokens, by the SHA-256 of their secret: the secret itself is shown once and kept nowhere."""

integrations = Table(
    "integrations",
    metadata,
    _workspace(),
    _id(),
    Column("name", String(200), nullable=False),
    Column("secret", Text, nullable=False),
    Column("post_url", Text),
    Column("asserts_roles", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)
"""Signed webhooks: both directions are signed with the same secret, which therefore has to be kept."""

people = Table(
    "people",
    metadata,
    _workspace(),
    Column("channel", String(128), primary_key=True),
    Column("person_id", String(256), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("updated_at", Instant, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    _workspace(),
    Column("version", Counter, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("body", Document, nullable=False),
)
"""The topic list, whole, once a version."""

conversations = Table(
    "conversations",
    metadata,
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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
    decisions.c.id,
    decisions.c.words,
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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

sources = Table(
    "sources",
    metadata,
    _workspace(),
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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
    _workspace(),
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
    _workspace(),
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
    _workspace(),
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
    _workspace(),
    _id(),
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
    _workspace(),
    _id(),
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

progress = Table(
    "progress",
    metadata,
    _workspace(),
    Column("ticket_id", String(128), primary_key=True),
    Column("seq", Counter, nullable=False),
    Column("body", Document, nullable=False),
)
"""How each ticket stands after its message at `seq`. It holds words of messages, and can be read from them again."""

urgencies = Table(
    "urgencies",
    metadata,
    _workspace(),
    Column("ticket_id", String(128), primary_key=True),
    Column("urgency", String(16), nullable=False),
    Column("by", String(256), nullable=False),
    Column("at", Instant, nullable=False),
)
"""How urgent tickets are where a person said so."""

uploads = Table(
    "uploads",
    metadata,
    _workspace(),
    _id(),
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

follow_ups = Table(
    "follow_ups",
    metadata,
    _workspace(),
    _id(),
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
    _workspace(),
    Column("ticket_id", String(128), primary_key=True),
    Column("audience", String(16), primary_key=True),
    Column("through", String(128), nullable=False),
    Column("occasion", String(16), nullable=False),
    Column("body", Document, nullable=False),
    Column("at", Instant, nullable=False),
)
"""The latest summary of a ticket for each audience. It holds words of messages, and can be made from them again."""


audit = Table(
    "audit",
    metadata,
    _workspace(),
    Column("chain", String(160), primary_key=True),
    Column("position", Counter, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""What was done, by whom, to what: ids and hashes, never words. Each conversation has a chain of its own, so that appenders seldom meet."""

budgets = Table(
    "budgets",
    metadata,
    _workspace(),
    Column("day", String(10), primary_key=True),
    Column("tokens", Counter, nullable=False, default=0),
    Column("money", Float, nullable=False, default=0.0),
)

accounts = Table(
    "accounts",
    metadata,
    _workspace(),
    _id(),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),
    Column("subject", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)
"""People who sign in to the console. Of a password its argon2 hash is kept, or nothing where they have none; `subject` is the SHA-256 of
who they are at the identity provider."""
Index("ix_accounts_subject", accounts.c.subject)

invitations = Table(
    "invitations",
    metadata,
    _workspace(),
    _id(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("note", String(200), nullable=False),
    Column("account_id", String(128)),
    Column("created_by", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
"""Links that make an account, once, or give the account that they name a new password; by the SHA-256 of their secret."""

visits = Table(
    "visits",
    metadata,
    _workspace(),
    _id(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account_id", String(128), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""Browsers that are signed in, by the SHA-256 of what their cookie holds."""
Index("ix_visits_account", visits.c.workspace_id, visits.c.account_id)
