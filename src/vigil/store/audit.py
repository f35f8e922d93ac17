"""The audit trail: who did what to what, as chains of hashes. It holds ids and hashes, never words, so that a person can be forgotten."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, func, insert, select

from vigil.store.store import WORKSPACE, Session, scoped
from vigil.store.tables import audit

START = "0" * 64
"""What stands before the first record of a chain."""
SEALED = "sha256:"
"""Begins an actor or a subject of which only the hash is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One thing that was done."""

    chain: str
    """What it is chained with: a conversation's id, ``knowledge`` or ``workspace``."""
    position: int
    at: datetime
    actor: str
    """A person's id, a token's id, or ``vigil``."""
    action: str
    """Such as ``decision.suggest`` or ``ticket.resolved``."""
    subject: str
    """The id of what it was done to."""
    digest: str
    """SHA-256 of what was written, so that a later change can be noticed; empty where nothing was."""
    hash: str
    """SHA-256 over this record and the one before it in the chain."""


_in_chain = (audit.c.workspace_id == WORKSPACE, audit.c.chain == bindparam("name"))
_LOCK = scoped(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0))))
_LAST = scoped(select(audit.c.position, audit.c.hash).where(*_in_chain).order_by(audit.c.position.desc()).limit(1))
_CHAIN = scoped(select(audit).where(*_in_chain).order_by(audit.c.position))
_NEWEST = scoped(
    select(audit).where(*_in_chain).order_by(audit.c.position.desc()).limit(bindparam("most", type_=Integer()))
)
_ADD = insert(audit)


class Audit:
    """The audit trail of a workspace. Each conversation has a chain of its own, so that appenders seldom wait for one another."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(
        self, chain: str, *, at: datetime, actor: str, action: str, subject: str, content: str = "", held: bool = False
    ) -> None:
        """Append to a chain. Of `content` only the hash is kept.

        A conversation's chain is appended to by whoever has its row locked, which is what `held` says: nobody else then can.
        """
        if self._session.on_postgresql and not held:  # one appender at a time to a chain; SQLite has one writer anyway
            await self._session.execute(_LOCK, {"key": f"{self._session.workspace}/{chain}"})
        last = (await self._session.execute(_LAST, {"name": chain})).one_or_none()
        position, previous = (1, START) if last is None else (last.position + 1, last.hash)
        digest = hashlib.sha256(content.encode()).hexdigest() if content else ""
        await self._session.execute(
            _ADD,
            {
                "workspace_id": self._session.workspace,
                "chain": chain,
                "position": position,
                "at": at,
                "actor": actor,
                "action": action,
                "subject": subject,
                "digest": digest,
                "hash": record_hash(previous, chain, position, at, actor, action, subject, digest),
            },
        )

    async def chain(self, chain: str) -> list[AuditRecord]:
        """A chain from its beginning."""
        rows = await self._session.execute(_CHAIN, {"name": chain})
        return [record_of(row) for row in rows]

    async def latest(self, chain: str, *, limit: int) -> list[AuditRecord]:
        """The newest first."""
        rows = await self._session.execute(_NEWEST, {"name": chain, "most": limit})
        return [record_of(row) for row in rows]

    async def broken_at(self, chain: str) -> int | None:
        """The first position whose hash doesn't hold; None where the chain is whole."""
        walk = ChainWalk()
        return next((walk.position for record in await self.chain(chain) if not walk.holds(record)), None)


class ChainWalk:
    """Goes along one chain from its beginning. After the first record that doesn't hold, nothing that follows says anything."""

    def __init__(self) -> None:
        self._previous = START
        self.position = 0
        """Where the record that was looked at last belongs."""

    def holds(self, record: AuditRecord) -> bool:
        """Whether the next record is in its place and is what it was."""
        self.position += 1
        expected = record_hash(
            self._previous,
            record.chain,
            self.position,
            record.at,
            record.actor,
            record.action,
            record.subject,
            record.digest,
        )
        self._previous = record.hash
        return record.position == self.position and record.hash == expected


def record_hash(
    previous: str, chain: str, position: int, at: datetime, actor: str, action: str, subject: str, digest: str
) -> str:
    """A record's link to the one before it. Actor and subject go in sealed, so that they can be forgotten and the chain still holds."""
    parts = [previous, chain, position, at.isoformat(), seal(actor, chain, position), action]
    parts += [seal(subject, chain, position), digest]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def seal(value: str, chain: str, position: int) -> str:
    """The hash that stands for an id in one record; what is sealed already stays so. One id looks different in each record."""
    if value.startswith(SEALED):
        return value
    return SEALED + hashlib.sha256(f"{chain}/{position}/{value}".encode()).hexdigest()


def record_of(row: Row[Any]) -> AuditRecord:
    """A row of the table as a record."""
    return AuditRecord(
        chain=row.chain,
        position=row.position,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        digest=row.digest,
        hash=row.hash,
    )
