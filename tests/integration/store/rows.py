"""Rows for every table that there is, made from the kinds of their columns: a new table is in these tests by itself."""

from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, LargeBinary, insert

from tests.conftest import MORNING
from vigil.store.audit import Audit
from vigil.store.columns import Instant
from vigil.store.store import Store
from vigil.store.tables import audit, metadata

WORDS = "Größe ≥ 5 “quoted”, a\nnew line and \\ a backslash 😀"
NESTED = {"whole": 1.0, "tiny": 1e-7, "large": 1e16, "list": [None, True, {"deep": WORDS}], "number": 0.1, "id": 2**53}


async def fill_all_tables(store: Store, *, rows: int = 3, workspace: str = "acme") -> None:
    """Some rows in every table, and an audit trail of two chains."""
    async with store.write(workspace) as session:
        for table in metadata.sorted_tables:
            if table is not audit:
                values = [{c.name: _value(c, number, workspace) for c in table.columns} for number in range(rows)]
                if table.name == "workspaces":
                    values = values[:1]
                await session.execute(insert(table), values)
        for chain in ("one", "two"):
            for number in range(rows):
                await Audit(session).add(
                    chain, at=MORNING, actor="x", action="did", subject=str(number), content="words"
                )


def _value(column: Column[Any], number: int, workspace: str) -> Any:
    if column.name == "workspace_id":
        return workspace
    if column.nullable and number % 2:
        return None
    kinds: list[tuple[type[Any], Any]] = [
        (Instant, MORNING + timedelta(microseconds=number)),
        (Boolean, bool(number % 2)),
        (Float, number + 0.1),
        (JSON, {**NESTED, "row": number}),
        (LargeBinary, bytes(range(256)) + bytes([number])),
    ]
    for kind, value in kinds:
        if isinstance(column.type, kind):
            return value
    if column.type.python_type is int:
        return 2**40 + number if "Big" in type(column.type).__name__ else number
    length = getattr(column.type, "length", None)
    return f"{column.name}-{number} {workspace} {WORDS}"[:length]
