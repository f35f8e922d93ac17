"""Topics of a workspace and how far Vigil may go in each of them."""

from dataclasses import dataclass
from enum import StrEnum


class Autonomy(StrEnum):
    """How far Vigil may go by itself; each step includes the one before."""

    SHADOW = "shadow"
    """Decides, shows nobody."""
    SUGGEST = "suggest"
    """The analyst sees it."""
    AUTO = "auto"
    """The customer sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of problem that a workspace's customers have."""

    key: str
    """Short, stable, lower-case: ``billing``, ``kubernetes-nodes``."""
    name: str
    description: str = ""
    examples: tuple[str, ...] = ()
    """Openings of tickets on this topic, in customers' words."""
    owner: str | None = None
    """Who knows about it: a person or a team, named where Vigil doesn't know."""
    autonomy: Autonomy = Autonomy.SUGGEST
