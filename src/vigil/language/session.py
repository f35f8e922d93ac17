"""Opening an ONNX graph with onnxruntime, which carries no types. What goes in and comes out is the business of whoever has the graph."""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray


class _Options(Protocol):
    intra_op_num_threads: int
    inter_op_num_threads: int


class Session(Protocol):
    """A loaded graph. Safe to use from several threads."""

    def run(self, names: Sequence[str], feed: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The outputs of these names."""
        ...


class _Runtime(Protocol):
    """What is used of the module."""

    def SessionOptions(self) -> _Options: ...

    def InferenceSession(self, path: str, options: _Options, *, providers: Sequence[str]) -> Session: ...


def open_session(graph: Path, *, threads: int) -> Session:
    """Load a graph for this machine's processor; one call is computed with `threads` of it."""
    runtime = cast("_Runtime", importlib.import_module("onnxruntime"))
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return runtime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
