"""The trace that an event and its posts belong to, and ways to waiting and to parked events that don't read what is done."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("traceparent", sa.String(length=64), nullable=True))
    op.add_column("outbox", sa.Column("traceparent", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["workspace_id", "conversation_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_inbox_parked",
        "inbox",
        ["workspace_id"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
        sqlite_where=sa.text("state = 'parked'"),
    )
