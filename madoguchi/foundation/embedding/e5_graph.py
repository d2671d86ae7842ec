"""multilingual-e5-small as an ONNX graph: a BERT encoder of 12 layers, mean pooling, length 1.

Products are of 4 bits, as the weights come (for retrieval), or of 8 bits with activations rounded to 8 bits too: twice as fast and a little
less exact, for heads that are trained on it. The states of layers below the last can be pooled too: what is said is in the last layers,
how it is said (anger, menace, courtesy) in the middle ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .e5_wheel import Weights

BLOCK = 32
BITS = 4
ROWS_AT_ONCE = 10_000
"""The table of words as floats would take 400 MB."""


def build_graph(weights: Weights, *, bits: int = 4, layers: Sequence[int] = ()) -> bytes:
    """The serialised model: `ids`, `position`, `bias` (0, or -1e9 where padded), `weight` (1, or 0 where padded) to `embedding`.

    `layers`: numbers of layers (from 0) whose states, pooled alike, are further outputs, named `layer5` and so on.
    """
    return _Graph(weights, bits, layers).build()


class _Graph:
    def __init__(self, weights: Weights, bits: int, pooled_layers: Sequence[int]) -> None:
        self.weights, self.bits, self.pooled_layers = weights, bits, pooled_layers
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def build(self) -> bytes:
        size = self.weights.hidden
        flow = self.embeddings()
        self.constant("over_tokens", np.array([1], np.int64))
        for number in range(self.weights.layers):
            flow = self.layer(flow, f"l{number}.")
            if number in self.pooled_layers:
                self.pooled(flow, f"layer{number}")
        self.pooled(flow, "embedding")
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("position", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("bias", TensorProto.FLOAT, ["batch", 1, 1, "tokens"]),
            helper.make_tensor_value_info("weight", TensorProto.FLOAT, ["batch", "tokens", 1]),
        ]
        names = ["embedding", *(f"layer{number}" for number in self.pooled_layers)]
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

    def linear(self, flow: str, key: str, rows: int, columns: int) -> str:
        return self.linear8(flow, key, rows, columns) if self.bits > BITS else self.linear4(flow, key, rows, columns)

    def linear8(self, flow: str, key: str, rows: int, columns: int) -> str:
        table = self.weights.table(f"{key}.w", rows, columns)
        scales = np.abs(table).max(1) / 127 + 1e-12
        inputs = [
            flow,
            self.constant(f"{key}.W", np.round(table / scales[:, None]).astype(np.int8).T),
            self.constant(f"{key}.S", scales.astype(np.float32)),
            "",
            self.constant(f"{key}.B", self.weights.floats(f"{key}.b", rows)),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, f"{key}.out", domain="com.microsoft")

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

    def norm(self, flow: str, key: str) -> str:
        size = self.weights.hidden
        gain = self.constant(f"{key}.G", self.weights.floats(f"{key}.w", size))
        shift = self.constant(f"{key}.H", self.weights.floats(f"{key}.b", size))
        return self.node("LayerNormalization", [flow, gain, shift], f"{key}.out", epsilon=float(self.weights.epsilon))

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

    def layer(self, flow: str, key: str) -> str:
        size, inner = self.weights.hidden, self.weights.inner
        if key == "l0.":
            self.constant("by_head", np.array([0, 0, self.weights.heads, size // self.weights.heads], np.int64))
            self.constant("joined", np.array([0, 0, size], np.int64))
            self.constant("scale", np.float32(1 / np.sqrt(size // self.weights.heads)).reshape(()))
        for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
            split = self.node("Reshape", [self.linear(flow, key + part, size, size), "by_head"], f"{key}{part}.split")
            self.node("Transpose", [split], f"{key}{part}.heads", perm=order)
        self.node("MatMul", [f"{key}q.heads", f"{key}k.heads"], f"{key}raw")
        self.node("Mul", [f"{key}raw", "scale"], f"{key}scaled")
        self.node("Add", [f"{key}scaled", "bias"], f"{key}masked")
        self.node("Softmax", [f"{key}masked"], f"{key}attention", axis=-1)
        self.node("MatMul", [f"{key}attention", f"{key}v.heads"], f"{key}mixed")
        self.node("Transpose", [f"{key}mixed"], f"{key}ordered", perm=[0, 2, 1, 3])
        self.node("Reshape", [f"{key}ordered", "joined"], f"{key}context")
        attended = self.linear(f"{key}context", f"{key}ao", size, size)
        middle = self.norm(self.node("Add", [flow, attended], f"{key}first"), f"{key}aln")
        wide = self.node("Gelu", [self.linear(middle, f"{key}fi", inner, size)], f"{key}gelu")
        narrow = self.linear(wide, f"{key}fo", size, inner)
        return self.norm(self.node("Add", [middle, narrow], f"{key}second"), f"{key}oln")
