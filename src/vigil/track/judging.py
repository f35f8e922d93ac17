"""Whether a customer's question is open after a message, and whose turn it is: a forward filter. A chance for each state is carried from
message to message, by trained chances of the next state after each state. How they are trained is in `tools/train_tracking.py`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vigil.domain.conversation import Role
from vigil.domain.progress import Progress, Question, Turn
from vigil.errors import Misconfigured
from vigil.language.reading import Reading
from vigil.track.acts import LONGEST, SIGNS, AnalystAct, CustomerAct, analyst_act, customer_act
from vigil.track.heard import Heard

WEIGHTS = Path(__file__).parent / "weights" / "turns.json"


class State(NamedTuple):
    """How a ticket can stand after a message."""

    open: bool
    turn: Turn
    begun: bool = True
    """Something was wanted, or somebody was waited for, at some time."""


TURNS: Final = (Turn.ANALYST, Turn.CUSTOMER, Turn.NOBODY)
STATES: Final = (
    *(State(is_open, turn) for is_open in (True, False) for turn in TURNS),
    State(open=False, turn=Turn.NOBODY, begun=False),
)
START: Final = tuple(float(not each.begun) for each in STATES)
"""Before the first message."""
_FLAGS: Final = tuple(
    each.name for each in fields(Reading) if each.name not in ("text", "body", "prefix", "at", "words", "length")
)
_LENGTHS: Final = (1, 3, 6, 12, 25)
"""Words up to which a message is of one kind: a word, an "ok thanks", a remark, a sentence, two of them."""


def _asked(role: Role, *, answered: bool = False) -> Question:
    at = datetime(2000, 1, 1, tzinfo=UTC)
    return Question(asked_by="", role=role, text="Is it?", message_id="", at=at, answered_in="" if answered else None)


def _stood(turn: Turn, *questions: Question) -> Progress:
    return Progress(ticket_id="", seq=0, turn=turn, questions=questions)


_SUPPOSED: Final = {
    "new": _stood(Turn.NOBODY),
    "waits": _stood(Turn.ANALYST, _asked(Role.CUSTOMER)),
    "asked": _stood(Turn.CUSTOMER, _asked(Role.CUSTOMER), _asked(Role.ANALYST)),
    "told": _stood(Turn.CUSTOMER, _asked(Role.CUSTOMER, answered=True)),
}
"""How a ticket may have stood: what a message does depends on it, and none of them is certain."""
_ANALYSTS: Final = ("new", "waits")
"""What an analyst's message does depends on these alone."""
NAMES: Final = (
    *_FLAGS,
    *SIGNS,
    *(f"{stood}_{act}" for stood in _SUPPOSED for act in CustomerAct),
    *(f"{stood}_analyst_{act}" for stood in _ANALYSTS for act in AnalystAct),
    *map(str, _LENGTHS),
    "question",
    "small_talk",
    "to_customer",
    "after_customer",
    "after_analyst",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How it stands after a message."""

    open: bool
    turn: Turn
    chances: tuple[float, ...]
    """Of each of `STATES`; together 1."""


class Judge(Protocol):
    """Says how a ticket stands, by a row of figures, who wrote, and the chances of `STATES` before."""

    def __call__(self, row: Sequence[float], part: Role, before: Sequence[float]) -> Judged: ...


def row_of(reading: Reading, before: Progress, heard: Heard) -> list[float]:
    """What a judge is given about a message, in the order of `NAMES`: its words, and what it would do in each state that may have been."""
    text = reading.body[:LONGEST]
    by_customer = heard.part is Role.CUSTOMER
    directed = heard.to_customer or before.last_by is Role.CUSTOMER
    customers = [customer_act(reading, each) if by_customer else None for each in _SUPPOSED.values()]
    analysts = [
        None if by_customer else analyst_act(reading, _SUPPOSED[stood], directed=directed) for stood in _ANALYSTS
    ]
    return [
        *(float(getattr(reading, name)) for name in _FLAGS),
        *(float(pattern.search(text) is not None) for pattern in SIGNS.values()),
        *(float(found is act) for found in customers for act in CustomerAct),
        *(float(found is act) for found in analysts for act in AnalystAct),
        *(float(reading.length <= limit) for limit in _LENGTHS),
        float(reading.question),
        float(reading.small_talk),
        float(heard.to_customer),
        float(before.last_by is Role.CUSTOMER),
        float(before.last_by is Role.ANALYST),
    ]


class Filter:
    """The forward filter.

    Args:
        weights: for each part of shape (states before, figures and the constant, states after): log-odds of the next state.
        open_from: chance from which on a question counts as open.
    """

    def __init__(self, weights: dict[Role, NDArray[np.float32]], open_from: float) -> None:
        self._weights = weights
        self._open_from = open_from

    def __call__(self, row: Sequence[float], part: Role, before: Sequence[float]) -> Judged:
        scores = np.array([*row, 1.0], np.float32) @ self._weights[part]
        steps = np.exp(scores - scores.max(axis=1, keepdims=True))
        after = np.array(before, np.float32) @ (steps / steps.sum(axis=1, keepdims=True))
        return judged(after / after.sum(), self._open_from)


def judged(chances: NDArray[np.float32], open_from: float) -> Judged:
    """The likeliest turn, and whether a question is open, each over all states."""
    is_open = sum(float(chance) for chance, state in zip(chances, STATES, strict=True) if state.open)
    turns = dict.fromkeys(TURNS, 0.0)
    for chance, state in zip(chances, STATES, strict=True):
        turns[state.turn] += float(chance)
    return Judged(
        open=is_open > open_from,
        turn=max(turns, key=lambda turn: turns[turn]),
        chances=tuple(round(float(chance), 4) for chance in chances),
    )


@cache
def shipped() -> Filter:
    """The filter that came with this version of Vigil.

    Raises:
        Misconfigured: it can't be read, or was made for other figures.
    """
    try:
        card = json.loads(WEIGHTS.read_text("utf-8"))
        names, weights, open_from = tuple(card["names"]), card["weights"], float(card["open_from"])
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(
            f"The trained scores can't be read ({type(error).__name__}). Install Vigil again, or train them with "
            "`python tools/train_tracking.py`."
        ) from error
    if names != NAMES:
        raise Misconfigured(
            "The trained scores don't fit this version's figures. Train them again with `python tools/train_tracking.py`."
        )
    return Filter(
        {role: np.array(weights[role.value], np.float32) for role in (Role.CUSTOMER, Role.ANALYST)}, open_from
    )
