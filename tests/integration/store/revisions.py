"""Tables as they were at an older revision."""

import ast
from pathlib import Path

from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from vigil.store import migrate

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def revisions() -> list[str]:
    """Every revision, the newest left out."""
    found = {ast_value(path, "revision"): ast_value(path, "down_revision") for path in VERSIONS.glob("0*.py")}
    return sorted(each for each in found if each in found.values())


def ast_value(path: Path, name: str) -> str:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{path.name} says no {name}")


async def tables_at(connection: AsyncConnection, revision: str) -> MetaData:
    """Make the tables as they were at a revision, and say what columns they had."""
    await connection.run_sync(migrate.begin)
    await connection.run_sync(migrate.apply, revision)
    await connection.commit()
    return await reflected(connection)


async def reflected(connection: AsyncConnection) -> MetaData:
    known = MetaData()

    def look(sync: Connection) -> None:
        known.reflect(sync)

    await connection.run_sync(look)
    return known
