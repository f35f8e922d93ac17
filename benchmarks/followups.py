"""Follow-ups over recorded tickets: does each come when it is due, once, only where nobody has seen to it, and seldom on tickets that went
well? What was said is lived through again with a clock that is moved. With `--kills` real processes fire timers and are killed.

python benchmarks/followups.py TICKETS [--number N] [--labels FILE] [--half tuning|kept-out|all]
python benchmarks/followups.py --kills N [--tickets N] [--database URL]

A recording is no proof that nobody needed the nudge: in a chat that ended, nobody comes back, whatever was left open.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from _killed import killed
from _replayed import Replay, Replayed, customer_of

from vigil.domain.conversation import Role
from vigil.domain.followup import FollowUp, FollowUpReason
from vigil.evaluate.recorded import load
from vigil.evaluate.recording import RecordedMessage
from vigil.evaluate.tracking.labels import Half, read_labels
from vigil.language.reading import read
from vigil.store.store import Store

LABELS: Final = Path(__file__).parents[1] / "tests" / "quality" / "tracking_labels.json"
LATE_S: Final = 1.0
CLOSING: Final = 2
"""The customer's last messages that tell whether an unlabelled ticket went well."""
_R = FollowUpReason
WAITS: Final = frozenset({_R.UNANSWERED_QUESTION, _R.STALLED})
PROMISED: Final = frozenset({_R.PROMISE_DUE, _R.PROMISE_OVERDUE})
_DONE: Final = re.compile(r"\b(?:done|fixed|sent|released|uploaded|it'?s out|here (?:it|you))\b", re.IGNORECASE)
_WILL_TRY: Final = re.compile(r"\b(?:try|trying|test|testing|moment|sec|second|minute|brb|will do)\b", re.IGNORECASE)


def is_about_something_done(follow_up: FollowUp, ticket: Replayed) -> bool:
    """By what stands in the ticket when it is shown. The customer has said since that it is solved; or an analyst has written after what
    waits for one, or said that what was promised is done; or the customer has written after what waits for them, other than to say that
    they will try."""
    customer = customer_of(ticket.messages)
    order = [message.id for message in ticket.messages]
    place = order.index(ticket.ids[follow_up.about])
    since = [each for each in ticket.messages[place + 1 :] if follow_up.shown_at and each.at <= follow_up.shown_at]
    customers = [each.text for each in since if each.author == customer]
    analysts = [each.text for each in since if each.author != customer and each.role is Role.ANALYST]
    if any(read(text).solved for text in customers):
        return True
    if follow_up.reason in WAITS:
        return bool(analysts)
    if follow_up.reason in PROMISED:
        return any(_DONE.search(text) for text in analysts)
    return any(_WILL_TRY.search(text) is None for text in customers)


def reads_well(messages: Sequence[RecordedMessage]) -> bool:
    """The customer's last words say that it is solved, or thank, and ask nothing."""
    customer = customer_of(messages)
    last = [read(each.text) for each in messages if each.author == customer][-CLOSING:]
    return any(each.solved or each.thanks for each in last) and not (last and last[-1].question)


def report(replayed: Sequence[Replayed], labelled: Mapping[str, bool]) -> dict[str, object]:
    """Figures of a replay.

    Args:
        labelled: whether a ticket was resolved, by readers; the others are read by `reads_well`.
    """
    shown = [(ticket, each) for ticket in replayed for each in ticket.follow_ups if each.shown_at is not None]
    nudges = [(ticket, each) for ticket, each in shown if each.decision_id is not None]
    well = {each.name for each in replayed if labelled.get(each.name, reads_well(each.messages))}
    on_well = Counter(str(each.reason) for ticket, each in nudges if ticket.name in well)
    by_labels = {name for name in well if name in labelled}
    done = Counter(str(each.reason) for ticket, each in nudges if is_about_something_done(each, ticket))
    late = [each for _, each in shown if each.shown_at and (each.shown_at - each.due).total_seconds() > LATE_S]
    times = Counter(name for ticket in replayed for name in ticket.shown)
    return {
        "tickets": len(replayed),
        "due": len(shown),
        "late": len(late),
        "never": sum(each.state == "pending" for ticket in replayed for each in ticket.follow_ups),
        "twice": sum(number > 1 for number in times.values()),
        "nudges": dict(sorted(Counter(str(each.reason) for _, each in nudges).items())),
        "listed": len(shown) - len(nudges),
        "about_something_done": dict(sorted(done.items())),
        "went_well": len(well),
        "nudges_a_ticket_that_went_well": _share(sum(on_well.values()), len(well)),
        "by_reason": dict(sorted(on_well.items())),
        "went_well_by_labels": len(by_labels),
        "nudges_a_ticket_by_labels": _share(sum(ticket.name in by_labels for ticket, _ in nudges), len(by_labels)),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


async def replayed(path: Path, number: int, labels: Path, half: Half) -> dict[str, object]:
    """Replay so many tickets of a file: those of a labelled half, or all with the labelled ones first."""
    labelled = {each.id: each.gold.resolved for each in read_labels(labels, half)}
    recorded = load(path).conversations
    first = [name for name in recorded if name in labelled]
    others = [name for name in recorded if name not in labelled] if half is Half.ALL else []
    chosen = {name: recorded[name] for name in (first + others)[:number]}
    with TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{Path(folder) / 'replay.sqlite3'}", durable=False)
        try:
            return report(await Replay(store).play(chosen), labelled)
        finally:
            await store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", nargs="?", type=Path)
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--half", type=Half, choices=list(Half), default=Half.ALL)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--tickets", type=int, default=200)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    if asked.kills:
        figures = asyncio.run(killed(asked.database, tickets=asked.tickets, kills=asked.kills))
        print(json.dumps(figures, indent=2))
        return 1 if figures["missed"] or figures["twice"] else 0
    if asked.recording is None:
        print("Nothing is replayed: name a file of recorded tickets.")
        return 0
    print(json.dumps(asyncio.run(replayed(asked.recording, asked.number, asked.labels, asked.half)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
