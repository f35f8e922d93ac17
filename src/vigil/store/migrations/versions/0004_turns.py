"""Whose turn it is among conversations, how often a worker died over one, and indexes for what the drain and the sender ask."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("waiting_since", Instant(), nullable=True))
    op.add_column("conversations", sa.Column("takeovers", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_conversations_waiting", "conversations")
    _partial("ix_conversations_turn", "conversations", ["workspace_id", "waiting_since"], "waiting > 0")
    _partial("ix_outbox_waiting", "outbox", ["not_before"], "state = 'waiting'")
    _partial("ix_outbox_order", "outbox", ["workspace_id", "conversation_id", "id"], "state = 'waiting'")
    _partial("ix_decisions_said", "decisions", ["workspace_id", "conversation_id", "position"], "kind != 'silent'")
    op.create_index("ix_tickets_external", "tickets", ["workspace_id", "external_id"], unique=False)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
