"""`vigil serve`: the HTTP doors and the worker in one process, until it is told to stop."""

import asyncio
import signal

import uvicorn

from vigil.app import App
from vigil.cli.shell import finish, out, settings
from vigil.settings import Settings
from vigil.telemetry import logs
from vigil.telemetry.traces import traced


def serve() -> None:
    """Start the server: REST API, webhooks and the worker behind them."""
    configured = settings()
    logs.set_up(configured.log_format)
    finish(lambda: _traced(configured))


async def _traced(configured: Settings) -> None:
    with traced(configured):
        await _serve(configured)


async def _serve(configured: Settings) -> None:
    async with App.open(configured, metered=True) as app:
        server = uvicorn.Server(
            uvicorn.Config(
                app.web(),
                host=configured.host,
                port=configured.port,
                log_config=None,
                access_log=False,
                server_header=False,
            )
        )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        out.print(f"Vigil listens on http://{configured.host}:{configured.port} · API at /api/v1 · Ctrl+C stops it")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app.worker.run(stop))
            tasks.create_task(_until(server, stop))


async def _until(server: uvicorn.Server, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; a server that can't start sets it for the others."""
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stop.set()
    stopping.cancel()
    await serving
