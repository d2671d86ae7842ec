"""What the customer wants, learnt from examples, with "none of these". Pure.

A linear head over the sentence's vector and hashed strings of characters. Whether a text is any of the intents is judged by how sure the
head is and by how near the text lies to the examples it resembles; the bar is set on held-out examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .folding import Folded, fold
from .linear import fit_classes, softmax
from .ngrams import rows

PLACES = 2048
VECTOR_SHARE, GRAM_SHARE = 6.0, 3.0
PENALTY = 2e-4
NEIGHBOURS = 3
FOLDS = 5
MISSED = 0.02
"""The share of held-out examples of the intents that the bar may turn away."""
FEWEST = 2


class WrongExamples(ValueError):
    """Nothing can be learnt from these examples; the message says why."""


@dataclass(frozen=True, slots=True)
class Intents:
    """A learnt set of intents."""

    names: list[str]
    weights: Any
    biases: Any
    centre: Any
    examples: Any
    belongs: Any
    bar: float

    def read(self, vectors: Any, folded: Sequence[Folded]) -> list[tuple[str | None, float]]:
        """(the intent or None, how sure) of each text; the score is given also for None."""
        x = features(vectors, folded, self.centre)
        chance = softmax(x @ self.weights + self.biases)
        best = chance.argmax(1)
        scores = sureness(chance, best, near(vectors - self.centre, self.examples, self.belongs, best))
        return [(self.names[b] if s >= self.bar else None, round(float(s), 4)) for b, s in zip(best, scores, strict=True)]


def features(vectors: Any, folded: Sequence[Folded], centre: Any) -> Any:
    """Vectors lie in a narrow cone: their middle is taken away, so that what differs counts."""
    return np.concatenate([VECTOR_SHARE * (vectors - centre), GRAM_SHARE * rows(folded, PLACES)], 1).astype(np.float32)


def near(vectors: Any, examples: Any, belongs: Any, chosen: Any) -> Any:
    """Mean cosine to the nearest examples of the chosen intent."""
    own = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    cosine = own @ examples.T
    cosine[belongs[None, :] != chosen[:, None]] = -1
    return np.sort(cosine, 1)[:, -NEIGHBOURS:].mean(1)


def sureness(chance: Any, best: Any, nearness: Any) -> Any:
    """0 to 1: the head's certainty and the nearness of examples count alike, as odds."""
    top = np.clip(chance[np.arange(len(best)), best], 1e-6, 1 - 1e-6)
    return 1 / (1 + np.exp(-(0.5 * np.log(top / (1 - top)) + 8 * (nearness - 0.5))))


def learn(texts: Sequence[str], labels: Sequence[str | None], vectors: Any) -> Intents:
    """Learn from examples; a label of None ("none of these") helps to set the bar. Raises WrongExamples."""
    named = [place for place, label in enumerate(labels) if label is not None]
    names = sorted({str(labels[place]) for place in named})
    if len(names) < FEWEST:
        raise WrongExamples("At least two different labels are needed.")
    y = np.array([names.index(str(labels[place])) for place in named])
    folded = [fold(text) for text in texts]
    inside, outside = vectors[named], vectors[[place for place, label in enumerate(labels) if label is None]]
    centre = inside.mean(0)
    x = features(inside, [folded[place] for place in named], centre)
    w, b = fit_classes(x, y, len(names), penalty=PENALTY, steps=80)
    examples = (inside - centre) / (np.linalg.norm(inside - centre, axis=1, keepdims=True) + 1e-9)
    scores = _held_out(x, inside - centre, examples, y, len(names))
    found = Intents(names, w, b, centre, examples, y, float(np.quantile(scores, MISSED)))
    if len(outside):
        strangers = [folded[place] for place, label in enumerate(labels) if label is None]
        beyond = np.array([score for _, score in found.read(outside, strangers)])
        found = Intents(names, w, b, centre, examples, y, _best_bar(scores, beyond))
    return found


def _held_out(x: Any, vectors: Any, examples: Any, y: Any, classes: int) -> Any:
    """Scores of the examples by a head that has not seen them; one fold is enough to place the bar."""
    held = np.arange(len(y)) % FOLDS == 0
    kept = ~held
    if len(set(y[kept])) < classes or held.sum() < FEWEST:
        held, kept = np.ones(len(y), bool), np.ones(len(y), bool)
    w, b = fit_classes(x[kept], y[kept], classes, penalty=PENALTY, steps=60)
    chance = softmax(x[held] @ w + b)
    best = chance.argmax(1)
    return sureness(chance, best, near(vectors[held], examples[kept], y[kept], best))


def _best_bar(inside: Any, outside: Any) -> float:
    """Where the shares of wrongly turned away and wrongly taken in are together smallest."""
    bars = np.unique(np.concatenate([inside, outside]))
    wrong = [(inside < bar).mean() + (outside >= bar).mean() for bar in bars]
    return float(bars[int(np.argmin(wrong))])
