"""People who sign in, their invitations and the browsers that are signed in. When a password or a link holds is `runtime.accounts`'s."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from vigil.domain.account import Account, Invitation, Part
from vigil.errors import Conflict, NotFound
from vigil.store.store import Session, Store
from vigil.store.tables import accounts, invitations, visits, workspaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A browser that is signed in."""

    id: str
    account: Account
    begun_at: datetime
    seen_at: datetime
    silenced: bool
    """Vigil is switched off in the workspace: every page says so."""


_BY_LOGIN = select(accounts).where(accounts.c.login == bindparam("wanted"))
_BY_SUBJECT = select(accounts).where(accounts.c.subject == bindparam("wanted"))
_INVITATION = select(invitations).where(invitations.c.digest == bindparam("wanted"))
_VISIT = (
    select(accounts, visits.c.id.label("visit_id"), visits.c.begun_at, visits.c.seen_at, workspaces.c.silenced)
    .join(visits, (visits.c.workspace_id == accounts.c.workspace_id) & (visits.c.account_id == accounts.c.id))
    .join(workspaces, workspaces.c.workspace_id == accounts.c.workspace_id)
    .where(visits.c.digest == bindparam("wanted"), visits.c.ended_at.is_(None), accounts.c.disabled_at.is_(None))
)


async def account_called(store: Store, login: str) -> tuple[Account, str] | None:
    """The account of this login, in whichever workspace it is, and what was kept of its password."""
    async with store.across_workspaces(short=True) as connection:
        row = (await connection.execute(_BY_LOGIN, {"wanted": login})).one_or_none()
        return None if row is None else (_account(row), row.password)


async def account_known_as(store: Store, subject: str) -> Account | None:
    """The account of whom an identity provider knows by this digest, in whichever workspace it is."""
    async with store.across_workspaces(short=True) as connection:
        row = (await connection.execute(_BY_SUBJECT, {"wanted": subject})).one_or_none()
        return None if row is None else _account(row)


async def invitation_of(store: Store, digest: str) -> Invitation | None:
    """The invitation with this digest, in whichever workspace it is."""
    async with store.across_workspaces(short=True) as connection:
        row = (await connection.execute(_INVITATION, {"wanted": digest})).one_or_none()
        return None if row is None else _invitation(row)


async def visit_of(store: Store, digest: str) -> Visit | None:
    """The visit with this digest, in whichever workspace it is, unless it was ended or its account is disabled."""
    async with store.across_workspaces(short=True) as connection:
        row = (await connection.execute(_VISIT, {"wanted": digest})).one_or_none()
        if row is None:
            return None
        return Visit(
            id=row.visit_id,
            account=_account(row),
            begun_at=row.begun_at,
            seen_at=row.seen_at,
            silenced=row.silenced,
        )


async def has_admin(store: Store) -> bool:
    """Whether anybody could sign in as an admin of any workspace."""
    async with store.across_workspaces() as connection:
        admins = select(func.count()).where(accounts.c.role == Part.ADMIN.value, accounts.c.disabled_at.is_(None))
        return (await connection.execute(admins)).scalar_one() > 0


class Accounts:
    """The accounts of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = accounts.c.workspace_id == session.workspace

    async def add(self, account: Account, *, password: str) -> None:
        """`password` is what is kept of one; nothing for somebody who only comes through the identity provider. Raises Conflict where the
        login is taken."""
        try:
            await self._session.execute(
                insert(accounts).values(
                    workspace_id=self._session.workspace,
                    id=account.id,
                    login=account.login,
                    name=account.name,
                    role=account.part.value,
                    password=password,
                    created_at=account.created_at,
                )
            )
        except IntegrityError:
            raise Conflict("Somebody signs in with this name already; choose another.") from None

    async def get(self, account_id: str) -> Account:
        """Raises NotFound."""
        row = (
            await self._session.execute(select(accounts).where(self._mine, accounts.c.id == account_id))
        ).one_or_none()
        if row is None:
            raise NotFound("There is no such person in this workspace.")
        return _account(row)

    async def all(self) -> list[Account]:
        """Everybody, the first first."""
        rows = await self._session.execute(select(accounts).where(self._mine).order_by(accounts.c.created_at))
        return [_account(row) for row in rows]

    async def change(self, account_id: str, *, part: Part, disabled_at: datetime | None) -> None:
        await self._session.execute(
            update(accounts)
            .where(self._mine, accounts.c.id == account_id)
            .values(role=part.value, disabled_at=disabled_at)
        )

    async def rename(self, account_id: str, name: str) -> None:
        await self._set(account_id, {"name": name})

    async def password_of(self, account_id: str) -> str:
        """What is kept of it."""
        statement = select(accounts.c.password).where(self._mine, accounts.c.id == account_id)
        return (await self._session.execute(statement)).scalar_one()

    async def set_password(self, account_id: str, password: str) -> None:
        """`password` is what is kept of one; nothing takes it away."""
        await self._set(account_id, {"password": password})

    async def link(self, account_id: str, subject: str) -> bool:
        """Say who they are at the identity provider; False where they are somebody there already."""
        result = await self._session.execute(
            update(accounts)
            .where(self._mine, accounts.c.id == account_id, accounts.c.subject.is_(None))
            .values(subject=subject)
        )
        return result.rowcount == 1

    async def admins(self) -> int:
        """How many could sign in as an admin."""
        living = select(func.count()).where(
            self._mine, accounts.c.role == Part.ADMIN.value, accounts.c.disabled_at.is_(None)
        )
        return (await self._session.execute(living)).scalar_one()

    async def invite(self, invitation: Invitation, *, digest: str) -> None:
        await self._session.execute(
            insert(invitations).values(
                workspace_id=self._session.workspace,
                id=invitation.id,
                digest=digest,
                role=invitation.part.value,
                note=invitation.note,
                created_by=invitation.created_by,
                account_id=invitation.account_id,
                created_at=invitation.created_at,
                expires_at=invitation.expires_at,
            )
        )

    async def invitations(self, *, at: datetime) -> list[Invitation]:
        """Those that still hold and make an account."""
        rows = await self._session.execute(
            select(invitations)
            .where(
                invitations.c.workspace_id == self._session.workspace,
                invitations.c.used_at.is_(None),
                invitations.c.account_id.is_(None),
                invitations.c.expires_at > at,
            )
            .order_by(invitations.c.created_at)
        )
        return [_invitation(row) for row in rows]

    async def use(self, invitation_id: str, *, at: datetime) -> bool:
        """Spend an invitation; False where it was spent already."""
        result = await self._session.execute(
            update(invitations)
            .where(
                invitations.c.workspace_id == self._session.workspace,
                invitations.c.id == invitation_id,
                invitations.c.used_at.is_(None),
            )
            .values(used_at=at)
        )
        return result.rowcount == 1

    async def use_all_of(self, account_id: str, *, at: datetime) -> None:
        """Spend whatever would give this account a new password."""
        await self._session.execute(
            update(invitations)
            .where(
                invitations.c.workspace_id == self._session.workspace,
                invitations.c.account_id == account_id,
                invitations.c.used_at.is_(None),
            )
            .values(used_at=at)
        )

    async def begin(self, visit_id: str, account_id: str, *, digest: str, at: datetime) -> None:
        """A browser signs in."""
        await self._session.execute(
            insert(visits).values(
                workspace_id=self._session.workspace,
                id=visit_id,
                digest=digest,
                account_id=account_id,
                begun_at=at,
                seen_at=at,
            )
        )

    async def seen(self, visit_id: str, *, at: datetime) -> None:
        await self._session.execute(
            update(visits)
            .where(visits.c.workspace_id == self._session.workspace, visits.c.id == visit_id)
            .values(seen_at=at)
        )

    async def end(
        self, *, at: datetime, visit_id: str | None = None, account_id: str | None = None, but: str = ""
    ) -> None:
        """End one visit, or all of an account `but` one."""
        which = visits.c.id == visit_id if visit_id is not None else visits.c.account_id == account_id
        await self._session.execute(
            update(visits)
            .where(
                visits.c.workspace_id == self._session.workspace, which, visits.c.id != but, visits.c.ended_at.is_(None)
            )
            .values(ended_at=at)
        )

    async def _set(self, account_id: str, values: dict[str, Any]) -> None:
        await self._session.execute(update(accounts).where(self._mine, accounts.c.id == account_id).values(values))


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        workspace_id=row.workspace_id,
        login=row.login,
        name=row.name,
        part=Part(row.role),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        password=bool(row.password),
        linked=row.subject is not None,
    )


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.id,
        workspace_id=row.workspace_id,
        part=Part(row.role),
        note=row.note,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        account_id=row.account_id,
    )
