"""multilingual-e5-small as an ONNX graph: a BERT encoder of 12 layers, mean pooling, length 1.

Products are of 4 bits, as the weights come (for retrieval), or of 8 bits with activations rounded to 8 bits too: twice as fast and a little
less exact, for heads that are trained on it. An 8-bit graph may have a second top: the last layers once more with small changes added to
their weights (low rank, W + A @ B), which gives a second vector for hardly more time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .e5_wheel import Weights

BLOCK = 32
BITS = 4
ROWS_AT_ONCE = 10_000
"""The table of words as floats would take 400 MB."""


def build_graph(weights: Weights, *, bits: int = 4, changes: Mapping[str, Any] | None = None) -> bytes:
    """The serialised model: `ids`, `position`, `bias` (0, or -1e9 where padded), `weight` (1, or 0 where padded) to `embedding`.

    `changes`: arrays `l11.q.A` (outputs x rank) and `l11.q.B` (rank x inputs) for products of the last layers: the output `tuned`.
    """
    return _Graph(weights, bits, changes or {}).build()


class _Graph:
    def __init__(self, weights: Weights, bits: int, changes: Mapping[str, Any]) -> None:
        self.weights, self.bits, self.changes = weights, bits, changes
        self.first_changed = min((int(name.split(".")[0][1:]) for name in changes), default=weights.layers)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def build(self) -> bytes:
        size = self.weights.hidden
        flow = fork = self.embeddings()
        for number in range(self.weights.layers):
            fork = flow if number == self.first_changed else fork
            flow = self.layer(flow, f"l{number}.")
        self.constant("over_tokens", np.array([1], np.int64))
        self.pooled(flow, "embedding")
        if self.changes:
            for number in range(self.first_changed, self.weights.layers):
                fork = self.layer(fork, f"l{number}.", tuned=True)
            self.pooled(fork, "tuned")
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("position", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("bias", TensorProto.FLOAT, ["batch", 1, 1, "tokens"]),
            helper.make_tensor_value_info("weight", TensorProto.FLOAT, ["batch", "tokens", 1]),
        ]
        names = ["embedding", "tuned"] if self.changes else ["embedding"]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]) for name in names]
        graph = helper.make_graph(self.nodes, "multilingual-e5-small", inputs, outputs, self.constants)
        sets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=9).SerializeToString()

    def constant(self, name: str, values: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=values.dtype), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def pooled(self, flow: str, name: str) -> None:
        self.node("Mul", [flow, "weight"], f"{name}.weighted")
        self.node("ReduceSum", [f"{name}.weighted", "over_tokens"], f"{name}.summed", keepdims=0)
        self.node("LpNormalization", [f"{name}.summed"], name, axis=-1, p=2)

    def linear(self, flow: str, key: str, rows: int, columns: int, *, tuned: bool = False) -> str:
        return self.linear8(flow, key, rows, columns, tuned=tuned) if self.bits > BITS else self.linear4(flow, key, rows, columns)

    def linear8(self, flow: str, key: str, rows: int, columns: int, *, tuned: bool) -> str:
        table = self.weights.table(f"{key}.w", rows, columns)
        name = f"{key}.tuned" if tuned else key
        if tuned and f"{key}.A" in self.changes:
            table += self.changes[f"{key}.A"].astype(np.float32) @ self.changes[f"{key}.B"].astype(np.float32)
        scales = np.abs(table).max(1) / 127 + 1e-12
        inputs = [
            flow,
            self.constant(f"{name}.W", np.round(table / scales[:, None]).astype(np.int8).T),
            self.constant(f"{name}.S", scales.astype(np.float32)),
            "",
            self.constant(f"{name}.B", self.weights.floats(f"{key}.b", rows)),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, f"{name}.out", domain="com.microsoft")

    def linear4(self, flow: str, key: str, rows: int, columns: int) -> str:
        values, scales = self.weights.blocks(f"{key}.w", rows, columns)
        pairs = (values[:, 0::2] | (values[:, 1::2] << 4)).reshape(rows, columns // BLOCK, BLOCK // 2)
        inputs = [flow, self.constant(f"{key}.W", pairs), self.constant(f"{key}.S", scales)]
        product = self.node(
            "MatMulNBits",
            inputs,
            f"{key}.product",
            domain="com.microsoft",
            K=columns,
            N=rows,
            bits=BITS,
            block_size=BLOCK,
            accuracy_level=4,
        )
        return self.node("Add", [product, self.constant(f"{key}.B", self.weights.floats(f"{key}.b", rows))], f"{key}.out")

    def norm(self, flow: str, key: str, name: str = "") -> str:
        size, name = self.weights.hidden, name or key
        gain = self.constant(f"{name}.G", self.weights.floats(f"{key}.w", size))
        shift = self.constant(f"{name}.H", self.weights.floats(f"{key}.b", size))
        return self.node("LayerNormalization", [flow, gain, shift], f"{name}.out", epsilon=float(self.weights.epsilon))

    def embeddings(self) -> str:
        """Words by 8-bit rows: the table is most of the model, and one row of it is used a token."""
        w = self.weights
        table, scale = np.zeros((w.words, w.hidden), np.int8), np.zeros((w.words, 1), np.float32)
        for start in range(0, w.words, ROWS_AT_ONCE):
            rows = slice(start, min(start + ROWS_AT_ONCE, w.words))
            values, scales = w.blocks("emb.word", w.words, w.hidden, rows=rows)
            floats = ((values.astype(np.float32) - 8) * scales[:, None]).reshape(-1, w.hidden)
            scale[rows] = np.abs(floats).max(1, keepdims=True) / 127 + 1e-12
            table[rows] = np.round(floats / scale[rows])
        self.constant("words", table)
        self.constant("word_scales", scale)
        places = w.directory["emb.pos"][0] // w.hidden
        self.constant("positions", w.floats("emb.pos", places, w.hidden) + w.floats("emb.type", w.types, w.hidden)[0])
        self.node("Gather", ["words", "ids"], "word8")
        self.node("Cast", ["word8"], "word", to=TensorProto.FLOAT)
        self.node("Gather", ["word_scales", "ids"], "word_scale")
        self.node("Mul", ["word", "word_scale"], "word_scaled")
        self.node("Gather", ["positions", "position"], "placed")
        return self.norm(self.node("Add", ["word_scaled", "placed"], "summed"), "emb.ln")

    def layer(self, flow: str, key: str, *, tuned: bool = False) -> str:
        """One layer; `tuned`: with the changes added, under names of its own."""
        size, inner = self.weights.hidden, self.weights.inner
        name = f"{key}tuned." if tuned else key
        if key == "l0.":
            self.constant("by_head", np.array([0, 0, self.weights.heads, size // self.weights.heads], np.int64))
            self.constant("joined", np.array([0, 0, size], np.int64))
            self.constant("scale", np.float32(1 / np.sqrt(size // self.weights.heads)).reshape(()))
        for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
            split = self.node("Reshape", [self.linear(flow, key + part, size, size, tuned=tuned), "by_head"], f"{name}{part}.split")
            self.node("Transpose", [split], f"{name}{part}.heads", perm=order)
        self.node("MatMul", [f"{name}q.heads", f"{name}k.heads"], f"{name}raw")
        self.node("Mul", [f"{name}raw", "scale"], f"{name}scaled")
        self.node("Add", [f"{name}scaled", "bias"], f"{name}masked")
        self.node("Softmax", [f"{name}masked"], f"{name}attention", axis=-1)
        self.node("MatMul", [f"{name}attention", f"{name}v.heads"], f"{name}mixed")
        self.node("Transpose", [f"{name}mixed"], f"{name}ordered", perm=[0, 2, 1, 3])
        self.node("Reshape", [f"{name}ordered", "joined"], f"{name}context")
        attended = self.linear(f"{name}context", f"{key}ao", size, size, tuned=tuned)
        middle = self.norm(self.node("Add", [flow, attended], f"{name}first"), f"{key}aln", f"{name}aln")
        wide = self.node("Gelu", [self.linear(middle, f"{key}fi", inner, size, tuned=tuned)], f"{name}gelu")
        narrow = self.linear(wide, f"{key}fo", size, inner, tuned=tuned)
        return self.norm(self.node("Add", [middle, narrow], f"{name}second"), f"{key}oln", f"{name}oln")
