"""The trained reader: one small kernel machine over what several layers of the encoder say, weighed with what the rules found. Pure.

A text is compared with every text that was learnt from (radial kernel over the pooled states of four layers, on their main axes); each
of those speaks for or against an answer by its coefficient (kernel ridge regression, Rasmussen and Williams 2006, 2.3). What comes out and
the rules are weighed, question by question, on left-out predictions. A score of 0.5 is the bar, set for each language where few of the
innocent texts pass it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from .linear import sigmoid, softmax
from .reading import Evidence, Span, Understood, spans_of
from .softening import sentences

LABELS = ("threat", "extortion", "insult", "degrading", "excessive", "persistence", "sexual", "discrimination", "privacy")
EMOTIONS = ("calm", "worried", "sad", "frustrated", "angry", "happy")
QUESTIONS = ("sev1", "sev2", "sev3", *LABELS, "human", "abuse")
REASONS = ("self_harm", "danger", "grief", "vulnerable", "asked")
SEV1, SEV2, SEV3, FIRST_LABEL, HUMAN, ABUSE = 0, 1, 2, 3, 12, 13
LANGUAGES = ("ja", "en", "de", "zh-hans", "zh-hant")
WIDTH = 1.0
"""Of the kernel: exp(WIDTH * (cosine - 1))."""
MOST_SENTENCES, MOST_MARKED = 12, 4
WINDOW, MOST_WINDOWS, LONG = 200, 8, 350
"""Characters of a piece of a long text, pieces that are read beside the whole, and characters from which a text is long."""


class Encoder(Protocol):
    name: str

    def views(self, texts: Sequence[str]) -> Any: ...


@dataclass(frozen=True)
class Weights:
    """A version's arrays and its card: when it was made, from how much, bars and scores."""

    arrays: dict[str, Any]
    card: dict[str, Any]

    @property
    def version(self) -> str:
        return str(self.card["version"])


def load(path: Path) -> Weights:
    """Raises OSError, ValueError or KeyError for a file that is not one of ours."""
    import numpy as np  # noqa: PLC0415

    with np.load(path, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files if name != "card"}
        return Weights(arrays, json.loads(str(kept["card"])))


def save(path: Path, weights: Weights) -> None:
    import numpy as np  # noqa: PLC0415

    np.savez_compressed(path, card=np.array(json.dumps(weights.card, ensure_ascii=False)), **weights.arrays)


def rule_features(evidence: Sequence[Evidence]) -> Any:
    """What the rules say, one row a text: severities, labels, whether others are quoted, why a person is needed."""
    import numpy as np  # noqa: PLC0415

    out = np.zeros((len(evidence), 3 + len(LABELS) + len(REASONS)), np.float32)
    for row, one in enumerate(evidence):
        for hit in one.hits:
            out[row, : hit.severity] = 1
            out[row, 3 + LABELS.index(hit.label)] = 1
        if one.reason in REASONS:
            out[row, 3 + len(LABELS) + REASONS.index(one.reason)] = 1
    return out


def joined(views: Any, centre: Any) -> Any:
    """Texts x (views * 384): each view without its middle and of equal weight, so that a product is the mean of the views' cosines."""
    import numpy as np  # noqa: PLC0415

    moved = views - centre[:, None]
    moved /= np.linalg.norm(moved, axis=2, keepdims=True) + 1e-9
    return np.concatenate(list(moved), 1) / np.sqrt(np.float32(len(views)))


def kernel(x: Any, near: Any, width: float = WIDTH) -> Any:
    import numpy as np  # noqa: PLC0415

    return np.exp(width * (x @ near.T - 1))


def weighed(arrays: dict[str, Any], said: Any, rules: Any) -> Any:
    """Texts x answers, as odds: what the examples and the rules say, weighed question by question."""
    import numpy as np  # noqa: PLC0415

    n = len(QUESTIONS)
    questions = said[:, :n] @ arrays["stack.mix"] + rules @ arrays["stack.rules"]
    return np.concatenate([questions + arrays["stack.bias"], said[:, n:] @ arrays["stack.emotion"] + arrays["stack.emotion_bias"]], 1)


class TrainedReader:
    """All heads of one version over an encoder."""

    def __init__(self, weights: Weights, encoder: Encoder) -> None:
        if weights.card.get("encoder", encoder.name) != encoder.name:
            raise ValueError(f"version {weights.version} was learnt with {weights.card['encoder']}, not with {encoder.name}")
        self.version = weights.version
        self._arrays = {name: array.astype("f4") for name, array in weights.arrays.items()}
        self._arrays["near"] *= self._arrays.pop("near.scale")[:, None]
        self._card, self._encoder = weights.card, encoder

    def read(self, texts: Sequence[Evidence]) -> list[Understood]:
        answers = self.answers(texts)
        return [self._understood(one, row) for one, row in zip(texts, answers, strict=True)]

    def answers(self, texts: Sequence[Evidence]) -> Any:
        """Texts x answers, as odds; a long text is read whole and in pieces, and its worst piece counts."""
        pieces = [(number, piece) for number, one in enumerate(texts) for piece in pieces_of(one)]
        rules = rule_features(texts)
        out = weighed(self._arrays, self._said([piece for _, piece in pieces]), rules[[number for number, _ in pieces]])
        first: dict[int, int] = {}
        for place, (number, _) in enumerate(pieces):
            if number in first:
                worst = out[place, :HUMAN] - float(self._card["piece_margin"])
                out[first[number], :HUMAN] = out[first[number], :HUMAN].clip(worst)
            else:
                first[number] = place
        return out[[first[number] for number in range(len(texts))]]

    def _said(self, texts: Sequence[str]) -> Any:
        a = self._arrays
        x = joined(self._encoder.views(texts), a["centre"]) @ a["axes"]
        return kernel(x, a["near"], float(self._card.get("width", 2.0))) @ a["speaks"] + a["offset"]

    def _understood(self, evidence: Evidence, row: Any) -> Understood:
        bars = self._card["bars"]
        key = evidence.language if evidence.language in LANGUAGES else "other"
        score = float(sigmoid(row[SEV2] - bars["harassment"][key]))
        certain = max((hit.severity for hit in evidence.hits), default=0)
        severity = self._severity(row, score, certain)
        if severity and score < 0.5:  # noqa: PLR2004  a rule of the gravest kind decides alone
            score = 0.5
        labels = self._labels(row, severity)
        chances = softmax(row[None, len(QUESTIONS) :])[0]
        emotion = EMOTIONS[int(chances.argmax())]
        human = float(sigmoid(row[HUMAN] - bars["human"]))
        needs = human >= 0.5 or severity > 1 or evidence.reason == "self_harm"  # noqa: PLR2004
        reason = "harassment" if severity > 1 else evidence.reason or ("upset" if emotion in {"angry", "sad", "worried"} else "complex")
        return Understood(
            language=evidence.language, emotion=emotion, strength=0.0 if emotion == "calm" else round(float(chances.max()), 3),
            needs_person=needs, reason=reason if needs else "", severity=severity, labels=labels, score=round(score, 4),
            spans=self._spans(evidence, labels) if severity else [], model=self.version, human_score=round(human, 4),
        )  # fmt: skip

    def _severity(self, row: Any, score: float, certain: int) -> int:
        bars = self._card["bars"]
        if row[SEV3] >= bars["grave"] or (certain == 3 and row[SEV3] >= bars["grave_with_rule"]):  # noqa: PLR2004
            return 3
        if score < 0.5:  # noqa: PLR2004
            return 0
        return 2 if row[SEV2] - row[SEV1] >= bars["rude"] or certain > 1 else 1

    def _labels(self, row: Any, severity: int) -> list[str]:
        if not severity:
            return []
        bars = self._card["bars"]["labels"]
        found = [label for place, label in enumerate(LABELS) if row[FIRST_LABEL + place] >= bars[label]]
        if not found and severity > 1:
            found = [LABELS[int((row[FIRST_LABEL:HUMAN] - [bars[label] for label in LABELS]).argmax())]]
        return found

    def _spans(self, evidence: Evidence, labels: list[str]) -> list[Span]:
        """The rules' stretches of these labels, else the sentence that speaks most for the first label."""
        found = [span for span in spans_of(evidence) if span[2] in labels or not labels]
        if found or not labels:
            return found
        body = evidence.text.body
        parts = [(start, end) for start, end in sentences(body) if body[start:end].strip()][-MOST_SENTENCES:]
        if not parts:
            return []
        best = 0
        if len(parts) > 1:
            said = self._said([body[start:end] for start, end in parts])
            best = int((said[:, SEV2] + said[:, FIRST_LABEL + LABELS.index(labels[0])]).argmax())
        start, end = parts[best]
        return [(start, start + len(body[start:end].rstrip()), labels[0])]


def pieces_of(evidence: Evidence) -> list[str]:
    """The whole text, and a long one's sentences in pieces of about `WINDOW` characters: its last ones, and where a rule was hit."""
    text = evidence.text
    whole = f"{text.body}\n{text.subject}" if text.subject else text.body
    if len(whole) <= LONG:
        return [whole]
    pieces, start, at = [whole], 0, 0
    for _, end in sentences(whole[:20_000]):
        if end - start >= WINDOW:
            pieces.append(whole[start:end][: 2 * WINDOW])
            start = end
        at = end
    if at > start and whole[start:at].strip():
        pieces.append(whole[start:at][: 2 * WINDOW])
    marked = [whole[a:b] for a, b in sentences(whole[:20_000]) if any(hit.start < b and hit.end > a for hit in evidence.hits)]
    return pieces[:1] + marked[-MOST_MARKED:] + pieces[1:][-MOST_WINDOWS:]


def with_intent(understood: Understood, intent: str | None, score: float) -> Understood:
    return replace(understood, intent=intent, intent_score=score)
