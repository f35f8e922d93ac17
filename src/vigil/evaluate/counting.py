"""From a judged replay to its figures: every number of the report is counted here. What makes a suggestion right is decided in `judge`."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from vigil import __version__
from vigil.domain.decision import DecisionKind
from vigil.evaluate.answers import is_human
from vigil.evaluate.cases import best_and_worst
from vigil.evaluate.figures import (
    About,
    Calibration,
    Costs,
    Coverage,
    Decisions,
    Figures,
    Lead,
    Stretch,
    Suggestions,
)
from vigil.evaluate.judge import Judged, Judgement
from vigil.evaluate.metrics import Percentiles, calibration_error, histogram, percentiles, rate, reliability, share
from vigil.evaluate.replay import Replayed
from vigil.evaluate.system import Decided

LEAD_EDGES_S = (0.0, 1.0, 60.0, 120.0, 300.0, 600.0, 900.0)
"""Edges of the lead's histogram: the same minute (many recordings know no seconds), then up to the window of a channel and beyond."""

STRETCHES = 20
"""Parts into which the messages are cut for the figures over time."""


_NUMBER = re.compile(r" \d+$")
"""At the end of a stage's name: several questions in one message are the same stage several times."""


def count(judged: Judged, *, made_at: datetime) -> Figures:
    """All figures of a replay."""
    best, worst = best_and_worst(judged)
    shown = [each for each in judged.judgements if each.shown]
    return Figures(
        made_at=made_at,
        about=_about(judged),
        suggestions=_suggestions(judged, shown),
        coverage=_coverage(judged),
        lead=_lead(shown),
        decisions=_decisions(judged.replayed.decided),
        costs=_costs(judged.replayed, len(shown)),
        latency_ms=_latency(judged.replayed.decided),
        calibration=_calibration(shown),
        over_time=_over_time(judged),
        best=best,
        worst=worst,
    )


def _about(judged: Judged) -> About:
    replayed = judged.replayed
    recording = replayed.recording
    everything = [message for messages in recording.conversations.values() for message in messages]
    times = [message.at for message in everything]
    models = sorted({each.decision.cost.model for each in replayed.decided if each.decision.cost.model})
    return About(
        name=recording.name,
        shape=recording.shape.value,
        conversations=len(recording.conversations),
        messages=len(everything),
        human_messages=sum(map(is_human, everything)),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        notes=recording.notes,
        refused=len(replayed.refused),
        undecided=len(everything) - len(replayed.refused) - len(replayed.decided),
        vigil=__version__,
        knowledge_version=max((each.decision.knowledge_version for each in replayed.decided), default=0),
        model=", ".join(models) or None,
        embedder=judged.embedder,
        seconds=replayed.seconds,
        messages_per_s=len(everything) / replayed.seconds if replayed.seconds > 0 else 0.0,
    )


def _suggestions(judged: Judged, shown: Sequence[Judgement]) -> Suggestions:
    judged_ones = [each for each in shown if not each.cut_short]
    answered = [each for each in judged_ones if each.answers]
    withdrawn = [each for each in judged.judgements if not each.shown]
    home = {message.id: message.conversation for message in judged.replayed.recording.in_order()}
    interrupted = Counter(home[each.message] for each in judged.replayed.spoke if each.sent)
    humans = {name: sum(map(is_human, messages)) for name, messages in judged.replayed.recording.conversations.items()}
    return Suggestions(
        made=len(judged.judgements),
        shown=len(shown),
        withdrawn=len(withdrawn),
        withdrawn_by_reason=_counted(each.withdrawn or "not sent" for each in withdrawn),
        not_judged=len(shown) - len(judged_ones),
        answered=share((each.message.conversation, float(bool(each.answers))) for each in judged_ones),
        hit=share((each.message.conversation, float(each.hit is not None)) for each in judged_ones),
        control=share((each.message.conversation, each.control) for each in judged_ones),
        hit_where_answered=share((each.message.conversation, float(each.hit is not None)) for each in answered),
        control_where_answered=share((each.message.conversation, each.control) for each in answered),
        interruptions=interrupted.total(),
        interruptions_per_100=rate([interrupted[name] for name in humans], list(humans.values()), per=100),
    )


def _coverage(judged: Judged) -> Coverage:
    return Coverage(
        openings=share(
            (each.exchange.conversation, float(each.by is not None)) for each in judged.covered if each.exchange.opening
        ),
        follow_ups=share(
            (each.exchange.conversation, float(each.by is not None))
            for each in judged.covered
            if not each.exchange.opening
        ),
        by_annotators=all(each.exchange.by_annotators for each in judged.covered),
    )


def _lead(shown: Sequence[Judgement]) -> Lead:
    leads = [each.lead_s for each in shown if each.lead_s is not None]
    return Lead(seconds=percentiles(leads), bins=histogram(leads, LEAD_EDGES_S))


def _decisions(decided: Sequence[Decided]) -> Decisions:
    every = [each.decision for each in decided]
    return Decisions(
        total=len(every),
        by_kind=_counted(decision.kind.value for decision in every),
        by_reason=_counted(decision.reason.value for decision in every),
        silent_by_reason=_counted(decision.reason.value for decision in every if decision.kind is DecisionKind.SILENT),
    )


def _costs(replayed: Replayed, shown: int) -> Costs:
    costs = [each.decision.cost for each in replayed.decided]
    money = sum(cost.money for cost in costs)
    return Costs(
        model_calls=sum(cost.calls for cost in costs),
        tokens_in=sum(cost.tokens_in for cost in costs),
        tokens_out=sum(cost.tokens_out for cost in costs),
        money=money,
        money_per_100_messages=100 * money / replayed.recording.size if replayed.recording.size else 0.0,
        money_per_suggestion=money / shown if shown else None,
        tokens_in_per_call=percentiles([cost.tokens_in / cost.calls for cost in costs if cost.calls]),
    )


def _latency(decided: Sequence[Decided]) -> dict[str, Percentiles]:
    """Milliseconds by stage, in the order in which stages are gone through, and `decision` for the whole."""
    stages: dict[str, list[float]] = {}
    whole: list[float] = []
    for each in decided:
        for stage in each.decision.stages:
            stages.setdefault(_NUMBER.sub("", stage.name), []).append(stage.milliseconds)
        whole.append(each.decision.cost.milliseconds)
    return {name: percentiles(values) for name, values in (*stages.items(), ("decision", whole))}


def _calibration(shown: Sequence[Judgement]) -> Calibration:
    cases = [
        (each.message.conversation, each.decided.decision.confidence, float(each.hit is not None))
        for each in shown
        if each.answers and each.decided.decision.confidence is not None
    ]
    bins = reliability(cases)
    return Calibration(bins=bins, error=calibration_error(bins))


def _over_time(judged: Judged) -> tuple[Stretch, ...]:
    everything = list(judged.replayed.recording.in_order())
    size = -(-len(everything) // STRETCHES)
    by_message = {each.message.id: each for each in judged.judgements if each.shown}
    openings = {each.exchange.asked.id: each for each in judged.covered if each.exchange.opening}
    stretches: list[Stretch] = []
    for start in range(0, len(everything), size or 1):
        part = everything[start : start + size]
        ids = [message.id for message in part]
        helps = [by_message[message] for message in ids if message in by_message]
        asked = [openings[message] for message in ids if message in openings]
        stretches.append(
            Stretch(
                first_at=part[0].at,
                last_at=part[-1].at,
                human_messages=sum(map(is_human, part)),
                suggestions=len(helps),
                hits=sum(each.hit is not None for each in helps),
                openings=len(asked),
                openings_covered=sum(each.by is not None for each in asked),
            )
        )
    return tuple(stretches)


def _counted(values: Iterable[str]) -> dict[str, int]:
    """How often each value comes, the most frequent first."""
    return dict(Counter(values).most_common())
