"""Sending spans away: sets up OpenTelemetry's SDK with an OTLP exporter where the settings name an endpoint. Where spans begin and end is
written where things happen, with `vigil.tracing`."""

from collections.abc import Generator
from contextlib import contextmanager

from vigil import __version__
from vigil.errors import Misconfigured
from vigil.settings import Settings


@contextmanager
def traced(settings: Settings) -> Generator[None]:
    """Send spans to `trace_endpoint` within the block, and what is left of them at its end. Nothing happens where that is empty.

    The SDK's own variables hold besides: ``OTEL_EXPORTER_OTLP_HEADERS`` for a key, ``OTEL_TRACES_SAMPLER`` for a part of all traces.

    Raises:
        Misconfigured: an endpoint is named and the packages for it are not installed.
    """
    if not settings.trace_endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise Misconfigured(
            "VIGIL_TRACE_ENDPOINT is set, but OpenTelemetry's SDK isn't installed; install vigil-oncall[otel], or leave it empty."
        ) from error
    from opentelemetry.trace import set_tracer_provider

    resource = Resource.create({"service.name": "vigil", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{settings.trace_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()
