"""What the runtime needs of the abilities and of a channel. The composition root says what stands behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigil.assist.situation import Situation, Verdict
from vigil.domain.conversation import Conversation, Incoming
from vigil.domain.decision import Decision
from vigil.domain.post import Visibility
from vigil.domain.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One post on its way out, with what a channel may need to place it."""

    key: str
    """Idempotency key: a receiver that has seen it drops the repetition."""
    conversation: Conversation
    visibility: Visibility
    text: str
    decision: Decision
    ticket: Ticket | None
    reply_to: str | None
    """The channel's id of the message that it belongs to."""


class Channel(Protocol):
    """A way out to people."""

    async def post(self, workspace: str, delivery: Delivery) -> str | None:
        """Deliver, and return the channel's id of the posted message where it tells one.

        Delivery is at-least-once: after a crash the same key is delivered again.

        Raises:
            DeliveryFailed: not now; it is tried again later.
            InvalidInput: never; the channel refuses it for good.
        """
        ...


class Receiver(Protocol):
    """A way in: a channel's request, verified and understood."""

    async def receive(self, workspace: str, name: str, headers: Mapping[str, str], body: bytes) -> Sequence["Arrival"]:
        """Raises Unauthenticated for a signature that doesn't hold, InvalidInput for a body that can't be understood."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event and how far the word of whoever brought it goes."""

    incoming: Incoming
    trust_role: bool
    """Its word on the author's role is taken; otherwise only the workspace's list of people makes an analyst."""


class Assists(Protocol):
    """The assist ability."""

    async def decide(self, situation: Situation) -> Verdict: ...


class Standing(Protocol):
    """Knows which revisions still hold."""

    async def in_force(self, workspace: str, revision_ids: Sequence[str]) -> frozenset[str]:
        """Those of the revisions that are neither replaced, retired nor past their validity."""
        ...
