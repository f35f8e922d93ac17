"""The way in: a signed request becomes arrivals for the inbox. The HTTP route that it comes by is `web`'s."""

from collections.abc import Mapping, Sequence
from typing import Final

from vigil.channels.webhook.event import read_event
from vigil.channels.webhook.signature import verify
from vigil.clock import Clock
from vigil.errors import NotFound
from vigil.runtime.administration import Administration
from vigil.runtime.ports import Arrival

PREFIX: Final = "webhook:"
"""A webhook's conversations live on the channel of this prefix and the integration's id."""


class WebhookReceiver:
    """Verifies and understands what a workspace's webhooks bring."""

    def __init__(self, *, administration: Administration, clock: Clock) -> None:
        self._administration = administration
        self._clock = clock

    async def receive(self, workspace: str, name: str, headers: Mapping[str, str], body: bytes) -> Sequence[Arrival]:
        """The one event that `body` carries.

        Raises:
            NotFound: this workspace has no living webhook of that id.
            Unauthenticated: the signature is missing, too old or doesn't hold.
            InvalidInput: genuine, but not of the documented shape.
        """
        integration = await self._administration.integration(workspace, name)
        if integration is None:
            raise NotFound(
                "There is no such webhook; `vigil webhook list` shows the living ones and the addresses to send to."
            )
        delivery_id = verify(integration.secret, headers, body, now=self._clock.now())
        incoming = read_event(body, channel=PREFIX + integration.id, delivery_id=delivery_id)
        return (Arrival(incoming=incoming, trust_role=integration.asserts_roles),)
