"""How sure is the first article right? And is that sure enough to say it to a customer? Pure; the numbers are data, see `fitting`.

A logistic regression over the evidence that `ranking` gives, with a small correction for each language, one for each kind of evidence:
articles with example questions, articles without, exact words alone. A wrong answer costs more than an abstention, so the bar is set where
at most a tenth of the questions that have no answer would be given one.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .ranking import FEATURES

SHIPPED = Path(__file__).parent / "confidence.json"


@dataclass(frozen=True, slots=True)
class Scale:
    """Weights of the features after (x - middle) / spread; `languages` are added to `base`. `bar`: from which score on it is said."""

    middle: list[float]
    spread: list[float]
    weights: list[float]
    base: float
    languages: dict[str, float]
    bar: float

    def score(self, features: Sequence[float], language: str) -> float:
        """The estimated probability that the first article is right (0 to 1)."""
        parts = zip(features, self.middle, self.spread, self.weights, strict=True)
        total = self.base + self.languages.get(language, 0.0) + sum(weight * (x - middle) / spread for x, middle, spread, weight in parts)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def scales(path: Path = SHIPPED) -> dict[str, Scale]:
    """Kind of evidence to scale. Raises OSError, ValueError."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if data.get("features") != list(FEATURES):
        raise ValueError(f"{path.name} was fitted for other evidence; fit it again with: madoguchi kb fit")
    return {kind: Scale(**values) for kind, values in data["scales"].items()}
