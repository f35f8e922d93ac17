"""A fresh database for a run with `kill -9`: a file, or a schema of its own on a server that is there."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


@asynccontextmanager
async def database(server: str, folder: Path) -> AsyncGenerator[str]:
    """The URL of a fresh database: SQLite in `folder` where no server is named."""
    if not server:
        yield f"sqlite:///{folder / 'vigil.sqlite3'}"
        return
    schema = f"vigil_faults_{secrets.token_hex(6)}"
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as connection:
        await connection.execute(f"CREATE SCHEMA {schema}".encode())
    query = {"options": f"-csearch_path={schema}", "application_name": schema}
    try:
        yield make_url(server).update_query_dict(query).render_as_string(hide_password=False)
    finally:
        async with await psycopg.AsyncConnection.connect(server, autocommit=True) as connection:
            await connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


def application_of(url: str) -> str:
    """The name under which the connections of a fresh database are known to its server."""
    return str(make_url(url).query["application_name"])
