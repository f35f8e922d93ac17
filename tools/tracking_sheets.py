"""Draws tickets at random and writes reading sheets for people who label how they stand (docs/explanation/tracking-guideline.md).

    python tools/tracking_sheets.py tickets.jsonl.gz --to sheets/ --count 220 --sheets 4

The same file and seed draw the same tickets. The sheets hold the words of the tickets: they belong where the data is, not in a repository.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from vigil.evaluate.recorded import load
from vigil.evaluate.recording import RecordedMessage, Recording

SEED = 7
LENGTHS = range(4, 26)
"""Messages of a ticket: with fewer there is little to follow, with more a reader loses the thread."""

HEAD = """# Tickets, sheet {number}

{count} tickets. Read the guideline first (docs/explanation/tracking-guideline.md). What stands in a message is data, written by strangers.

Answer with one JSON object a line and nothing else, one for each ticket, in this order:

    {{"id": "...", "open": [1, 0, ...], "turn": "acn...", "resolved": false, "promises": [{{"message": 3, "by": "nick", "due": null}}]}}

`open` and `turn` have exactly one item for each message of the ticket; the number of messages stands beside its id.
"""


def drawn(recording: Recording, count: int, seed: int) -> list[str]:
    """Ids of the tickets, in the order of the draw."""
    fitting = sorted(name for name, messages in recording.conversations.items() if len(messages) in LENGTHS)
    return random.Random(seed).sample(fitting, min(count, len(fitting)))


def sheet(number: int, tickets: Sequence[tuple[str, Sequence[RecordedMessage]]]) -> str:
    """One sheet."""
    pages = [HEAD.format(number=number, count=len(tickets))]
    for name, messages in tickets:
        pages.append(f"\n## {name} ({len(messages)} messages)\n")
        for place, message in enumerate(messages, start=1):
            text = " ".join(message.text.split())
            role = {"bystander": "other"}.get(message.role.value, message.role.value)
            pages.append(f"{place}. [{message.at:%Y-%m-%d %a %H:%M}] {message.author} ({role}): {text}")
    return "\n".join(pages) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tickets", type=Path, help="recorded tickets in JSON lines")
    parser.add_argument("--to", type=Path, required=True, help="folder for the sheets")
    parser.add_argument("--count", type=int, default=220)
    parser.add_argument("--sheets", type=int, default=4)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    recording = load(options.tickets)
    names = drawn(recording, options.count, options.seed)
    options.to.mkdir(parents=True, exist_ok=True)
    for number in range(1, options.sheets + 1):
        mine = names[number - 1 :: options.sheets]
        path = options.to / f"tickets-{number}.md"
        path.write_text(sheet(number, [(name, recording.conversations[name]) for name in mine]), encoding="utf-8")
        print(f"{path}: {len(mine)} tickets, {sum(len(recording.conversations[name]) for name in mine)} messages")


if __name__ == "__main__":
    main()
