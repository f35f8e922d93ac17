"""The list of what was forgotten: part of the audit trail, so that it is as hard to change as that, and naming nobody. What forgetting does
is `erasing`'s."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import select

from vigil.errors import InvalidInput
from vigil.store.audit import Audit
from vigil.store.store import Session, Store
from vigil.store.tables import audit

CHAIN = "erasures"
_ERASED = ".erased"


class SubjectKind(StrEnum):
    """What can be forgotten."""

    PERSON = "person"
    TICKET = "ticket"


class Erasure(BaseModel):
    """Somebody or something that was forgotten: what has to be forgotten again in a backup from before."""

    model_config = ConfigDict(frozen=True)

    workspace: str
    kind: SubjectKind
    subject: str
    """A ticket's id, or a person's digest."""
    at: datetime


_LIST = TypeAdapter(list[Erasure])


def person_digest(workspace: str, channel: str, person_id: str) -> str:
    """What is kept of a person: enough to recognise them in an older backup, and no name."""
    return hashlib.sha256(f"{workspace}\0{channel}\0{person_id}".encode()).hexdigest()


async def erasures(store: Store) -> list[Erasure]:
    """Everything that was forgotten in an installation, the oldest first."""
    async with store.across_workspaces() as connection:
        rows = await connection.execute(select(audit).where(audit.c.chain == CHAIN).order_by(audit.c.at))
        return [
            Erasure(
                workspace=row.workspace_id,
                kind=SubjectKind(row.action.removesuffix(_ERASED)),
                subject=row.subject,
                at=row.at,
            )
            for row in rows
        ]


async def listed_in(session: Session) -> set[str]:
    """Subjects on the list of a workspace."""
    mine = select(audit.c.subject).where(audit.c.workspace_id == session.workspace, audit.c.chain == CHAIN)
    return {row.subject for row in await session.execute(mine)}


async def note(session: Session, kind: SubjectKind, subject: str, *, at: datetime, by: str) -> None:
    """Put an erasure on the list, once, in the transaction that does it."""
    if subject in await listed_in(session):
        return
    await Audit(session).add(CHAIN, at=at, actor=by, action=f"{kind}{_ERASED}", subject=subject)


def missing_from(known: Iterable[Erasure], wanted: Iterable[Erasure]) -> list[Erasure]:
    """Of the erasures `wanted` those that are not among `known`, each once, the oldest first."""
    have = {(each.workspace, each.kind, each.subject) for each in known}
    missing: dict[tuple[str, str, str], Erasure] = {}
    for each in sorted(wanted, key=lambda erasure: erasure.at):
        key = (each.workspace, each.kind, each.subject)
        if key not in have:
            missing.setdefault(key, each)
    return list(missing.values())


def read_list(path: Path) -> list[Erasure]:
    """Raises InvalidInput."""
    try:
        return _LIST.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise InvalidInput(f"{path} is no list of erasures; `vigil erase list --json` writes one.") from error


def write_list(path: Path, found: Sequence[Erasure]) -> None:
    """As a whole or not at all. Raises InvalidInput."""
    half = path.with_name(path.name + ".part")
    try:
        half.write_bytes(_LIST.dump_json(list(found), indent=2) + b"\n")
        half.replace(path)
    except OSError as error:
        raise InvalidInput(f"The list of erasures can't be written to {path}: {error.strerror or error}.") from error
