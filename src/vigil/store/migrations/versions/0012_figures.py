"""What is counted of decisions stands in columns and in one index; when a ticket came back; how far uploads have come. Of decisions made
before this step (or by the version before) words and cost count as 0."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Counter, Instant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for name, kind in (("words", sa.Integer()), ("calls", sa.Integer()), ("tokens", Counter), ("money", sa.Float())):
        op.add_column("decisions", sa.Column(name, kind, nullable=False, server_default="0"))
    op.add_column("tickets", sa.Column("reopened_at", Instant(), nullable=True))
    op.drop_index("ix_decisions_decided", "decisions")
    listed = ["workspace_id", "decided_at", "id", "kind", "reason", "ticket_id"]
    op.create_index("ix_decisions_listed", "decisions", listed, unique=False)
    told = ["workspace_id", "ticket_id", "decided_at", "kind", "id", "words"]
    _partial("ix_decisions_told", "decisions", told, "kind != 'silent'")
    _partial("ix_decisions_called", "decisions", ["workspace_id", "ticket_id", "calls", "tokens", "money"], "calls > 0")
    op.create_index("ix_tickets_opened", "tickets", ["workspace_id", "opened_at", "id", "topic", "state"], unique=False)
    op.drop_index("ix_outcomes_decision", "outcomes")
    op.create_index("ix_outcomes_said", "outcomes", ["workspace_id", "decision_id", "kind"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=1024), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_begun", "uploads", ["workspace_id", "begun_at"], unique=False)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
