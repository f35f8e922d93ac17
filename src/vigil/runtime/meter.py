"""What the runtime tells whoever counts: a port of four verbs, each called once its commit stands. Waiting and parked events are not told:
they are read from the database when somebody asks."""

from typing import Protocol

from vigil.domain.decision import Decision, Outcome
from vigil.domain.post import Post, PostState


class Meter(Protocol):
    """Counts what happens. It gets whole values, and keeps kinds and figures of them: no words, no ids."""

    def decided(self, decision: Decision, *, lag_s: float) -> None:
        """A decision is stored, `lag_s` seconds after its event was."""
        ...

    def failed(self, *, parked: bool) -> None:
        """An event could not be decided about; it is tried again, or parked."""
        ...

    def posted(self, post: Post, state: PostState) -> None:
        """A post came to its end."""
        ...

    def judged(self, outcome: Outcome) -> None:
        """Somebody said what became of a decision."""
        ...


class Unmetered:
    """Counts nothing: for replays, tests and commands that end at once."""

    def decided(self, decision: Decision, *, lag_s: float) -> None: ...

    def failed(self, *, parked: bool) -> None: ...

    def posted(self, post: Post, state: PostState) -> None: ...

    def judged(self, outcome: Outcome) -> None: ...
