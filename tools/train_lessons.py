"""Learns what an answer worth keeping looks like (`learn/weighing.py`): draws sayings for somebody to judge, and fits the weights to the
verdicts.

    python tools/train_lessons.py draw ../shared/data/tickets_irc_dev.jsonl.gz --seed 1 --count 150 > SHEET
    python tools/train_lessons.py fit ../shared/data/tickets_irc_dev.jsonl.gz

Sayings to judge are drawn from the half of the recorded channels that distilling may be worked on with (`looked_at`). The
verdicts stand in tests/quality/lesson_labels.json: ids of tickets and messages, and whether the saying, with its question,
would be a useful lesson by docs/explanation/lessons-guideline.md. A judge who worked on the code gave most of them; the last
198 are the readers' of the first sample of lessons, by the worse of two verdicts. What is judged from now on comes from
tickets that none of them is of."""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sample_lessons import looked_at

from vigil.evaluate.learning.course import ended_of, stream_of
from vigil.evaluate.recorded import Shape, load
from vigil.knowledge.words import words
from vigil.learn.distil import LEAST_QUESTION, opening
from vigil.learn.exchanges import Exchange, exchanges_of
from vigil.learn.lesson import Ended
from vigil.learn.weighing import LEAST_ANSWER, PATH, kept_of, traits, weigh

Floats: TypeAlias = NDArray[np.float64]

LABELS = Path(__file__).parents[1] / "tests" / "quality" / "lesson_labels.json"
FOLDS = 5
RIDGE = 60.0
"""Pulls the weights of traits as wide as their spread towards nothing: six hundred verdicts over fifty traits."""
BAR = 0.3
"""Chance from which a saying is kept. Out of fold one of seven below it was useful to the judges, and one in two above."""
PUBLISH = 0.45
"""Chance from which what the customer took up needs no person."""
ROUNDS = 50
"""Steps of Newton's method; it has settled after ten."""


def main() -> None:
    arguments = _arguments()
    tickets = ended_of(load(arguments.tickets, shape=Shape.TICKETS))
    if arguments.do == "draw":
        _draw([each for each in tickets if looked_at(each)], arguments.seed, arguments.count, arguments.best)
    else:
        _fit(tickets)


def candidates(tickets: list[Ended]) -> Iterator[tuple[Ended, Exchange, list[str], int]]:
    """Each saying that could answer, with its question."""
    for ended in tickets:
        for exchange in exchanges_of(ended):
            question = opening(exchange)
            if not exchange.alone or len({word for sentence in question for word in words(sentence)}) < LEAST_QUESTION:
                continue
            for place, saying in enumerate(exchange.sayings):
                if sum(len(sentence.split()) for sentence, _ in kept_of(saying)) >= LEAST_ANSWER:
                    yield ended, exchange, question, place


def _draw(tickets: list[Ended], seed: int, count: int, best: float) -> None:
    """One saying of each exchange, an early one rather than a late one; with `best` the one that the weights so far think best of."""
    drawn = random.Random(seed)
    by_exchange: dict[int, list[tuple[Ended, Exchange, list[str], int]]] = {}
    for each in candidates(tickets):
        by_exchange.setdefault(id(each[1]), []).append(each)
        _KEEP.append(each[1])
    if best:
        some = [max(each, key=lambda one: weigh(one[1], one[2], one[3]).chance) for each in by_exchange.values()]
        some = [each for each in some if weigh(each[1], each[2], each[3]).chance >= best]
    else:
        some = [drawn.choices(each, [0.6**rank for rank in range(len(each))])[0] for each in by_exchange.values()]
    drawn.shuffle(some)
    for number, (ended, exchange, question, place) in enumerate(some[:count]):
        saying = exchange.sayings[place]
        print(f"\n[{number}] {ended.ticket.id} {saying.parts[0].message.id}")
        print("Q:", " ".join(question)[:400])
        for where, other in enumerate(exchange.sayings[: place + 3]):
            mark = ">>" if where == place else "  "
            said = (
                " ".join(sentence for sentence, _ in kept_of(other))
                if where == place
                else " ".join(part.message.text for part in other.parts)
            )
            if where >= place - 2:
                print(f" {mark} A: {said[: 500 if where == place else 150]}")
                for reaction in other.reactions[:3]:
                    print(f"      C: {reaction.message.text[:110]}")


_KEEP: list[Exchange] = []
"""Exchanges by whose identity sayings are put together: they must not be thrown away meanwhile."""


def _fit(tickets: list[Ended]) -> None:
    labels = {(each["ticket"], each["message"]): bool(each["useful"]) for each in json.loads(LABELS.read_text("utf-8"))}
    rows: list[list[float]] = []
    wanted: list[float] = []
    streams: list[str] = []
    taken_up: list[bool] = []
    names: list[str] = []
    for ended, exchange, question, place in candidates(tickets):
        label = labels.get((ended.ticket.id, exchange.sayings[place].parts[0].message.id))
        if label is None:
            continue
        shown = traits(exchange, question, place)
        names = list(shown)
        rows.append(list(shown.values()))
        wanted.append(float(label))
        streams.append(stream_of(ended.ticket.id))
        taken_up.append(weigh(exchange, question, place).taken_up)
    table, right = np.array(rows), np.array(wanted)
    fold = np.array([sorted(set(streams)).index(name) % FOLDS for name in streams])
    taken = np.array(taken_up)
    chance = np.zeros(len(right))
    for number in range(FOLDS):
        inside = fold != number
        intercept, weights = _logistic(table[inside], right[inside])
        chance[~inside] = 1 / (1 + np.exp(-(table[~inside] @ weights + intercept)))
    intercept, weights = _logistic(table, right)
    print(
        f"{len(right)} of {len(labels)} verdicts, {right.mean():.3f} useful, average precision out of fold {_average(chance, right):.3f}"
    )
    for bar in np.arange(0.2, 0.85, 0.05):
        over = chance >= bar
        if over.any():
            print(
                f"bar {bar:.2f}: keeps {over.mean():.2f}, precision {right[over].mean():.3f}, recall {right[over].sum() / right.sum():.3f}"
            )
        if (over & taken).any():
            print(f"          taken up: {(over & taken).mean():.2f}, precision {right[over & taken].mean():.3f}")
    body = {
        "about": "made by tools/train_lessons.py",
        "verdicts": len(right),
        "bar": BAR,
        "publish": PUBLISH,
        "intercept": round(float(intercept), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }
    PATH.write_text(json.dumps(body, indent=1) + "\n", "utf-8")
    print(json.dumps(body, indent=1))


def _logistic(table: Floats, right: Floats) -> tuple[float, Floats]:
    """Ridge logistic regression by Newton's method, on traits brought to one spread."""
    spread = np.maximum(table.std(axis=0), 1e-3)
    middle = table.mean(axis=0)
    x = np.column_stack([np.ones(len(table)), (table - middle) / spread])
    weights = np.zeros(x.shape[1])
    pull = np.diag([0.0, *np.full(table.shape[1], RIDGE)])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-(x @ weights)))
        slope = x.T @ (chance - right) + pull @ weights
        weights = weights - np.linalg.solve(
            (x.T * (chance * (1 - chance))) @ x + pull + 1e-9 * np.eye(len(pull)), slope
        )
    plain = weights[1:] / spread
    return float(weights[0] - middle @ plain), plain


def _average(chance: Floats, right: Floats) -> float:
    order = np.argsort(-chance)
    running = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    return float((running * right[order]).sum() / max(1.0, right.sum()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=("draw", "fit"))
    parser.add_argument("tickets", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument(
        "--best", type=float, default=0, help="draw each exchange's best saying, of at least this chance"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
