"""The index of what Vigil said tells answers to colleagues and follow-ups from suggestions."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    said = sa.text("kind != 'silent'")
    op.drop_index("ix_decisions_told", "decisions")
    op.create_index(
        "ix_decisions_told",
        "decisions",
        ["workspace_id", "ticket_id", "decided_at", "kind", "reason", "id", "words", "message_id"],
        unique=False,
        postgresql_where=said,
        sqlite_where=said,
    )
