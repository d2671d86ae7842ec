"""What the readers learn from: the project's own examples, and public sets beside the project where they are at hand."""

import hashlib
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from madoguchi.understanding.readers.heads import EMOTIONS, LABELS, QUESTIONS

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "madoguchi" / "understanding" / "examples"
OUTPUTS = len(QUESTIONS) + len(EMOTIONS)


@dataclass(frozen=True)
class Item:
    """One text to learn from or to judge by. None: its source does not say."""

    text: str
    lang: str
    source: str
    severity: int | None = None
    labels: tuple[str, ...] | None = None
    emotion: str | None = None
    human: bool | None = None
    channel: str = ""
    abuse: bool | None = None
    note: str = field(default="", compare=False)


def fold_of(text: str, folds: int) -> int:
    """The same text always falls into the same part."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % folds


def shared() -> Path:
    """Where the public sets are: MADOGUCHI_SHARED, else ../shared."""
    return Path(os.environ.get("MADOGUCHI_SHARED", ROOT.parent / "shared"))


def lines(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def own(path: Path, source: str) -> list[Item]:
    return [
        Item(
            text=row["text"], lang=row["lang"].lower(), source=source, severity=row["severity"], labels=tuple(row["labels"]),
            emotion=row["emotion"], human=row["human"], channel=row.get("channel", ""), abuse=row["severity"] > 0, note=row.get("note", ""),
        )
        for row in lines(path)
    ]  # fmt: skip


def examples() -> list[Item]:
    return [
        item
        for path in sorted(EXAMPLES.glob("*.jsonl"))
        if path.stem not in {"dev", "frozen", "conversations"}
        for item in own(path, "own")
    ]


EKMAN = {"anger": "angry", "sadness": "sad", "joy": "happy", "fear": "worried", "neutral": "calm"}


def public(seed: int = 7) -> list[Item]:
    """Samples of the public sets; none when they are not at hand."""
    folder = shared() / "data" / "train"
    if not folder.is_dir():
        return []
    rng = random.Random(seed)
    found: list[Item] = []
    for name, file, size, bad in (
        ("germeval2018", "train.jsonl", 700, "OFFENSE"), ("cold", "train.jsonl", 900, "offensive"), ("convabuse", "train.jsonl", 400, "abuse"),
        ("davidson", "all.jsonl", 300, "hate"),
    ):  # fmt: skip
        rows = list(lines(folder / name / file))
        yes = [row for row in rows if row["label"] == bad or (name == "davidson" and row["label"] == "offensive")]
        no = [row for row in rows if row["label"] in {"OTHER", "ok", "neither"}]
        for group, is_bad in ((yes, True), (no, False)):
            for row in rng.sample(group, min(size // 2, len(group))):
                found.append(Item(row["text"], _lang(row["lang"]), name, abuse=is_bad))
    for name, file, size in (("asdc_topic", "train.jsonl", 250), ("banking77", "train.jsonl", 100), ("clinc150", "train.jsonl", 100)):
        for row in rng.sample(list(lines(folder / name / file)), size):
            found.append(Item(row["text"], _lang(row["lang"]), name, severity=0, labels=(), abuse=False))
    for name, file, size in (("goemotions_ekman", "train.jsonl", 400), ("brighter", "train.jsonl", 500)):
        rows = [row for row in lines(folder / name / file) if len(row["label"]) <= 1 and (not row["label"] or row["label"][0] in EKMAN)]
        for row in rng.sample(rows, size):
            found.append(Item(row["text"], _lang(row["lang"]), name, emotion=EKMAN[row["label"][0]] if row["label"] else "calm"))
    return found


def complaints() -> list[Item]:
    """Legitimate public complaints: the half with an even hash is learnt from, the other half only judged by."""
    path = shared() / "data" / "eval" / "legit-complaints.jsonl"
    if not path.exists():
        return []
    return [Item(row["text"], _lang(row["lang"]), "complaints", severity=0, labels=(), abuse=False) for row in lines(path)]


def judged_complaints() -> list[Item]:
    return [item for item in complaints() if fold_of(item.text, 2)]


def learnt_complaints(most_each: int = 700) -> list[Item]:
    kept: dict[str, list[Item]] = {}
    for item in complaints():
        if not fold_of(item.text, 2):
            kept.setdefault(item.lang, []).append(item)
    return [item for group in kept.values() for item in group[:most_each]]


def _lang(code: str) -> str:
    return "zh-hans" if code == "zh" else code


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
