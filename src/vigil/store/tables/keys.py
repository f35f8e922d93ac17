"""What all tables share: the list of them, and the keys that begin with a workspace."""

from sqlalchemy import Column, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def workspace_key() -> Column[str]:
    """The workspace that a row belongs to."""
    return Column("workspace_id", String(64), primary_key=True)


def id_key(name: str = "id") -> Column[str]:
    """A row's own id within it."""
    return Column(name, String(128), primary_key=True)
