"""Which articles answer a question, best first, and what speaks for and against answering at all.

Three scores an article, each brought to the same scale over all articles, then added: nearness to what it is asked (example questions and
title, all of them by a soft maximum), nearness to what it says (its best passages), and exact words (BM25). Articles that customers may not
see take part but are never returned: a question that one of them answers best is not a question for the others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .shelf import Shelf, number_of

SHARPNESS = 10.0
"""Of the soft maximum over an article's questions: higher looks at the nearest only."""
BEST = 3
WORDS_WEIGHT = 0.5
FEATURES = ("margin", "asked", "nearest", "told", "hidden", "beyond", "overlap")


@dataclass(frozen=True, slots=True)
class Found:
    """An article with its place in `Shelf.articles`, and its score on the common scale (standard deviations above the mean)."""

    place: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """`features`: the evidence for the first article, as FEATURES names it; `kind`: which evidence there was."""

    found: list[Found]
    features: Sequence[float]
    kind: str
    similarity: Any
    """Of every entry to the question; None without a model."""


def rank(
    shelf: Shelf, *, vector: Any, terms: Sequence[int], language: str, without: Collection[str] = (), internal: bool = False, limit: int = 6
) -> Ranking:
    """`vector`: the question's as the embedder gives it, None without a model. `internal`: staff asks, so everything may be found."""
    left_out = [number_of(one) for one in without]
    text_there = ~np.isin(shelf.text_language, left_out)
    there = np.zeros(len(shelf.articles), bool)
    there[shelf.text_article[text_there]] = True
    shown = there & (shelf.public | internal)
    if not shown.any():
        return Ranking([], [0.0] * len(FEATURES), "words", None)
    words = np.zeros(len(shelf.articles), np.float32)
    np.maximum.at(words, shelf.text_article[text_there], shelf.words.scores(terms)[text_there])
    if vector is None or not len(shelf.vectors):
        total, similarity, asked, told, near = _scale(words, there), None, words * 0, words * 0, np.zeros((len(words), BEST))
        kind, far = "words", 0.0
    else:
        question = shelf.centred_question(vector, language)
        similarity = shelf.vectors @ question
        entry_there = ~np.isin(shelf.entry_language, left_out)
        asked = _soft_maximum(shelf, similarity, entry_there & shelf.asked)
        told = _nearest(shelf, similarity, entry_there & ~shelf.asked).mean(1)
        near = _nearest(shelf, similarity, entry_there)
        known = np.zeros(len(words), bool)
        known[shelf.entry_article[entry_there & shelf.examples]] = True
        share = float(known[there].mean())
        total = (0.3 + 0.7 * share) * _scale(asked, there) + (1 - 0.5 * share) * _scale(told, there) + WORDS_WEIGHT * _scale(words, there)
        far = float(np.sort(shelf.beyond @ question)[-BEST:].mean())
        kind = ""
    order = np.argsort(-np.where(shown, total, -np.inf), kind="stable")[: min(limit, int(shown.sum()))]
    first = order[0]
    kind = kind or ("examples" if known[first] else "plain")
    hidden = total[there & ~shown].max() if (there & ~shown).any() else total[there].mean()
    features = [
        min(float(total[first] - total[order[1]]), 4.0) if len(order) > 1 else 1.0,
        float(asked[first]),
        float(near[first, 0]),
        float(told[first]),
        float(np.clip(hidden - total[first], -3.0, 2.0)),
        far - float(near[first].mean()),
        float(words[first] / (words[there].max() + 1e-6)),
    ]
    return Ranking([Found(int(place), float(total[place])) for place in order], features, kind, similarity)


def _scale(scores: Any, there: Any) -> Any:
    known = scores[there]
    return (scores - known.mean()) / (known.std() + 1e-6)


def _soft_maximum(shelf: Shelf, similarity: Any, counted: Any) -> Any:
    """log of the mean of exp over an article's entries; articles without any are as far away as can be."""
    found = np.full(len(shelf.articles), -1.0, np.float32)
    sums = np.add.reduceat(np.exp(SHARPNESS * similarity) * counted, shelf.starts)
    counts = np.add.reduceat(counted.astype(np.float32), shelf.starts)
    some = counts > 0
    found[shelf.entry_article[shelf.starts[some]]] = np.log(sums[some] / counts[some]) / SHARPNESS
    if some.any():
        found[found == -1.0] = found[found != -1.0].min()
    return found


def _nearest(shelf: Shelf, similarity: Any, counted: Any) -> Any:
    """The BEST highest similarities of each article, best first; what is missing repeats the last."""
    left = np.where(counted, similarity, -2.0)
    found = np.full((len(shelf.articles), BEST), -1.0, np.float32)
    owners = shelf.entry_article[shelf.starts]
    for rank_ in range(BEST):
        best = np.maximum.reduceat(left, shelf.starts)
        some = best > -2.0  # noqa: PLR2004  below any cosine
        found[owners[some], rank_] = best[some]
        if rank_:
            missing = owners[~some]
            found[missing, rank_] = found[missing, rank_ - 1]
        spread = np.repeat(best, np.diff(np.r_[shelf.starts, len(left)]))
        left = np.where(left == spread, -2.0, left)
    return found
