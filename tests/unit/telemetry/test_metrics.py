"""What is counted, and what the page for Prometheus says of it."""

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from vigil.domain.decision import Cost, Decision, DecisionKind, Outcome, OutcomeKind, Reason, Stage
from vigil.domain.post import Post, PostState, Visibility
from vigil.store.backlog import Backlog
from vigil.telemetry.metrics import INSTRUMENTS, STAGE_NAMES, Metrics

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOTHING = Backlog(events_waiting=0, oldest_event_s=0, events_parked=0, posts_waiting=0)


def decision(*stages: Stage) -> Decision:
    return Decision(
        id="dec_1",
        conversation_id="cnv_1",
        message_id="msg_1",
        ticket_id=None,
        kind=DecisionKind.SUGGEST,
        reason=Reason.ANSWERED,
        stages=stages,
        cost=Cost(milliseconds=40),
        decided_at=NOON,
    )


def samples(metrics: Metrics, backlog: Backlog | None = NOTHING) -> dict[str, float]:
    """Sample by its name and labels, as ``name{a=b}``."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(metrics.page(backlog).decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_decisions_are_counted_by_kind_and_reason_and_timed() -> None:
    metrics = Metrics()
    metrics.decided(decision(Stage(name="gate", outcome="passes", milliseconds=2)), lag_s=0.2)
    found = samples(metrics)
    assert found["vigil_decisions_total{kind=suggest,reason=answered}"] == 1
    assert found["vigil_event_lag_seconds_bucket{le=0.15}"] == 0
    assert found["vigil_event_lag_seconds_bucket{le=0.25}"] == 1
    assert found["vigil_stage_seconds_sum{stage=gate}"] == 0.002
    assert found["vigil_stage_seconds_sum{stage=all}"] == 0.04


def test_a_suggestions_outcome_and_a_posts_end_are_counted() -> None:
    metrics = Metrics()
    metrics.judged(Outcome(id="out_1", decision_id="dec_1", kind=OutcomeKind.ADOPTED, by="jonas", at=NOON))
    post = Post(
        id="pst_1",
        conversation_id="cnv_1",
        decision_id="dec_1",
        visibility=Visibility.PRIVATE,
        text="words",
        not_before=NOON,
    )
    metrics.posted(post, PostState.WITHDRAWN)
    metrics.failed(parked=True)
    found = samples(metrics)
    assert found["vigil_suggestions_total{outcome=adopted}"] == 1
    assert found["vigil_suggestions_total{outcome=dismissed}"] == 0
    assert found["vigil_posts_total{state=withdrawn,visibility=private}"] == 1
    assert found["vigil_event_failures_total{then=parked}"] == 1


def test_a_models_tokens_and_money_are_counted_and_its_failures_too() -> None:
    metrics = Metrics()
    metrics.called("answered", seconds=0.5, cost=Cost(tokens_in=100, tokens_out=20, money=0.25))
    metrics.called("timeout", seconds=20, cost=None)
    found = samples(metrics)
    assert found["vigil_model_tokens_total{direction=in}"] == 100
    assert found["vigil_model_tokens_total{direction=out}"] == 20
    assert found["vigil_model_dollars_total"] == 0.25
    assert found["vigil_model_calls_total{outcome=timeout}"] == 1
    assert found["vigil_model_seconds_count"] == 2


def test_the_backlog_is_the_databases_and_missing_while_it_is_away() -> None:
    metrics = Metrics()
    found = samples(metrics, Backlog(events_waiting=7, oldest_event_s=12.5, events_parked=2, posts_waiting=3))
    assert found["vigil_inbox_events"] == 7
    assert found["vigil_inbox_oldest_seconds"] == 12.5
    assert found["vigil_inbox_parked_events"] == 2
    assert found["vigil_outbox_posts"] == 3
    assert found["vigil_database_up"] == 1
    away = samples(metrics, None)
    assert away["vigil_database_up"] == 0
    assert "vigil_inbox_events" not in away


def test_however_many_stages_there_are_the_labels_stay_few() -> None:
    metrics = Metrics()
    for number in range(3 * STAGE_NAMES):
        metrics.decided(decision(Stage(name=f"stage {number}", outcome="", milliseconds=1)), lag_s=0)
    stages = [name for name in samples(metrics) if name.startswith("vigil_stage_seconds_count")]
    assert len(stages) == STAGE_NAMES + 2  # and "other", and "all"


def test_the_page_has_every_instrument_of_the_reference_and_no_other_of_ours() -> None:
    families = {
        family.name
        for family in text_string_to_metric_families(Metrics().page(NOTHING).decode())
        if family.name.startswith("vigil_")
    }
    assert families == {instrument.name.removesuffix("_total") for instrument in INSTRUMENTS}
