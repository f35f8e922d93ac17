"""Making a database give up the pages on which deleted words still stand. Nothing of what is kept is changed."""

from sqlalchemy.exc import DBAPIError

from vigil.store.store import Store
from vigil.store.tables import metadata


async def vacuum(store: Store) -> bool:
    """False where it could not be done now, because another process reads or writes.

    SQLite: the file is written anew, with nothing on free pages, and its journal is emptied. PostgreSQL: dead rows are freed for reuse,
    which overwrites them in time; its WAL, replicas and base backups are beyond any statement.
    """
    async with store.across_workspaces() as connection:
        try:
            if store.dialect == "postgresql":
                names = ", ".join(table.name for table in metadata.sorted_tables)
                await connection.exec_driver_sql(f"VACUUM {names}")
                return True
            for statement in ("PRAGMA secure_delete=ON", "PRAGMA temp_store=FILE", "VACUUM"):
                await connection.exec_driver_sql(statement)
            row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            await connection.exec_driver_sql("PRAGMA temp_store=MEMORY")
            return row[0] == 0
        except DBAPIError:
            return False
