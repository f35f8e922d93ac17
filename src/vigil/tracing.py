"""Spans (OpenTelemetry) that follow a message through the house and from process to process; without an SDK nothing here does anything.
Spans hold ids, kinds and figures, never words: of an exception they keep the class."""

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    ProxyTracerProvider,
    Span,
    SpanKind,
    StatusCode,
    get_current_span,
    get_tracer,
    get_tracer_provider,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from vigil import __version__

Attribute = str | bool | int | float | Sequence[str]
Part = Literal["internal", "server", "client", "producer", "consumer"]

_tracer: Final = get_tracer("vigil", __version__)
_w3c: Final = TraceContextTextMapPropagator()
_KINDS: Final[Mapping[str, SpanKind]] = {kind.name.lower(): kind for kind in SpanKind}


@contextmanager
def span(
    name: str, attributes: Mapping[str, Attribute] | None = None, *, part: Part = "internal", parent: str | None = None
) -> Generator[Span]:
    """A span around a block. One that raises is marked as failed with the exception's class; its text may hold somebody's words.

    Args:
        part: this side's part in a conversation between processes (OpenTelemetry's span kind).
        parent: a stored `traceparent` to go on from; the span around this one where there is none.
    """
    if parent is None and _nobody_looks():
        yield INVALID_SPAN
        return
    context = None if parent is None else _w3c.extract({"traceparent": parent}, Context())
    with _tracer.start_as_current_span(
        name,
        context,
        kind=_KINDS[part],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            failed(begun, type(error).__name__)
            raise


def _nobody_looks() -> bool:
    """No SDK is set up, and nothing came from a process that has one: a tenth of the time of a span that does nothing."""
    return isinstance(get_tracer_provider(), ProxyTracerProvider) and not get_current_span().get_span_context().is_valid


def failed(on: Span, kind: str) -> None:
    """Mark a span as failed, with what kind of failure it was."""
    on.set_attribute("error.type", kind)
    on.set_status(StatusCode.ERROR)


def traceparent() -> str | None:
    """The span at hand as the W3C writes it, to be stored and gone on from later; None where nothing is traced."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent")


def just_took(name: str, milliseconds: float, attributes: Mapping[str, Attribute]) -> None:
    """A span for what ended this moment and was timed by somebody else, inside the span at hand."""
    if not get_current_span().is_recording():
        return
    now = time.time_ns()
    _tracer.start_span(name, attributes=attributes, start_time=now - int(milliseconds * 1_000_000)).end(now)
