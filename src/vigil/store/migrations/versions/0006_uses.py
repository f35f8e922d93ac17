"""What entries have answered."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Counter, Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "uses",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("number", Counter, nullable=False),
        sa.Column("entry_id", sa.String(length=128), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("embedder_id", sa.String(length=128), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=op.f("pk_uses")),
        sa.UniqueConstraint(
            "workspace_id", "reference", "entry_id", name=op.f("uq_uses_workspace_id_reference_entry_id")
        ),
    )
    op.create_index("ix_uses_entry", "uses", ["workspace_id", "entry_id", "number"], unique=False)
