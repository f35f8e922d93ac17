"""`vigil evaluate tracking` as functions: what Vigil says of tickets against what readers said, in figures."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path

from pydantic import BaseModel

from vigil.domain.conversation import ConversationKind
from vigil.errors import InvalidInput
from vigil.evaluate.recorded import load
from vigil.evaluate.tracking.following import Followed, follow
from vigil.evaluate.tracking.labels import Half, LabelledTicket, Reading, kappa, read_labels

MINUTE_S = 60
"""Between the instant that a person works out and the one that is found: they write down minutes."""


class TrackingFigures(BaseModel):
    """How well tickets are followed. What nobody labelled is None."""

    tickets: int
    messages: int
    half: str
    open_share: float
    """Of messages after which a question of the customer's is open."""
    open_precision: float | None = None
    open_recall: float | None = None
    open_f1: float | None = None
    turn_accuracy: float | None = None
    turn_f1: float | None = None
    """Mean of the three F1."""
    turn_f1_analyst: float | None = None
    turn_f1_customer: float | None = None
    turn_f1_nobody: float | None = None
    resolved_accuracy: float | None = None
    resolved_share: float | None = None
    """Of tickets, as the readers have it."""
    promises: int | None = None
    """As the readers have it."""
    promises_found: int
    promises_precision: float | None = None
    promises_recall: float | None = None
    kappa_open: float | None = None
    kappa_turn: float | None = None
    kappa_resolved: float | None = None
    readers_open_f1: float | None = None
    """One reader against the other: what nobody can be asked to pass."""
    readers_turn_f1: float | None = None
    readers_resolved_accuracy: float | None = None
    milliseconds_a_message: float


class Tally:
    """Right, wrongly said and missed."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missed = 0

    def count(self, said: bool, true: bool) -> None:
        self.right += said and true
        self.wrong += said and not true
        self.missed += true and not said

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def evaluate_tracking(tickets: Path, labels: Path | None, *, half: Half = Half.ALL) -> TrackingFigures:
    """Follow recorded tickets and score what stands.

    Args:
        labels: what readers said; without it all tickets are followed and only counted.
        half: which of the labelled tickets.

    Raises:
        InvalidInput: a file can't be read, or the labels are of other tickets.
    """
    recording = load(tickets)
    labelled = None if labels is None else read_labels(labels, half)
    names = list(recording.conversations) if labelled is None else [each.id for each in labelled]
    if missing := [name for name in names if name not in recording.conversations]:
        raise InvalidInput(
            f"{tickets.name} has no ticket {missing[0]!r}, which is labelled; give the file that was read."
        )
    followed = [follow(name, recording.conversations[name], ConversationKind.CHANNEL) for name in names]
    messages = sum(len(each.open) for each in followed)
    figures = TrackingFigures(
        tickets=len(followed),
        messages=messages,
        half=half.value,
        open_share=_round(sum(each.open.count("1") for each in followed) / max(1, messages)),
        promises_found=sum(len(each.promises) for each in followed),
        milliseconds_a_message=_round(1000 * sum(each.seconds for each in followed) / max(1, messages)),
    )
    return figures if labelled is None else figures.model_copy(update=_scores(followed, labelled))


def _scores(followed: Sequence[Followed], labelled: Sequence[LabelledTicket]) -> dict[str, float | int]:
    for each, truth in zip(followed, labelled, strict=True):
        if {len(truth.first.open), len(truth.first.turn), len(truth.second.open), len(truth.second.turn)} != {
            len(each.open)
        }:
            raise InvalidInput(f"Ticket {each.id!r} has {len(each.open)} messages, and its labels another number.")
    said = [Reading(open=each.open, turn=each.turn, resolved=each.resolved) for each in followed]
    gold = [each.gold for each in labelled]
    first, second = [each.first for each in labelled], [each.second for each in labelled]
    opened = opens(said, gold)
    by_turn = turns(said, gold)
    promises = Tally()
    for each, truth in zip(followed, gold, strict=True):
        wanted = [(label.message, _due(label.due)) for label in truth.promises]
        for place, promise in each.promises:
            match = next((one for one in wanted if one[0] == place and same_time(promise.due, one[1])), None)
            promises.count(True, match is not None)
            if match is not None:
                wanted.remove(match)
        promises.missed += len(wanted)
    turn_labels = [("".join(each.turn for each in some)) for some in (first, second, [*said], [*gold])]
    return {
        "open_precision": _round(opened.precision),
        "open_recall": _round(opened.recall),
        "open_f1": _round(opened.f1),
        "turn_accuracy": _round(_same(turn_labels[2], turn_labels[3])),
        "turn_f1": _round(sum(each.f1 for each in by_turn.values()) / 3),
        "turn_f1_analyst": _round(by_turn["a"].f1),
        "turn_f1_customer": _round(by_turn["c"].f1),
        "turn_f1_nobody": _round(by_turn["n"].f1),
        "resolved_accuracy": _round(_same([each.resolved for each in said], [each.resolved for each in gold])),
        "resolved_share": _round(sum(each.resolved for each in gold) / max(1, len(gold))),
        "promises": promises.right + promises.missed,
        "promises_precision": _round(promises.precision),
        "promises_recall": _round(promises.recall),
        "kappa_open": _round(kappa("".join(each.open for each in first), "".join(each.open for each in second))),
        "kappa_turn": _round(kappa(turn_labels[0], turn_labels[1])),
        "kappa_resolved": _round(kappa([each.resolved for each in first], [each.resolved for each in second])),
        "readers_open_f1": _round(opens(first, second).f1),
        "readers_turn_f1": _round(sum(each.f1 for each in turns(first, second).values()) / 3),
        "readers_resolved_accuracy": _round(
            _same([each.resolved for each in first], [each.resolved for each in second])
        ),
    }


def opens(said: Sequence[Reading], gold: Sequence[Reading]) -> Tally:
    """Open questions, message by message."""
    tally = Tally()
    for one, other in zip(said, gold, strict=True):
        for mine, true in zip(one.open, other.open, strict=True):
            tally.count(mine == "1", true == "1")
    return tally


def turns(said: Sequence[Reading], gold: Sequence[Reading]) -> dict[str, Tally]:
    """Whose turn it is, message by message, for each letter."""
    tallies = {letter: Tally() for letter in "acn"}
    for one, other in zip(said, gold, strict=True):
        for mine, true in zip(one.turn, other.turn, strict=True):
            for letter, tally in tallies.items():
                tally.count(mine == letter, true == letter)
    return tallies


def same_time(found: datetime | None, wanted: date | datetime | None, zone: tzinfo | None = None) -> bool:
    """Whether a promise is due when a reader says: to the minute, on the day in the speaker's zone, or without a time."""
    if found is None or wanted is None:
        return found is None and wanted is None
    if isinstance(wanted, datetime):
        return abs((found - wanted).total_seconds()) <= MINUTE_S
    return (found if zone is None else found.astimezone(zone)).date() == wanted


def _due(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else found.astimezone()


def _same(first: Sequence[object], second: Sequence[object]) -> float:
    return sum(a == b for a, b in zip(first, second, strict=True)) / max(1, len(first))


def _round(value: float) -> float:
    return round(value, 3)
