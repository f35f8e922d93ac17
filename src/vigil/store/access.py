"""API tokens and webhook integrations: who may come in, and with which secret. What a scope allows is `guard.access`'s to say."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, insert, select, update

from vigil.errors import NotFound
from vigil.store.store import WORKSPACE, Session, Store, scoped
from vigil.store.tables import integrations, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token; its secret is known to its owner only."""

    id: str
    workspace_id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A signed webhook: a system that sends messages in and may get posts back."""

    id: str
    name: str
    secret: str
    """Standard Webhooks secret, ``whsec_`` and base64. Signs both directions."""
    post_url: str | None
    """Where posts go; None where they are fetched over the API."""
    asserts_roles: bool
    """Its word on who is an analyst or a bot is taken. Otherwise only the workspace's own list of people counts."""
    created_at: datetime
    disabled_at: datetime | None = None


_TOKEN = select(tokens).where(tokens.c.digest == bindparam("wanted"), tokens.c.revoked_at.is_(None))
_INTEGRATION = scoped(
    select(integrations).where(
        integrations.c.workspace_id == WORKSPACE,
        integrations.c.id == bindparam("wanted"),
        integrations.c.disabled_at.is_(None),
    )
)


async def token_of(store: Store, digest: str) -> Token | None:
    """The living token with this digest, in whichever workspace it is."""
    async with store.across_workspaces(short=True) as connection:
        row = (await connection.execute(_TOKEN, {"wanted": digest})).one_or_none()
        return None if row is None else _token(row)


class Access:
    """Tokens and integrations of a workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _my_tokens(self) -> ColumnElement[bool]:
        return tokens.c.workspace_id == self._session.workspace

    @cached_property
    def _my_integrations(self) -> ColumnElement[bool]:
        return integrations.c.workspace_id == self._session.workspace

    async def add_token(self, token: Token, *, digest: str) -> None:
        await self._session.execute(
            insert(tokens).values(
                workspace_id=self._session.workspace,
                id=token.id,
                name=token.name,
                digest=digest,
                scopes=sorted(token.scopes),
                created_at=token.created_at,
            )
        )

    async def tokens(self) -> list[Token]:
        rows = await self._session.execute(select(tokens).where(self._my_tokens).order_by(tokens.c.created_at))
        return [_token(row) for row in rows]

    async def revoke_token(self, token_id: str, *, at: datetime) -> None:
        """Raises NotFound."""
        result = await self._session.execute(
            update(tokens)
            .where(self._my_tokens, tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        if result.rowcount != 1:
            raise NotFound(f"There is no living token {token_id!r}; `vigil token list` shows them.")

    async def token(self, token_id: str) -> Token:
        """A living one. Raises NotFound."""
        row = (
            await self._session.execute(
                select(tokens).where(self._my_tokens, tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
            )
        ).one_or_none()
        if row is None:
            raise NotFound(f"There is no living token {token_id!r}; `vigil token list` shows them.")
        return _token(row)

    async def add_integration(self, integration: Integration) -> None:
        await self._session.execute(
            insert(integrations).values(
                workspace_id=self._session.workspace,
                id=integration.id,
                name=integration.name,
                secret=integration.secret,
                post_url=integration.post_url,
                asserts_roles=integration.asserts_roles,
                created_at=integration.created_at,
            )
        )

    async def integration(self, integration_id: str) -> Integration | None:
        """A living integration."""
        row = (await self._session.execute(_INTEGRATION, {"wanted": integration_id})).one_or_none()
        return None if row is None else _integration(row)

    async def integrations(self) -> list[Integration]:
        rows = await self._session.execute(
            select(integrations).where(self._my_integrations).order_by(integrations.c.created_at)
        )
        return [_integration(row) for row in rows]

    async def change_secret(self, integration_id: str, secret: str) -> None:
        """Raises NotFound."""
        result = await self._session.execute(
            update(integrations)
            .where(self._my_integrations, integrations.c.id == integration_id, integrations.c.disabled_at.is_(None))
            .values(secret=secret)
        )
        if result.rowcount != 1:
            raise NotFound(f"There is no living webhook {integration_id!r}; `vigil webhook list` shows them.")

    async def disable_integration(self, integration_id: str, *, at: datetime) -> None:
        """Raises NotFound."""
        result = await self._session.execute(
            update(integrations)
            .where(self._my_integrations, integrations.c.id == integration_id, integrations.c.disabled_at.is_(None))
            .values(disabled_at=at)
        )
        if result.rowcount != 1:
            raise NotFound(f"There is no living webhook {integration_id!r}; `vigil webhook list` shows them.")


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def _integration(row: Row[Any]) -> Integration:
    return Integration(
        id=row.id,
        name=row.name,
        secret=row.secret,
        post_url=row.post_url,
        asserts_roles=row.asserts_roles,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
