"""What following a ticket costs a message: reading it, and writing how the ticket stands, at the beginning and at the end of a ticket of
1,000 messages. The ratio of the two says whether the cost grows; milliseconds are of this machine's processor.

SQLite always; PostgreSQL where VIGIL_BENCH_POSTGRES names a database that may be written to.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

MESSAGES = 1_000
WINDOW = 100
"""Messages at each end that are compared."""
SAYINGS = (
    ("mia", "customer", "My backup number {n} fails with ERR_QUOTA_EXCEEDED since version 2.{n}, how can I fix that?"),
    ("tom", "analyst", "Which region is it in? And did you try to raise the quota?"),
    ("mia", "customer", "It's in eu-west-1, and I raised it to {n} GB but it still fails."),
    ("tom", "analyst", "I'll look into it and get back to you in an hour."),
    ("tom", "analyst", "The quota of the project counts as well: open Settings > Quotas and set it to {n} GB."),
    ("mia", "customer", "Ah, I see. That worked, thank you! But what about backup {n} of the other project?"),
)
"""All that there is to read: questions, facts, promises, ends and returns."""


async def measure(url: str) -> dict[str, float]:
    """Milliseconds of processor a message, read and written, at both ends."""
    from vigil.domain.conversation import ConversationKind, Message, Person, Role
    from vigil.domain.ticket import Ticket, TicketState
    from vigil.store.store import Store
    from vigil.track.follower import Follower, Written

    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    ticket = Ticket(
        id="t",
        external_id="t",
        conversation_id="c",
        state=TicketState.OPEN,
        subject="s",
        customer_id="mia",
        opened_at=start,
        updated_at=start,
    )
    store, follower = await Store.open(url), Follower()
    recent: list[Message] = []
    took: list[float] = []
    for number in range(MESSAGES):
        by, role, text = SAYINGS[number % len(SAYINGS)]
        at = start + timedelta(minutes=7 * number)
        message = Message(
            id=f"m{number}",
            external_id=f"m{number}",
            conversation_id="c",
            seq=number + 1,
            author=Person(id=by, name=by.title(), role=Role(role)),
            text=text.format(n=number),
            sent_at=at,
            received_at=at,
        )
        written = Written(
            ticket=ticket, new=number == 0, message=message, kind=ConversationKind.ROOM, recent=recent[-120:], epoch=1
        )
        async with store.write("w", short=True) as session:
            began = time.process_time()
            progress = await follower.written(session, written)
            took.append(1000 * (time.process_time() - began))
        follower.kept("w", progress, epoch=1)
        recent.append(message)
    await store.close()
    first, last = took[len(SAYINGS) : WINDOW], took[-WINDOW:]  # the first ones load the parser of dates
    return {
        "first_ms": round(statistics.median(first), 3),
        "last_ms": round(statistics.median(last), 3),
        "mean_ms": round(statistics.fmean(took), 3),
        "ratio": round(statistics.median(last) / statistics.median(first), 2),
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = {"sqlite": asyncio.run(measure(f"sqlite:///{Path(folder) / 'bench.sqlite3'}"))}
    if server := os.environ.get("VIGIL_BENCH_POSTGRES"):
        found["postgresql"] = asyncio.run(measure(server))
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
