"""Lessons that wait for a person, with their words; and what speaks for and against an entry."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Document, Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("lessons", sa.Column("origin", sa.String(length=16), nullable=False, server_default="ticket"))
    op.add_column("lessons", sa.Column("draft", Document, nullable=True))
    op.add_column("lessons", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("lessons", sa.Column("decided_by", sa.String(length=256), nullable=True))
    op.add_column("lessons", sa.Column("decided_at", Instant(), nullable=True))
    op.add_column("lessons", sa.Column("embedder_id", sa.String(length=128), nullable=True))
    op.add_column("lessons", sa.Column("embedding", sa.LargeBinary(), nullable=True))
    op.create_index("ix_lessons_state", "lessons", ["workspace_id", "state", "at"], unique=False)
    op.create_table(
        "votes",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("entry_id", sa.String(length=128), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("good", sa.Float(), nullable=False),
        sa.Column("bad", sa.Float(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_votes")),
        sa.UniqueConstraint(
            "workspace_id", "entry_id", "reference", name=op.f("uq_votes_workspace_id_entry_id_reference")
        ),
    )
    op.create_index("ix_votes_at", "votes", ["workspace_id", "at"], unique=False)
