"""`vigil demo` where somebody can look: the console of a desk that is alive, until Ctrl+C. What happens on the desk is `demo`'s."""

import asyncio
import signal
import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import uvicorn
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vigil.app import App
from vigil.cli.serve import Server, until
from vigil.cli.shell import err, out
from vigil.demo.alive import Alive, DemoClock
from vigil.demo.cues import MIA
from vigil.demo.play import set_up
from vigil.demo.visit import Visit, tour_of
from vigil.errors import Misconfigured
from vigil.settings import Settings

TRIED: Final = 20
"""Ports that are tried, from the wanted one upwards, before the system is asked for any."""


async def desk(configured: Settings) -> None:
    """Set the desk up, print where it is, and keep it alive until Ctrl+C."""
    began = datetime.now(UTC)
    clock, listening = DemoClock(began - timedelta(hours=3)), free_port(configured.host, configured.port)
    port: int = listening.getsockname()[1]
    if port != configured.port:
        out.print(f"Port {configured.port} is taken, so this desk is on port {port}.")
    async with App.open(configured, clock=clock, durable=False) as app:
        started = time.monotonic()
        await read(app)
        address, stop = f"http://{configured.host}:{port}", asyncio.Event()

        def spent() -> None:
            out.print(f"[dim]A browser is signed in. For another one:[/] {address}{visit.path}", soft_wrap=True)

        visit = Visit(app, spent=spent)
        alive = Alive(app, mia=visit.room, began=datetime.now(UTC))
        with err.status("[dim]playing the day so far[/]"):
            await alive.catch_up(clock)
        clock.go()
        alive.begin()
        mia = await alive.ticket(MIA)
        if mia is None:
            raise Misconfigured("The demo's first ticket isn't there; look into the log above.")
        web = app.web(tour=tour_of(mia.id, visit.room))
        web.include_router(visit.router())
        told = (
            f"[bold]Larkspur Cloud[/], a provider that doesn't exist, is open: its documents are read, nothing has left this machine. "
            f"[dim]({time.monotonic() - started:.0f} s)[/]\n\n"
            f"  {address}{visit.path}\n\n"
            "[dim]Open this link in a browser; it signs you in, once. Customers and analysts write by themselves.\n"
            "Ctrl+C stops it, and nothing is kept. In the terminal alone: make demo HEADLESS=1[/]"
        )
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        config = uvicorn.Config(
            web,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app.worker.run(stop))
            tasks.create_task(app.alarms.run(stop))
            tasks.create_task(alive.run(stop))
            tasks.create_task(until(Server(config, told), stop, app.pulse, sockets=[listening]))
    out.print("\nThe desk is closed.")


async def read(app: App) -> None:
    """Read the desk's documents, with a bar."""
    columns = (TextColumn("[dim]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("reading the desk's documents", total=None)
        await set_up(app, lambda done, total: bar.update(task, completed=done, total=total))


def free_port(host: str, wanted: int) -> socket.socket:
    """A socket that listens at the wanted port, or at the first free one after it.

    Raises:
        Misconfigured: this machine has no such address.
    """
    for port in (*range(wanted, min(wanted + TRIED, 65536)), 0):
        found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host, port))
            found.listen()
        except OSError:
            found.close()
        else:
            return found
    raise Misconfigured(
        f"Nothing can listen on {host}; set VIGIL_HOST to an address of this machine, such as 127.0.0.1."
    )
