"""What a token may do, and how secrets are made and recognised. Where tokens are kept is `store.access`'s."""

import base64
import hashlib
import secrets
from enum import StrEnum

from vigil.errors import Denied

TOKEN_PREFIX = "vgl_"  # noqa: S105  # not a secret: it lets people and scanners recognise one


class Scope(StrEnum):
    """What a token may do. Each stands for itself; ``admin`` includes all others."""

    READ = "read"
    """Read tickets, messages, decisions and knowledge."""
    WRITE = "write"
    """Bring in messages and outcomes, change tickets."""
    ROLES = "roles"
    """Its word on who is an analyst is taken, as a channel's that verifies its people."""
    KNOWLEDGE = "knowledge"
    """Change the knowledge base."""
    ADMIN = "admin"
    """Set up the workspace: topics, people, tokens, webhooks, the big switch."""


def new_secret() -> str:
    """A token's secret: 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_webhook_secret() -> str:
    """A signing secret of the Standard Webhooks form: ``whsec_`` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is random enough that a plain SHA-256 can't be searched."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def require(scopes: frozenset[str], wanted: Scope) -> None:
    """Raises Denied, naming the missing scope, unless the scopes allow it."""
    if wanted.value not in scopes and Scope.ADMIN.value not in scopes:
        raise Denied(f"This token lacks the scope {wanted.value!r}; ask an admin for one that has it.")
