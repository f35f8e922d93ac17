"""The built-in channel: people read what Vigil says over the API or in the console, so there is nothing to send anywhere.
What is posted to other systems goes through the rooms beside this one."""

from typing import Final

from vigil.runtime.ports import Delivery

BUILT_IN: Final = ("console", "api", "demo", "import", "replay")
"""Names of the channels that live in Vigil itself."""


class DeskChannel:
    """A way out that ends at the desk."""

    async def post(self, workspace: str, delivery: Delivery) -> str | None:
        """Nothing leaves: the outbox's row is the post. Its key serves as its id."""
        return delivery.key
