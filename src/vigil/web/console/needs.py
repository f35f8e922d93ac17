"""What the console needs beside what every door has, as one value that the composition root makes. Nothing here does anything."""

from dataclasses import dataclass, field
from datetime import timedelta

from vigil.clock import Clock
from vigil.guard.oidc import IdentityProvider
from vigil.language.model import Model
from vigil.runtime.accounts import SignIns
from vigil.runtime.asking import Asking
from vigil.runtime.insight import Insight
from vigil.runtime.library import Library
from vigil.runtime.newcomers import Newcomers
from vigil.runtime.pulse import Pulse
from vigil.runtime.queue import DeskQueue
from vigil.runtime.recovery import Recovery
from vigil.runtime.topics import TopicModes
from vigil.runtime.tries import Tries
from vigil.runtime.uploads import Uploads
from vigil.web.console.tour import Tour


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The way in through an identity provider."""

    identities: IdentityProvider
    newcomers: Newcomers

    @property
    def name(self) -> str:
        """What people call it."""
        return self.identities.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleNeeds:
    """Everything that a page may reach."""

    sign_ins: SignIns
    recovery: Recovery
    queue: DeskQueue
    topic_modes: TopicModes
    pulse: Pulse
    library: Library
    insight: Insight
    uploads: Uploads
    clock: Clock
    asking: Asking
    built_in: frozenset[str]
    """Channels on which what is written here reaches the customer."""
    tour: Tour | None = None
    """A first look around, where there is one."""
    provider: Provider | None = None
    """None where everybody has a password."""
    model: Model | None = None
    """The language model, for a test of it; None without one."""
    opened: Tries = field(default_factory=lambda: Tries(most=10, window=timedelta(hours=1)))
    """Conversations that one address may open: an office's worth of trouble, and no flood."""
    written: Tries = field(default_factory=lambda: Tries(most=30, window=timedelta(minutes=1)))
    """Messages that one browser may write: faster than anybody types."""
