"""The figures of a version, written into docs/models/reading-figures.md."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from training import data, judge
from training.data import Item
from training.judge import Share

PAGE = data.ROOT / "docs" / "models" / "reading-figures.md"
ABUSE_TESTS = {
    "germeval2018": ("train.jsonl", "OFFENSE", {"OTHER"}), "cold": ("dev.jsonl", "offensive", {"ok"}), "convabuse": ("valid.jsonl", "abuse", {"ok"}),
    "davidson": ("all.jsonl", "hate", {"neither"}),
}  # fmt: skip
EACH = 150


def write(weights: Any, reader: Any, frozen: list[Item], found: list[Any], read_items: Callable[[Any, list[Item]], list[Any]]) -> None:
    card = weights.card
    out = [
        "# The readers: figures", "", "Written by `make train`; what they mean stands in [reading.md](reading.md).", "",
        f"Version {card['version']}, learnt from " + ", ".join(f"{name} {count}" for name, count in card["learnt_from"].items()) + ".", "",
        f"## The frozen test: {len(frozen)} messages of another hand", "",
    ]  # fmt: skip
    if frozen:
        out += judge.table(frozen, found)
    out += ["", "## Legitimate public complaints (the half that was not learnt from)", "", "| | flagged |", "|---|---|"]
    complaints = data.judged_complaints()
    for language in sorted({item.lang for item in complaints}):
        mine = [item for item in complaints if item.lang == language][:400]
        out.append(f"| {language} | {Share(sum(one.severity > 0 for one in read_items(reader, mine)), len(mine))} |")
    out += ["", "## Public abuse sets (texts that were not learnt from)", "", "| | AUC |", "|---|---|"]
    learnt = {item.text for item in data.public()}
    for name, (file, bad, good) in ABUSE_TESTS.items():
        path = data.shared() / "data" / "train" / name / file
        if not path.exists():
            continue
        rows = [row for row in data.lines(path) if row["label"] in {bad, *good} and row["text"] not in learnt]
        yes, no = [r for r in rows if r["label"] == bad][:EACH], [r for r in rows if r["label"] in good][:EACH]
        items = [Item(row["text"], row["lang"], name) for row in (*yes, *no)]
        scores = np.array([one.score for one in read_items(reader, items)])
        truth = np.array([True] * len(yes) + [False] * len(no))
        out.append(f"| {name} | {judge.resampled(lambda at, s=scores, t=truth: judge.auc(s[at], t[at]), len(items))} |")
    out += ["", "```json", json.dumps({"frozen": card.get("frozen", {}), "bars": card["bars"]}, indent=1), "```", ""]
    PAGE.write_text("\n".join(out), encoding="utf-8")
