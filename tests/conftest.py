"""What all tests share: a fresh database of either kind, a clock that stands still, ids that count."""

import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import make_url

from vigil.clock import CountingIds, ManualClock
from vigil.store.store import Store

ROOT = Path(__file__).parents[1]
POSTGRES = os.environ.get("VIGIL_TEST_POSTGRES", "")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def missing(what: str) -> NoReturn:
    """Skip for want of a service, or fail where everything has to be there (VIGIL_TEST_REQUIRE_ALL, as in `.ci/run`)."""
    if os.environ.get("VIGIL_TEST_REQUIRE_ALL"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MORNING)


@pytest.fixture
def ids() -> CountingIds:
    return CountingIds()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A fresh, empty database: SQLite always, PostgreSQL where VIGIL_TEST_POSTGRES names a server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'vigil.sqlite3'}"
        return
    if not POSTGRES:
        missing("no PostgreSQL: set VIGIL_TEST_POSTGRES, such as postgresql:///postgres")
    schema = f"vigil_test_{secrets.token_hex(6)}"  # a schema is made in a tenth of the time of a database
    async with await psycopg.AsyncConnection.connect(POSTGRES, autocommit=True) as connection:
        await connection.execute(f"CREATE SCHEMA {schema}".encode())
        try:
            url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
            yield url.render_as_string(hide_password=False)
        finally:
            await connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store with its tables."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def shared_data() -> Path:
    """The folder of evaluation data; a test that needs it skips where it is absent."""
    folder = Path(os.environ.get("VIGIL_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not (folder / "README.md").is_file():
        missing(f"no evaluation data: set VIGIL_DATA to its folder ({folder} has none)")
    return folder
