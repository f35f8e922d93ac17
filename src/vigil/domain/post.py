"""What waits in the outbox, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Visibility(StrEnum):
    PRIVATE = "private"
    """Analysts see it, the customer never does."""
    PUBLIC = "public"
    """Everybody in the conversation sees it."""


class PostState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    """The world had changed when it was looked at again; the reason says how."""
    FAILED = "failed"
    """The channel refused it for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message that Vigil wants to send."""

    id: str
    """Also the idempotency key: a receiver that has seen it drops the repetition."""
    conversation_id: str
    decision_id: str
    visibility: Visibility
    text: str
    not_before: datetime
    state: PostState = PostState.WAITING
    attempts: int = 0
    reason: str = ""
    external_id: str | None = None
    """The channel's id of what was posted."""
    traceparent: str | None = None
    """The trace that it was decided in, as the W3C writes it."""
