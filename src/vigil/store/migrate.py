"""Bringing the tables up to date with Alembic, in the process that opens the database. The steps stand in `migrations/versions`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

_FOLDER = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x5619_1C01
"""Any fixed number: PostgreSQL lets one process at a time hold it, so that workers started together don't migrate together."""


def upgrade(connection: Connection) -> None:
    """Apply what is missing, in one transaction; a second process waits for the first and then finds nothing to do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
