"""Trains the scores by which open questions and turns are judged (`src/vigil/track/weights/turns.json`), on the half of the labelled
tickets that is for tuning, and says how they do on tickets that they were not trained on.

    python tools/train_tracking.py tickets.jsonl.gz tests/quality/tracking_labels.json
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigil.domain.conversation import ConversationKind, Role
from vigil.evaluate.recorded import load
from vigil.evaluate.recording import Recording
from vigil.evaluate.tracking.following import LETTERS, follow
from vigil.evaluate.tracking.labels import Half, LabelledTicket, Reading, read_labels
from vigil.evaluate.tracking.scoring import opens, turns
from vigil.track.judging import NAMES, TURNS, WEIGHTS, Judge, Judged, Scores

FOLDS = 8
STRENGTH = 0.03
"""Inverse of how strongly weights are held back (C): of .003, .01, .03, .1 the best out of fold."""
_TURN_OF = {letter: turn for turn, letter in LETTERS.items()}
Rows = dict[Role, list[tuple[Sequence[float], Judged]]]


def rows_of(recording: Recording, tickets: Sequence[LabelledTicket]) -> Rows:
    """What a judge is given, and what it should say, where each message before was judged as the reader has it."""
    found: Rows = {Role.CUSTOMER: [], Role.ANALYST: []}

    def told(reading: Reading) -> Callable[[int], Judge]:
        def at(place: int) -> Judge:
            judged = Judged(open=reading.open[place] == "1", turn=_TURN_OF[reading.turn[place]])

            def judge(row: Sequence[float], part: Role) -> Judged:
                found[part].append((row, judged))
                return judged

            return judge

        return at

    for ticket in tickets:
        for reading in (ticket.first, ticket.second):
            follow(ticket.id, recording.conversations[ticket.id], ConversationKind.CHANNEL, judge_at=told(reading))
    return found


def fit(rows: Rows, strength: float) -> dict[Role, NDArray[np.float32]]:
    """Weights, the constant last."""
    linear: Any = import_module("sklearn.linear_model")
    weights: dict[Role, NDArray[np.float32]] = {}
    for part, mine in rows.items():
        table = np.array([row for row, _ in mine], np.float32)
        opened = linear.LogisticRegression(C=strength, max_iter=3000).fit(table, [judged.open for _, judged in mine])
        turned = linear.LogisticRegression(C=strength, max_iter=3000).fit(
            table, [TURNS.index(judged.turn) for _, judged in mine]
        )
        coefficients = np.vstack([np.asarray(each.coef_, np.float32) for each in (opened, turned)])
        constants = np.concatenate([np.asarray(each.intercept_, np.float32) for each in (opened, turned)])
        weights[part] = np.hstack([coefficients, constants[:, None]])
    return weights


def score(recording: Recording, tickets: Sequence[LabelledTicket], judges: Sequence[Judge]) -> str:
    """Figures of tickets that follow their own judgements."""
    said: list[Reading] = []
    for ticket, judge in zip(tickets, judges, strict=True):
        found = follow(
            ticket.id,
            recording.conversations[ticket.id],
            ConversationKind.CHANNEL,
            judge_at=lambda _, judge=judge: judge,
        )
        said.append(Reading(open=found.open, turn=found.turn, resolved=found.resolved))
    gold = [ticket.gold for ticket in tickets]
    by_turn = {letter: round(tally.f1, 3) for letter, tally in turns(said, gold).items()}
    same = sum(a == b for one, other in zip(said, gold, strict=True) for a, b in zip(one.turn, other.turn, strict=True))
    resolved = sum(one.resolved == other.resolved for one, other in zip(said, gold, strict=True)) / len(gold)
    messages = sum(len(each.turn) for each in gold)
    return f"open F1 {opens(said, gold).f1:.3f}, turn {same / messages:.3f} {by_turn}, resolved {resolved:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tickets", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--strength", type=float, nargs="*", default=[STRENGTH])
    parser.add_argument(
        "--write", action="store_true", help="write the weights of the last strength, fitted on all of the half"
    )
    options = parser.parse_args()
    recording = load(options.tickets)
    tickets = read_labels(options.labels, Half.TUNING)
    fold = {ticket.id: hashlib.sha256(ticket.id.encode()).digest()[2] % FOLDS for ticket in tickets}
    strength = STRENGTH
    rows = {
        number: rows_of(recording, [each for each in tickets if fold[each.id] == number]) for number in range(FOLDS)
    }

    def together(numbers: Sequence[int]) -> Rows:
        return {
            part: [row for number in numbers for row in rows[number][part]] for part in (Role.CUSTOMER, Role.ANALYST)
        }

    for strength in options.strength:
        by_fold = [
            Scores(fit(together([number for number in range(FOLDS) if number != out]), strength))
            for out in range(FOLDS)
        ]
        print(f"C {strength}: {score(recording, tickets, [by_fold[fold[each.id]] for each in tickets])}", flush=True)
    if options.write:
        weights = fit(together(range(FOLDS)), strength)
        card = {
            "names": list(NAMES),
            "trained_on": f"{len(tickets)} tickets of {options.tickets.name}, each as two readers labelled it",
            "strength": strength,
            "weights": {
                part.value: [[round(float(x), 4) for x in row] for row in each] for part, each in weights.items()
            },
        }
        WEIGHTS.parent.mkdir(exist_ok=True)
        WEIGHTS.write_text(json.dumps(card) + "\n", encoding="utf-8")
        print(f"{WEIGHTS}: {WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
