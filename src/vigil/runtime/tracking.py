"""What the doors may know and do about how tickets stand, as one value that the composition root makes. Nothing here does anything."""

from dataclasses import dataclass

from vigil.runtime.followups import FollowUpDesk
from vigil.runtime.workload import WorkloadView
from vigil.track.summaries import Summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Everything that follows tickets until they are closed."""

    follow_ups: FollowUpDesk
    summaries: Summaries
    workload: WorkloadView
