"""Trains and measures the small scores behind the gate and the threads: `measure` scores out of fold by stream, `train` also writes
src/vigil/assist/weights/gate.json. Run it as `python tools/measure_gate.py train --data ../shared/data`.

Four heads, each a logistic regression on strictly causal hand figures (`vigil.assist.features`, `vigil.assist.links`):
``opens`` and ``answerable`` on every annotated channel message, ``follow_up`` on a ticket customer's messages after the first, ``belongs``
on pairs of a channel message and a ticket that it may belong to. Labels, `conv` and `reply_to` are only ever what is to be predicted.
"""

import argparse
import dataclasses
import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from vigil.assist.features import GateInput, follow_up_features, opening_features
from vigil.assist.linear import Figures, Head, Weights
from vigil.assist.links import links
from vigil.assist.situation import Situation
from vigil.assist.thread import Threads
from vigil.domain.conversation import Conversation, ConversationKind, Message, Person, Role
from vigil.domain.ticket import Ticket, TicketState
from vigil.domain.workspace import Workspace

Row: TypeAlias = dict[str, Any]
Floats: TypeAlias = NDArray[np.float64]

SEED = 20240
FOLDS = 5
RIDGE = 5.0
"""Strength of the L2 penalty on standardised weights; between 1 and 30 no figure changes by more than .001."""
LEEWAY = 0.01
"""A threshold is the highest whose F1 is within this of the best: in doubt, silence."""
OPENS_PRECISION = 0.85
"""Wanted of the messages that open a ticket."""
BELONGS_PRECISION = 0.80
"""Wanted of the messages put on a ticket without an explicit sign, in the closed loop."""
OUTPUT = Path(__file__).parents[1] / "src" / "vigil" / "assist" / "weights" / "gate.json"


def rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield cast("Row", json.loads(line))


def message_of(row: Row, seq: int, conversation: str) -> Message:
    at = datetime.fromisoformat(row["ts"]).replace(tzinfo=UTC)
    author = Person(id=row["author"], name=row["author"], role=Role.BOT if row.get("bot") else Role.BYSTANDER)
    return Message(
        id=row["id"],
        external_id=row["id"],
        conversation_id=conversation,
        seq=seq,
        author=author,
        text=row["text"],
        sent_at=at,
        received_at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One recorded channel."""

    name: str
    rows: list[Row]
    messages: list[Message]


def read_streams(data: Path) -> list[Stream]:
    grouped: dict[str, list[Row]] = {}
    for row in rows(data / "irc_stream_dev.jsonl.gz"):
        grouped.setdefault(row["stream"], []).append(row)
    return [
        Stream(name=name, rows=stream, messages=[message_of(row, seq, name) for seq, row in enumerate(stream)])
        for name, stream in sorted(grouped.items())
    ]


def fold_of(names: list[str], folds: int = FOLDS) -> dict[str, int]:
    order = np.random.default_rng(SEED).permutation(len(names))
    return {name: int(place) % folds for name, place in zip(sorted(names), order, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Figures with what was to be predicted, and the stream that each comes from."""

    names: list[str]
    figures: Floats
    wanted: Floats
    group: list[str]

    @classmethod
    def of(cls, found: list[tuple[Figures, bool, str]]) -> "Examples":
        return cls(
            names=[name for name, _ in found[0][0]],
            figures=np.array([[value for _, value in figures] for figures, _, _ in found]),
            wanted=np.array([float(wanted) for _, wanted, _ in found]),
            group=[group for _, _, group in found],
        )


def fit(figures: Floats, wanted: Floats) -> tuple[Floats, float]:
    """Weights and bias of a ridge logistic regression, by Newton's method on standardised figures, given back for the raw ones."""
    mean, spread = figures.mean(axis=0), figures.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(figures)), (figures - mean) / spread])
    weights = np.zeros(design.shape[1])
    ridge = np.eye(design.shape[1]) * RIDGE
    ridge[0, 0] = 1e-6
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (chance - wanted) + ridge @ weights
        step = np.linalg.solve((design * (chance * (1 - chance))[:, None]).T @ design + ridge, gradient)
        weights -= step
        if float(np.abs(step).max()) < 1e-7:
            break
    raw = weights[1:] / spread
    return raw, float(weights[0] - (raw * mean).sum())


def chance_of(figures: Floats, weights: Floats, bias: float) -> Floats:
    return 1 / (1 + np.exp(-np.clip(figures @ weights + bias, -30, 30)))


def head_of(examples: Examples, keep: NDArray[np.bool_] | None = None, threshold: float = 0.5) -> Head:
    chosen = slice(None) if keep is None else keep
    weights, bias = fit(examples.figures[chosen], examples.wanted[chosen])
    return Head(names=tuple(examples.names), weights=tuple(float(w) for w in weights), bias=bias, threshold=threshold)


def out_of_fold(examples: Examples, folds: dict[str, int]) -> Floats:
    fold = np.array([folds[group] for group in examples.group])
    scores = np.zeros(len(fold))
    for held_back in sorted(set(folds.values())):
        train, test = fold != held_back, fold == held_back
        if test.any():
            weights, bias = fit(examples.figures[train], examples.wanted[train])
            scores[test] = chance_of(examples.figures[test], weights, bias)
    return scores


def average_precision(wanted: Floats, scores: Floats) -> float:
    ranked = wanted[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float((precision * ranked).sum() / ranked.sum())


def at(wanted: Floats, scores: Floats, threshold: float) -> dict[str, float]:
    said = scores >= threshold
    hits = float(wanted[said].sum())
    precision, recall = hits / max(1.0, float(said.sum())), hits / float(wanted.sum())
    return {
        "threshold": threshold,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "share": float(said.mean()),
    }


THRESHOLDS = [round(float(step) / 100, 2) for step in range(5, 96)]


def cautious(wanted: Floats, scores: Floats) -> float:
    """The highest threshold whose F1 is within LEEWAY of the best."""
    f1 = {threshold: at(wanted, scores, threshold)["f1"] for threshold in THRESHOLDS}
    best = max(f1.values())
    return max(threshold for threshold, value in f1.items() if value >= best - LEEWAY)


def precise(wanted: Floats, scores: Floats, precision: float) -> float:
    """The lowest threshold from which on the precision is as wanted."""
    return next(threshold for threshold in THRESHOLDS if at(wanted, scores, threshold)["precision"] >= precision)


def channel_examples(streams: list[Stream]) -> tuple[Examples, Floats]:
    """Every annotated human message with `answerable` as the aim, and the `opens` labels beside it; near the end left out."""
    found: list[tuple[Figures, bool, str]] = []
    opens: list[float] = []
    for stream in streams:
        for seq, row in enumerate(stream.rows):
            if not row["annotated"] or row.get("bot") or row["labels"]["near_end"]:
                continue
            given = GateInput(message=stream.messages[seq], recent=tuple(stream.messages[max(0, seq - 100) : seq]))
            found.append((opening_features(given), bool(row["labels"].get("opens_answered")), stream.name))
            opens.append(float(row["labels"]["opens_thread"]))
    return Examples.of(found), np.array(opens)


def reach(streams: list[Stream]) -> dict[str, float]:
    """How far annotated messages lie from the earlier ones that they answer."""
    minutes: list[float] = []
    messages: list[int] = []
    for stream in streams:
        place = {row["id"]: seq for seq, row in enumerate(stream.rows)}
        for seq, row in enumerate(stream.rows):
            for parent in row.get("reply_to") or () if row["annotated"] else ():
                if place.get(parent, seq) < seq:
                    gap = stream.messages[seq].sent_at - stream.messages[place[parent]].sent_at
                    minutes.append(gap.total_seconds() / 60)
                    messages.append(seq - place[parent])
    return {
        "links": len(minutes),
        "within_45_minutes": float(np.mean(np.array(minutes) <= 45)),
        "within_100_messages": float(np.mean(np.array(messages) <= 100)),
    }


def ticket_examples(data: Path) -> Examples:
    """A customer's messages after the first; wanted: an analyst replied directly to it."""
    found: list[tuple[Figures, bool, str]] = []
    for ticket in rows(data / "tickets_irc_dev.jsonl.gz"):
        group = ticket["ticket_id"].removeprefix("irc:").split("#")[0]
        lines = cast("list[Row]", ticket["messages"])
        answered = {parent for line in lines if line["role"] == "analyst" for parent in line.get("reply_to") or ()}
        messages = [message_of(line, seq, ticket["ticket_id"]) for seq, line in enumerate(lines)]
        customers = [seq for seq, line in enumerate(lines) if line["role"] == "customer"]
        for seq in customers[1:]:
            given = GateInput(message=messages[seq], recent=tuple(messages[:seq]))
            found.append((follow_up_features(given), lines[seq]["id"] in answered, group))
    return Examples.of(found)


WORKSPACE = Workspace(id="measure", name="measure")
START = Head(names=(), weights=(), bias=0.0, threshold=0.5)


@dataclass(slots=True)
class Tally:
    """What the closed loop did, over annotated human messages."""

    messages: int = 0
    opened: int = 0
    opened_right: int = 0
    put: int = 0
    put_right: int = 0
    known: int = 0
    """Put on a ticket whose opening is annotated, so that its gold thread is certain."""
    known_right: int = 0
    gaps: list[float] = dataclasses.field(default_factory=list[float])

    def figures(self) -> dict[str, float]:
        return {
            "messages": self.messages,
            "assigned": (self.put + self.opened) / self.messages,
            "opened": self.opened,
            "opens_precision": self.opened_right / max(1, self.opened),
            "put": self.put,
            "put_precision": self.put_right / max(1, self.put),
            "put_on_known": self.known,
            "put_on_known_precision": self.known_right / max(1, self.known),
            "precision": (self.put_right + self.opened_right) / max(1, self.put + self.opened),
        }


def play(
    streams: list[Stream],
    weights: Callable[[str], Weights],
    tally: Tally,
    found: list[tuple[Figures, bool, str]] | None = None,
) -> None:
    """Run the threads over recorded channels as in production, on their own earlier placements; compare with the gold threads."""
    for stream in streams:
        threads = Threads(weights(stream.name))
        heads = weights(stream.name)
        conversation = Conversation(
            id=stream.name, channel="irc", external_id=stream.name, kind=ConversationKind.CHANNEL
        )
        recent: list[Message] = []
        tickets: dict[str, Ticket] = {}
        gold: dict[str, str] = {}
        known: set[str] = set()
        for row, message in zip(stream.rows, stream.messages, strict=True):
            if row.get("bot"):
                recent.append(message)
                continue
            live = tuple(sorted(tickets.values(), key=lambda ticket: ticket.updated_at, reverse=True)[:36])
            situation = Situation(
                workspace=WORKSPACE,
                topics=(),
                conversation=conversation,
                message=message,
                recent=tuple(recent[-100:]),
                tickets=live,
            )
            if found is not None and row["annotated"]:
                figures = opening_features(GateInput(message=message, recent=situation.recent))
                for link in links(
                    situation, opening=heads.opens.score(figures), answerable=heads.answerable.score(figures)
                ):
                    if link.ticket.id in known:
                        found.append((link.figures, gold[link.ticket.id] == row["conv"], stream.name))
            placed = threads.place(situation)
            ticket_id = placed.ticket.id if placed.ticket is not None else message.id if placed.opens else None
            if placed.ticket is not None:
                tickets[placed.ticket.id] = dataclasses.replace(placed.ticket, updated_at=message.sent_at)
            elif placed.opens:
                gold[message.id] = row.get("conv") or row["id"]
                if row["annotated"]:
                    known.add(message.id)
                tickets[message.id] = Ticket(
                    id=message.id,
                    external_id=message.id,
                    conversation_id=stream.name,
                    state=TicketState.OPEN,
                    subject="",
                    customer_id=message.author.id,
                    opened_at=message.sent_at,
                    updated_at=message.sent_at,
                )
            recent.append(dataclasses.replace(message, ticket_id=ticket_id))
            if row["annotated"]:
                tally.messages += 1
                if placed.opens:
                    tally.opened += 1
                    tally.opened_right += bool(row["labels"]["opens_thread"])
                elif ticket_id is not None:
                    right = gold[ticket_id] == row["conv"]
                    tally.put += 1
                    tally.put_right += right
                    tally.known += ticket_id in known
                    tally.known_right += right and ticket_id in known


def first_belongs(names: list[str]) -> Head:
    """A rough beginning for the closed loop, before anything is learned: one's own last talk, and whoever speaks to a ticket's customer."""
    start = {"your_ticket": 4.0, "unnamed_in_my_last": 4.0, "we_talked_here": 4.0}
    return Head(names=tuple(names), weights=tuple(start.get(name, 0.0) for name in names), bias=-2.0, threshold=0.5)


def belongs_names() -> list[str]:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    person = Person(id="a", name="a", role=Role.BYSTANDER)
    ticket = Ticket(
        id="t",
        external_id="t",
        conversation_id="c",
        state=TicketState.OPEN,
        subject="",
        customer_id="a",
        opened_at=now,
        updated_at=now,
    )
    before = Message(
        id="1",
        external_id="1",
        conversation_id="c",
        seq=1,
        author=person,
        text="x",
        sent_at=now,
        received_at=now,
        ticket_id="t",
    )
    situation = Situation(
        workspace=WORKSPACE,
        topics=(),
        conversation=Conversation(id="c", channel="x", external_id="c", kind=ConversationKind.CHANNEL),
        message=dataclasses.replace(before, id="2", ticket_id=None),
        recent=(before,),
        tickets=(ticket,),
    )
    return [name for name, _ in links(situation, opening=0.5, answerable=0.5)[0].figures]


def say(name: str, figures: dict[str, float]) -> None:
    print(
        f"{name:<34}"
        + "  ".join(
            f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items()
        ),
        flush=True,
    )


def as_file(head: Head, scores: dict[str, float]) -> Row:
    return {
        "scores_out_of_fold": {key: round(value, 4) for key, value in scores.items()},
        "threshold": head.threshold,
        "bias": round(head.bias, 5),
        "weights": {name: round(weight, 5) for name, weight in zip(head.names, head.weights, strict=True)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=("measure", "train"))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    parser.add_argument("--every", type=int, default=1, help="use only every n-th stream in the closed loop")
    chosen = parser.parse_args()
    if not (chosen.data / "irc_stream_dev.jsonl.gz").exists():
        sys.exit(f"No irc_stream_dev.jsonl.gz in {chosen.data}: name the data folder with --data or VIGIL_DATA.")

    streams = read_streams(chosen.data)
    folds = fold_of([stream.name for stream in streams])
    say("links", reach(streams))
    began = time.perf_counter()
    answerable, opens_wanted = channel_examples(streams)
    say("a message's figures", {"microseconds": (time.perf_counter() - began) / len(answerable.group) * 1e6})
    opens = dataclasses.replace(answerable, wanted=opens_wanted)
    follow_up = ticket_examples(chosen.data)

    answerable_scores = out_of_fold(answerable, folds)
    opens_scores = out_of_fold(opens, folds)
    ticket_folds = fold_of(sorted(set(follow_up.group)))
    follow_up_scores = out_of_fold(follow_up, ticket_folds)

    thresholds = {
        "answerable": cautious(answerable.wanted, answerable_scores),
        "opens": precise(opens.wanted, opens_scores, OPENS_PRECISION),
        "follow_up": cautious(follow_up.wanted, follow_up_scores),
    }
    report = {
        "answerable": {
            "n": len(answerable.group),
            "base_rate": float(answerable.wanted.mean()),
            "average_precision": average_precision(answerable.wanted, answerable_scores),
            **at(answerable.wanted, answerable_scores, thresholds["answerable"]),
            "opens_thread_precision": at(opens.wanted, answerable_scores, thresholds["answerable"])["precision"],
        },
        "opens": {
            "n": len(opens.group),
            "base_rate": float(opens.wanted.mean()),
            "average_precision": average_precision(opens.wanted, opens_scores),
            **at(opens.wanted, opens_scores, thresholds["opens"]),
        },
        "follow_up": {
            "n": len(follow_up.group),
            "base_rate": float(follow_up.wanted.mean()),
            "best_single_figure": max(
                max(average_precision(follow_up.wanted, sign * follow_up.figures[:, column]) for sign in (1, -1))
                for column in range(len(follow_up.names))
            ),
            "average_precision": average_precision(follow_up.wanted, follow_up_scores),
            **at(follow_up.wanted, follow_up_scores, thresholds["follow_up"]),
        },
    }
    for name, figures in report.items():
        say(name, figures)

    def heads(held_back: int | None, belongs: Head) -> Weights:
        def head(examples: Examples, examples_folds: dict[str, int], threshold: float) -> Head:
            keep = (
                None
                if held_back is None
                else np.array([examples_folds[group] != held_back for group in examples.group])
            )
            return head_of(examples, keep, threshold)

        return Weights(
            id="measured",
            opens=head(opens, folds, thresholds["opens"]),
            answerable=head(answerable, folds, thresholds["answerable"]),
            follow_up=head(follow_up, ticket_folds, thresholds["follow_up"]),
            belongs=belongs,
        )

    def by_stream(belongs: dict[int, Head]) -> Callable[[str], Weights]:
        ready = {fold: heads(fold, head) for fold, head in belongs.items()}
        return lambda name: ready[folds[name]]

    loop = streams[:: chosen.every]
    learned = dict.fromkeys(range(FOLDS), first_belongs(belongs_names()))
    pairs = Examples(names=[], figures=np.zeros((0, 0)), wanted=np.zeros(0), group=[])
    for lap in ("first guess", "learned once"):
        tally = Tally()
        found: list[tuple[Figures, bool, str]] = []
        play(loop, by_stream(learned), tally, found)
        say(f"threads, {lap}", tally.figures())
        pairs = Examples.of(found)
        fold = np.array([folds[group] for group in pairs.group])
        learned = {held_back: head_of(pairs, fold != held_back) for held_back in range(FOLDS)}
    pair_scores = out_of_fold(pairs, folds)
    say(
        "belongs, pairs",
        {
            "n": len(pairs.group),
            "base_rate": float(pairs.wanted.mean()),
            "average_precision": average_precision(pairs.wanted, pair_scores),
        },
    )
    final: dict[str, float] = {}
    for threshold in (0.5, 0.55, 0.6, 0.65, 0.7):
        tally = Tally()
        play(
            loop,
            by_stream({fold: dataclasses.replace(head, threshold=threshold) for fold, head in learned.items()}),
            tally,
        )
        say(f"threads from {threshold}", tally.figures())
        thresholds["belongs"] = threshold
        final = tally.figures()
        if final["put_on_known_precision"] >= BELONGS_PRECISION:
            break
    if chosen.do == "measure":
        return
    shipped = heads(None, head_of(pairs, None, thresholds["belongs"]))
    content = {
        "id": "gate-1",
        "card": {
            "what": "Four logistic scores on strictly causal hand figures; see CARD.md.",
            "data": "irc_stream_dev and tickets_irc_dev, made from jkkummerfeld/irc-disentanglement (CC BY 4.0)",
            "seed": SEED,
            "folds": f"{FOLDS}, by stream",
            "made_by": "tools/measure_gate.py train",
        },
        "heads": {
            "opens": as_file(shipped.opens, report["opens"]),
            "answerable": as_file(shipped.answerable, report["answerable"]),
            "follow_up": as_file(shipped.follow_up, report["follow_up"]),
            "belongs": as_file(shipped.belongs, final),
        },
    }
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"written: {OUTPUT}")


if __name__ == "__main__":
    main()
