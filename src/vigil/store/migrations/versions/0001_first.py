"""The first tables."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Counter, Document, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=160), nullable=False),
        sa.Column("position", Counter, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "chain", "position", name=op.f("pk_audit")),
    )
    op.create_table(
        "budgets",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("tokens", Counter, nullable=False),
        sa.Column("money", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "day", name=op.f("pk_budgets")),
    )
    op.create_table(
        "conversations",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("channel", sa.String(length=128), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("next_seq", Counter, nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_epoch", Counter, nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "workspace_id", "channel", "external_id", name=op.f("uq_conversations_workspace_id_channel_external_id")
        ),
    )
    op.create_index(
        "ix_conversations_waiting",
        "conversations",
        ["workspace_id"],
        unique=False,
        postgresql_where=sa.text("waiting > 0"),
        sqlite_where=sa.text("waiting > 0"),
    )
    op.create_table(
        "decisions",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("body", Document, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("position", Counter, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_decisions")),
        sa.UniqueConstraint(
            "workspace_id",
            "conversation_id",
            "position",
            name=op.f("uq_decisions_workspace_id_conversation_id_position"),
        ),
    )
    op.create_index("ix_decisions_decided", "decisions", ["workspace_id", "decided_at"], unique=False)
    op.create_index("ix_decisions_message", "decisions", ["workspace_id", "message_id"], unique=False)
    op.create_index("ix_decisions_ticket", "decisions", ["workspace_id", "ticket_id", "decided_at"], unique=False)
    op.create_table(
        "entries",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=1536), nullable=False),
        sa.Column("source", sa.String(length=1024), nullable=True),
        sa.Column("revision_id", sa.String(length=128), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("valid_from", Instant(), nullable=True),
        sa.Column("valid_until", Instant(), nullable=True),
        sa.Column("version", Counter, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_entries")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_entries_workspace_id_key")),
    )
    op.create_index("ix_entries_source", "entries", ["workspace_id", "source"], unique=False)
    op.create_index("ix_entries_version", "entries", ["workspace_id", "version"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("channel", sa.String(length=128), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("seq", Counter, nullable=False),
        sa.Column("event", Document, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "workspace_id", "channel", "external_id", name=op.f("uq_inbox_workspace_id_channel_external_id")
        ),
        sa.UniqueConstraint(
            "workspace_id", "conversation_id", "seq", name=op.f("uq_inbox_workspace_id_conversation_id_seq")
        ),
    )
    op.create_table(
        "indexes",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("embedder_id", sa.String(length=128), nullable=False),
        sa.Column("watermark", Counter, nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_epoch", Counter, nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "embedder_id", name=op.f("pk_indexes")),
    )
    op.create_table(
        "integrations",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("post_url", sa.Text(), nullable=True),
        sa.Column("asserts_roles", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_integrations")),
    )
    op.create_table(
        "messages",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=False),
        sa.Column("seq", Counter, nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=True),
        sa.Column("author_id", sa.String(length=256), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("author_role", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("thread", sa.String(length=256), nullable=True),
        sa.Column("reply_to", Document, nullable=False),
        sa.Column("mentions_vigil", sa.Boolean(), nullable=False),
        sa.Column("by_vigil", sa.Boolean(), nullable=False),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "workspace_id",
            "conversation_id",
            "external_id",
            name=op.f("uq_messages_workspace_id_conversation_id_external_id"),
        ),
        sa.UniqueConstraint(
            "workspace_id", "conversation_id", "seq", name=op.f("uq_messages_workspace_id_conversation_id_seq")
        ),
    )
    op.create_index("ix_messages_ticket", "messages", ["workspace_id", "ticket_id", "seq"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("decision_id", sa.String(length=128), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=True),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_decision", "outbox", ["workspace_id", "decision_id"], unique=False)
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["workspace_id", "not_before"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "outcomes",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("decision_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=256), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_decision", "outcomes", ["workspace_id", "decision_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=128), nullable=False),
        sa.Column("person_id", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel", "person_id", name=op.f("pk_people")),
    )
    op.create_table(
        "publications",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("version", Counter, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=256), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "version", name=op.f("pk_publications")),
    )
    op.create_table(
        "revisions",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("entry_id", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", Counter, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("draft", Document, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("embedder_id", sa.String(length=128), nullable=True),
        sa.Column("embedding", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "workspace_id", "entry_id", "number", name=op.f("uq_revisions_workspace_id_entry_id_number")
        ),
    )
    op.create_index("ix_revisions_version", "revisions", ["workspace_id", "version"], unique=False)
    op.create_table(
        "sources",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=1024), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "address", name=op.f("pk_sources")),
    )
    op.create_table(
        "tickets",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=256), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("topic_by_person", sa.Boolean(), nullable=False),
        sa.Column("human_joined_at", Instant(), nullable=True),
        sa.Column("assignee_id", sa.String(length=256), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("product", sa.String(length=128), nullable=True),
        sa.Column("language", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_tickets")),
        sa.UniqueConstraint(
            "workspace_id",
            "conversation_id",
            "external_id",
            name=op.f("uq_tickets_workspace_id_conversation_id_external_id"),
        ),
    )
    op.create_index(
        "ix_tickets_conversation", "tickets", ["workspace_id", "conversation_id", "updated_at"], unique=False
    )
    op.create_index("ix_tickets_updated", "tickets", ["workspace_id", "updated_at"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_table(
        "topics",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("version", Counter, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", Document, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "version", "key", name=op.f("pk_topics")),
    )
    op.create_table(
        "workspaces",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("silenced", sa.Boolean(), nullable=False),
        sa.Column("default_autonomy", sa.String(length=16), nullable=False),
        sa.Column("first_line", sa.Boolean(), nullable=False),
        sa.Column("knowledge_version", Counter, nullable=False),
        sa.Column("topics_version", Counter, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspaces")),
    )
