"""People who come through an identity provider: whose account they stand for, and who is let in at all. What the provider's word is worth
is `guard.oidc`'s."""

from collections.abc import Mapping, Sequence

from vigil.clock import Clock, Ids
from vigil.domain.account import Account, Part
from vigil.errors import Conflict, Denied, Misconfigured
from vigil.guard.oidc import Identity
from vigil.runtime.accounts import SignIns, login_of, name_of
from vigil.store.accounts import Accounts, account_called, account_known_as
from vigil.store.audit import Audit
from vigil.store.store import Store


class NotInvited(Denied):
    """The provider knows them, and nobody here has asked them in."""


def parts_by_group(roles: Sequence[str]) -> dict[str, Part]:
    """`oidc_roles` as they are looked up. Raises Misconfigured."""
    found: dict[str, Part] = {}
    for each in roles:
        group, _, part = each.rpartition("=")
        if not group or part not in set(Part):
            raise Misconfigured(f"VIGIL_OIDC_ROLES: {each!r} must be GROUP=PART, with a part of {', '.join(Part)}.")
        found[group] = Part(part)
    return found


class Newcomers:
    """Lets people in by a provider's word.

    Args:
        parts: which group may do what; empty where people are invited one by one.
        workspace: where whoever comes in by a group belongs.
    """

    def __init__(
        self,
        *,
        store: Store,
        sign_ins: SignIns,
        clock: Clock,
        ids: Ids,
        parts: Mapping[str, Part],
        workspace: str,
    ) -> None:
        self._store = store
        self._sign_ins = sign_ins
        self._clock = clock
        self._ids = ids
        self._parts = parts
        self._workspace = workspace

    async def expect(self, workspace: str, part: Part, *, email: str, name: str, by: str) -> Account:
        """Invite somebody by their e-mail address at the provider.

        Raises:
            InvalidInput: no address, or no name.
            Conflict: somebody signs in with it already.
        """
        account = self._account(workspace, part, login=login_of(email), name=name_of(name or email))
        await self._add(account, by=by)
        return account

    async def let_in(self, identity: Identity) -> str:
        """Returns what the browser keeps.

        Raises:
            NotInvited: nobody has asked them in.
            Denied: they are disabled, or somebody else's account has their address.
        """
        part = max(
            (self._parts[each] for each in identity.groups & self._parts.keys()), key=list(Part).index, default=None
        )
        if self._parts and part is None:
            raise NotInvited("None of your groups at the sign-in provider may come in here.")
        account = await account_known_as(self._store, identity.digest) or await self._expected(identity)
        if account is None and part is not None:
            account = await self._joined(identity, part)
        if account is None:
            raise NotInvited("Nobody has invited you to this desk yet.")
        if account.disabled_at is not None:
            raise Denied("Your account here is disabled. Ask an admin of your desk to let you in again.")
        if part is not None and part is not account.part:
            account = await self._given(account, part)
        return await self._sign_ins.begin(account)

    async def _expected(self, identity: Identity) -> Account | None:
        """Somebody who was invited by this address. Whoever made an account with a password chose its name, which proves nothing."""
        known = await account_called(self._store, identity.email) if identity.email else None
        if known is None:
            return None
        account, kept = known
        if kept or account.linked:
            raise Denied(
                f"Somebody signs in as {account.login} here already, in another way. If that is you, ask an admin to let you come this way."
            )
        now = self._clock.now()
        async with self._store.write(account.workspace_id) as session:
            if not await Accounts(session).link(account.id, identity.digest):
                raise Denied("Somebody else was faster. Begin again at the sign-in page.")
            await Audit(session).add("workspace", at=now, actor=account.id, action="account.linked", subject=account.id)
        return account

    async def _joined(self, identity: Identity, part: Part) -> Account:
        login = identity.email or f"{identity.digest[:16]}@provider"
        account = self._account(self._workspace, part, login=login_of(login), name=name_of(identity.name or login))
        try:
            await self._add(account, by=account.id, subject=identity.digest)
        except Conflict:
            raise Denied("Somebody signs in with your address already. Begin again, or ask an admin.") from None
        return account

    async def _given(self, account: Account, part: Part) -> Account:
        """What they may do now; the last admin stays one, so that somebody is left who can invite people."""
        try:
            return await self._sign_ins.change(account.workspace_id, account.id, by="provider", part=part)
        except Conflict:
            return account

    async def _add(self, account: Account, *, by: str, subject: str = "") -> None:
        async with self._store.write(account.workspace_id) as session:
            await Accounts(session).add(account, password="")  # none: they come through the provider
            if subject:
                await Accounts(session).link(account.id, subject)
            await Audit(session).add(
                "workspace", at=account.created_at, actor=by, action=f"account.{account.part}", subject=account.id
            )

    def _account(self, workspace: str, part: Part, *, login: str, name: str) -> Account:
        return Account(
            id=self._ids.new("acc"),
            workspace_id=workspace,
            login=login,
            name=name,
            part=part,
            created_at=self._clock.now(),
            password=False,
        )
