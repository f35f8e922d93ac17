"""People who sign in to the console, and what each part may do. How they prove who they are is `runtime.accounts`'s."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """What somebody may do in the console; each step includes the one before."""

    VIEWER = "viewer"
    """Reads tickets, decisions and knowledge."""
    ANALYST = "analyst"
    """Answers customers, judges suggestions, changes tickets."""
    ADMIN = "admin"
    """Invites people and sets the workspace up."""

    def includes(self, wanted: "Part") -> bool:
        """Whether somebody of this part may do what `wanted` may."""
        order = list(Part)
        return order.index(self) >= order.index(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in; belongs to one workspace."""

    id: str
    """Also the person's id on the built-in channel."""
    workspace_id: str
    login: str
    """What they type to sign in, lower-case; unique in the installation."""
    name: str
    part: Part
    created_at: datetime
    disabled_at: datetime | None = None
    password: bool = True
    """They can sign in with one."""
    linked: bool = False
    """They have signed in through the identity provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link that makes one account, or gives one a new password, once."""

    id: str
    workspace_id: str
    part: Part
    note: str
    """Whom it is for, as whoever made it wrote."""
    created_by: str
    """An account's id, or ``vigil`` for the first admin's."""
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    account_id: str | None = None
    """Whose password it changes; None for a link that makes an account."""
