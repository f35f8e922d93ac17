"""Bringing the tables up to date with Alembic, in the process that opens the database. The steps stand in `migrations/versions`."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

_FOLDER = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x5619_1C01
"""Any fixed number: PostgreSQL lets one process at a time hold it, so that workers started together don't migrate together."""

_LOG = logging.getLogger(__name__)


def upgrade(connection: Connection) -> None:
    """Apply what is missing, in one transaction; a second process waits for the first and then finds nothing to do.

    Tables that a newer version has brought further are left as they are: steps only add, so that the version before can go on working
    beside the new one for the length of a deploy.
    """
    begin(connection)
    present = revision_of(connection)
    if present is not None and not is_known(present):
        _LOG.warning(
            "The tables are at revision %s, newer than this version of Vigil knows; it goes on with them.", present
        )
        connection.rollback()
        return
    apply(connection, "head")
    connection.commit()


def begin(connection: Connection) -> None:
    """Begin the transaction that changes tables; one process at a time gets past here."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def apply(connection: Connection, revision: str) -> None:
    """Bring the tables to a revision, or to the ``head``, inside the transaction that is open."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """At which revision the tables are; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision that this version of Vigil knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Whether this version of Vigil has the steps up to a revision."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
