"""A page asks the database as often over many tickets as over few."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.integration.web.browser import Browser
from tests.integration.web.door import Door
from vigil.domain.account import Part

PAGES = ("/desk", "/desk?view=all", "/workload", "/decisions", "/insight?days=364", "/knowledge", "/knowledge/gaps")


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What the databases are asked, in its order."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


async def test_pages_ask_as_often_over_many_tickets_as_over_few(door: Door, asked: list[str]) -> None:
    admin = await Browser.of(door, Part.ADMIN)
    counted: list[dict[str, int]] = []
    for rooms in (range(2), range(2, 12)):
        for number in rooms:
            await door.write("How do I pay?", room=f"T-{number}", name=f"m{number}")
        await door.pass_time(timedelta(hours=1))
        counts: dict[str, int] = {}
        for path in PAGES:
            asked.clear()
            assert (await admin.get(path)).status_code == 200
            counts[path] = len(asked)
        counted.append(counts)
    assert counted[0] == counted[1]
