"""Timers."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Document, Instant

revision = "0005"
down_revision = "0004"

_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "timers",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("every", sa.String(length=128), nullable=False),
        sa.Column("payload", Document, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fired_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_timers")),
    )
    op.create_index(
        "ix_timers_waiting",
        "timers",
        ["workspace_id", "kind", "subject"],
        unique=True,
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    )
    op.create_index(
        "ix_timers_due", "timers", ["not_before"], unique=False, postgresql_where=_WAITING, sqlite_where=_WAITING
    )
