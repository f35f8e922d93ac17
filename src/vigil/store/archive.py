"""A backup as a file: a ZIP with the rows of each table as lines of JSON, and a manifest that says what has to be in it. The same file
fills an SQLite and a PostgreSQL database. What rows are and how a database is filled with them is `transfer`'s."""

import asyncio
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from vigil.errors import Conflict, InvalidInput
from vigil.store import migrate
from vigil.store.erasures import Erasure
from vigil.store.transfer import ROWS_AT_ONCE, Fingerprint, Kind, Progress, Shape, Snapshot, WireRow, untold

FORMAT = 1
"""Of the file. A version of Vigil reads its own format and those before it."""
MANIFEST = "manifest.json"
_LEVEL = 6
_BLOCK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError)
"""What `zipfile` raises for a file that is cut short or garbled."""


class Part(BaseModel):
    """One table in the file."""

    model_config = ConfigDict(frozen=True)

    table: str
    file: str
    columns: tuple[tuple[str, Kind], ...]
    rows: int
    sha256: str
    """Of the part's bytes."""
    fingerprint: str
    """Of its rows, whatever their order."""


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True)

    format: int
    vigil: str
    """The version that made it."""
    revision: str
    """Of the tables."""
    taken_at: datetime
    taken_from: str
    parts: tuple[Part, ...]
    erasures: tuple[Erasure, ...] = ()
    """What had been forgotten when it was made, and is therefore not in it."""

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


async def write_archive(
    source: Snapshot,
    path: Path,
    *,
    taken_at: datetime,
    taken_from: str,
    vigil: str,
    erasures: Sequence[Erasure] = (),
    progress: Progress = untold,
) -> Manifest:
    """Write a snapshot to `path`, readable by its owner only: it holds secrets. The file has its name once it is whole.

    Raises:
        Conflict: there is a file of that name.
        InvalidInput: it can't be written there.
    """
    half = _unfinished(path)
    try:
        with os.fdopen(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
                parts = [await _write_part(archive, source, shape, progress) for shape in source.shapes]
                manifest = Manifest(
                    format=FORMAT,
                    vigil=vigil,
                    revision=source.revision,
                    taken_at=taken_at,
                    taken_from=taken_from,
                    parts=tuple(parts),
                    erasures=tuple(erasures),
                )
                archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        half.replace(path)
    except OSError as error:
        raise InvalidInput(f"The backup can't be written to {path}: {error.strerror or error}.") from error
    finally:
        half.unlink(missing_ok=True)
    return manifest


class Archive:
    """A backup that was opened for reading. It is what its manifest says, once it was checked."""

    def __init__(self, path: Path, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._path = path
        self._file = file
        self.manifest = manifest
        self.revision = manifest.revision
        self.shapes = [Shape(name=part.table, columns=part.columns, rows=part.rows) for part in manifest.parts]
        self._files = {part.table: part.file for part in manifest.parts}

    @classmethod
    def open(cls, path: Path) -> "Archive":
        """Raises:
        InvalidInput: it is no backup, is damaged, or was made by a newer version of Vigil.
        """
        try:
            file = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no whole backup file"
            raise InvalidInput(f"{path} can't be restored: {why}.") from error
        try:
            manifest = _manifest(path, file)
        except BaseException:
            file.close()
            raise
        return cls(path, file, manifest)

    def close(self) -> None:
        self._file.close()

    async def check(self, progress: Progress = untold) -> None:
        """Read it to its end and compare it with its manifest.

        Raises:
            InvalidInput: it is damaged.
        """
        for part in self.manifest.parts:
            await asyncio.to_thread(self._check, part)
            progress(part.table, part.rows, part.rows)

    async def rows(self, shape: Shape) -> AsyncIterator[list[WireRow]]:
        lines = self._lines(self._files[shape.name])
        while rows := await asyncio.to_thread(_some, lines):
            yield rows

    def _check(self, part: Part) -> None:
        digest = hashlib.sha256()
        try:
            with self._file.open(part.file) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        except (*_DAMAGED, OSError) as error:
            raise InvalidInput(f"{self._path} is damaged: table {part.table} can't be read to its end.") from error
        if digest.hexdigest() != part.sha256:
            raise InvalidInput(f"{self._path} is damaged: table {part.table} is not what was written.")

    def _lines(self, name: str) -> Iterator[bytes]:
        with self._file.open(name) as file:
            yield from file


def _some(lines: Iterator[bytes]) -> list[WireRow]:
    rows: list[WireRow] = []
    for line in lines:
        rows.append(json.loads(line))
        if len(rows) == ROWS_AT_ONCE:
            break
    return rows


def _manifest(path: Path, file: zipfile.ZipFile) -> Manifest:
    try:
        said = json.loads(file.read(MANIFEST))
        if int(said["format"]) > FORMAT or not migrate.is_known(said["revision"]):
            raise InvalidInput(
                f"{path} was made by Vigil {said['vigil']} with tables at revision {said['revision']}, which is newer than this version "
                "knows; restore it with that version or a later one."
            )
        return Manifest.model_validate(said)
    except (*_DAMAGED, OSError, ValidationError, ValueError, TypeError) as error:
        raise InvalidInput(
            f"{path} can't be restored: its manifest can't be read, so it is damaged or no backup."
        ) from error


def _unfinished(path: Path) -> Path:
    """Where a backup stands until it is whole."""
    if path.exists():
        raise Conflict(f"There is a file {path} already; choose another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"The folder {path.parent} can't be made: {error.strerror or error}.") from error
    return path.with_name(path.name + ".part")


async def _write_part(archive: zipfile.ZipFile, source: Snapshot, shape: Shape, progress: Progress) -> Part:
    digest, fingerprint = hashlib.sha256(), Fingerprint()
    name = f"tables/{shape.name}.jsonl"
    progress(shape.name, 0, shape.rows)
    with archive.open(name, "w", force_zip64=True) as file:
        async for rows in source.rows(shape):
            digest.update(await asyncio.to_thread(_write_rows, file, rows, fingerprint))
            progress(shape.name, fingerprint.count, shape.rows)
    return Part(
        table=shape.name,
        file=name,
        columns=shape.columns,
        rows=fingerprint.count,
        sha256=digest.hexdigest(),
        fingerprint=fingerprint.hex(),
    )


def _write_rows(file: IO[bytes], rows: list[WireRow], fingerprint: Fingerprint) -> bytes:
    block = b"".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in rows)
    file.write(block)
    fingerprint.add(rows)
    return block
