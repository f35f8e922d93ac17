"""What came of learning from tickets."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Counter, Document, Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=False),
        sa.Column("through", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("entry_id", sa.String(length=128), nullable=True),
        sa.Column("version", Counter, nullable=False),
        sa.Column("evidence", Document, nullable=False),
        sa.Column("rehearsal", Document, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_lessons")),
        sa.UniqueConstraint(
            "workspace_id",
            "ticket_id",
            "through",
            "number",
            name=op.f("uq_lessons_workspace_id_ticket_id_through_number"),
        ),
    )
    op.create_index("ix_lessons_at", "lessons", ["workspace_id", "at"], unique=False)
