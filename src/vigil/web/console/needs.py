"""What the console needs beside what every door has, as one value that the composition root makes. Nothing here does anything."""

from dataclasses import dataclass

from vigil.clock import Clock
from vigil.runtime.accounts import SignIns
from vigil.runtime.pulse import Pulse
from vigil.runtime.queue import DeskQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleNeeds:
    """Everything that a page may reach."""

    sign_ins: SignIns
    queue: DeskQueue
    pulse: Pulse
    clock: Clock
    built_in: frozenset[str]
    """Channels on which what is written here reaches the customer."""
