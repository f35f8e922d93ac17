"""The search index on disk or object storage, in LanceDB: vectors in inverted lists, words in a BM25 index. It is a cache: what it holds
can be filled again from SQL at any time, so whatever breaks in it is answered with None and never with an error."""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, cast

import numpy as np

from vigil.domain.knowledge import Scope
from vigil.errors import Misconfigured
from vigil.knowledge.index import Hits, IndexRow
from vigil.language.embedder import Vectors

FLAT_ROWS = 4_000
"""Up to so many rows every vector is compared: exact, and no slower than an inverted list (benchmarks/search.py)."""
LIST_ROWS = 256
"""Rows of one inverted list, on average."""
PROBES = 24
"""Inverted lists that one search looks into: some 6,000 vectors, whatever the number of entries. See docs/explanation/quality.md for
what that misses."""
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

    Each filling makes a new table (``g00000001``, ``g00000002`` ...), which counts once it is whole: readers in this and other processes
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
                ("revision_id", arrow.string()),
                ("vector", arrow.list_(arrow.float32(), dimensions)),
                ("words", arrow.string()),
                ("names", arrow.string()),
                ("audience", arrow.string()),
                ("product", arrow.string()),
                ("language", arrow.string()),
            ]
        ).with_metadata({"embedder": embedder_id})
        self._dimensions = dimensions
        self._folder: Any = None
        self._table: Any = None  # an AsyncTable, whose own types are partly unknown

    @property
    def embedder_id(self) -> str:
        return self._embedder_id

    async def fill(self, pages: AsyncIterable[Sequence[IndexRow]]) -> None:
        folder = await self._open_folder()
        tables = await _tables(folder)
        name = f"g{int(tables[-1][1:]) + 1 if tables else 1:08d}"
        table: Any = await folder.create_table(name, schema=self._schema)
        async for page in pages:
            if page:
                await table.add(self._arrow_table(page))
        await _index_columns(table)
        await _index_vectors(table)
        await table.tags.create(_WHOLE, await table.version())
        await _prewarm(table)
        self._table = table
        for old in tables:
            await folder.drop_table(old, ignore_missing=True)

    async def change(self, rows: Sequence[IndexRow], gone: Sequence[str]) -> bool:
        if self._table is None:
            return False
        try:
            if rows:
                merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
                await merge.execute(self._arrow_table(rows))
            if gone:
                await self._table.delete(self._library.expr.col("id").isin(list(gone)))
        except _BROKEN as error:
            self._give_up(error)
        return self._table is not None

    async def search(
        self, vector: Vectors | None, words: Sequence[str], *, embedder_id: str, wanted: Scope, limit: int
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
                if attempt == 0:
                    await (
                        self.refresh()
                    )  # another process may have filled the index again, and dropped what this one read
        return None

    async def refresh(self) -> None:
        for _ in range(2):  # the second time without anything remembered
            try:
                self._table = await self._newest()
                return
            except _BROKEN as error:
                self._give_up(error)

    async def tidy(self) -> None:
        if self._table is None:
            return
        try:
            await _index_vectors(self._table)
            await self._table.optimize(cleanup_older_than=FORGET_AFTER)
            await _prewarm(self._table)
        except _BROKEN as error:
            self._give_up(error)

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
            if self._table is not None and self._table.name == name:
                await self._table.checkout_latest()
                return self._table
            table: Any = await folder.open_table(name)
            if _WHOLE in await table.tags.list():
                await _prewarm(table)
                return table
        return None

    async def _look_up(self, vector: Vectors | None, words: Sequence[str], where: Any, limit: int) -> Hits:
        table = self._table
        queries: list[Any] = []
        columns = ("revision_id", "words", "names", "vector")
        if vector is not None:
            nearest = table.query().nearest_to(vector[0]).column("vector").distance_type("dot").nprobes(PROBES)
            queries.append(nearest.select([*columns, "_distance"]))
        if words:
            match = self._library.query.MatchQuery
            text = " ".join(list(dict.fromkeys(words))[:QUERY_WORDS])
            queries.append(table.query().nearest_to_text(match(text, "words")).select([*columns, "_score"]))
        hits = Hits.none(self._dimensions)
        # One after the other: on two cores LanceDB is no faster with both at once, and steadier without.
        for query in queries:
            query = query.limit(limit)
            hits += self._hits(await (query if where is None else query.where(where)).to_arrow())
        return hits

    def _hits(self, found: Any) -> Hits:
        vectors = found["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return Hits(
            revision_ids=tuple(found["revision_id"].to_pylist()),
            words=tuple(found["words"].to_pylist()),
            names=tuple(found["names"].to_pylist()),
            vectors=np.asarray(vectors, dtype=np.float32).reshape(-1, self._dimensions),
        )

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
        self._table = None
        self._folder = None

    def _arrow_table(self, rows: Sequence[IndexRow]) -> Any:
        arrow = self._library.arrow
        numbers = arrow.py_buffer(b"".join(row.vector for row in rows))
        flat = arrow.Array.from_buffers(arrow.float32(), len(rows) * self._dimensions, [None, numbers])
        columns = [
            [row.entry_id for row in rows],
            [row.revision_id for row in rows],
            arrow.FixedSizeListArray.from_arrays(flat, self._dimensions),
            [row.words for row in rows],
            [row.names for row in rows],
            [row.scope.audience or "" for row in rows],
            [_folded(row.scope.product) for row in rows],
            [_language(row.scope.language) for row in rows],
        ]
        return arrow.Table.from_arrays([arrow.array(column) for column in columns], schema=self._schema)


async def _tables(folder: Any) -> list[str]:
    """Names of the fillings, the oldest first."""
    listed: Any = await folder.list_tables(limit=1000)
    return sorted(name for name in cast("list[str]", listed.tables) if name[:1] == "g" and name[1:].isdigit())


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
    """Sort the vectors into inverted lists where there are enough of them and that was not done yet."""
    rows: int = await table.count_rows()
    if rows <= FLAT_ROWS or any(index.columns == ["vector"] for index in await table.list_indices()):
        return
    lists = _Library.load().index.IvfSq(
        distance_type="dot", num_partitions=rows // LIST_ROWS, sample_rate=32, max_iterations=15
    )
    await table.create_index("vector", config=lists)


async def _prewarm(table: Any) -> None:
    """Read the indexes into memory, so that the first question after a change is as fast as the next."""
    for index in await table.list_indices():
        if index.columns in (["vector"], ["words"]):
            await table.prewarm_index(index.name)


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
