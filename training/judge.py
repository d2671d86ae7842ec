"""How good a version is, with intervals: on texts of another hand, on real complaints, and on public abuse sets."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from madoguchi.understanding.readers.heads import EMOTIONS, LABELS
from madoguchi.understanding.readers.reading import Understood
from training.data import Item


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (Wilson 1927)."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = wilson(self.hits, self.of)
        return f"{self.hits / self.of:.1%} ({low:.1%} to {high:.1%}) of {self.of}"


def wilson(hits: int, of: int) -> tuple[float, float]:
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return middle - reach, middle + reach


def auc(scores: Any, truth: Any) -> float:
    """Area under the ROC curve, ties halved."""
    scores, truth = np.asarray(scores, float), np.asarray(truth, bool)
    if truth.all() or not truth.any():
        return float("nan")
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    _values, first, counts = np.unique(scores[order], return_index=True, return_counts=True)
    for start, count in zip(first, counts, strict=True):
        ranks[order[start : start + count]] = start + (count - 1) / 2
    yes = truth.sum()
    return float((ranks[truth].sum() - yes * (yes - 1) / 2) / (yes * (len(truth) - yes)))


def resampled(measure: Callable[[Any], float], size: int, times: int = 400) -> str:
    """A measure with its 95 % interval by resampling the texts."""
    rng = np.random.default_rng(11)
    values = sorted(value for value in (measure(rng.integers(0, size, size)) for _ in range(times)) if not math.isnan(value))
    if not values:
        return "–"
    return f"{measure(np.arange(size)):.3f} ({values[int(0.025 * len(values))]:.3f} to {values[int(0.975 * len(values))]:.3f})"


def macro_f1(said: Sequence[str], truth: Sequence[str]) -> float:
    found = []
    for emotion in EMOTIONS:
        both = sum(s == t == emotion for s, t in zip(said, truth, strict=True))
        either = sum(s == emotion for s in said) + sum(t == emotion for t in truth)
        if any(t == emotion for t in truth):
            found.append(2 * both / either)
    return sum(found) / len(found) if found else float("nan")


def micro_f1(said: Sequence[Sequence[str]], truth: Sequence[Sequence[str]]) -> float:
    both = sum(len(set(s) & set(t)) for s, t in zip(said, truth, strict=True))
    either = sum(len(set(s)) + len(set(t)) for s, t in zip(said, truth, strict=True))
    return 2 * both / either if either else float("nan")


def table(items: Sequence[Item], found: Sequence[Understood]) -> list[str]:
    """Markdown lines: per language and channel, then per label and emotion."""
    rows = [("all", list(range(len(items))))]
    rows += [(lang, [n for n, item in enumerate(items) if item.lang == lang]) for lang in sorted({item.lang for item in items})]
    rows += [
        (f"channel {channel}", [n for n, i in enumerate(items) if i.channel == channel]) for channel in sorted({i.channel for i in items})
    ]
    out = [
        "| | innocent, flagged | severity 2 and 3, found | severity 3, found | AUC (2, 3 against 0) | labels micro-F1 | emotion macro-F1 | `human` AUC |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, chosen in rows:
        out.append("| " + " | ".join([name, *_row([items[n] for n in chosen], [found[n] for n in chosen])]) + " |")
    out += ["", "| label | found | right when said |", "|---|---|---|"]
    for label in LABELS:
        truth = [label in (item.labels or ()) for item in items]
        said = [label in one.labels for one in found]
        both = sum(t and s for t, s in zip(truth, said, strict=True))
        out.append(f"| {label} | {Share(both, sum(truth))} | {Share(both, sum(said))} |")
    out += ["", "| emotion | found | right when said |", "|---|---|---|"]
    for emotion in EMOTIONS:
        both = sum(item.emotion == one.emotion == emotion for item, one in zip(items, found, strict=True))
        out.append(
            f"| {emotion} | {Share(both, sum(i.emotion == emotion for i in items))} | {Share(both, sum(o.emotion == emotion for o in found))} |"
        )
    return out


def _row(items: list[Item], found: list[Understood]) -> list[str]:
    pairs = list(zip(items, found, strict=True))
    clear = [(i, f) for i, f in pairs if i.severity != 1]
    grave = [f for i, f in pairs if i.severity == 3]
    bad = [f for i, f in pairs if (i.severity or 0) > 1]
    innocent = [f for i, f in pairs if i.severity == 0]
    scores, truth = np.array([f.score for _, f in clear]), np.array([(i.severity or 0) > 1 for i, _ in clear])
    human_scores, human = np.array([f.human_score for f in found]), np.array([bool(i.human) for i in items])
    return [
        str(Share(sum(f.severity > 0 for f in innocent), len(innocent))),
        str(Share(sum(f.severity > 0 for f in bad), len(bad))),
        str(Share(sum(f.severity > 0 for f in grave), len(grave))),
        resampled(lambda at: auc(scores[at], truth[at]), len(clear)),
        resampled(lambda at: micro_f1([found[n].labels for n in at], [items[n].labels or () for n in at]), len(items)),
        resampled(lambda at: macro_f1([found[n].emotion for n in at], [items[n].emotion or "" for n in at]), len(items)),
        resampled(lambda at: auc(human_scores[at], human[at]), len(items)),
    ]


def summary(items: Sequence[Item], found: Sequence[Understood]) -> dict[str, float]:
    """The figures that decide whether a version may replace another."""
    innocent = [f.severity > 0 for i, f in zip(items, found, strict=True) if i.severity == 0]
    bad = [f.severity > 0 for i, f in zip(items, found, strict=True) if (i.severity or 0) > 1]
    grave = [f.severity > 0 for i, f in zip(items, found, strict=True) if i.severity == 3]
    return {
        "innocent_flagged": _mean(innocent), "found": _mean(bad), "grave_found": _mean(grave),
        "labels": micro_f1([f.labels for f in found], [i.labels or () for i in items]),
        "emotion": macro_f1([f.emotion for f in found], [i.emotion or "" for i in items]),
        "human": auc([f.human_score for f in found], [bool(i.human) for i in items]),
    }  # fmt: skip


def _mean(values: list[bool]) -> float:
    return sum(values) / len(values) if values else float("nan")


def not_worse(new: dict[str, float], old: dict[str, float], slack: float = 0.01) -> list[str]:
    """What is worse by more than `slack` in the new version; empty: it may replace the old one."""
    lower_is_better = {"innocent_flagged"}
    return [
        f"{name}: {old[name]:.3f} -> {value:.3f}"
        for name, value in new.items()
        if name in old and (value - old[name] if name in lower_is_better else old[name] - value) > slack
    ]
