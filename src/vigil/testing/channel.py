"""A stand-in for a channel: it keeps what was posted, drops repetitions by key as a good receiver does, and fails on demand."""

from vigil.errors import DeliveryFailed, VigilError
from vigil.runtime.ports import Delivery


class MemoryChannel:
    """Keeps every delivery."""

    def __init__(self) -> None:
        self.posted: list[Delivery] = []
        self.attempts = 0
        self.failures: list[VigilError] = []
        """Raised one by one, before anything is kept."""

    async def post(self, workspace: str, delivery: Delivery) -> str | None:
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        if delivery.key not in {kept.key for kept in self.posted}:
            self.posted.append(delivery)
        return f"posted-{delivery.key}"

    def be_down(self, times: int) -> None:
        """Fail the next `times` deliveries."""
        self.failures.extend(DeliveryFailed("the channel answered 500") for _ in range(times))
