"""Counting for Prometheus: the adapter of the meters of `runtime` and `language`, and the page that Prometheus reads. Label values come
from closed lists, and no workspace, person or word is one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vigil import __version__
from vigil.domain.decision import Cost, Decision, Outcome, OutcomeKind
from vigil.domain.post import Post, PostState
from vigil.store.backlog import Backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One thing that is counted."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


LAG: Final = (0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""Around the promise of half a second at the 99th percentile, and up to where somebody was paged."""
STAGE: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
"""From a stage that only compares to one that waits for a model until its time is up."""
STAGE_NAMES: Final = 40
"""Names of stages that are told apart; the pipeline has some ten. Whatever comes after them is `other`."""

DECISIONS = Instrument(
    name="vigil_decisions_total",
    kind="counter",
    help="Decisions stored, by kind and reason.",
    labels=("kind", "reason"),
)
OUTCOMES = Instrument(
    name="vigil_suggestions_total",
    kind="counter",
    help="What became of suggestions and replies, as people said or tickets showed.",
    labels=("outcome",),
)
POSTS = Instrument(
    name="vigil_posts_total",
    kind="counter",
    help="Posts that came to their end: sent, withdrawn or failed.",
    labels=("state", "visibility"),
)
EVENT_LAG = Instrument(
    name="vigil_event_lag_seconds",
    kind="histogram",
    help="Seconds from an event's row in the inbox to its stored decision.",
    buckets=LAG,
)
STAGES = Instrument(
    name="vigil_stage_seconds",
    kind="histogram",
    help="Seconds that a stage of deciding took; `all` is the whole of it.",
    labels=("stage",),
    buckets=STAGE,
)
FAILURES = Instrument(
    name="vigil_event_failures_total",
    kind="counter",
    help="Attempts at an event that failed: tried again, or parked.",
    labels=("then",),
)
MODEL_CALLS = Instrument(
    name="vigil_model_calls_total", kind="counter", help="Calls to the language model, by outcome.", labels=("outcome",)
)
MODEL_SECONDS = Instrument(
    name="vigil_model_seconds", kind="histogram", help="Seconds that a call to the language model took.", buckets=STAGE
)
MODEL_TOKENS = Instrument(
    name="vigil_model_tokens_total",
    kind="counter",
    help="Tokens that answered calls to the language model took (in) and gave (out).",
    labels=("direction",),
)
MODEL_MONEY = Instrument(
    name="vigil_model_dollars_total",
    kind="counter",
    help="US dollars that answered calls to the language model cost, by published prices.",
)
WAITING = Instrument(name="vigil_inbox_events", kind="gauge", help="Events in the inbox that wait for a decision.")
OLDEST = Instrument(
    name="vigil_inbox_oldest_seconds", kind="gauge", help="Seconds that the oldest waiting event has waited."
)
PARKED = Instrument(
    name="vigil_inbox_parked_events", kind="gauge", help="Events that failed too often and wait for a person."
)
OUTBOX = Instrument(name="vigil_outbox_posts", kind="gauge", help="Posts that wait to be sent.")
DATABASE = Instrument(
    name="vigil_database_up", kind="gauge", help="1 where the database answered this scrape, else 0 and no backlog."
)
BUILD = Instrument(
    name="vigil_build", kind="gauge", help="Always 1; the label says which version runs.", labels=("version",)
)

INSTRUMENTS: Final[tuple[Instrument, ...]] = (
    DECISIONS,
    OUTCOMES,
    POSTS,
    EVENT_LAG,
    STAGES,
    FAILURES,
    WAITING,
    OLDEST,
    PARKED,
    OUTBOX,
    MODEL_CALLS,
    MODEL_SECONDS,
    MODEL_TOKENS,
    MODEL_MONEY,
    DATABASE,
    BUILD,
)
"""Everything that is counted, in the order of the reference."""


class Metrics:
    """Counts for one process. Prometheus adds the processes up; what is read from the database is the same in each."""

    def __init__(self) -> None:
        disable_created_metrics()  # a second series for each first one, which Prometheus' text format has no use for
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._backlog = _Shown()
        self._registry.register(self._backlog)
        self._decisions = self._counter(DECISIONS)
        self._outcomes = self._counter(OUTCOMES)
        for kind in OutcomeKind:
            self._outcomes.labels(kind.value)
        self._posts = self._counter(POSTS)
        self._failures = self._counter(FAILURES)
        self._lag = self._histogram(EVENT_LAG)
        self._stages = self._histogram(STAGES)
        self._calls = self._counter(MODEL_CALLS)
        self._call_seconds = self._histogram(MODEL_SECONDS)
        self._tokens = self._counter(MODEL_TOKENS)
        self._money = self._counter(MODEL_MONEY)
        build = Gauge(BUILD.name, BUILD.help, BUILD.labels, registry=self._registry)
        build.labels(__version__).set(1)
        self._stage_names: set[str] = set()

    def decided(self, decision: Decision, *, lag_s: float) -> None:
        self._decisions.labels(decision.kind.value, decision.reason.value).inc()
        self._lag.observe(lag_s)
        for stage in decision.stages:
            self._stages.labels(self._stage(stage.name)).observe(stage.milliseconds / 1000)
        if decision.stages:
            self._stages.labels("all").observe(decision.cost.milliseconds / 1000)

    def failed(self, *, parked: bool) -> None:
        self._failures.labels("parked" if parked else "tried_again").inc()

    def posted(self, post: Post, state: PostState) -> None:
        self._posts.labels(state.value, post.visibility.value).inc()

    def judged(self, outcome: Outcome) -> None:
        self._outcomes.labels(outcome.kind.value).inc()

    def called(self, outcome: str, *, seconds: float, cost: Cost | None) -> None:
        self._calls.labels(outcome).inc()
        self._call_seconds.observe(seconds)
        if cost is not None:
            self._tokens.labels("in").inc(cost.tokens_in)
            self._tokens.labels("out").inc(cost.tokens_out)
            self._money.inc(cost.money)

    def page(self, backlog: Backlog | None) -> bytes:
        """All counts in Prometheus' text format.

        Args:
            backlog: as the database has it; None where it doesn't answer.
        """
        self._backlog.present = backlog
        return generate_latest(self._registry)

    def _stage(self, name: str) -> str:
        label = name.replace(": ", "_").replace(" ", "_")
        if label not in self._stage_names and len(self._stage_names) >= STAGE_NAMES:
            return "other"
        self._stage_names.add(label)
        return label

    def _counter(self, instrument: Instrument) -> Counter:
        return Counter(instrument.name, instrument.help, instrument.labels, registry=self._registry)

    def _histogram(self, instrument: Instrument) -> Histogram:
        return Histogram(
            instrument.name,
            instrument.help,
            instrument.labels,
            buckets=cast("Sequence[float | str]", instrument.buckets),
            registry=self._registry,
        )


class _Shown(Collector):
    """The backlog as it stood at this scrape."""

    def __init__(self) -> None:
        self.present: Backlog | None = None

    def collect(self) -> Iterable[Metric]:
        backlog = self.present
        figures = {DATABASE: float(backlog is not None)}
        if backlog is not None:
            figures |= {
                WAITING: float(backlog.events_waiting),
                OLDEST: backlog.oldest_event_s,
                PARKED: float(backlog.events_parked),
                OUTBOX: float(backlog.posts_waiting),
            }
        for instrument, value in figures.items():
            yield GaugeMetricFamily(instrument.name, instrument.help, value=value)
