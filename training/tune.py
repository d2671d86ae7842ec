"""Learns the second top of the encoder: small changes (low rank) to the last layers of multilingual-e5-small, with all heads at once.

The layers below stay as they are, so what they say of each text is computed once, on the very graph that the product runs, and kept.
"""

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np

from madoguchi.foundation.embedding import e5_graph, e5_wheel
from madoguchi.foundation.embedding.embedder import FastE5
from training.data import EMOTIONS, LABELS, Item

FIRST = 10
"""The first layer that is changed, of 0 to 11."""
RANK = 8
LONGEST = 128
BUCKETS = (16, 24, 32, 48, 64, 96, 128)
BATCH_TOKENS = 1280
SHAPES = {"q": (384, 384), "k": (384, 384), "v": (384, 384), "ao": (384, 384), "fi": (1536, 384), "fo": (384, 1536)}
QUESTIONS = ("sev1", "sev2", "sev3", *LABELS, "human", "abuse")
OUTPUTS = len(QUESTIONS) + len(EMOTIONS)
HEADS = 12


@dataclass
class States:
    """What layer `FIRST` is given, token by token, of every text (float16), and where each text's tokens stand."""

    flat: Any
    starts: list[int]
    lengths: list[int] = field(default_factory=list)

    def batch(self, chosen: list[int], width: int) -> tuple[Any, Any]:
        x = np.zeros((len(chosen), width, 384), np.float32)
        mask = np.zeros((len(chosen), width), np.float32)
        for row, number in enumerate(chosen):
            size = self.lengths[number]
            x[row, :size] = self.flat[self.starts[number] : self.starts[number] + size]
            mask[row, :size] = 1
        return x, mask


class _Lower(e5_graph._Graph):
    """The graph up to the fork, with the state of every token as its output."""

    def pooled(self, flow: str, name: str) -> None:
        super().pooled(flow, name)


def lower_states(texts: list[str], cache: Path) -> States:
    import hashlib

    key = hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]
    file = cache / f"states-{FIRST}-{key}.npz"
    if file.exists():
        kept = np.load(file)
        return States(kept["flat"], kept["starts"].tolist(), kept["lengths"].tolist())
    encoder = _Below(cache)
    states = encoder.states(texts)
    np.savez(file, flat=states.flat, starts=np.array(states.starts), lengths=np.array(states.lengths))
    return states


class _Below(FastE5):
    def __init__(self, folder: Path) -> None:
        def prepare(folder: Path, weights: e5_wheel.Weights) -> Path:
            import onnx
            from onnx import TensorProto, helper

            path = folder / f"below-{FIRST}.onnx"
            if not path.exists():
                model = onnx.load_from_string(e5_graph.build_graph(weights, bits=8))
                state = f"l{FIRST - 1}.oln.out"
                del model.graph.output[:]
                model.graph.output.append(helper.make_tensor_value_info(state, TensorProto.FLOAT, ["batch", "tokens", 384]))
                path.write_bytes(model.SerializeToString())
            return path

        self._open(folder, 1, prepare)

    def states(self, texts: list[str]) -> States:
        rows = [self._tokenizer.ids(f"query: {text}", LONGEST) for text in texts]
        lengths = [len(row) for row in rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1].tolist()
        flat = np.zeros((sum(lengths), 384), np.float16)
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        at = 0
        while at < len(order):
            width = len(rows[order[min(at + 7, len(order) - 1)]])
            batch = order[at : at + 8]
            found = self._run_states([rows[number] for number in batch], width)
            for row, number in enumerate(batch):
                flat[starts[number] : starts[number] + lengths[number]] = found[row, : lengths[number]]
            at += 8
        return States(flat, starts, lengths)

    def _run_states(self, rows: list[list[int]], longest: int) -> Any:
        ids = np.full((len(rows), longest), self._tokenizer.padding, np.int64)
        weight = np.zeros((len(rows), longest), np.float32)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            weight[number, : len(row)] = 1
        position = np.tile(np.arange(longest), (len(rows), 1))
        bias = ((weight - 1) * 1e9)[:, None, None, :].astype(np.float32)
        names = {one.name for one in self._session.get_inputs()}
        feed = {"ids": ids, "position": position, "bias": bias, "weight": weight[:, :, None]}
        return self._session.run(None, {name: value for name, value in feed.items() if name in names})[0]


def base_weights() -> dict[str, Any]:
    weights = e5_wheel.Weights(e5_wheel.weights_path())
    found: dict[str, Any] = {}
    for layer in range(FIRST, weights.layers):
        for part, shape in SHAPES.items():
            found[f"l{layer}.{part}.w"] = jnp.asarray(weights.table(f"l{layer}.{part}.w", *shape).T)
            found[f"l{layer}.{part}.b"] = jnp.asarray(weights.floats(f"l{layer}.{part}.b", shape[0]))
        for norm in ("aln", "oln"):
            for kind in "wb":
                found[f"l{layer}.{norm}.{kind}"] = jnp.asarray(weights.floats(f"l{layer}.{norm}.{kind}", 384))
    return found


def start(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    found = {}
    for layer in range(FIRST, 12):
        for part, (rows, columns) in SHAPES.items():
            found[f"l{layer}.{part}.A"] = jnp.zeros((rows, RANK), jnp.float32)
            found[f"l{layer}.{part}.B"] = jnp.asarray(rng.normal(0, 0.05, (RANK, columns)), jnp.float32)
    found["head.w"] = jnp.zeros((384, OUTPUTS), jnp.float32)
    found["head.b"] = jnp.zeros(OUTPUTS, jnp.float32)
    return found


def _norm(x: Any, w: Any, b: Any) -> Any:
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12) * w + b


def pooled(params: dict[str, Any], base: dict[str, Any], x: Any, mask: Any) -> Any:
    """Vectors of length 1, as the product's second top gives them."""
    bias = ((mask - 1) * 1e9)[:, None, None, :]

    def linear(h: Any, key: str) -> Any:
        return h @ base[f"{key}.w"] + base[f"{key}.b"] + (h @ params[f"{key}.B"].T) @ params[f"{key}.A"].T

    def heads(h: Any) -> Any:
        return h.reshape(h.shape[0], h.shape[1], HEADS, 32).transpose(0, 2, 1, 3)

    for layer in range(FIRST, 12):
        key = f"l{layer}."
        q, k, v = (heads(linear(x, key + part)) for part in "qkv")
        attention = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / np.sqrt(32) + bias, -1)
        mixed = (attention @ v).transpose(0, 2, 1, 3).reshape(x.shape)
        middle = _norm(x + linear(mixed, key + "ao"), base[f"{key}aln.w"], base[f"{key}aln.b"])
        wide = jax.nn.gelu(linear(middle, key + "fi"), approximate=False)
        x = _norm(middle + linear(wide, key + "fo"), base[f"{key}oln.w"], base[f"{key}oln.b"])
    summed = (x * mask[:, :, None]).sum(1)
    return summed / jnp.linalg.norm(summed, axis=-1, keepdims=True)


def targets(items: list[Item]) -> tuple[Any, Any]:
    """(answers, weights), one column a question and one an emotion; weight 0 where the source does not say."""
    y = np.zeros((len(items), OUTPUTS), np.float32)
    w = np.zeros((len(items), OUTPUTS), np.float32)
    first = len(QUESTIONS)
    for row, item in enumerate(items):
        share = 1.0 if item.source in {"own", "dev"} else 0.25
        if item.severity is not None:
            for level in (1, 2, 3):
                y[row, level - 1], w[row, level - 1] = item.severity >= level, share
            for place, label in enumerate(LABELS, 3):
                y[row, place], w[row, place] = label in (item.labels or ()), share
        if item.human is not None:
            y[row, 12], w[row, 12] = item.human, share
        if item.abuse is not None:
            y[row, 13], w[row, 13] = item.abuse, share
        if item.emotion is not None:
            y[row, first + EMOTIONS.index(item.emotion)] = 1
            w[row, first:] = share
    return y, w


@partial(jax.jit, static_argnums=())
def _step(params: Any, moments: Any, base: Any, x: Any, mask: Any, y: Any, w: Any, rate: Any, count: Any, key: Any) -> Any:
    def loss(params: Any) -> Any:
        z = pooled(params, base, x, mask) * 10
        keep = jax.random.bernoulli(key, 0.85, z.shape) / 0.85
        out = (z * keep) @ params["head.w"] + params["head.b"]
        n = len(QUESTIONS)
        yes_no = (jnp.logaddexp(0, out[:, :n]) - y[:, :n] * out[:, :n]) * w[:, :n]
        emotion = -(y[:, n:] * jax.nn.log_softmax(out[:, n:])).sum(1) * w[:, n]
        size = jnp.maximum(w.shape[0], 1)
        decay = 1e-3 * (params["head.w"] ** 2).sum() / 100
        return (
            yes_no[:, :3].sum() + 0.5 * yes_no[:, 3:12].sum() + yes_no[:, 12].sum() + 0.5 * yes_no[:, 13].sum() + emotion.sum()
        ) / size + decay

    grads = jax.grad(loss)(params)
    norm = jnp.sqrt(sum((g * g).sum() for g in grads.values()))
    grads = {name: g * jnp.minimum(1, 1 / (norm + 1e-9)) for name, g in grads.items()}
    new_m, new_v, new_p = {}, {}, {}
    for name, g in grads.items():
        m, v = moments[name]
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
        faster = jnp.where(name.startswith("head"), 5.0, 1.0)
        move = rate * faster * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.99**count)) + 1e-8)
        new_p[name], new_m[name], new_v[name] = params[name] - move, m, v
    return new_p, {name: (new_m[name], new_v[name]) for name in new_p}


def width_of(length: int) -> int:
    return next((size for size in BUCKETS if length <= size), LONGEST)


def batches(states: States, chosen: list[int], rng: Any) -> list[tuple[int, list[int]]]:
    """Alike lengths together, each batch of one of few shapes, in random order."""
    found = []
    by_width: dict[int, list[int]] = {}
    for number in chosen:
        by_width.setdefault(width_of(states.lengths[number]), []).append(number)
    for width, group in by_width.items():
        rng.shuffle(group)
        size = max(4, BATCH_TOKENS // width)
        found.extend((width, group[at : at + size]) for at in range(0, len(group), size))
    rng.shuffle(found)
    return found


def tune(states: States, y: Any, w: Any, chosen: list[int], *, epochs: int, rate: float, seed: int, say: Any = print) -> dict[str, Any]:
    """The learnt parameters; `chosen`: numbers of the texts to learn from."""
    base, params = base_weights(), start(seed)
    moments = {name: (jnp.zeros_like(value), jnp.zeros_like(value)) for name, value in params.items()}
    rng, key = np.random.default_rng(seed), jax.random.PRNGKey(seed)
    per_epoch = len(batches(states, list(chosen), np.random.default_rng(0)))
    count = 0
    for epoch in range(epochs):
        for width, group in batches(states, list(chosen), rng):
            count += 1
            progress = count / (per_epoch * epochs)
            now = rate * min(1.0, count / 50) * (1 - progress)
            full = max(4, BATCH_TOKENS // width)
            padded = group + [group[0]] * (full - len(group))
            x, mask = states.batch(padded, width)
            weights = w[padded].copy()
            weights[len(group) :] = 0
            key, sub = jax.random.split(key)
            params, moments = _step(params, moments, base, x, mask, y[padded], weights, now, count, sub)
        say(f"epoch {epoch + 1} of {epochs}")
    return params


_vectors = jax.jit(pooled)


def vectors(params: dict[str, Any], states: States, chosen: list[int]) -> Any:
    """The second top's vectors of the chosen texts."""
    base = base_weights()
    out = np.zeros((len(chosen), 384), np.float32)
    place = {number: row for row, number in enumerate(chosen)}
    for width, group in batches(states, list(chosen), np.random.default_rng(0)):
        full = max(4, BATCH_TOKENS // width)
        padded = group + [group[0]] * (full - len(group))
        x, mask = states.batch(padded, width)
        out[[place[number] for number in group]] = np.asarray(_vectors(params, base, x, mask))[: len(group)]
    return out
