"""Backup, restore and move of a whole installation, put together from snapshot, file and filling. What the command line says about it is
`cli.backup`'s; what has to be forgotten again after a restore is `erasing`'s."""

from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from vigil.errors import InvalidInput
from vigil.store import erasures
from vigil.store.archive import Archive, Manifest, write_archive
from vigil.store.erasures import Erasure
from vigil.store.store import Store
from vigil.store.tables import audit
from vigil.store.transfer import Filled, Progress, fill, present_tables, snapshot, untold

SIDE_LIST = "erasures.json"
"""The list of erasures beside the backups in a folder: what was forgotten after they were made."""


async def backup(url: str, path: Path, *, at: datetime, vigil: str, progress: Progress = untold) -> Manifest:
    """Write everything that a database holds into a file, as of one instant, while others go on working.

    Raises:
        Conflict: there is such a file, or the database belongs to another version of Vigil.
        InvalidInput: there is no such database, or no file can be written there.
    """
    async with AsyncExitStack() as stack:
        store = await _existing(url, stack)
        forgotten = await erasures.erasures(store)  # before the snapshot, which then lacks at least these
        source = await stack.enter_async_context(snapshot(store))
        return await write_archive(
            source, path, taken_at=at, taken_from=store.dialect, vigil=vigil, erasures=forgotten, progress=progress
        )


async def restore(
    url: str,
    archive: Archive,
    *,
    replace: bool = False,
    lists: tuple[Path, ...] = (),
    keep: Path | None = None,
    progress: Progress = untold,
) -> tuple[Filled, list[Erasure]]:
    """Make a database hold what a backup holds, and say what was forgotten since and has to be forgotten again, by what is known of
    the database that is being replaced and by `lists`.

    Args:
        keep: where that is written down before anything is replaced, so that it is known after a power cut too.

    Raises:
        Conflict: the database is not empty and is not to be replaced, is in use, or does not take a row. Nothing was changed.
        InvalidInput: the backup or a list is damaged.
    """
    async with AsyncExitStack() as stack:
        store = await Store.open(url, migrate=False)
        stack.push_async_callback(store.close)
        wanted = await _erasures_in(store)
        for each in lists:
            wanted += erasures.read_list(each)
        missing = erasures.missing_from(archive.manifest.erasures, wanted)
        if keep is not None and missing:
            erasures.write_list(keep, missing)
        return await fill(store, archive, replace=replace, progress=progress), missing


async def move(source_url: str, target_url: str, *, replace: bool = False, progress: Progress = untold) -> Filled:
    """Make one database hold what another holds, of whichever kind the two are. What the other held when it began is moved.

    Raises:
        Conflict: the target is not empty, is in use, or does not take a row; the source is of another version. Nothing was changed.
        InvalidInput: there is no such source, or the two are one.
    """
    if _url(source_url) == _url(target_url):
        raise InvalidInput("--from and --to name the same database.")
    async with AsyncExitStack() as stack:
        source = await _existing(source_url, stack)
        target = await Store.open(target_url, migrate=False)
        stack.push_async_callback(target.close)
        return await fill(target, await stack.enter_async_context(snapshot(source)), replace=replace, progress=progress)


def lists_in(*folders: Path) -> tuple[Path, ...]:
    """The lists of erasures in these folders, where there are any."""
    return tuple(folder / SIDE_LIST for folder in folders if (folder / SIDE_LIST).exists())


def _url(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise InvalidInput(
            f"{url!r} is no database; write sqlite:///path/to/file or postgresql://user@host/name."
        ) from error


def _check_there(place: URL) -> None:
    if place.get_backend_name() == "sqlite" and not (place.database and Path(place.database).exists()):
        raise InvalidInput(f"There is no database at {place.database}.")


async def _existing(url: str, stack: AsyncExitStack) -> Store:
    _check_there(_url(url))
    store = await Store.open(url, migrate=False)
    stack.push_async_callback(store.close)
    return store


async def _erasures_in(store: Store) -> list[Erasure]:
    """Of a database that may be empty."""
    async with store.across_workspaces() as connection:
        present = await present_tables(connection)
    return await erasures.erasures(store) if audit in present else []
