"""Follow-ups, summaries, and a workspace's rules for them."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Document, Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("follow_ups", Document, nullable=True))
    op.create_table(
        "follow_ups",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=128), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decision_id", sa.String(length=128), nullable=True),
        sa.Column("shown_at", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=256), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint(
            "workspace_id",
            "ticket_id",
            "reason",
            "about",
            name=op.f("uq_follow_ups_workspace_id_ticket_id_reason_about"),
        ),
    )
    op.create_index("ix_follow_ups_state", "follow_ups", ["workspace_id", "state", "due"], unique=False)
    op.create_index("ix_follow_ups_changed", "follow_ups", ["workspace_id", "changed_at"], unique=False)
    op.create_index("ix_follow_ups_decision", "follow_ups", ["workspace_id", "decision_id"], unique=False)
    op.create_table(
        "summaries",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("through", sa.String(length=128), nullable=False),
        sa.Column("occasion", sa.String(length=16), nullable=False),
        sa.Column("body", Document, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "ticket_id", "audience", name=op.f("pk_summaries")),
    )
