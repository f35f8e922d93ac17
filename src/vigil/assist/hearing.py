"""How likely somebody answers a message, by what a listener hears: trained scores over figures, phrases and meaning. How they are trained
is in `vigil.evaluate.gate`; what follows from a score is decided in `gate` and `thread`."""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vigil.assist.figures import NAMES, TICKET_NAMES, figures, ticket_figures
from vigil.assist.phrases import phrases
from vigil.assist.scene import Heard, Scene, Vector, compared
from vigil.domain.conversation import Message
from vigil.errors import Misconfigured
from vigil.language.embedder import Embedder
from vigil.language.session import Session, open_session

WEIGHTS = Path(__file__).parent / "weights"
TEXT_SCORES = ("opens", "answered", "follow_up")
"""What a text alone is scored for: that it opens a conversation, opens one that is answered, or is answered inside a ticket."""
OPENING_NAMES = (*NAMES, "phrases_opens", "phrases_answered", "meaning_opens", "meaning_answered")
FOLLOW_UP_NAMES = (*NAMES, *TICKET_NAMES, "phrases_follow_up", "meaning_follow_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a channel message is, as far as can be heard."""

    opens: float
    """Probability that it begins a conversation of its own."""
    answerable: float
    """Probability that it begins one, and that somebody answers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """From where on a score counts as yes; the card says how each was chosen."""

    opens: float
    answerable: float
    follow_up: float


class Hearing(Protocol):
    """Scores messages. Costs an embedding of what it has not seen before, and never a model call."""

    @property
    def bars(self) -> Bars: ...

    async def opening(self, message: Message, recent: tuple[Message, ...]) -> Opening:
        """A message in a channel after `recent`, the channel's messages, oldest first."""
        ...

    async def follow_up(self, message: Message, recent: tuple[Message, ...]) -> float:
        """Probability that a message in a ticket is answered, after `recent`, the ticket's messages, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextScores:
    """Logistic scores of a text alone: one over its phrases, one over its meaning, for each of `TEXT_SCORES`."""

    phrases: NDArray[np.float32]
    """Of shape (scores, bins)."""
    meaning: NDArray[np.float32]
    """Of shape (scores, dimensions)."""
    biases: NDArray[np.float32]
    """Of shape (2, scores): for the phrases, for the meaning."""

    def of_phrases(self, bins: NDArray[np.int64]) -> NDArray[np.float32]:
        """One score (log-odds) each."""
        if not len(bins):
            return self.biases[0]
        return self.phrases[:, bins].sum(axis=1) / math.sqrt(len(bins)) + self.biases[0]

    def of_meaning(self, vector: Vector | None) -> NDArray[np.float32]:
        """One score (log-odds) each; NaN where there is no vector."""
        return (
            np.full(len(self.meaning), np.nan, np.float32) if vector is None else self.meaning @ vector + self.biases[1]
        )


def opening_row(heard: Heard, texts: TextScores) -> list[float]:
    """What goes into the scores of a channel message, in the order of `OPENING_NAMES`."""
    scene = Scene(heard)
    said = texts.of_phrases(phrases(scene.reading))
    meant = texts.of_meaning(heard.vectors.get(heard.message.id))
    return [*figures(scene), float(said[0]), float(said[1]), float(meant[0]), float(meant[1])]


def follow_up_row(heard: Heard, texts: TextScores) -> list[float]:
    """What goes into the score of a ticket message, in the order of `FOLLOW_UP_NAMES`."""
    scene = Scene(heard)
    said = texts.of_phrases(phrases(scene.reading))
    meant = texts.of_meaning(heard.vectors.get(heard.message.id))
    return [*figures(scene), *ticket_figures(scene), float(said[2]), float(meant[2])]


class Scores:
    """The scores as numbers in, numbers out: boosted trees over rows of `opening_row` and `follow_up_row`.

    Args:
        in_channel: a graph that gives ``opens`` and ``answered`` (of what opens) for a row.
        in_ticket: a graph that gives ``follow_up`` for a row. All are log-odds.
    """

    def __init__(self, in_channel: Session, in_ticket: Session, texts: TextScores, bars: Bars) -> None:
        self._in_channel = in_channel
        self._in_ticket = in_ticket
        self.texts = texts
        self.bars = bars

    def opening(self, heard: Heard) -> Opening:
        row = np.array([opening_row(heard, self.texts)], np.float32)
        opens, answered = self._in_channel.run(["opens", "answered"], {"row": row})
        likely = _chance(float(opens[0, 0]))
        return Opening(opens=likely, answerable=likely * _chance(float(answered[0, 0])))

    def answerable(self, heard: Heard) -> float:
        """`Opening.answerable` alone."""
        return self.opening(heard).answerable

    def follow_up(self, heard: Heard) -> float:
        row = np.array([follow_up_row(heard, self.texts)], np.float32)
        return _chance(float(self._in_ticket.run(["follow_up"], {"row": row})[0][0, 0]))


class TrainedHearing:
    """The hearing that ships.

    Args:
        embedder: the bundled one: the scores were trained on its vectors and mean nothing with another's.
    """

    def __init__(self, embedder: Embedder, scores: Scores | None = None) -> None:
        self._embedder = embedder
        self._scores = scores or shipped()

    @property
    def bars(self) -> Bars:
        return self._scores.bars

    async def opening(self, message: Message, recent: tuple[Message, ...]) -> Opening:
        return self._scores.opening(await self._heard(message, recent))

    async def follow_up(self, message: Message, recent: tuple[Message, ...]) -> float:
        return self._scores.follow_up(await self._heard(message, recent))

    async def _heard(self, message: Message, recent: tuple[Message, ...]) -> Heard:
        chosen = compared(message, recent)
        vectors = await self._embedder.embed([each.text for each in chosen])
        return Heard(
            message=message,
            recent=recent,
            vectors={each.id: vector for each, vector in zip(chosen, vectors, strict=True)},
        )


def _chance(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def read_card() -> dict[str, Any]:
    """What is written beside the weights: how they were made, from what, how they scored, and the bars.

    Raises:
        Misconfigured: it can't be read, or was made for other figures.
    """
    try:
        card: dict[str, Any] = json.loads((WEIGHTS / "hearing.json").read_text("utf-8"))
        names = (tuple(card["opening"]), tuple(card["follow_up"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(
            f"The trained scores can't be read ({type(error).__name__}). Install Vigil again, or train them with "
            "`python tools/train_gate.py`."
        ) from error
    if names != (OPENING_NAMES, FOLLOW_UP_NAMES):
        raise Misconfigured(
            "The trained scores don't fit this version's figures. Train them again with `python tools/train_gate.py`."
        )
    return card


@cache
def shipped() -> Scores:
    """The scores that came with this version of Vigil.

    Raises:
        Misconfigured: they can't be read, or were made for other figures.
    """
    card = read_card()
    with np.load(WEIGHTS / "hearing.npz") as packed:
        texts = TextScores(
            phrases=packed["phrases"].astype(np.float32) * packed["scales"][:, None],
            meaning=packed["meaning"],
            biases=packed["biases"],
        )
    bars = Bars(**{name: float(value) for name, value in card["bars"].items()})
    in_channel, in_ticket = (open_session(WEIGHTS / f"{name}.onnx", threads=1) for name in ("in_channel", "in_ticket"))
    return Scores(in_channel, in_ticket, texts, bars)
