"""The embedder that comes with Vigil: all-MiniLM-L6-v2 on this machine's processor, no network and no key.
How its weights were made is in `tools/convert_minilm.py` and `weights/CARD.md`; remote embedders live in `remote`."""

import asyncio
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from vigil.language.embedder import Vectors
from vigil.language.session import open_session

WEIGHTS = Path(__file__).parent / "weights"
DIMENSIONS = 384
MAX_TOKENS = 256
"""Longest text that is read, in tokens, the two marks at its ends included: what the model was published with."""
MAX_CHARS = 32_768
"""Characters of a text that are cut into tokens at all: 254 words of at most 100 characters (longer ones are one unknown token) and
as many gaps fit in, so ordinary text loses nothing, and a text of megabytes costs no more than this."""
BATCH_TOKENS = 1_024
"""Tokens, padding included, that go through the model at once: four of the longest texts, 64 short ones. 512 and 2,048 were as fast,
4,096 a fifth slower; and a live question waits for no more than one batch of a bulk job, about 0.2 s on two cores."""
CACHED_TEXTS = 4_096
"""Vectors of recent texts that are kept, 6 MB: a chat pipeline embeds the same message for thread, gate, topic and search."""


Batch: TypeAlias = list[tuple[bytes, list[int]]]
"""Texts that go through the model together: the key of each, and its token ids."""


class BundledEmbedder:
    """all-MiniLM-L6-v2 with int8 weights, computed in fp32. Safe to use from several tasks and threads.

    Args:
        threads: that one batch is computed with; 0 for half the processors that this process may use, at most 4. The other half is for
            everything else: where a second thread has to wait for its processor, a text takes three times as long as on one thread.
        weights: folder of ``model.onnx`` and ``vocab.txt``.
    """

    id = "all-MiniLM-L6-v2-int8-1"
    dimensions = DIMENSIONS

    def __init__(self, *, threads: int = 0, weights: Path = WEIGHTS) -> None:
        vocabulary = {
            piece: number for number, piece in enumerate((weights / "vocab.txt").read_text("utf-8").splitlines())
        }
        self._start, self._end = vocabulary["[CLS]"], vocabulary["[SEP]"]
        self._tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106
        self._tokenizer.normalizer = BertNormalizer(lowercase=True)
        self._tokenizer.pre_tokenizer = BertPreTokenizer()
        self._session = open_session(weights / "model.onnx", threads=threads or min(4, max(1, _processors() // 2)))
        # One worker: batches of several callers take turns instead of fighting for the same cores.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vigil-embedder")
        self._lock = threading.Lock()
        self._recent: OrderedDict[bytes, Vectors] = OrderedDict()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (number of texts, 384), each of length 1; what a text's vector is does not depend on its neighbours."""
        loop = asyncio.get_running_loop()
        keys = [_key(text) for text in texts]
        known, batches = await loop.run_in_executor(self._worker, self._prepare, texts, keys)
        for batch in batches:  # one job each: a live question gets its turn between the batches of a bulk job
            known |= await loop.run_in_executor(self._worker, self._compute, batch)
        return _stack(known, keys)

    def embed_now(self, texts: Sequence[str]) -> Vectors:
        """`embed` for callers without an event loop: benchmarks, converters, evaluation."""
        keys = [_key(text) for text in texts]
        known, batches = self._prepare(texts, keys)
        for batch in batches:
            known |= self._compute(batch)
        return _stack(known, keys)

    def count_tokens(self, text: str) -> int:
        """Tokens that `text` takes of the model's 256, the two marks at its ends included; may be more than 256."""
        return len(self.pieces(text))

    def pieces(self, text: str) -> list[str]:
        """The pieces that `text` is cut into, all of them, with the marks at its ends."""
        return ["[CLS]", *self._tokenizer.encode(_clean(text), add_special_tokens=False).tokens, "[SEP]"]

    def _prepare(self, texts: Sequence[str], keys: Sequence[bytes]) -> tuple[dict[bytes, Vectors], list[Batch]]:
        """The vectors that are known already, and batches of the texts that aren't, short ones with short ones."""
        with self._lock:
            known = {key: self._recent[key] for key in keys if key in self._recent}
            for key in known:
                self._recent.move_to_end(key)
        unknown = {key: _clean(text[:MAX_CHARS]) for key, text in zip(keys, texts, strict=True) if key not in known}
        cut = self._tokenizer.encode_batch_fast(list(unknown.values()), add_special_tokens=False)
        ids = [[self._start, *encoding.ids[: MAX_TOKENS - 2], self._end] for encoding in cut]
        return known, list(_batches(sorted(zip(unknown, ids, strict=True), key=lambda text: len(text[1]))))

    def _compute(self, batch: Batch) -> dict[bytes, Vectors]:
        ids = np.zeros((len(batch), len(batch[-1][1])), dtype=np.int32)
        mask = np.zeros_like(ids)
        for row, (_, tokens) in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        (vectors,) = self._session.run(["vectors"], {"ids": ids, "mask": mask})
        fresh = {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
        with self._lock:
            # A copy each, so that a kept vector doesn't keep its whole batch in memory.
            self._recent.update({key: vector.copy() for key, vector in fresh.items()})
            while len(self._recent) > CACHED_TEXTS:
                self._recent.popitem(last=False)
        return fresh


def _batches(texts: Iterable[tuple[bytes, list[int]]]) -> Iterator[Batch]:
    """Cut texts, sorted by length, into batches of at most `BATCH_TOKENS` with their padding."""
    batch: Batch = []
    for key, tokens in texts:
        if batch and (len(batch) + 1) * len(tokens) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append((key, tokens))
    if batch:
        yield batch


def _stack(known: Mapping[bytes, Vectors], keys: Sequence[bytes]) -> Vectors:
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, DIMENSIONS), dtype=np.float32)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _clean(text: str) -> str:
    """Half characters, which no UTF-8 can carry, become question marks."""
    return text.encode("utf-8", "replace").decode()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
