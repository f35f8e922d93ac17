"""Trains the filter by which open questions and turns are judged (`src/vigil/track/weights/turns.json`), on the half of the labelled
tickets that is for tuning and on those that one reader labelled for training; and says how it does out of fold.

    python tools/train_tracking.py tickets.jsonl.gz tests/quality/tracking_labels.json tests/quality/tracking_training.json

What is trained is the whole way through a ticket: the chance of what the reader said after each message, with every chance before it
carried on by the filter itself (maximum conditional likelihood, L-BFGS).
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from vigil.domain.conversation import ConversationKind, Role
from vigil.evaluate.recorded import load
from vigil.evaluate.recording import Recording
from vigil.evaluate.tracking.following import LETTERS, follow
from vigil.evaluate.tracking.labels import Half, Reading, kappa, read_labels
from vigil.evaluate.tracking.scoring import opens, turns
from vigil.track.judging import NAMES, START, STATES, WEIGHTS, Filter, Judge, Judged, State, judged

FOLDS = 5
STRENGTH = 0.01
"""How freely the weights of one state before may differ from those of all (the variance of their prior)."""
SHARED = 10
"""How much freer the weights of all states are."""
ROUNDS = 60
OPEN_FROM = (0.35, 0.4, 0.45, 0.5, 0.55)
PARTS = (Role.CUSTOMER, Role.ANALYST)
_TURN_OF = {letter: turn for turn, letter in LETTERS.items()}
Numbers = NDArray[np.float64]


class _One(BaseModel):
    id: str
    open: str
    turn: str
    resolved: bool


class _Training(BaseModel):
    tickets: tuple[_One, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What one reader said about a ticket."""

    id: str
    reading: Reading
    weight: float
    """Two readers of one ticket count as one."""
    gold: bool

    @property
    def fold(self) -> int:
        return hashlib.sha256(self.id.encode()).digest()[3] % FOLDS


def labelled(labels: Path, training: Path) -> list[Labelled]:
    found: list[Labelled] = []
    for ticket in read_labels(labels, Half.TUNING):
        for reading in (ticket.first, ticket.second):
            found.append(Labelled(id=ticket.id, reading=reading, weight=0.5, gold=reading is ticket.gold))
    for one in _Training.model_validate_json(training.read_bytes()).tickets:
        reading = Reading(open=one.open, turn=one.turn, resolved=one.resolved)
        found.append(Labelled(id=one.id, reading=reading, weight=1.0, gold=True))
    return found


def states_of(reading: Reading) -> list[int]:
    begun, found = False, list[int]()
    for is_open, letter in zip(reading.open, reading.turn, strict=True):
        begun = begun or is_open == "1" or letter != "n"
        found.append(STATES.index(State(is_open == "1", _TURN_OF[letter], begun)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Through a ticket: of each message that is judged who wrote it, the figures with a constant, and the state after it."""

    parts: list[Role]
    rows: list[Sequence[float]]
    states: list[int]
    weight: float


def way_of(recording: Recording, ticket: Labelled) -> Way:
    way = Way(parts=[], rows=[], states=[], weight=ticket.weight)
    states = states_of(ticket.reading)

    def at(place: int) -> Judge:
        def judge(row: Sequence[float], part: Role, before: Sequence[float]) -> Judged:
            way.parts.append(part)
            way.rows.append([*row, 1.0])
            way.states.append(states[place])
            return judged(np.eye(len(STATES), dtype=np.float32)[states[place]], 0.5)

        return judge

    follow(ticket.id, recording.conversations[ticket.id], ConversationKind.CHANNEL, judge_at=at)
    return way


class Course:
    """Many ways side by side, and the loss of weights on them.

    Weights are one vector: for each part those of all states before (figures, states after), then those that each state before has of
    its own (states before, figures, states after). The last figure is the constant 1.
    """

    def __init__(self, ways: Sequence[Way], strength: float) -> None:
        self.ways = [way for way in ways if way.rows]
        self.strength = strength
        rows = [row for way in self.ways for row in way.rows]
        parts = np.array([PARTS.index(part) for way in self.ways for part in way.parts])
        self.rows: Numbers = np.array(rows, np.float64)
        self.of_part = [np.flatnonzero(parts == number) for number in range(len(PARTS))]
        starts = np.cumsum([0, *(len(way.rows) for way in self.ways)])
        self.steps: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Numbers]] = []
        for place in range(max(len(way.rows) for way in self.ways)):
            here = [number for number, way in enumerate(self.ways) if place < len(way.rows)]
            self.steps.append(
                (
                    np.array(here, np.int64),
                    np.array([starts[number] + place for number in here], np.int64),
                    np.array([self.ways[number].states[place] for number in here], np.int64),
                    np.array([self.ways[number].weight for number in here], np.float64),
                )
            )

    def split(self, weights: Numbers) -> list[tuple[Numbers, Numbers]]:
        states, figures = len(STATES), len(NAMES) + 1
        shared = figures * states
        size = shared * (states + 1)
        return [
            (
                weights[at : at + shared].reshape(figures, states),
                weights[at + shared : at + size].reshape(states, figures, states),
            )
            for at in range(0, size * len(PARTS), size)
        ]

    def first(self) -> Numbers:
        """Weights to begin with: a ticket stays as it is."""
        states, figures = len(STATES), len(NAMES) + 1
        weights = np.zeros(len(PARTS) * figures * states * (states + 1))
        for _, own in self.split(weights):
            own[:, -1] = 2 * np.eye(states)
        return weights

    def transitions(self, weights: Numbers) -> Numbers:
        """Of shape (messages, states before, states after)."""
        found = np.zeros((len(self.rows), len(STATES), len(STATES)))
        for (shared, own), which in zip(self.split(weights), self.of_part, strict=True):
            scores = np.einsum("nf,sft->nst", self.rows[which], own + shared, optimize=True)
            steps = np.exp(scores - scores.max(axis=2, keepdims=True))
            found[which] = steps / steps.sum(axis=2, keepdims=True)
        return found

    def loss(self, weights: Numbers) -> tuple[float, Numbers]:
        """Negative log-likelihood with the prior, and its gradient."""
        transitions = self.transitions(weights)
        chances = np.tile(START, (len(self.ways), 1))
        before: list[Numbers] = []
        for tickets, messages, _, _ in self.steps:
            before.append(chances[tickets])
            chances[tickets] = np.einsum("ns,nst->nt", chances[tickets], transitions[messages])
        loss, back, slope = 0.0, np.zeros_like(chances), np.zeros_like(transitions)
        for (tickets, messages, states, shares), was in zip(reversed(self.steps), reversed(before), strict=True):
            after = np.einsum("ns,nst->nt", was, transitions[messages])
            told = np.maximum(after[np.arange(len(states)), states], 1e-4)
            loss -= float((shares * np.log(told)).sum())
            back[tickets, states] -= shares / told
            slope[messages] = was[:, :, None] * back[tickets][:, None, :]
            back[tickets] = np.einsum("nst,nt->ns", transitions[messages], back[tickets])
        slope = transitions * (slope - (slope * transitions).sum(axis=2, keepdims=True))
        gradient = np.zeros_like(weights)
        halves = zip(self.split(weights), self.split(gradient), self.of_part, strict=True)
        for (shared, own), (of_shared, of_own), which in halves:
            of_own[:] = np.einsum("nf,nst->sft", self.rows[which], slope[which], optimize=True)
            of_shared[:] = of_own.sum(axis=0)
            for each, its, variance in ((shared, of_shared, SHARED * self.strength), (own, of_own, self.strength)):
                figures = np.full((each.shape[-2], 1), 1 / variance)
                figures[-1] = 0.02  # the constant is all but free
                loss += 0.5 * float((figures * each**2).sum())
                its += figures * each
        return loss, gradient


def fit(ways: Sequence[Way], strength: float) -> dict[Role, NDArray[np.float32]]:
    """Weights as `Filter` takes them."""
    course = Course(ways, strength)
    optimize: Any = import_module("scipy.optimize")
    best: Numbers = optimize.minimize(
        course.loss, course.first(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}
    ).x
    return {
        part: np.asarray(own + shared, np.float32)
        for part, (shared, own) in zip(PARTS, course.split(best), strict=True)
    }


def said_by(judge: Judge, recording: Recording, tickets: Iterable[Labelled]) -> list[Reading]:
    """What stands where tickets follow their own judgements."""

    def always(_: int) -> Judge:
        return judge

    found = [
        follow(each.id, recording.conversations[each.id], ConversationKind.CHANNEL, judge_at=always) for each in tickets
    ]
    return [Reading(open=each.open, turn=each.turn, resolved=each.resolved) for each in found]


def score(said: Sequence[Reading], gold: Sequence[Reading]) -> str:
    by_turn = {letter: round(tally.f1, 3) for letter, tally in turns(said, gold).items()}
    same = sum(a == b for one, other in zip(said, gold, strict=True) for a, b in zip(one.turn, other.turn, strict=True))
    resolved = sum(one.resolved == other.resolved for one, other in zip(said, gold, strict=True)) / len(gold)
    messages = sum(len(each.turn) for each in gold)
    return (
        f"open F1 {opens(said, gold).f1:.3f}, turn {same / messages:.3f}, mean F1 {sum(by_turn.values()) / 3:.3f} "
        f"{by_turn}, resolved {resolved:.3f}"
    )


def readers(labels: Path) -> str:
    """One reader against the other."""
    both = read_labels(labels, Half.TUNING)
    first, second = [each.first for each in both], [each.second for each in both]
    agreed = kappa("".join(each.turn for each in first), "".join(each.turn for each in second))
    return f"{score(first, second)}, kappa of turns {agreed:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tickets", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("training", type=Path)
    parser.add_argument("--strength", type=float, nargs="*", default=[STRENGTH])
    parser.add_argument("--open-from", type=float, nargs="*", default=OPEN_FROM)
    parser.add_argument(
        "--write", action="store_true", help="fit on all tickets with the last strength and --open-from, and write"
    )
    options = parser.parse_args()
    recording = load(options.tickets)
    tickets = labelled(options.labels, options.training)
    ways = [way_of(recording, each) for each in tickets]
    print(f"one reader against the other: {readers(options.labels)}", flush=True)
    if options.write:
        write(options, ways, len({each.id for each in tickets}))
        return
    gold = [each for each in tickets if each.gold]
    for strength in options.strength:
        by_fold = [
            fit([way for way, each in zip(ways, tickets, strict=True) if each.fold != out], strength)
            for out in range(FOLDS)
        ]
        for open_from in options.open_from:
            said = _out_of_fold(lambda out: Filter(by_fold[out], open_from), recording, gold)  # noqa: B023
            print(f"{strength}, open from {open_from}: {score(said, [each.reading for each in gold])}", flush=True)


def _out_of_fold(judge_of: Callable[[int], Judge], recording: Recording, tickets: Sequence[Labelled]) -> list[Reading]:
    return [said_by(judge_of(each.fold), recording, [each])[0] for each in tickets]


def write(options: argparse.Namespace, ways: Sequence[Way], tickets: int) -> None:
    strength, open_from = options.strength[-1], options.open_from[-1]
    weights = fit(ways, strength)
    card = {
        "names": list(NAMES),
        "trained_on": f"{tickets} tickets of {options.tickets.name}: {options.labels.name}, the half that is for tuning, "
        f"by two readers; {options.training.name} by one",
        "strength": strength,
        "open_from": open_from,
        "weights": {
            part.value: [[[round(float(x), 3) for x in row] for row in each] for each in some]
            for part, some in weights.items()
        },
    }
    WEIGHTS.parent.mkdir(exist_ok=True)
    WEIGHTS.write_text(json.dumps(card) + "\n", encoding="utf-8")
    print(f"{WEIGHTS}: {WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
