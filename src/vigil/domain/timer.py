"""Timers: something that is to happen at an instant, or again and again. What happens then is decided by whoever set it, in `runtime`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TimerState(StrEnum):
    WAITING = "waiting"
    FIRED = "fired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It was tried as often as is allowed; the reason says what went wrong last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One timer. Of a kind and a subject at most one waits in a workspace: setting it again moves it."""

    id: str
    kind: str
    """What is to happen, such as ``track.follow_up``."""
    subject: str
    """What it is about: the id of a ticket, a topic, a workspace. Not a person's, who may have to be forgotten."""
    due: datetime
    """When it is to fire; a try that failed doesn't move it."""
    every: str = ""
    """A cron expression for one that comes again (see `vigil.domain.cron`); empty for one that doesn't."""
    payload: Mapping[str, str] = field(default_factory=dict[str, str])
    """More ids that it needs. Never anybody's words: those may have to be forgotten before it is due."""
    state: TimerState = TimerState.WAITING
    attempts: int = 0
    """How often it was tried since it was last set, or last fired."""
    reason: str = ""
    """What went wrong last; the class of the error."""
    fired_at: datetime | None = None
    """When it last fired."""
