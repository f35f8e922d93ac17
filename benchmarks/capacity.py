"""What 10, 1,000 and 100,000 tickets an hour need, which part gives way first, and what stands in for it then.

python benchmarks/capacity.py [--figures FILE] [--json | --write | --check] [--commits URL]

The figures come from the other benchmarks, by way of `figures.json`. From them a small simulation gives the processors that workers need
for the promised lag through a bursty hour, and plain arithmetic how far each part reaches. `--write` puts the tables into
docs/explanation/scale.md, `--check` says whether they stand there; `--commits` measures how many small commits a second a database takes
from writers side by side.
"""

import argparse
import asyncio
import heapq
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigil.clock import SystemClock
from vigil.store.audit import Audit
from vigil.store.store import Store

Numbers = NDArray[np.float64]

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "explanation" / "scale.md"
BEGIN, END = "<!-- capacity: begin -->", "<!-- capacity: end -->"

SIZES = (10, 1_000, 100_000)
"""Tickets an hour."""
LAG_P99_S = 0.5
"""From webhook to stored decision, for 99 of 100: what is promised."""
FULL = 0.7
"""Share of its capacity to which a part may be filled: beyond it queues grow faster than anybody looks."""
COLUMNS = (
    "tickets an hour",
    "messages/s, average / peak",
    "workers",
    "lag p50 / p99",
    "web processors",
    "commits/s at the peak",
    "GB a month",
    "model calls at once",
)
SIMULATED_S = 600
BUSY_SPREAD = 0.35
"""How unequal the minutes of an hour are: standard deviation of their rate over its mean."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a desk asks for."""

    messages_a_ticket: float
    share_searched: float
    share_said: float
    peak: float


@dataclass(frozen=True, kw_only=True)
class Vigil:
    """What Vigil takes for it, as measured."""

    web_cpu_ms: float
    passed_over_cpu_ms: float
    searched_cpu_ms: float
    one_process_messages_s: float
    sqlite_commits_s: float
    postgresql_commits_s: float
    commits_a_message: float
    commits_a_post: float
    bytes_a_message: float
    look_ms: float
    looks_a_second: float
    worker_mb: float


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around it, as assumed."""

    large_postgresql_commits_s: float
    model_calls_at_once: float
    model_call_s: float
    channel_posts_s: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Everything that is reckoned with."""

    desk: Desk
    vigil: Vigil
    around: Around


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a desk of one size needs."""

    tickets_an_hour: int
    messages_s: float
    peak_messages_s: float
    web_processors: float
    workers: int
    """Each a processor of its own."""
    p50_s: float
    p99_s: float
    commits_s: float
    """At the peak."""
    gigabytes_a_month: float
    model_calls_at_once: float
    posts_s: float


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How far a part reaches, and what stands in for it then."""

    part: str
    tickets_an_hour: float
    instead: str


def read(path: Path) -> Figures:
    """The figures of a file, each with where it comes from."""
    said: Mapping[str, Any] = json.loads(path.read_text())

    def values(group: str) -> dict[str, float]:
        return {name: figure["value"] for name, figure in said[group].items()}

    return Figures(desk=Desk(**values("desk")), vigil=Vigil(**values("vigil")), around=Around(**values("around")))


def arrivals(rate: float, rng: np.random.Generator) -> Numbers:
    """Instants of messages within the simulated time, in order: by chance within a minute, and the minutes of unequal weight."""
    minutes = SIMULATED_S // 60
    shape = 1 / BUSY_SPREAD**2
    weights = rng.gamma(shape, 1 / shape, minutes)
    weights *= minutes / weights.sum()
    counts = [int(rng.poisson(rate * 60 * float(weight))) for weight in weights]
    return np.sort(np.concatenate([60 * minute + 60 * rng.random(count) for minute, count in enumerate(counts)]))


def lags(at: Numbers, seconds: Numbers, workers: int) -> Numbers:
    """How long after its arrival each message is decided, where the next free worker takes the oldest."""
    free = [0.0] * workers
    done = np.empty(len(at))
    for number, (instant, takes) in enumerate(zip(at.tolist(), seconds.tolist(), strict=True)):
        ends = max(heapq.heappop(free), instant) + takes
        heapq.heappush(free, ends)
        done[number] = ends - instant
    return done


def need(figures: Figures, tickets_an_hour: int) -> Need:
    """What a desk of this size needs, workers by simulation."""
    desk, vigil, around = figures.desk, figures.vigil, figures.around
    rate = tickets_an_hour * desk.messages_a_ticket / 3600
    peak = rate * desk.peak
    rng = np.random.default_rng(tickets_an_hour)
    at = arrivals(peak, rng)
    searched = rng.random(len(at)) < desk.share_searched
    mean_ms = np.where(searched, vigil.searched_cpu_ms, vigil.passed_over_cpu_ms)
    seconds = mean_ms / 1000 * rng.lognormal(-0.125, 0.5, len(at))  # of mean 1, a tail of texts that are long
    workers = max(1, int(np.ceil(seconds.sum() / SIMULATED_S)))
    while True:
        found = lags(at, seconds, workers)
        p50, p99 = np.quantile(found, [0.5, 0.99]) if len(found) else (0.0, 0.0)
        if p99 <= LAG_P99_S:
            break
        workers += 1
    return Need(
        tickets_an_hour=tickets_an_hour,
        messages_s=rate,
        peak_messages_s=peak,
        web_processors=peak * vigil.web_cpu_ms / 1000 / FULL,
        workers=workers,
        p50_s=float(p50),
        p99_s=float(p99),
        commits_s=peak * (vigil.commits_a_message + desk.share_said * vigil.commits_a_post),
        gigabytes_a_month=rate * 86_400 * 30 * vigil.bytes_a_message / 1e9,
        model_calls_at_once=peak * desk.share_searched * around.model_call_s,
        posts_s=peak * desk.share_said,
    )


def limits(figures: Figures) -> list[Limit]:
    """How many tickets an hour each part carries at the peak, filled to `FULL`; the first to give way first."""
    desk, vigil, around = figures.desk, figures.vigil, figures.around
    hourly = 3600 * FULL / desk.peak / desk.messages_a_ticket
    """Tickets an hour for each message a second that a part carries."""
    commits = vigil.commits_a_message + desk.share_said * vigil.commits_a_post
    mean_s = (desk.share_searched * vigil.searched_cpu_ms + (1 - desk.share_searched) * vigil.passed_over_cpu_ms) / 1000
    looking = vigil.look_ms / 1000 * vigil.looks_a_second  # of a database processor, for each worker
    found = [
        Limit(
            part="one process (its Python thread)",
            tickets_an_hour=hourly * vigil.one_process_messages_s,
            instead="`--role web` and `--role worker` in processes of their own, over PostgreSQL",
        ),
        Limit(
            part="SQLite's one writer",
            tickets_an_hour=hourly * vigil.sqlite_commits_s / commits,
            instead="PostgreSQL: `vigil migrate --from ... --to ...`",
        ),
        Limit(
            part="a small PostgreSQL (2 processors, shared with the workers)",
            tickets_an_hour=hourly * vigil.postgresql_commits_s / commits,
            instead="a PostgreSQL of its own, on a disk that syncs fast; group commit carries more as more workers write",
        ),
        Limit(
            part="language model: calls at once",
            tickets_an_hour=hourly * around.model_calls_at_once / around.model_call_s / desk.share_searched,
            instead="quoting, by itself, past the time or the budget; then a larger tier, fallbacks, or a model of one's own",
        ),
        Limit(
            part="channel: posts a second",
            tickets_an_hour=hourly * around.channel_posts_s / desk.share_said,
            instead="the outbox: posts wait, are looked at once more, and the stale ones are withdrawn; then a second app",
        ),
        Limit(
            part="a large PostgreSQL (one primary)",
            tickets_an_hour=hourly * around.large_postgresql_commits_s / commits,
            instead="several installations, each with some of the workspaces: they share nothing, and no key crosses a workspace",
        ),
        Limit(
            part="workers' looks at the database (one processor of it)",
            tickets_an_hour=hourly / looking / mean_s * FULL,
            instead="a longer `APART.busy_s`, or PostgreSQL's LISTEN and NOTIFY as a bell between processes",
        ),
    ]
    return sorted(found, key=lambda limit: limit.tickets_an_hour)


def tables(figures: Figures) -> str:
    """Both tables, as Markdown."""
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        f"|{' ---: |' * len(COLUMNS)}",
    ]
    for size in SIZES:
        each = need(figures, size)
        cells = (
            f"{size:,}",
            f"{each.messages_s:,.2f} / {each.peak_messages_s:,.1f}",
            f"{each.workers}",
            f"{each.p50_s * 1000:.0f} / {each.p99_s * 1000:.0f} ms",
            f"{each.web_processors:.2f}",
            f"{each.commits_s:,.1f}",
            f"{each.gigabytes_a_month:,.1f}",
            f"{each.model_calls_at_once:,.1f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| gives way | at tickets an hour | what stands in for it |", "| --- | ---: | --- |"]
    lines += [f"| {each.part} | {round_down(each.tickets_an_hour):,} | {each.instead} |" for each in limits(figures)]
    return "\n".join(lines)


def round_down(value: float) -> int:
    """To two figures: nothing here is known better."""
    unit = 10 ** max(0, len(str(int(value))) - 2)
    return int(value // unit * unit)


def page_with(text: str, made: str) -> str:
    """A page with the tables between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


async def commits_a_second(url: str, *, seconds: float = 3.0, writers: int = 8) -> float:
    """Small commits that some writers side by side get done: an audit record each, as every decision has one."""
    store, clock = await Store.open(url), SystemClock()
    until = time.perf_counter() + seconds

    async def write(name: str) -> int:
        count = 0
        while time.perf_counter() < until:
            async with store.write("capacity") as session:
                await Audit(session).add(f"{name}-{count}", at=clock.now(), actor="x", action="counted", subject="x")
            count += 1
        return count

    counts = await asyncio.gather(*(write(f"w{number}") for number in range(writers)))
    await store.close()
    return sum(counts) / seconds


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, default=HERE / "figures.json")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--commits", default="", metavar="URL", help="an empty database to measure commits on")
    asked = parser.parse_args(arguments)
    if asked.commits:
        print(f"{asyncio.run(commits_a_second(asked.commits)):.0f} commits a second")
        return 0
    figures = read(asked.figures)
    if asked.json:
        found = {
            "needs": [asdict(need(figures, size)) for size in SIZES],
            "limits": [asdict(each) for each in limits(figures)],
        }
        print(json.dumps(found, indent=2))
        return 0
    made = tables(figures)
    if asked.write or asked.check:
        text = PAGE.read_text()
        wanted = page_with(text, made)
        if asked.check and wanted != text:
            print(f"{PAGE.name} says something else than the figures; run: python benchmarks/capacity.py --write")
            return 1
        PAGE.write_text(wanted)
        return 0
    print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
