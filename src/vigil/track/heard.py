"""What is known of a message besides its words when it is read for a ticket's progress: who speaks, to whom, and in which time zone.
Working it out is the caller's; what follows from it is `advance`'s."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from vigil.domain.conversation import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message's circumstances."""

    part: Role
    """The part that its author plays in this ticket; see `vigil.domain.parts`."""
    to_customer: bool = False
    """It addresses this ticket's customer by name."""
    to_others: bool = False
    """It addresses somebody by name who is not this ticket's customer."""
    zone: tzinfo = UTC
    """The speaker's time zone: what "tomorrow at nine" means where no zone is said."""
    near: Mapping[str, float] = field(default_factory=dict[str, float])
    """Likeness (cosine) to the messages of open questions, by message id; empty where nobody compared them."""
