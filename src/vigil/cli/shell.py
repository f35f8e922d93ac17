"""How a command runs and how it speaks: settings in, one installation opened, tables or JSON out, errors as a sentence and an exit code."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar, cast

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vigil.app import App
from vigil.domain.workspace import DEFAULT_WORKSPACE
from vigil.errors import InvalidInput, VigilError
from vigil.settings import Settings

T = TypeVar("T")

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
InWorkspace = Annotated[
    str,
    typer.Option("--workspace", "-w", envvar="VIGIL_WORKSPACE", help="The workspace to work in.", show_default=True),
]
DEFAULT = DEFAULT_WORKSPACE

EXIT_FAILED, EXIT_INVALID = 1, 2


def settings() -> Settings:
    """The installation's settings; a bad one ends the command with a sentence that names it."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"VIGIL_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        stop(f"A setting is wrong. {problems}")


def run(work: Callable[[App], Awaitable[T]], *, configured: Settings | None = None) -> T:
    """Open the installation, do the work, close it again. An error on purpose becomes a sentence and an exit code."""

    async def opened() -> T:
        async with App.open(configured or settings()) as app:
            return await work(app)

    return finish(opened)


def finish(work: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine to its end; an error on purpose becomes a sentence and an exit code."""

    async def awaited() -> T:
        return await work()

    try:
        return asyncio.run(awaited())
    except VigilError as error:
        stop(str(error), code=EXIT_INVALID if isinstance(error, InvalidInput) else EXIT_FAILED)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def stop(message: str, *, code: int = EXIT_FAILED) -> NoReturn:
    err.print(f"[bold red]✗[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(code)


def read_file(path: Path) -> bytes:
    """The bytes of a file, or of standard input for ``-``."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        stop(f"{path} can't be read: {error.strerror or error}.", code=EXIT_INVALID)


def plain(value: object) -> Any:
    """A value as JSON has it: dataclasses as objects, instants as ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in cast("Sequence[object]", value)]
    if isinstance(value, (datetime, time)):
        return value.isoformat()
    return value


def print_json(value: object) -> None:
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """A table of plain text; nothing in a cell is taken for markup."""
    if not rows:
        out.print(f"[dim]{escape(empty)}[/]")
        return
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)  # an id that is folded can't be copied
    for row in rows:
        table.add_row(*(escape(_cell(cell)) for cell in row))
    out.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    return str(value)
