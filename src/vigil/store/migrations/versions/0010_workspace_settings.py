"""What a workspace's admins set; who somebody is at an identity provider; links that give an account a new password."""

import sqlalchemy as sa
from alembic import op

from vigil.store.columns import Document

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("quiet", Document, nullable=True))
    op.add_column("workspaces", sa.Column("silent_on", Document, nullable=True))
    op.add_column("workspaces", sa.Column("model", Document, nullable=True))
    op.add_column("accounts", sa.Column("subject", sa.String(length=64), nullable=True))
    op.add_column("invitations", sa.Column("account_id", sa.String(length=128), nullable=True))
    op.create_index("ix_accounts_subject", "accounts", ["subject"], unique=False)
