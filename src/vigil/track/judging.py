"""Whether a customer's question is open after a message, and whose turn it is: trained scores over what the rules saw, which correct what
the rules made of it. How they are trained is in `tools/train_tracking.py`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from vigil.domain.conversation import Role
from vigil.domain.progress import Progress, Turn
from vigil.errors import Misconfigured
from vigil.language.reading import Reading
from vigil.track.acts import LONGEST, SIGNS, AnalystAct, CustomerAct
from vigil.track.heard import Heard

WEIGHTS = Path(__file__).parent / "weights" / "turns.json"
TURNS: Final = (Turn.ANALYST, Turn.CUSTOMER, Turn.NOBODY)
_FLAGS: Final = tuple(
    each.name for each in fields(Reading) if each.name not in ("text", "body", "prefix", "at", "words", "length")
)
_LENGTHS: Final = (1, 3, 6, 12, 25)
"""Words up to which a message is of one kind: a word, an "ok thanks", a remark, a sentence, two of them."""
NAMES: Final = (
    *_FLAGS,
    *SIGNS,
    *CustomerAct,
    *(f"analyst_{each}" for each in AnalystAct),
    *map(str, _LENGTHS),
    "question",
    "small_talk",
    "to_customer",
    "after_customer",
    "after_analyst",
    "asked_back",
    "asked_before",
)
STATES: Final = ("open", "analyst", "customer", "nobody")
_SHARE: Final = 0.7
"""What a figure in one state weighs beside the figure alone: states are seen less often, and are held back more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How it stands after a message."""

    open: bool
    turn: Turn


class Judge(Protocol):
    """Says how a ticket stands, by a row of figures."""

    def __call__(self, row: Sequence[float], part: Role) -> Judged: ...


def row_of(reading: Reading, before: Progress, heard: Heard, act: CustomerAct | AnalystAct) -> list[float]:
    """What a judge is given about a message: figures, and the same again in the state in which the ticket was."""
    text = reading.body[:LONGEST]
    mine = [question for question in before.questions if question.role is Role.CUSTOMER]
    acts = [float(act is each) for each in CustomerAct] + [float(act is each) for each in AnalystAct]
    figures = [
        *(float(getattr(reading, name)) for name in _FLAGS),
        *(float(pattern.search(text) is not None) for pattern in SIGNS.values()),
        *acts,
        *(float(reading.length <= limit) for limit in _LENGTHS),
        float(reading.question),
        float(reading.small_talk),
        float(heard.to_customer),
        float(before.last_by is Role.CUSTOMER),
        float(before.last_by is Role.ANALYST),
        float(any(each.open and each.role is Role.ANALYST for each in before.questions)),
        float(bool(mine)),
    ]
    state = [float(any(each.open for each in mine)), *(float(before.turn is turn) for turn in TURNS)]
    return [*figures, *state, *(_SHARE * each * figure for each in state for figure in figures)]


class Scores:
    """Logistic scores: for each part a row of weights for "open", and one for each turn."""

    def __init__(self, weights: dict[Role, NDArray[np.float32]]) -> None:
        self._weights = weights

    def __call__(self, row: Sequence[float], part: Role) -> Judged:
        scores = self._weights[part] @ np.array([*row, 1.0], np.float32)
        return Judged(open=bool(scores[0] > 0), turn=TURNS[int(np.argmax(scores[1:]))])


@cache
def shipped() -> Scores:
    """The scores that came with this version of Vigil.

    Raises:
        Misconfigured: they can't be read, or were made for other figures.
    """
    try:
        card = json.loads(WEIGHTS.read_text("utf-8"))
        names, weights = tuple(card["names"]), card["weights"]
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(
            f"The trained scores can't be read ({type(error).__name__}). Install Vigil again, or train them with "
            "`python tools/train_tracking.py`."
        ) from error
    if names != NAMES:
        raise Misconfigured(
            "The trained scores don't fit this version's figures. Train them again with `python tools/train_tracking.py`."
        )
    return Scores({role: np.array(weights[role.value], np.float32) for role in (Role.CUSTOMER, Role.ANALYST)})
