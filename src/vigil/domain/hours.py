"""Hours in which a desk is left in peace. What is not done within them is decided where it would be done."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

WEEK: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When Vigil begins nothing by itself: the same hours of each day, and whole days of the week.

    Raises:
        ValueError: what is wrong with it, for a person.
    """

    zone: str
    """Such as ``Europe/Berlin``: the hours are those of the clock on the wall there."""
    start: time
    """``end`` before it means the next day; the same for both means no hours at all."""
    end: time
    days: frozenset[int] = frozenset()
    """Days that are quiet from midnight to midnight; 0 is Monday."""

    def __post_init__(self) -> None:
        if self.zone not in available_timezones():
            raise ValueError(f"{self.zone[:64]!r} is no time zone; write one as Europe/Berlin or UTC.")
        if not self.days <= set(range(WEEK)) or len(self.days) == WEEK:
            raise ValueError("At least one day of the week has to be left; to silence Vigil for good, switch it off.")

    def until(self, at: datetime) -> datetime | None:
        """When the peace that `at` falls into is over; None where it falls into none."""
        zone = ZoneInfo(self.zone)
        here = at.astimezone(zone)
        began = here
        for _ in range(2 * WEEK):  # a night and a day in turn, seven times at most
            over = self._over(here)
            if over is None:
                break
            here = over
        return None if here is began else here.astimezone(UTC)

    def begin(self, at: datetime) -> datetime | None:
        """When the next peace after `at` begins, which itself lies in none; None where there are no quiet hours at all."""
        zone = ZoneInfo(self.zone)
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        for ahead in range(WEEK + 2):
            day = midnight + timedelta(days=ahead)
            times = [day] if day.weekday() in self.days else []
            times += [] if self.start == self.end else [datetime.combine(day.date(), self.start, zone)]
            later = [each.astimezone(UTC) for each in times if each.astimezone(UTC) > at]
            if later:
                return min(later)
        return None

    def _over(self, here: datetime) -> datetime | None:
        """Where the quiet day or the quiet night of this instant ends, by the clock on the wall."""
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if here.weekday() in self.days:
            return midnight + timedelta(days=1)
        now = here.time()
        if self.start < self.end:
            quiet, days = self.start <= now < self.end, 0
        else:
            quiet, days = self.start != self.end and (now >= self.start or now < self.end), int(now >= self.start)
        return datetime.combine(midnight.date() + timedelta(days=days), self.end, here.tzinfo) if quiet else None


def free(quiet: QuietHours | None, at: datetime) -> datetime:
    """`at`, or the end of the peace that it falls into."""
    return at if quiet is None else quiet.until(at) or at


def worked(quiet: QuietHours | None, start: datetime, length: timedelta) -> datetime:
    """The instant at which a desk has worked for so long since `start`: whatever is not quiet is working time."""
    at, left = free(quiet, start), length
    while quiet is not None and (ends := quiet.begin(at)) is not None and at + left > ends:
        left -= ends - at
        at = free(quiet, ends)
    return at + left
