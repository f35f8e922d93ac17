"""Progress bars for what works through tables: one bar a table, and none where the output is no terminal."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from vigil.cli.shell import err
from vigil.store.transfer import Progress as Tell


@contextmanager
def table_bars(doing: str) -> Generator[Tell]:
    """A function to be told how far each table is."""
    columns = (
        TextColumn(doing),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(table, total=total)
            progress.update(tasks[table], completed=done, total=total)

        yield tell
