"""Fits `confidence` on judged questions, and judges answers: pure, small, without randomness that a seed does not fix.

Every judged question is scored by weights that were fitted without it (ten folds, several orders), so the figures say what new questions of
the same kind may expect. The bar is the score above which at most a tenth of the unanswerable questions would get an answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .beyond import LANGUAGES
from .ranking import FEATURES

RIDGE = 3.0
LANGUAGE_RIDGE = 6.0
FOLDS, ORDERS = 10, 5
ANSWERED_WRONGLY = 0.10


@dataclass(frozen=True, slots=True)
class Case:
    """A judged question: its evidence, whether the first article is the right one, whether there is a right one at all."""

    language: str
    features: Sequence[float]
    right: bool
    answerable: bool


def fit(cases: Sequence[Case]) -> tuple[dict[str, Any], Any]:
    """(the scale as `confidence.Scale` takes it, the scores of the cases by weights fitted without them)."""
    everything = np.arange(len(cases))
    middle, spread, weights = _fit(cases, everything)
    held_out = np.zeros(len(cases))
    for order in range(ORDERS):
        shuffled = np.random.default_rng(order).permutation(len(cases))
        for fold in range(FOLDS):
            test = shuffled[fold::FOLDS]
            learnt = _fit(cases, np.setdiff1d(shuffled, test))
            held_out[test] += _scores([cases[number] for number in test], *learnt) / ORDERS
    unanswerable = sorted((score for score, case in zip(held_out, cases, strict=True) if not case.answerable), reverse=True)
    bar = unanswerable[int(len(unanswerable) * ANSWERED_WRONGLY)] if unanswerable else 0.5
    names = len(FEATURES)
    scale = {
        "middle": _short(middle),
        "spread": _short(spread),
        "weights": _short(weights[:names]),
        "languages": dict(zip(LANGUAGES, _short(weights[names:-1]), strict=True)),
        "base": _short(weights[-1:])[0],
        "bar": math.ceil(bar * 1000 + 1) / 1000,
    }
    return scale, held_out


def _short(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]


def _table(cases: Sequence[Case], middle: Any, spread: Any) -> Any:
    features = (np.array([case.features for case in cases], float) - middle) / spread
    languages = np.array([[float(case.language == language) for language in LANGUAGES] for case in cases])
    return np.c_[features, languages, np.ones(len(cases))]


def _fit(cases: Sequence[Case], chosen: Any) -> tuple[Any, Any, Any]:
    """Logistic regression with a ridge, by Newton's method."""
    learnt = [cases[number] for number in chosen]
    raw = np.array([case.features for case in learnt], float)
    middle, spread = raw.mean(0), np.maximum(raw.std(0), 1e-3)
    table, right = _table(learnt, middle, spread), np.array([float(case.right) for case in learnt])
    ridge = np.diag([RIDGE] * len(FEATURES) + [LANGUAGE_RIDGE] * len(LANGUAGES) + [1e-3])
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + ridge
        weights -= np.linalg.solve(curve, table.T @ (chance - right) + ridge @ weights)
    return middle, spread, weights


def _scores(cases: Sequence[Case], middle: Any, spread: Any, weights: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(_table(cases, middle, spread) @ weights, -30, 30)))


@dataclass(slots=True)
class Tally:
    """What came out for some judged questions."""

    answerable: int = 0
    first: int = 0
    right: int = 0
    wrong: int = 0
    unanswerable: int = 0
    invented: int = 0

    def add(self, *, answerable: bool, first: bool, answered: bool) -> None:
        """`first`: the first candidate is the right article; `answered`: the score passed the bar."""
        if not answerable:
            self.unanswerable += 1
            self.invented += answered
            return
        self.answerable += 1
        self.first += first
        self.right += answered and first
        self.wrong += answered and not first

    def line(self, name: str) -> str:
        silent = self.answerable - self.right - self.wrong
        parts = [
            f"right article first {interval(self.first, self.answerable)}",
            f"answered right {interval(self.right, self.answerable)}",
            f"wrong {interval(self.wrong, self.answerable)}",
            f"silent {interval(silent, self.answerable)}",
            f"unanswerable but answered {interval(self.invented, self.unanswerable)}",
        ]
        return f"{name:8} " + " · ".join(parts)


def interval(part: int, whole: int) -> str:
    """Share with its 95 % interval (Wilson 1927)."""
    if not whole:
        return "-"
    z, share = 1.96, part / whole
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{share:.0%} ({max(0.0, centre - half):.0%} to {min(1.0, centre + half):.0%}) of {whole}"
