"""`make train`: learns a version of the readers, judges it, and puts it in the old one's place when it is not worse.

    python -m training [--cache DIR] [--version NAME] [--even-if-worse]

Public sets are looked for in MADOGUCHI_SHARED (default ../shared); without them the heads are learnt from the project's own examples alone.
"""

import argparse
import json
import tempfile
import time
from datetime import date
from pathlib import Path

from madoguchi.foundation.embedding.embedder import FastE5
from madoguchi.understanding.readers import heads
from madoguchi.understanding.readers.reading import Text, Understood, read
from training import data, judge, report
from training.data import Item
from training.fit import fit, look

WEIGHTS = data.ROOT / "madoguchi" / "understanding" / "weights"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "madoguchi-training")
    parser.add_argument("--version", default=date.today().strftime("%Y-%m-%d"))  # noqa: DTZ011
    parser.add_argument("--even-if-worse", action="store_true", help="put it into use although it is worse on the frozen test")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    items = everything()
    encoder = FastE5(options.cache)
    started = time.monotonic()
    sides = look(items, encoder, options.cache)
    print(f"read in {time.monotonic() - started:.0f} s")
    weights = fit(sides, version=options.version, encoder=encoder.name)
    print(f"learnt in {time.monotonic() - started:.0f} s")
    reader = heads.TrainedReader(weights, encoder)
    return replace_if_not_worse(weights, reader, options)


def everything() -> list[Item]:
    dev = data.EXAMPLES / "dev.jsonl"
    return [*(data.own(dev, "dev") if dev.exists() else []), *data.examples(), *data.public(), *data.learnt_complaints(400)]


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
    reader = heads.TrainedReader(old, FastE5(cache))
    return judge.summary(frozen, read_items(reader, frozen))


if __name__ == "__main__":
    raise SystemExit(main())
