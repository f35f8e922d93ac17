"""Pull the plug while Vigil learns: two processes bring tickets in, learn, publish and roll back without a pause, and are killed with
`kill -9` again and again. Afterwards the knowledge is at a whole version, search agrees with it, and each ticket was learned exactly once.

python benchmarks/learning_faults.py [--kills N] [--database URL] [--seed N] [--json]

Without `--database` it is SQLite; with postgresql://... a schema of its own.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from _databases import database
from _house import House, open_house
from _pupil import W, catch_up, learned_through
from sqlalchemy import text

from vigil.domain.knowledge import RevisionKind, Scope
from vigil.learn.lesson import INTERNAL
from vigil.store.conversations import Conversations, TicketFilter
from vigil.store.entries import Entries

PUPILS = 2
LIFE_S = 1.5
"""Seconds that a process lives at most after it said that it is there: time for some commits on a busy machine too."""
START_S = 90.0
LOOKED_AT = 400
"""Entries in force that are searched for in the end, the same ones each time."""
MANY = 100_000


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Each of the first group must be 0."""

    not_learned: int = 0
    """Tickets whose last message was not learned through."""
    learned_twice: int = 0
    versions_missing: int = 0
    """Numbers without a publication, or publications past the workspace's version."""
    halves: int = 0
    """Publications whose revisions are not as many as they say, pairs of which one side was published, and lessons without their entry."""
    not_found: int = 0
    """Entries in force that their own question doesn't bring up."""
    found_and_gone: int = 0
    """Candidates of a search that are not in force."""
    index_unwell: int = 0

    tickets: int = 0
    versions: int = 0
    lessons: int = 0
    entries: int = 0

    def faults(self) -> dict[str, int]:
        """What must be 0 and isn't."""
        harmless = {"tickets", "versions", "lessons", "entries"}
        return {name: figure for name, figure in asdict(self).items() if figure and name not in harmless}


async def course(url: str, folder: Path, conversation: str, kills: int, chance: random.Random) -> None:
    """Let the processes live and die."""
    left = iter(range(kills))

    async def one(number: int) -> None:
        for kill in left:
            arguments = (url, str(folder), conversation, str(chance.randrange(10**9)))
            pupil = await asyncio.create_subprocess_exec(
                *(sys.executable, str(Path(__file__).with_name("_pupil.py")), *arguments),
                stdout=asyncio.subprocess.PIPE,
            )
            assert pupil.stdout is not None
            async with asyncio.timeout(START_S):
                line = await pupil.stdout.readline()
            if line:
                await asyncio.sleep(chance.uniform(0, LIFE_S))
            if pupil.returncode is not None:
                raise RuntimeError(f"pupil {number} ended by itself, with {pupil.returncode}")
            pupil.kill()
            await pupil.wait()
            if kill % 25 == 24:
                print(f"{kill + 1} kills", file=sys.stderr, flush=True)

    await asyncio.gather(*(one(number) for number in range(PUPILS)))


async def judge(house: House) -> Verdict:
    """Look at everything, as the next process would find it."""
    verdict = Verdict()
    await _tickets(house, verdict)
    await _versions(house, verdict)
    await _search(house, verdict)
    return verdict


async def _tickets(house: House, verdict: Verdict) -> None:
    async with house.store.read(W) as session:
        tickets = await Conversations(session).tickets(TicketFilter(limit=MANY))
    for ticket in tickets:
        last, learned = await learned_through(house, ticket.id)
        verdict.not_learned += not any(through == last for through, _ in learned)
        verdict.learned_twice += any(times > 1 for times in Counter(learned).values())
        verdict.lessons += len(learned)
    verdict.tickets = len(tickets)


async def _versions(house: House, verdict: Verdict) -> None:
    version = await house.knowledge.version(W)
    publications = {each.version: each for each in await house.knowledge.log(W, limit=MANY)}
    verdict.versions = version
    verdict.versions_missing = len(set(publications) ^ set(range(1, version + 1)))
    published: Counter[int] = Counter()
    retired: Counter[int] = Counter()
    pairs: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    lessons: set[tuple[str, int]] = set()
    async with house.store.across_workspaces() as connection:
        rows = await connection.execute(
            text(
                "SELECT r.version, r.kind, r.entry_id, e.key FROM revisions r JOIN entries e"
                " ON e.workspace_id = r.workspace_id AND e.id = r.entry_id"
            )
        )
        for row in rows:
            (retired if row.kind == RevisionKind.RETIRED.value else published)[row.version] += 1
            lessons.add((row.entry_id, row.version))
            if row.key.startswith("pair:") and publications[row.version].summary.startswith("a pair"):
                pairs[row.version, row.key.split(":")[1]].add(row.key)
        noted = await connection.execute(
            text("SELECT entry_id, version FROM lessons WHERE state = 'published' AND version > 0")
        )
        verdict.halves += sum((row.entry_id, row.version) not in lessons for row in noted)
    verdict.halves += sum(len(sides) != 2 for sides in pairs.values())
    for number, publication in publications.items():
        verdict.halves += (published[number], retired[number]) != (publication.published, publication.retired)


async def _search(house: House, verdict: Verdict) -> None:
    async with house.store.read(W) as session:
        entries = await Entries(session).entries(limit=MANY)
    verdict.entries = len(entries)
    in_force = {entry.entry_id for entry in entries}
    for entry in entries[:: max(1, len(entries) // LOOKED_AT)]:
        found = await house.knowledge.search(W, entry.draft.question, scope=Scope(audience=INTERNAL), limit=10)
        ids = {candidate.entry_id for candidate in found.candidates}
        verdict.not_found += entry.entry_id not in ids
        verdict.found_and_gone += len(ids - in_force)
    verdict.index_unwell = not (await house.knowledge.ready_check(W)).ready


async def run(kills: int, server: str, seed: int, folder: Path) -> tuple[Verdict, float]:
    began = time.monotonic()
    async with database(server, folder) as url:
        house = await open_house(url, folder)
        room = await house.room(W)
        await house.close()
        await course(url, folder, room, kills, random.Random(seed))
        house = await open_house(url, folder)
        try:
            await catch_up(house, limit=MANY)
            verdict = await judge(house)
        finally:
            await house.close()
    return verdict, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--database", default="", help="postgresql://...; SQLite where it is left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="vigil-learning-") as folder:
        verdict, seconds = asyncio.run(run(asked.kills, asked.database, asked.seed, Path(folder)))
    figures = {"kills": asked.kills, **asdict(verdict), "seconds": round(seconds, 1)}
    if asked.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:>20} {figure:10}")
    faults = verdict.faults()
    if faults:
        print("faults:", faults, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
