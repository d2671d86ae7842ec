"""`make train`: learns a version of the readers, judges it, and puts it in the old one's place when it is not worse.

    python -m training [--tuned FILE] [--cache DIR] [--no-tune] [--keep-old]

Public sets are looked for in MADOGUCHI_SHARED (default ../shared); without them the heads are learnt from the project's own examples alone.
"""

import argparse
import json
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from madoguchi.foundation.embedding.embedder import FastE5
from madoguchi.understanding.readers import heads
from madoguchi.understanding.readers.heads import EMOTIONS, QUESTIONS
from madoguchi.understanding.readers.reading import Text, Understood, read
from training import data, judge, report
from training.data import Item
from training.fit import FOLDS, fit, look

WEIGHTS = data.ROOT / "madoguchi" / "understanding" / "weights"
HELD_FOLD = 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "madoguchi-training")
    parser.add_argument("--tuned", type=Path, help="parameters of a second top that was learnt before (.npz)")
    parser.add_argument("--no-tune", action="store_true", help="only the heads, without a second top of the encoder")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--version", default=date.today().strftime("%Y-%m-%d"))  # noqa: DTZ011
    parser.add_argument("--even-if-worse", action="store_true", help="put it into use although it is worse on the frozen test")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    items = everything()
    held = np.array(
        [n for n, i in enumerate(items) if i.source == "dev" or (i.source == "own" and data.fold_of(i.text, FOLDS) == HELD_FOLD)]
    )
    changes, head = second_top(items, set(held.tolist()), options)
    started = time.monotonic()
    encoder = FastE5(options.cache, changes=changes, version=options.version)
    weights = fit(look(items, encoder, options.cache), head, changes, held, version=options.version, made=options.version)
    print(f"heads fitted in {time.monotonic() - started:.0f} s")
    reader = heads.TrainedReader(weights, encoder)
    return replace_if_not_worse(weights, reader, options)


def everything() -> list[Item]:
    dev = data.EXAMPLES / "dev.jsonl"
    return [*(data.own(dev, "dev") if dev.exists() else []), *data.examples(), *data.public(), *data.learnt_complaints(400)]


def second_top(items: list[Item], held: set[int], options: argparse.Namespace) -> tuple[dict[str, Any], tuple[Any, Any]]:
    """(changes of the encoder, the head that was learnt with them)."""
    if options.no_tune:
        return {}, (np.zeros((384, len(QUESTIONS) + len(EMOTIONS)), "f4"), np.zeros(len(QUESTIONS) + len(EMOTIONS), "f4"))
    file = options.tuned or options.cache / f"tuned-{options.version}.npz"
    if not file.exists():
        from training import tune

        states = tune.lower_states([item.text for item in items], options.cache)
        y, w = tune.targets(items)
        chosen = [n for n in range(len(items)) if n not in held]
        found = tune.tune(states, y, w, chosen, epochs=options.epochs, rate=2e-3, seed=1)
        np.savez(file, **{name: np.asarray(value) for name, value in found.items()})
    kept = np.load(file)
    changes = {name: kept[name].astype("f2") for name in kept.files if not name.startswith("head")}
    return changes, (kept["head.w"], kept["head.b"])


def read_items(reader: heads.TrainedReader, items: list[Item]) -> list[Understood]:
    found: list[Understood] = []
    for start in range(0, len(items), 64):
        found += read([Text(item.text, channel=item.channel) for item in items[start : start + 64]], reader)
    return found


def replace_if_not_worse(weights: heads.Weights, reader: heads.TrainedReader, options: argparse.Namespace) -> int:
    frozen_file = data.EXAMPLES / "frozen.jsonl"
    frozen = data.own(frozen_file, "frozen") if frozen_file.exists() else []
    found = read_items(reader, frozen)
    figures = judge.summary(frozen, found) if frozen else {}
    weights.card["frozen"] = figures
    print(json.dumps(figures, indent=1))
    current = WEIGHTS / "CURRENT"
    if current.exists() and not options.even_if_worse and (WEIGHTS / f"{current.read_text().strip()}.npz").exists():
        old = heads.load(WEIGHTS / f"{current.read_text().strip()}.npz")
        figures_old = _figures_of(old, frozen, options.cache)
        if worse := judge.not_worse(figures, figures_old):
            print("Not put into use, worse on the frozen test:", *worse, sep="\n  ")
            heads.save(options.cache / f"{weights.version}.npz", weights)
            return 1
    WEIGHTS.mkdir(exist_ok=True)
    heads.save(WEIGHTS / f"{weights.version}.npz", weights)
    current.write_text(weights.version + "\n")
    report.write(weights, reader, frozen, found, read_items)
    return 0


def _figures_of(old: heads.Weights, frozen: list[Item], cache: Path) -> dict[str, float]:
    reader = heads.TrainedReader(old, FastE5(cache, changes=old.changes, version=old.version))
    return judge.summary(frozen, read_items(reader, frozen))


if __name__ == "__main__":
    raise SystemExit(main())
