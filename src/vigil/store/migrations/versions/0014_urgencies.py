"""How urgent tickets are where a person said so."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "urgencies",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=128), nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=256), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "ticket_id", name=op.f("pk_urgencies")),
    )
