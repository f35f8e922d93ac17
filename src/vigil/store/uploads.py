"""How far uploaded documents have come. Reading them and taking them in is `runtime.uploads`'s."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from vigil.errors import NotFound
from vigil.store.store import Session
from vigil.store.tables import uploads


class UploadState(StrEnum):
    READING = "reading"
    """It is read and cut into passages."""
    LEARNING = "learning"
    """Its passages are embedded, published and indexed."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One document on its way in."""

    id: str
    name: str
    by: str
    state: UploadState
    done: int = 0
    """Passages that are in,"""
    total: int = 0
    """of so many."""
    note: str = ""
    """What came of it, or why nothing did."""
    begun_at: datetime
    changed_at: datetime

    @property
    def over(self) -> bool:
        return self.state in (UploadState.DONE, UploadState.FAILED)


class UploadRows:
    """The uploads of a session's workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = uploads.c.workspace_id == session.workspace

    async def add(self, upload: Upload) -> None:
        row = {"workspace_id": self._session.workspace, "name": upload.name, "by": upload.by, "id": upload.id}
        await self._session.execute(insert(uploads).values(**row, **_changing(upload), begun_at=upload.begun_at))

    async def change(self, upload: Upload) -> None:
        await self._session.execute(
            update(uploads).where(self._mine, uploads.c.id == upload.id).values(**_changing(upload))
        )

    async def get(self, upload_id: str) -> Upload:
        """Raises NotFound."""
        row = (await self._session.execute(select(uploads).where(self._mine, uploads.c.id == upload_id))).one_or_none()
        if row is None:
            raise NotFound(f"There is no upload {upload_id!r} in this workspace.")
        return _upload(row)

    async def latest(self, *, limit: int) -> list[Upload]:
        """The latest first."""
        rows = await self._session.execute(
            select(uploads).where(self._mine).order_by(uploads.c.begun_at.desc(), uploads.c.id.desc()).limit(limit)
        )
        return [_upload(row) for row in rows]


def _changing(upload: Upload) -> dict[str, Any]:
    return {
        "state": upload.state.value,
        "done": upload.done,
        "total": upload.total,
        "note": upload.note,
        "changed_at": upload.changed_at,
    }


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        name=row.name,
        by=row.by,
        state=UploadState(row.state),
        done=row.done,
        total=row.total,
        note=row.note,
        begun_at=row.begun_at,
        changed_at=row.changed_at,
    )
