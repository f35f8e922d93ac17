"""Passwords after the first one: changing one's own, links for who forgot theirs, and leaving every browser at once. Coming in is
`accounts`'s."""

import secrets
from datetime import timedelta
from typing import Final

from vigil.clock import Clock, Ids
from vigil.domain.account import Account, Invitation
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.guard.access import digest_of
from vigil.guard.passwords import check_password
from vigil.runtime.accounts import TRIES, WINDOW, name_of
from vigil.runtime.hashing import Hashing
from vigil.runtime.tries import Tries
from vigil.store.accounts import Accounts, Visit, account_called, invitation_of
from vigil.store.audit import Audit
from vigil.store.store import Store

HOLDS: Final = timedelta(hours=24)
"""How long a link for a new password holds: it opens an account that is there, so it lies about for a day and no longer."""


class Recovery:
    """What people do about their own accounts, and admins about other people's passwords."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids, hashing: Hashing) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._hashing = hashing
        self._wrong = Tries(most=TRIES, window=WINDOW)

    async def rename(self, visit: Visit, name: str) -> None:
        """Change one's own name. Raises InvalidInput where there is none."""
        account = visit.account
        async with self._store.write(account.workspace_id) as session:
            await Accounts(session).rename(account.id, name_of(name))
            await Audit(session).add(
                "workspace", at=self._clock.now(), actor=account.id, action="account.named", subject=account.id
            )

    async def change_password(self, visit: Visit, *, present: str, wanted: str) -> None:
        """Change one's own password, which signs out every other browser.

        Raises:
            InvalidInput: the present one is wrong, or the new one can't be taken.
            Busy: too many wrong ones of late.
        """
        account, now = visit.account, self._clock.now()
        self._wrong.check(account.id, "Too many wrong passwords. Wait a quarter of an hour, or ask an admin.", at=now)
        check_password(wanted)
        async with self._store.read(account.workspace_id) as session:
            kept = await Accounts(session).password_of(account.id)
        self._wrong.count(account.id, at=now)
        if not await self._hashing.holds(kept, present):
            raise InvalidInput("That isn't your present password.")
        self._wrong.forgive(account.id, all_of_them=True)
        await self._set(account, wanted, by=account.id, but=visit.id)

    async def leave_everywhere(self, account: Account, *, by: str) -> None:
        """End every visit of an account."""
        now = self._clock.now()
        async with self._store.write(account.workspace_id) as session:
            await Accounts(session).end(at=now, account_id=account.id)
            await Audit(session).add("workspace", at=now, actor=by, action="account.signed_out", subject=account.id)

    async def link(self, workspace: str, account_id: str, *, by: str) -> str:
        """A link's secret for a new password; those before it hold no more. Raises NotFound, Conflict."""
        async with self._store.read(workspace) as session:
            account = await Accounts(session).get(account_id)
        return await self._link(account, by=by)

    async def link_for(self, login: str) -> str:
        """The same for whoever sits at the server's terminal, by the login. Raises NotFound, Conflict."""
        known = await account_called(self._store, login.strip().casefold())
        if known is None:
            raise NotFound(f"Nobody signs in as {login!r}; `vigil account list` shows who does.")
        return await self._link(known[0], by="cli")

    async def whose(self, secret: str) -> Account:
        """Whose password the link of this secret changes. Raises NotFound where it is unknown, spent or too old."""
        return (await self._found(secret))[1]

    async def reset(self, secret: str, password: str) -> Account:
        """Spend a link on a new password, which signs out every browser.

        Raises:
            NotFound: the link doesn't hold.
            InvalidInput: the password can't be taken.
        """
        link, account = await self._found(secret)
        check_password(password)
        await self._set(account, password, by=account.id, spends=link.id)
        return account

    async def take_password(self, workspace: str, account_id: str, *, by: str) -> None:
        """Let somebody come through the identity provider alone: whoever is known there by their login is them.

        Raises:
            Conflict: they are the one who does it, and would lock themselves out where the provider doesn't know them.
        """
        if account_id == by:
            raise Conflict("Ask another admin to do this for you, so that one of you can surely sign in.")
        now = self._clock.now()
        async with self._store.write(workspace) as session:
            await Accounts(session).get(account_id)
            await Accounts(session).set_password(account_id, "")
            await Accounts(session).use_all_of(account_id, at=now)
            await Accounts(session).end(at=now, account_id=account_id)
            await Audit(session).add("workspace", at=now, actor=by, action="account.no_password", subject=account_id)

    async def _found(self, secret: str) -> tuple[Invitation, Account]:
        told = "This link was used already, or is too old. Ask an admin for another."
        found = await invitation_of(self._store, digest_of(secret))
        if (
            found is None
            or found.account_id is None
            or found.used_at is not None
            or found.expires_at <= self._clock.now()
        ):
            raise NotFound(told)
        async with self._store.read(found.workspace_id) as session:
            account = await Accounts(session).get(found.account_id)
        if account.disabled_at is not None:
            raise NotFound(told)
        return found, account

    async def _link(self, account: Account, *, by: str) -> str:
        if account.disabled_at is not None:
            raise Conflict("They are disabled; let them in again first.")
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        invitation = Invitation(
            id=self._ids.new("inv"),
            workspace_id=account.workspace_id,
            part=account.part,
            note="",
            created_by=by,
            created_at=now,
            expires_at=now + HOLDS,
            account_id=account.id,
        )
        async with self._store.write(account.workspace_id) as session:
            await Accounts(session).use_all_of(account.id, at=now)
            await Accounts(session).invite(invitation, digest=digest_of(secret))
            await Audit(session).add("workspace", at=now, actor=by, action="account.reset_link", subject=account.id)
        return secret

    async def _set(self, account: Account, password: str, *, by: str, but: str = "", spends: str = "") -> None:
        kept, now = await self._hashing.hashed(password), self._clock.now()
        async with self._store.write(account.workspace_id) as session:
            accounts = Accounts(session)
            if spends and not await accounts.use(spends, at=now):
                raise NotFound("This link was used already. Ask an admin for another.")
            await accounts.set_password(account.id, kept)
            await accounts.use_all_of(account.id, at=now)
            await accounts.end(at=now, account_id=account.id, but=but)
            await Audit(session).add("workspace", at=now, actor=by, action="account.password", subject=account.id)
