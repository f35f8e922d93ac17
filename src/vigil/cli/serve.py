"""`vigil serve`: the HTTP doors and the worker, in one process or each in any number of its own, until it is told to stop."""

import asyncio
import logging
import signal
import socket
from enum import StrEnum
from typing import Annotated, Final

import typer
import uvicorn

from vigil import __version__
from vigil.app import App
from vigil.cli.shell import finish, out, settings
from vigil.runtime.pulse import Pulse
from vigil.runtime.worker import ALONE, APART
from vigil.settings import Settings
from vigil.telemetry import logs
from vigil.telemetry.traces import traced

log = logging.getLogger(__name__)

LAST_REQUESTS_S: Final = 20
"""Seconds that requests have to end when the server is told to stop: less than the half minute after which orchestrators lose patience."""


class ServeRole(StrEnum):
    """What a process does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


def serve(
    role: Annotated[
        ServeRole,
        typer.Option(
            help="`web` takes messages in, `worker` decides and sends; both in any number, over one PostgreSQL."
        ),
    ] = ServeRole.ALL,
) -> None:
    """Start the server: REST API, webhooks and the worker behind them."""
    configured = settings()
    logs.set_up(configured.log_format)
    finish(lambda: _traced(configured, role))


async def _traced(configured: Settings, role: ServeRole) -> None:
    with traced(configured):
        await _serve(configured, role)


async def _serve(configured: Settings, role: ServeRole) -> None:
    async with App.open(configured, metered=True) as app:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        if role is ServeRole.WORKER:
            host, port = configured.watch_host, configured.watch_port
            told = f"Vigil works · health and metrics at http://{host}:{port} · Ctrl+C stops it"
        else:
            host, port = configured.host, configured.port
            told = f"Vigil listens on http://{host}:{port} · API at /api/v1 · Ctrl+C stops it"
            first = await app.sign_ins.first_invitation()
            if first is not None:
                base = configured.public_url.rstrip("/") or f"http://{host}:{port}"
                told += f"\nNobody can sign in yet. This link makes the first admin, once, within a day:\n{base}/join/{first}"
        server = Server(
            uvicorn.Config(
                app.observability() if role is ServeRole.WORKER else app.web(),
                host=host,
                port=port,
                log_config=None,
                log_level="warning",  # that it has begun and ended is told here
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=LAST_REQUESTS_S,
            ),
            told,
        )
        if role is not ServeRole.WEB:
            await _warm(app)
        async with asyncio.TaskGroup() as tasks:
            if role is not ServeRole.WEB:
                await app.care.arrange()
                tasks.create_task(app.alarms.run(stop))
                tasks.create_task(app.worker.run(stop, APART if role is ServeRole.WORKER else ALONE))
            tasks.create_task(until(server, stop, app.pulse))
    log.info("stopped", extra={"role": role.value, "version": __version__})


async def _warm(app: App) -> None:
    """Load what the first customer would wait some seconds for: the embedder, and the search indexes that a first look at them reads.
    What takes longer than that look's patience, or fails, is the readiness check's to tell."""
    await asyncio.gather(app.embedder.embed(["Is anybody there?"]), app.health.report(), return_exceptions=True)


class Server(uvicorn.Server):
    """Says that it is there once it is."""

    def __init__(self, config: uvicorn.Config, told: str) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            out.print(self._told, soft_wrap=True)  # a link in it stays whole


async def until(
    server: uvicorn.Server, stop: asyncio.Event, pulse: Pulse, *, sockets: list[socket.socket] | None = None
) -> None:
    """Serve until `stop` is set; a server that can't start sets it for the others."""
    serving = asyncio.create_task(server.serve(sockets))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    pulse.end()  # an open page would be waited for
    stop.set()
    stopping.cancel()
    await serving
