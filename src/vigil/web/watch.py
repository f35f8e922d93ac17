"""What an orchestrator and Prometheus ask of a process: is it alive, can it work, what has it counted. No token is needed, and nobody's
words are told; a proxy that faces the internet should pass on `/api` and `/hooks` alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vigil import __version__
from vigil.clock import Ids
from vigil.runtime.health import Health, Report
from vigil.web.frame import CarefulHeaders, LastCatch

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What can be seen of a process from outside."""

    health: Health
    metrics: Callable[[], Awaitable[bytes]] | None
    """Writes the page for Prometheus; None where nothing is counted."""


def observability_application(watch: Watch, ids: Ids) -> ASGIApp:
    """The three addresses alone, for a process that has no other doors."""
    return CarefulHeaders(LastCatch(Starlette(routes=routes_of(watch)), ids=ids))


def routes_of(watch: Watch) -> list[Route]:
    """``/healthz``, ``/readyz`` and ``/metrics``."""

    async def healthz(_request: Request) -> Response:
        """Alive: the event loop turns. What it needs is asked at `/readyz`; restarting this process would not bring a database back."""
        return JSONResponse({"status": "alive", "version": __version__})

    async def readyz(_request: Request) -> Response:
        report = await watch.health.report()
        return JSONResponse(_told(report), status_code=200 if report.ready else 503)

    async def metrics(_request: Request) -> Response:
        if watch.metrics is None:
            return PlainTextResponse("Nothing is counted in this process.\n", status_code=404)
        return Response(await watch.metrics(), media_type=METRICS_TYPE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def _told(report: Report) -> dict[str, Any]:
    degraded = not all(check.ok for check in report.checks)
    return {
        "status": "not_ready" if not report.ready else "degraded" if degraded else "ready",
        "checks": {
            check.name: {"status": "ok" if check.ok else "failed", "detail": check.detail} for check in report.checks
        },
    }
