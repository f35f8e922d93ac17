"""A first look around, for an installation that is there to be looked at: a strip with one step at a time. What its steps say comes from
whoever sets the installation up; without a tour no page has the strip."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

COOKIE: Final = "vigil_tour"
"""Which step a browser is at; its script writes it, and the server draws that step, so that nothing moves when a page opens."""
OVER: Final = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do."""

    words: str
    address: str
    """Where it is done."""
    link: str
    """What the link there says."""
    done: str
    """A selector: once it is found at `address`, the step is done. Empty: when the link is used."""
    new_window: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """The steps in their order."""

    steps: tuple[Step, ...]

    def at(self, request: Request) -> int | None:
        """Where this browser is; None where it has seen enough."""
        said = request.cookies.get(COOKIE, "0")
        if said == OVER:
            return None
        return min(int(said), len(self.steps) - 1) if said.isdecimal() and len(said) < 4 else 0
