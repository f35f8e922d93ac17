"""Signing in: invitations, passwords, and browsers that stay signed in for a while. What a part may do is written at each page of the
console."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final

from vigil.clock import Clock, Ids
from vigil.domain.account import Account, Invitation, Part
from vigil.domain.workspace import DEFAULT_WORKSPACE
from vigil.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from vigil.guard.access import digest_of
from vigil.guard.passwords import check_password
from vigil.runtime.hashing import Hashing
from vigil.runtime.tries import Tries
from vigil.store.accounts import Accounts, Visit, account_called, has_admin, invitation_of, visit_of
from vigil.store.audit import Audit
from vigil.store.store import Store

INVITED: Final = timedelta(days=7)
"""How long an invitation holds: a week off doesn't spoil it."""
FIRST: Final = timedelta(hours=24)
"""The same for the first admin's link: the server prints another when it starts again."""
IDLE: Final = timedelta(hours=12)
"""How long a browser stays signed in without being used: over lunch, not over night."""
LONGEST: Final = timedelta(days=14)
"""How long it stays signed in at most."""
LOOKED: Final = timedelta(minutes=5)
"""How exactly it is known when a browser was last used."""
TRIES: Final = 5
"""Wrong passwords for one login within `WINDOW`, after which it has to wait ..."""
TRIES_FROM: Final = 20
"""... and from one address: a whole office may sit behind it."""
WINDOW: Final = timedelta(minutes=15)
"""Twenty tries an hour are no use against a password of twelve characters; a person who mistyped is back after a coffee."""


class SignIns:
    """Doors for people: who they are, and for how long a browser stands for them."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids, hashing: Hashing | None = None) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._hashing = hashing or Hashing()
        self._by_login = Tries(most=TRIES, window=WINDOW)
        self._by_address = Tries(most=TRIES_FROM, window=WINDOW)

    async def first_invitation(self) -> str | None:
        """A link's secret for the first admin of the default workspace; None where somebody is an admin already."""
        if await has_admin(self._store):
            return None
        _, secret = await self._invite(DEFAULT_WORKSPACE, Part.ADMIN, note="the first admin", by="vigil", holds=FIRST)
        return secret

    async def invite(self, workspace: str, part: Part, *, note: str, by: str) -> tuple[Invitation, str]:
        """A new invitation and its secret, which is shown this once."""
        return await self._invite(workspace, part, note=note.strip()[:200], by=by, holds=INVITED)

    async def invitation(self, secret: str) -> Invitation:
        """The invitation of this secret. Raises NotFound where it is unknown, spent or too old."""
        found = await invitation_of(self._store, digest_of(secret))
        if (
            found is None
            or found.account_id is not None
            or found.used_at is not None
            or found.expires_at <= self._clock.now()
        ):
            raise NotFound("This link was used already, or is too old. Ask whoever sent it for another.")
        if found.created_by == "vigil" and await has_admin(self._store):
            raise NotFound("There is an admin already; ask them for an invitation.")
        return found

    async def join(self, secret: str, *, login: str, name: str, password: str) -> str:
        """Spend an invitation on a new account, and sign in; returns what the browser keeps.

        Raises:
            NotFound: the link doesn't hold.
            InvalidInput: the login, the name or the password can't be taken.
            Conflict: the login is taken.
        """
        invitation = await self.invitation(secret)
        login, name = login_of(login), name_of(name)
        check_password(password)
        kept = await self._hashing.hashed(password)
        now = self._clock.now()
        account = Account(
            id=self._ids.new("acc"),
            workspace_id=invitation.workspace_id,
            login=login,
            name=name,
            part=invitation.part,
            created_at=now,
        )
        async with self._store.write(invitation.workspace_id) as session:
            accounts = Accounts(session)
            if not await accounts.use(invitation.id, at=now):
                raise NotFound("This link was used already. Ask whoever sent it for another.")
            await accounts.add(account, password=kept)
            await Audit(session).add(
                "workspace", at=now, actor=account.id, action=f"account.{account.part}", subject=account.id
            )
        return await self.begin(account)

    async def sign_in(self, login: str, password: str, *, address: str) -> str:
        """Returns what the browser keeps.

        Raises:
            Unauthenticated: no such login, a wrong password, or somebody who is disabled. It doesn't say which.
            Busy: too many wrong passwords of late.
        """
        login, now = login.strip().casefold()[:200], self._clock.now()
        told = "Too many wrong passwords. Wait a quarter of an hour, or ask an admin."
        self._by_login.check(login, told, at=now)
        self._by_address.check(address, told, at=now)
        self._by_login.count(login, at=now)  # before the password is looked at, so that many at once don't slip through
        self._by_address.count(address, at=now)
        known = await account_called(self._store, login)
        right = await self._hashing.holds(None if known is None else known[1], password)
        if known is None or not right or known[0].disabled_at is not None:
            raise Unauthenticated("That name and password don't belong together. Try again, or ask an admin.")
        self._by_login.forgive(login, all_of_them=True)
        self._by_address.forgive(address)
        return await self.begin(known[0])

    async def begin(self, account: Account) -> str:
        """Let somebody in who has proved who they are; returns what the browser keeps."""
        secret = secrets.token_urlsafe(32)
        async with self._store.write(account.workspace_id) as session:
            await Accounts(session).begin(
                self._ids.new("vis"), account.id, digest=digest_of(secret), at=self._clock.now()
            )
        return secret

    async def sign_out(self, visit: Visit) -> None:
        async with self._store.write(visit.account.workspace_id) as session:
            await Accounts(session).end(at=self._clock.now(), visit_id=visit.id)

    async def whose(self, secret: str) -> Visit | None:
        """The visit that a browser stands for; None where it was ended or lasted too long."""
        visit = await visit_of(self._store, digest_of(secret))
        now = self._clock.now()
        if visit is None or now - visit.seen_at > IDLE or now - visit.begun_at > LONGEST:
            return None
        if now - visit.seen_at > LOOKED:
            async with self._store.write(visit.account.workspace_id, short=True) as session:
                await Accounts(session).seen(visit.id, at=now)
        return visit

    async def people(self, workspace: str) -> list[Account]:
        async with self._store.read(workspace) as session:
            return await Accounts(session).all()

    async def person(self, workspace: str, account_id: str) -> Account:
        """Raises NotFound."""
        async with self._store.read(workspace) as session:
            return await Accounts(session).get(account_id)

    async def withdraw(self, workspace: str, invitation_id: str, *, by: str) -> None:
        """Let a link hold no more. Raises NotFound where it holds no more already."""
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            if not await Accounts(session).use(invitation_id, at=now):
                raise NotFound("This link was used or withdrawn already.")
            await Audit(session).add("workspace", at=now, actor=by, action="invited.withdrawn", subject=invitation_id)

    async def invitations(self, workspace: str) -> list[Invitation]:
        """Those that still hold."""
        async with self._store.read(workspace) as session:
            return await Accounts(session).invitations(at=self._clock.now())

    async def change(
        self, workspace: str, account_id: str, *, by: str, part: Part | None = None, disabled: bool | None = None
    ) -> Account:
        """Give somebody another part, disable them (which signs them out everywhere) or let them in again.

        Raises:
            NotFound: nobody of this workspace.
            Conflict: nobody would be left who can invite people.
        """
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            accounts = Accounts(session)
            before = await accounts.get(account_id)
            changed = replace(before, part=part or before.part)
            if disabled is not None:
                changed = replace(changed, disabled_at=now if disabled else None)
            await accounts.change(account_id, part=changed.part, disabled_at=changed.disabled_at)
            if await accounts.admins() == 0:
                raise Conflict("They are the only admin. Make somebody else an admin first.")
            if changed.disabled_at is not None:
                await accounts.end(at=now, account_id=account_id)
            action = f"account.{changed.part}" if changed.disabled_at is None else "account.disabled"
            await Audit(session).add("workspace", at=now, actor=by, action=action, subject=account_id)
        return changed

    async def _invite(
        self, workspace: str, part: Part, *, note: str, by: str, holds: timedelta
    ) -> tuple[Invitation, str]:
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        invitation = Invitation(
            id=self._ids.new("inv"),
            workspace_id=workspace,
            part=part,
            note=note,
            created_by=by,
            created_at=now,
            expires_at=now + holds,
        )
        async with self._store.write(workspace) as session:
            await Accounts(session).invite(invitation, digest=digest_of(secret))
            await Audit(session).add("workspace", at=now, actor=by, action=f"invited.{part}", subject=invitation.id)
        return invitation, secret


def login_of(text: str) -> str:
    """A login as it is kept. Raises InvalidInput."""
    login = text.strip().casefold()
    if not 1 <= len(login) <= 200 or not login.isprintable() or any(letter.isspace() for letter in login):
        raise InvalidInput("Sign in with an e-mail address or a short name, without spaces.")
    return login


def name_of(text: str) -> str:
    """A person's name as it is kept. Raises InvalidInput where there is none."""
    name = " ".join(text.split())[:200]
    if not name:
        raise InvalidInput("Write your name as customers and colleagues are to see it.")
    return name
