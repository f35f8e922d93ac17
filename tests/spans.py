"""Spans that tests can look at. OpenTelemetry takes one provider a process, for good: this one is set once, and records when asked."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import set_tracer_provider


class _WhenWanted(Sampler):
    wanted = False

    def should_sample(
        self,
        parent_context: Any,
        trace_id: int,
        name: str,
        kind: Any = None,
        attributes: Any = None,
        *rest: Any,
        **more: Any,
    ) -> SamplingResult:
        if not self.wanted:
            return SamplingResult(Decision.DROP)
        return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes)

    def get_description(self) -> str:
        return "while a test looks"


class Spans(SpanProcessor):
    """What ended while a test looked."""

    def __init__(self) -> None:
        self.ended: list[ReadableSpan] = []

    def on_start(self, span: Any, parent_context: Context | None = None) -> None: ...

    def on_end(self, span: ReadableSpan) -> None:
        self.ended.append(span)

    def names(self) -> list[str]:
        return [span.name for span in self.ended]

    def named(self, name: str) -> ReadableSpan:
        """The only one of that name."""
        (found,) = [span for span in self.ended if span.name == name]
        return found

    def told(self) -> str:
        """Everything that would leave the process, as text."""
        return "\n".join(span.to_json() for span in self.ended)


_sampler = _WhenWanted()
_spans = Spans()
_set: list[TracerProvider] = []


@contextmanager
def recorded() -> Generator[Spans]:
    """Record spans within the block."""
    if not _set:
        _set.append(TracerProvider(sampler=_sampler, shutdown_on_exit=False))
        _set[0].add_span_processor(_spans)
        set_tracer_provider(_set[0])
    _spans.ended.clear()
    _sampler.wanted = True
    try:
        yield _spans
    finally:
        _sampler.wanted = False


def traces_of(spans: Sequence[ReadableSpan]) -> set[int]:
    """The traces that these spans belong to."""
    return {span.context.trace_id for span in spans if span.context is not None}
