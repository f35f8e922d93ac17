"""How tickets stand."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Counter, Document

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "progress",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=False),
        sa.Column("seq", Counter, nullable=False),
        sa.Column("body", Document, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "ticket_id", name=op.f("pk_progress")),
    )
