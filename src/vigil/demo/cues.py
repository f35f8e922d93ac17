"""Who writes what when, while the demo desk is alive: recordings laid side by side on one clock, the day so far and the hours to come. It
is worked out beforehand and says nothing of Vigil; acting on a cue is `alive`'s."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from heapq import merge
from itertools import count
from typing import Final

from vigil.demo import larkspur
from vigil.demo.larkspur import Recording
from vigil.domain.conversation import Person, Role


class Use(StrEnum):
    """What an analyst does with a suggestion that lies ready when they come to answer."""

    SEND = "send"
    EDIT = "edit"
    """They send their own words instead of it."""
    DISMISS = "dismiss"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One thing that happens."""

    at: timedelta
    """Since the demo began; what has been before is negative."""
    ticket: str
    """The recording, and from the second round on which round it is."""
    position: int
    by: Person
    text: str
    """Empty: an analyst resolves the ticket."""
    use: Use = Use.NOTHING

    @property
    def by_analyst(self) -> bool:
        return self.by.role is Role.ANALYST


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A recording's place in the play."""

    id: str
    begins: float
    """Seconds since the demo began."""
    pace: float = 1.0
    """How slowly it goes: 60 makes of ten seconds ten minutes."""
    uses: tuple[Use, ...] = ()
    """For the first analyst's answers, one after the other."""
    lines: int = 99
    """How many of its lines are played."""
    resolved: bool = True
    """The last analyst who wrote resolves it."""


MIA: Final = "LS-0200"
"""The visitor's own ticket: nobody else answers it, and its customer says thanks when they have."""

_S, _E, _D, _N = Use.SEND, Use.EDIT, Use.DISMISS, Use.NOTHING
_BEFORE: Final = (
    _Part(id="LS-0101", begins=-6900, pace=40, uses=(_N, _E)),
    _Part(id="LS-0131", begins=-6000, pace=50, uses=(_N, _S)),
    _Part(id="LS-0162", begins=-5400, pace=30),
    _Part(id="LS-0129", begins=-4700, pace=35, uses=(_N, _S, _E)),
    _Part(id="LS-0104", begins=-4100, pace=40, uses=(_N, _S, _D)),
    _Part(id="LS-0143", begins=-3300, pace=30, lines=4, resolved=False),
    _Part(id="LS-0118", begins=-2600, pace=30, lines=6, uses=(_E,), resolved=False),
    _Part(id="LS-0112", begins=-1700, pace=20, uses=(_D, _N, _S)),
    _Part(id="LS-0105", begins=-900, pace=20, lines=3, resolved=False),
    _Part(id="LS-0120", begins=-420, pace=12, lines=2, resolved=False),
    _Part(id="LS-0142", begins=-240, pace=12, lines=1, resolved=False),
    _Part(id=MIA, begins=-25, lines=1, resolved=False),
)
_FIRST: Final = (
    _Part(id="LS-0154", begins=2, pace=1.6, uses=(_S,)),
    _Part(id="LS-0201", begins=9),
    _Part(id="LS-0132", begins=16),
    _Part(id="LS-0137", begins=55, uses=(_S,)),
    _Part(id="LS-0113", begins=80),
    _Part(id="LS-0202", begins=108, pace=2.0, uses=(_S,)),
)
_LATER: Final = 135.0
"""Seconds after which the other recordings follow one another ..."""
_EVERY: Final = 32.0
"""... each this many seconds after the one before: some three are under way at any time, and a message comes every four seconds."""
_HANDLED: Final = (_S, _E, _N, _S, _D, _S)
"""What later analysts do with suggestions, in turn. About a half is sent as it is: better than leads report, and nobody's measurement."""


def before_today() -> list[Cue]:
    """The day so far, oldest first."""
    return _laid(_BEFORE)


def from_now_on() -> Iterator[Cue]:
    """What happens from the first minute on, oldest first; it doesn't end."""
    played = {part.id for part in (*_BEFORE, *_FIRST)} | {"LS-0119"}  # Mia's question as it was recorded
    others = [each.id for each in larkspur.tickets() if each.id not in played]
    yield from merge(_laid(_FIRST), _endless(others), key=lambda cue: cue.at)


def _endless(ids: Sequence[str]) -> Iterator[Cue]:
    recordings, under_way = _recordings(), list[Cue]()
    for number in count():
        round_, place = divmod(number, len(ids))
        begins = _LATER + number * _EVERY
        uses = tuple(_HANDLED[(number + each) % len(_HANDLED)] for each in range(4))
        part = _Part(id=ids[place], begins=begins, uses=uses)
        under_way = sorted([*under_way, *_cues(part, recordings[part.id], round_)], key=lambda cue: cue.at)
        while under_way and under_way[0].at.total_seconds() < begins + _EVERY:
            yield under_way.pop(0)


def _laid(parts: Sequence[_Part]) -> list[Cue]:
    recordings = _recordings()
    return sorted((cue for part in parts for cue in _cues(part, recordings[part.id], 0)), key=lambda cue: cue.at)


def _cues(part: _Part, recording: Recording, round_: int) -> Iterator[Cue]:
    """A recording's lines at the pace at which people read and type here, which isn't the recording's."""
    name = recording.id if round_ == 0 else f"{recording.id}-{round_ + 1}"
    at, analyst, uses = part.begins, None, iter(part.uses)
    for position, line in enumerate(recording.lines[: part.lines]):
        if position:
            at += part.pace * _typing_s(line.text, line.by.role)
        if line.by.role is Role.ANALYST:
            analyst = line.by
        yield Cue(
            at=timedelta(seconds=at),
            ticket=name,
            position=position,
            by=line.by,
            text=line.text,
            use=next(uses, Use.NOTHING) if line.by.role is Role.ANALYST else Use.NOTHING,
        )
    if part.resolved and analyst is not None:
        yield Cue(at=timedelta(seconds=at + 7 * part.pace), ticket=name, position=99, by=analyst, text="")


def _typing_s(text: str, role: Role) -> float:
    """Seconds until this line stands there: an analyst needs longer than a suggestion takes to appear; a bot is quick."""
    if role is Role.BOT:
        return 2.0
    return (9.0 if role is Role.ANALYST else 5.0) + min(len(text), 300) / 60


def _recordings() -> dict[str, Recording]:
    return {each.id: each for each in (*larkspur.tickets(), *larkspur.live())}
