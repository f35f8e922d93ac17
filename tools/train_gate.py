"""Trains what ships for the gate and the threads, and says how good it is out of fold:

    python tools/train_gate.py [--data FOLDER]

Written are src/vigil/assist/weights/hearing.{npz,json}, in_channel.onnx and in_ticket.onnx (the scores of the gate, trained in
`vigil.evaluate.gate`) and belongs.json (a
logistic score over `vigil.assist.links`, learned from the threads' own placements in the recorded channels).
"""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import onnx
from onnx import TensorProto, helper

from vigil.assist.hearing import FOLLOW_UP_NAMES, OPENING_NAMES, WEIGHTS, Bars, Opening, shipped
from vigil.assist.linear import Figures, Head
from vigil.assist.links import links
from vigil.assist.situation import Situation
from vigil.assist.thread import Threads
from vigil.domain.conversation import Conversation, ConversationKind, Message, Person, Role
from vigil.domain.ticket import Ticket, TicketState
from vigil.domain.workspace import Workspace
from vigil.evaluate.gate.examples import Example, read_channels, read_tickets
from vigil.evaluate.gate.scoring import average_precision, cautious, crossed_threshold, figures_of, precise
from vigil.evaluate.gate.table import SEED, Floats, Meanings, Table, tabulate
from vigil.evaluate.gate.training import (
    OpeningFit,
    TextFit,
    Texts,
    chances,
    fit_follow_up,
    fit_opening,
    follow_ups_out_of_fold,
    opening_rows,
    openings_out_of_fold,
)
from vigil.evaluate.lines import Row, rows
from vigil.language.bundled import BundledEmbedder

FOLDS = 5
OPENS_PRECISION = 0.85
"""Wanted of the messages that open a ticket."""
BELONGS_PRECISION = 0.80
"""Wanted of the messages put on a ticket without an explicit sign, in the closed loop."""
PENALTY = 0.2
"""scikit-learn's C for the score of a message and a ticket; between .03 and 1 no figure changes by more than .001."""
PAIRS_EVERY = 2
WORKSPACE = Workspace(id="measure", name="measure")


def say(name: str, figures: Any) -> None:
    print(f"{name:<28}{figures}", flush=True)


def progress(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{what} {done}/{of}   ", end="", file=sys.stderr, flush=True)


# The hearing: text scores and trees, packed for the package.


def pack_texts(fits: Sequence[TextFit], path: Path) -> None:
    """The text scores in two bytes each, with a scale for each aim."""
    phrases = np.stack([fit.phrases for fit in fits])
    scales: Floats = np.abs(phrases).max(axis=1) / 32767.0
    np.savez_compressed(
        path,
        phrases=np.round(phrases / scales[:, None]).astype(np.int16),
        scales=scales.astype(np.float32),
        meaning=np.stack([fit.meaning for fit in fits]).astype(np.float32),
        biases=np.array([fit.biases for fit in fits], np.float32).T.copy(),
    )


def trees_node(trees: Any, source: str, target: str) -> onnx.NodeProto:
    """scikit-learn's boosted trees as one ONNX operator (``ai.onnx.ml`` TreeEnsembleRegressor) that gives their log-odds."""
    nodes: dict[str, list[Any]] = {
        name: [] for name in ("tree", "id", "feature", "mode", "value", "true", "false", "missing")
    }
    leaves: dict[str, list[Any]] = {name: [] for name in ("tree", "node", "target", "weight")}
    for number, (predictor,) in enumerate(trees._predictors):  # its only way to the trees; the version is pinned
        for place, node in enumerate(predictor.nodes):
            leaf = bool(node["is_leaf"])
            nodes["tree"].append(number)
            nodes["id"].append(place)
            nodes["feature"].append(0 if leaf else int(node["feature_idx"]))
            nodes["mode"].append("LEAF" if leaf else "BRANCH_LEQ")
            nodes["value"].append(0.0 if leaf else _below(float(node["num_threshold"])))
            nodes["true"].append(0 if leaf else int(node["left"]))
            nodes["false"].append(0 if leaf else int(node["right"]))
            nodes["missing"].append(0 if leaf else int(node["missing_go_to_left"]))
            if leaf:
                for name, value in (("tree", number), ("node", place), ("target", 0), ("weight", float(node["value"]))):
                    leaves[name].append(value)
    return helper.make_node(
        "TreeEnsembleRegressor",
        [source],
        [target],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[float(np.ravel(trees._baseline_prediction)[0])],
        nodes_treeids=nodes["tree"],
        nodes_nodeids=nodes["id"],
        nodes_featureids=nodes["feature"],
        nodes_modes=nodes["mode"],
        nodes_values=nodes["value"],
        nodes_truenodeids=nodes["true"],
        nodes_falsenodeids=nodes["false"],
        nodes_missing_value_tracks_true=nodes["missing"],
        target_treeids=leaves["tree"],
        target_nodeids=leaves["node"],
        target_ids=leaves["target"],
        target_weights=leaves["weight"],
    )


def _below(threshold: float) -> float:
    """The threshold in single precision, never above what it was: figures are single, so that none changes sides."""
    single = np.float32(threshold)
    return float(single if float(single) <= threshold else np.nextafter(single, np.float32(-np.inf)))


def pack_trees(outputs: Mapping[str, Any], width: int, path: Path) -> None:
    """Boosted trees that read the same row, as a graph with one output each."""
    graph = helper.make_graph(
        [trees_node(trees, "row", name) for name, trees in outputs.items()],
        path.stem,
        [helper.make_tensor_value_info("row", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in outputs],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=9
    )
    path.write_bytes(model.SerializeToString())


def train_hearing(openings: list[Example], follow_ups: list[Example], embedder: BundledEmbedder) -> dict[str, Opening]:
    """Train, write and score; gives back what is heard of every opening out of fold, by message id."""
    meanings = Meanings(openings, embedder, progress)
    table = tabulate(openings, meanings, progress, in_tickets=False)
    ticket_meanings = Meanings(follow_ups, embedder, progress)
    tickets = tabulate(follow_ups, ticket_meanings, progress, in_tickets=True)

    likely, answerable = openings_out_of_fold(table, FOLDS, lambda done, of: progress("training", done, of))
    follow_up = follow_ups_out_of_fold(tickets, FOLDS, lambda done, of: progress("training", done, of))
    crossed = crossed_threshold(table.wanted, answerable, table.folds(FOLDS))
    report = {
        "answerable": figures_of(openings, answerable, crossed, table.opens, table.figures).model_dump(),
        "opens": {
            "average_precision": round(average_precision(table.opens, likely), 4),
            "threshold": precise(table.opens, likely, OPENS_PRECISION),
        },
        "follow_up": figures_of(
            follow_ups,
            follow_up,
            crossed_threshold(tickets.wanted, follow_up, tickets.folds(FOLDS)),
            None,
            tickets.figures,
        ).model_dump(),
    }
    for name, figures in report.items():
        say(name, figures)
    bars = Bars(
        opens=precise(table.opens, likely, OPENS_PRECISION),
        answerable=cautious(table.wanted, answerable),
        follow_up=cautious(tickets.wanted, follow_up),
    )
    compare(table, openings, meanings, _ship(table, tickets, bars, report))
    return {
        example.message.id: Opening(opens=float(one), answerable=float(two))
        for example, one, two in zip(openings, likely, answerable, strict=True)
    }


def _ship(table: Table, tickets: Table, bars: Bars, report: dict[str, Any]) -> OpeningFit:
    fold = table.folds(FOLDS)
    opens, answered = (Texts(table=table, aim=aim, fold=fold) for aim in (table.opens, table.wanted))
    opening, _ = fit_opening(table, fold, opens, answered, None)
    ticket_fold = tickets.folds(FOLDS)
    said = Texts(table=tickets, aim=tickets.wanted, fold=ticket_fold)
    follow_up, _ = fit_follow_up(tickets, ticket_fold, said, None)
    pack_texts([opening.opens_text, opening.answered_text, said.without()], WEIGHTS / "hearing.npz")
    in_channel = {"opens": opening.opens, "answered": opening.answered}
    pack_trees(in_channel, len(OPENING_NAMES), WEIGHTS / "in_channel.onnx")
    pack_trees({"follow_up": follow_up}, len(FOLLOW_UP_NAMES), WEIGHTS / "in_ticket.onnx")
    card = {
        "what": "What a message is heard as: text scores and boosted trees; see CARD.md.",
        "made_by": "tools/train_gate.py",
        "data": "irc_stream_dev and tickets_irc_dev, made from jkkummerfeld/irc-disentanglement (CC BY 4.0)",
        "holds": "Numbers only; no text.",
        "embedder": BundledEmbedder.id,
        "seed": SEED,
        "folds": f"{FOLDS}, by stream",
        "scores_out_of_fold": report,
        "bars": dataclasses.asdict(bars),
        "opening": list(OPENING_NAMES),
        "follow_up": list(FOLLOW_UP_NAMES),
    }
    (WEIGHTS / "hearing.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return opening


def compare(table: Table, examples: list[Example], meanings: Meanings, fit: OpeningFit) -> None:
    """What was packed must say what was trained: the largest difference of a probability over some rows."""
    shipped.cache_clear()
    every = np.ones(len(examples), np.bool_)
    rows_ = opening_rows(table, fit.opens_text.scores(table, every), fit.answered_text.scores(table, every))
    trained = chances(fit.opens, rows_)
    apart = [
        abs(shipped().opening(meanings.heard(examples[number])).opens - trained[number])
        for number in range(0, len(examples), 97)
    ]
    say("packed and trained differ by", f"at most {max(apart):.4f} in {len(apart)} probabilities")


# The threads: a score of a message and a ticket, learned in a closed loop.


class GoldLine(Row):
    id: str
    stream: str
    annotated: bool = False
    conv: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A recorded channel around its annotated part."""

    name: str
    messages: list[Message]
    openings: dict[str, Opening]
    """What is heard of each, by message id; of annotated ones out of fold."""
    gold: dict[str, str]
    """The conversation of the annotated ones, by message id."""
    opens: frozenset[str]


def channels(
    path: Path, openings: list[Example], heard: dict[str, Opening], embedder: BundledEmbedder
) -> list[Channel]:
    by_stream: dict[str, list[Example]] = {}
    for example in openings:
        by_stream.setdefault(example.group, []).append(example)
    kept = set(sorted(by_stream)[::PAIRS_EVERY])
    gold: dict[str, str] = {}
    place: dict[str, int] = {}
    for _, line in rows(path, GoldLine):
        seq = place[line.stream] = place.get(line.stream, -1) + 1
        if line.annotated and line.stream in kept:
            gold[f"{line.stream}/{seq}"] = line.conv or line.id
    found: list[Channel] = []
    for name in sorted(kept):
        known = {m.id: m for example in by_stream[name] for m in (*example.recent, example.message)}
        messages = sorted(known.values(), key=lambda message: message.seq)
        others = [
            Example(message=message, recent=tuple(messages[max(0, at - 100) : at]), group=name, wanted=False)
            for at, message in enumerate(messages)
            if message.id not in heard and message.author.role is not Role.BOT
        ]
        # These carry no labels, so that no weights were trained on them.
        meanings = Meanings(others, embedder, progress)
        more = {example.message.id: shipped().opening(meanings.heard(example)) for example in others}
        found.append(
            Channel(
                name=name,
                messages=messages,
                openings={**more, **{message_id: heard[message_id] for message_id in known if message_id in heard}},
                gold={message_id: conv for message_id, conv in gold.items() if message_id in known},
                opens=frozenset(example.message.id for example in by_stream[name] if example.opens),
            )
        )
    return found


@dataclass(slots=True)
class Tally:
    """What the closed loop did, over annotated human messages."""

    messages: int = 0
    opened: int = 0
    opened_right: int = 0
    put: int = 0
    put_right: int = 0
    known: int = 0
    """Put on a ticket whose opening is annotated, so that its conversation is certain."""
    known_right: int = 0

    def figures(self) -> dict[str, float]:
        return {
            "messages": self.messages,
            "placed": round((self.put + self.opened) / self.messages, 4),
            "opened": self.opened,
            "opened_precision": round(self.opened_right / max(1, self.opened), 4),
            "put": self.put,
            "put_precision": round(self.put_right / max(1, self.put), 4),
            "put_on_known": self.known,
            "put_on_known_precision": round(self.known_right / max(1, self.known), 4),
        }


Pair: TypeAlias = tuple[Figures, bool, str]


def play(channel: Channel, belongs: Head, opens_from: float, tally: Tally, found: list[Pair] | None = None) -> None:
    """Run the threads over a recorded channel as in production, on their own earlier placements; compare with the annotation."""
    threads = Threads(belongs, opens_from=opens_from)
    conversation = Conversation(id=channel.name, channel="irc", external_id=channel.name, kind=ConversationKind.CHANNEL)
    recent: list[Message] = []
    tickets: dict[str, Ticket] = {}
    gold: dict[str, str] = {}
    for message in channel.messages:
        if message.author.role is Role.BOT:
            recent.append(message)
            continue
        annotated = message.id in channel.gold
        situation = Situation(
            workspace=WORKSPACE,
            topics=(),
            conversation=conversation,
            message=message,
            recent=tuple(recent[-100:]),
            tickets=tuple(sorted(tickets.values(), key=lambda ticket: ticket.updated_at, reverse=True)[:24]),
        )
        opening = channel.openings[message.id]
        if found is not None and annotated:
            for link in links(situation, opening=opening.opens, answerable=opening.answerable):
                if link.ticket.id in channel.gold:
                    found.append((link.figures, gold[link.ticket.id] == channel.gold[message.id], channel.name))
        placed = threads.place(situation, opening)
        ticket_id = placed.ticket.id if placed.ticket is not None else message.id if placed.opens else None
        if placed.ticket is not None:
            tickets[placed.ticket.id] = dataclasses.replace(placed.ticket, updated_at=message.sent_at)
        elif placed.opens:
            gold[message.id] = channel.gold.get(message.id, message.id)
            tickets[message.id] = Ticket(
                id=message.id,
                external_id=message.id,
                conversation_id=channel.name,
                state=TicketState.OPEN,
                subject="",
                customer_id=message.author.id,
                opened_at=message.sent_at,
                updated_at=message.sent_at,
            )
        recent.append(dataclasses.replace(message, ticket_id=ticket_id))
        if annotated:
            tally.messages += 1
            if placed.opens:
                tally.opened += 1
                tally.opened_right += message.id in channel.opens
            elif ticket_id is not None:
                right = gold[ticket_id] == channel.gold[message.id]
                tally.put += 1
                tally.put_right += right
                tally.known += ticket_id in channel.gold
                tally.known_right += right and ticket_id in channel.gold


def fit_belongs(pairs: Sequence[Pair], threshold: float) -> Head:
    """A logistic score on standardised figures, given back for the raw ones."""
    table = np.array([[value for _, value in figures] for figures, _, _ in pairs])
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    linear: Any = import_module("sklearn.linear_model")
    fit = linear.LogisticRegression(C=PENALTY, max_iter=500).fit(
        (table - mean) / spread, np.array([right for _, right, _ in pairs])
    )
    weights: Floats = np.asarray(fit.coef_[0] / spread, np.float64)
    return Head(
        names=tuple(name for name, _ in pairs[0][0]),
        weights=tuple(round(float(weight), 5) for weight in weights),
        bias=round(float(fit.intercept_[0] - (weights * mean).sum()), 5),
        threshold=threshold,
    )


def first_belongs() -> Head:
    """A rough beginning for the closed loop, before anything is learned: one's own last talk, and whoever speaks to a ticket's customer."""
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
    start = {"your_ticket": 4.0, "unnamed_in_my_last": 4.0, "we_talked_here": 4.0}
    names = [name for name, _ in links(situation, opening=0.5, answerable=0.5)[0].figures]
    return Head(names=tuple(names), weights=tuple(start.get(name, 0.0) for name in names), bias=-2.0, threshold=0.5)


def train_belongs(recorded: list[Channel], opens_from: float) -> None:
    names = [channel.name for channel in recorded]
    fold = {
        name: int(place) % FOLDS
        for name, place in zip(names, np.random.default_rng(SEED).permutation(len(names)), strict=True)
    }
    learned = dict.fromkeys(range(FOLDS), first_belongs())
    pairs: list[Pair] = []
    for lap in ("first guess", "learned once"):
        tally, pairs = Tally(), []
        for channel in recorded:
            play(channel, learned[fold[channel.name]], opens_from, tally, pairs)
        say(f"threads, {lap}", tally.figures())
        learned = {
            held_back: fit_belongs([pair for pair in pairs if fold[pair[2]] != held_back], 0.5)
            for held_back in range(FOLDS)
        }
    final: dict[str, float] = {}
    threshold = 0.5
    for threshold in (0.5, 0.55, 0.6, 0.65, 0.7):
        tally = Tally()
        for channel in recorded:
            play(channel, dataclasses.replace(learned[fold[channel.name]], threshold=threshold), opens_from, tally)
        final = tally.figures()
        say(f"threads from {threshold}", final)
        if final["put_on_known_precision"] >= BELONGS_PRECISION:
            break
    head = fit_belongs(pairs, threshold)
    content = {
        "card": {
            "what": "Does a channel message belong to a ticket? A logistic score; see CARD.md.",
            "made_by": "tools/train_gate.py",
            "data": "irc_stream_dev, made from jkkummerfeld/irc-disentanglement (CC BY 4.0)",
            "seed": SEED,
            "folds": f"{FOLDS}, by stream",
        },
        "scores_out_of_fold": final,
        "threshold": head.threshold,
        "bias": head.bias,
        "weights": dict(zip(head.names, head.weights, strict=True)),
    }
    (WEIGHTS / "belongs.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VIGIL_DATA", "../shared/data")))
    data = cast("Path", parser.parse_args().data)
    began = time.perf_counter()
    embedder = BundledEmbedder()
    openings = read_channels(data / "irc_stream_dev.jsonl.gz")
    heard = train_hearing(openings, read_tickets(data / "tickets_irc_dev.jsonl.gz"), embedder)
    train_belongs(channels(data / "irc_stream_dev.jsonl.gz", openings, heard, embedder), shipped().bars.opens)
    say("took", f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
