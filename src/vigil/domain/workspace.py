"""A workspace: one organisation's desk. Nothing is ever read or written across two of them."""

from dataclasses import dataclass, field

from vigil.domain.followup import FollowUpRules
from vigil.domain.hours import QuietHours
from vigil.domain.topic import Autonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """Whether a workspace asks a language model, and what it may spend. An installation's own limits hold as well: the lower one counts."""

    on: bool = True
    daily_tokens: int | None = None
    """Tokens (in and out) a day (UTC); None for the installation's limit alone."""
    daily_money: float | None = None
    """US dollars a day (UTC); None for the installation's limit alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One organisation's desk and how Vigil behaves in it."""

    id: str
    name: str
    silenced: bool = False
    """The big switch: Vigil reads and learns, and says nothing."""
    default_autonomy: Autonomy = Autonomy.SUGGEST
    """For tickets without a topic."""
    first_line: bool = True
    """Whether Vigil may reply to customers before a human has joined, in topics that are not in shadow."""
    quiet: QuietHours | None = None
    """When Vigil begins nothing by itself."""
    silent_on: frozenset[str] = frozenset()
    """Channels on which Vigil reads and says nothing."""
    model: ModelRules = ModelRules()
    follow_ups: FollowUpRules = field(default_factory=FollowUpRules)
    """After how long what is looked at again."""
    knowledge_version: int = 0
    topics_version: int = 0


DEFAULT_WORKSPACE = "default"
"""The workspace that a fresh installation starts with."""
