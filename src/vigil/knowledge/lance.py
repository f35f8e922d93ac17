"""The search index on disk or object storage, in LanceDB: vectors in inverted lists, words in a BM25 index. It is a cache: what it holds
can be filled again from SQL at any time, so whatever breaks in it is answered with None and never with an error."""

import asyncio
import hashlib
import logging
import os
import secrets
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, cast

import numpy as np

from vigil.domain.knowledge import Scope
from vigil.errors import Misconfigured
from vigil.knowledge.index import Hits, IndexRow, Sought, arrived

FLAT_ROWS = 4_000
"""Up to so many rows every vector is compared: exact, and no slower than an inverted list (benchmarks/search.py)."""
LIST_ROWS = 128
"""Rows of one inverted list, on average."""
PROBES = 32
"""Inverted lists that one search looks into: some 6,000 vectors, whatever the number of entries. The nearest entry of all is found for
.98 of real questions among 10,000 real texts, for .93 among 74,000. Words find some of the rest."""
QUERY_WORDS = 48
"""Different words of a question that are looked up: four chat messages have fewer, and a pasted log finds nothing better with more."""
FORGET_AFTER = timedelta(minutes=10)
"""Old states of the table are kept for so long, for searches that are still reading one."""

_WHOLE = "whole"
"""The tag of a table that was filled to its end."""
_BROKEN = (RuntimeError, ValueError, OSError)
"""What LanceDB raises for files that are missing, cut short or garbled (pyarrow's errors are ValueErrors)."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Library:
    """LanceDB and pyarrow, whose types are partly or wholly unknown: loaded when an index is first opened, which takes a second."""

    lancedb: Any
    index: Any
    query: Any
    expr: Any
    arrow: Any

    @staticmethod
    @cache
    def load() -> "_Library":
        os.environ.setdefault("LANCEDB_LOG", "error")  # it warns of each table that is not there yet
        return _Library(
            lancedb=import_module("lancedb"),
            index=import_module("lancedb.index"),
            query=import_module("lancedb.query"),
            expr=import_module("lancedb.expr"),
            arrow=import_module("pyarrow"),
        )


class LanceShelf:
    """Indexes below one folder or URI, each workspace and embedder in a folder of its own.

    Args:
        uri: a path, or whatever LanceDB can open (``s3://bucket/prefix`` ...).
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri.rstrip("/")

    async def index(self, workspace: str, embedder_id: str, dimensions: int) -> "LanceIndex":
        digest = hashlib.sha256(f"{workspace}\0{embedder_id}".encode()).hexdigest()[:24]
        await asyncio.to_thread(_Library.load)
        index = LanceIndex(f"{self._uri}/{digest}", embedder_id, dimensions)
        await index.refresh()
        return index


class LanceIndex:
    """The index of one workspace.

    Each filling makes a new table (``g00000001_...``, ``g00000002_...``), which counts once it is whole: readers here and elsewhere
    keep the one before until then, and a filling that was cut off leaves nothing that anybody would read.
    """

    def __init__(self, uri: str, embedder_id: str, dimensions: int) -> None:
        self._uri = uri
        self._embedder_id = embedder_id
        self._library = _Library.load()
        arrow = self._library.arrow
        self._schema = arrow.schema(
            [
                ("id", arrow.string()),
                ("payload", arrow.binary()),
                ("vector", arrow.list_(arrow.float32(), dimensions)),
                ("words", arrow.string()),
                ("audience", arrow.string()),
                ("product", arrow.string()),
                ("language", arrow.string()),
            ]
        ).with_metadata({"embedder": embedder_id})
        self._dimensions = dimensions
        self._folder: Any = None
        self._table: Any = None
        """What is read from: one state of it, so that what a query names is what the next one finds; refreshing opens another."""
        self._writing: Any = None
        """The same table for writing."""
        self._warm: set[str] = set()
        """Indexes that were read into memory."""

    @property
    def embedder_id(self) -> str:
        return self._embedder_id

    async def fill(self, pages: AsyncIterable[Sequence[IndexRow]]) -> None:
        folder = await self._open_folder()
        tables = await _tables(folder)
        number = int(tables[-1][1:9]) + 1 if tables else 1
        # Never a name that was there before, of which something may be remembered: folders get lost, and numbers begin anew.
        name = f"g{number:08d}_{secrets.token_hex(4)}"
        table: Any = await folder.create_table(name, schema=self._schema)
        async for page in pages:
            if page:
                await table.add(self._arrow_table(page))
        await table.optimize()  # each page made a file of its own: as one they are read in two thirds of the time
        await _index_columns(table)
        await _index_vectors(table)
        await table.tags.create(_WHOLE, await table.version())
        self._writing = table
        await self.refresh()
        for old in tables:
            await folder.drop_table(old, ignore_missing=True)

    async def change(self, rows: Sequence[IndexRow], gone: Sequence[str]) -> bool:
        try:
            table = await self._for_writing()
            if table is None:
                return False
            if rows:
                merge = table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
                await merge.execute(self._arrow_table(rows))
            if gone:
                await table.delete(self._library.expr.col("id").isin(list(gone)))
        except _BROKEN as error:
            self._give_up(error)
            return False
        return True

    async def search(
        self, vector: Sought, words: Sequence[str], *, embedder_id: str, wanted: Scope, limit: int
    ) -> Hits | None:
        if embedder_id != self._embedder_id:
            raise Misconfigured(
                f"The search index holds vectors of {self._embedder_id!r} and was asked with one of {embedder_id!r}: "
                "run `vigil knowledge reindex` after a change of VIGIL_EMBEDDER."
            )
        for attempt in range(2):
            if self._table is None:
                return None
            try:
                return await self._look_up(vector, words, _admits(wanted), limit)
            except _BROKEN as error:
                self._give_up(error)
                if attempt == 0:  # another process may have filled the index again, and dropped what this one read
                    await self.refresh()
        return None

    async def refresh(self) -> None:
        for _ in range(2):  # the second time without anything remembered
            try:
                self._table = await self._newest()
                return
            except _BROKEN as error:
                self._give_up(error)

    async def tidy(self) -> None:
        try:
            table = await self._for_writing()
            if table is not None:
                await _index_vectors(table)
                await table.optimize(cleanup_older_than=FORGET_AFTER)
                await self.refresh()
        except _BROKEN as error:
            self._give_up(error)

    async def clear(self) -> None:
        folder = await self._open_folder()
        for name in await _tables(folder):
            await folder.drop_table(name, ignore_missing=True)
        self._table = self._writing = self._folder = None
        self._warm = set()

    async def count(self) -> int | None:
        try:
            return None if self._table is None else int(await self._table.count_rows())
        except _BROKEN as error:
            self._give_up(error)
            return None

    async def _newest(self) -> Any:
        """The newest table that is whole, as it is now; None where there is none."""
        folder = await self._open_folder()
        for name in reversed(await _tables(folder)):
            table: Any = await folder.open_table(name)
            if _WHOLE in await table.tags.list():
                await self._read_in(table)
                return table
        return None

    async def _for_writing(self) -> Any:
        if self._table is not None and (self._writing is None or self._writing.name != self._table.name):
            self._writing = await (await self._open_folder()).open_table(self._table.name)
        return None if self._table is None else self._writing

    async def _read_in(self, table: Any) -> None:
        """Read the indexes into memory, so that the first question after a change is as fast as the next."""
        indexes = {index.index_uuid: index for index in await table.list_indices()}
        for uuid, index in indexes.items():
            if uuid not in self._warm and index.columns in (["vector"], ["words"]):
                await table.prewarm_index(index.name)
        self._warm = set(indexes)

    async def _look_up(self, vector: Sought, words: Sequence[str], where: Any, limit: int) -> Hits:
        table = self._table
        found: dict[int, None] = {}
        if words:
            text = " ".join(list(dict.fromkeys(words))[:QUERY_WORDS])
            worded = table.query().nearest_to_text(self._library.query.MatchQuery(text, "words"))
            found |= await _row_ids(worded.select(["_score"]), where, limit)
        near = await arrived(vector)
        if near is not None:
            nearest = table.query().nearest_to(near[0]).column("vector").distance_type("dot").nprobes(PROBES)
            found = await _row_ids(nearest.select(["_distance"]), where, limit) | found
        if not found:
            return Hits.none(self._dimensions)
        # Both ways name rows only; what is known of them comes in one piece, which is a third of the time of four columns twice.
        rows = await table.take_row_ids(list(found)).select(["payload"]).to_arrow()
        return _unpacked(rows["payload"].to_pylist(), self._dimensions)

    async def _open_folder(self) -> Any:
        if self._folder is None:
            # A cache of its own: after a folder was lost and filled again, nothing may be remembered of the old one.
            session = self._library.lancedb.Session(index_cache_size_bytes=1 << 30, metadata_cache_size_bytes=1 << 28)
            self._folder = await self._library.lancedb.connect_async(self._uri, session=session)
        return self._folder

    def _give_up(self, error: Exception) -> None:
        _LOG.warning(
            "The search index in %s can't be read (%s); it will be filled again.", self._uri, type(error).__name__
        )
        self._table = self._writing = self._folder = None
        self._warm = set()

    def _arrow_table(self, rows: Sequence[IndexRow]) -> Any:
        arrow = self._library.arrow
        numbers = arrow.py_buffer(b"".join(row.vector for row in rows))
        flat = arrow.Array.from_buffers(arrow.float32(), len(rows) * self._dimensions, [None, numbers])
        columns = [
            [row.entry_id for row in rows],
            [_packed(row) for row in rows],
            arrow.FixedSizeListArray.from_arrays(flat, self._dimensions),
            [row.words for row in rows],
            [row.scope.audience or "" for row in rows],
            [_folded(row.scope.product) for row in rows],
            [_language(row.scope.language) for row in rows],
        ]
        return arrow.Table.from_arrays([arrow.array(column) for column in columns], schema=self._schema)


async def _tables(folder: Any) -> list[str]:
    """Names of the fillings, the oldest first."""
    listed: Any = await folder.list_tables(limit=1000)
    return sorted(name for name in cast("list[str]", listed.tables) if name[:1] == "g" and name[1:9].isdigit())


async def _index_columns(table: Any) -> None:
    index = _Library.load().index
    await table.create_index("id", config=index.BTree())
    for name in ("audience", "product", "language"):
        await table.create_index(name, config=index.Bitmap())
    # The words come stemmed and folded: entries and questions are cut the same way, in one place.
    plain = index.FTS(
        base_tokenizer="whitespace",
        stem=False,
        remove_stop_words=False,
        lower_case=False,
        ascii_folding=False,
        max_token_length=128,
    )
    await table.create_index("words", config=plain)


async def _index_vectors(table: Any) -> None:
    """Sort the vectors into inverted lists where there are enough of them; anew where they have become four times as many."""
    lists = await table.count_rows() // LIST_ROWS
    present = [index.name for index in await table.list_indices() if index.columns == ["vector"]]
    if lists * LIST_ROWS < FLAT_ROWS or any(lists < 4 * int(name.rpartition("_")[2]) for name in present):
        return
    config = _Library.load().index.IvfSq(distance_type="dot", num_partitions=lists, sample_rate=32, max_iterations=15)
    await table.create_index("vector", config=config, name=f"vector_{lists}")
    for name in present:
        await table.drop_index(name)


async def _row_ids(query: Any, where: Any, limit: int) -> dict[int, None]:
    query = query.with_row_id().limit(limit)
    result = await (query if where is None else query.where(where)).to_arrow()
    return dict.fromkeys(result["_rowid"].to_pylist())


def _packed(row: IndexRow) -> bytes:
    """What a search needs of a row, in one piece: the vector in float16, then entry, revision, names and words between zeros."""
    vector = np.frombuffer(row.vector, "<f4").astype("<f2").tobytes()
    return vector + "\0".join((row.entry_id, row.revision_id, row.names, row.words)).encode("utf-8", "replace")


def _unpacked(payloads: Sequence[bytes], dimensions: int) -> Hits:
    size = dimensions * 2
    parts = [payload[size:].decode().split("\0") for payload in payloads]
    halves = np.frombuffer(b"".join(payload[:size] for payload in payloads), "<f2").reshape(-1, dimensions)
    return Hits(
        entry_ids=tuple(entry for entry, _, _, _ in parts),
        revision_ids=tuple(revision for _, revision, _, _ in parts),
        names=tuple(names for _, _, names, _ in parts),
        words=tuple(words for _, _, _, words in parts),
        vectors=halves.astype(np.float32),
    )


def _admits(wanted: Scope) -> Any:
    """`Scope.admits` as a filter; what strangers wrote goes in as a literal."""
    col, lit = _Library.load().expr.col, _Library.load().expr.lit
    conditions: list[Any] = []
    if wanted.audience != "internal":
        conditions.append(col("audience") != lit("internal"))
    if wanted.product:
        conditions.append(col("product").isin(["", _folded(wanted.product)]))
    if wanted.language:
        conditions.append(col("language").isin(["", _language(wanted.language)]))
    whole: Any = None
    for condition in conditions:
        whole = condition if whole is None else whole & condition
    return whole


def _folded(text: str | None) -> str:
    return (text or "").casefold()


def _language(tag: str | None) -> str:
    return _folded(tag).split("-")[0]
