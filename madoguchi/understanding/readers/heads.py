"""The trained reader: small linear heads over two vectors of the text, hashed strings of characters, and what the rules found. Pure.

Three heads answer the same questions from different sides: `tuned` over the second top of the encoder, `base` over the general vector,
`gram` over hashed strings. `stack` weighs their answers and the rules', question by question, as learnt on texts that the heads had
not seen.
A score of 0.5 is the bar, set for each language where few of the innocent texts pass it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from .folding import fold
from .linear import sigmoid, softmax
from .ngrams import rows
from .reading import Evidence, Span, Understood, spans_of
from .softening import sentences

LABELS = ("threat", "extortion", "insult", "degrading", "excessive", "persistence", "sexual", "discrimination", "privacy")
EMOTIONS = ("calm", "worried", "sad", "frustrated", "angry", "happy")
QUESTIONS = ("sev1", "sev2", "sev3", *LABELS, "human", "abuse")
REASONS = ("self_harm", "danger", "grief", "vulnerable", "asked")
SEV1, SEV2, SEV3, FIRST_LABEL, HUMAN = 0, 1, 2, 3, 12
LANGUAGES = ("ja", "en", "de", "zh-hans", "zh-hant")
PLACES = 8192
SCALE = 10.0
"""Vectors of length 1 are stretched by this for the heads."""
WINDOW, MOST_WINDOWS, LONG = 300, 8, 450
"""Characters of a piece of a long text, pieces that are read beside the whole, and characters from which a text is long."""


class Encoder(Protocol):
    def both(self, texts: Sequence[str]) -> Any: ...


@dataclass(frozen=True)
class Weights:
    """A version's arrays and its card: when it was made, from how much, bars and scores."""

    arrays: dict[str, Any]
    card: dict[str, Any]

    @property
    def version(self) -> str:
        return str(self.card["version"])

    @property
    def changes(self) -> dict[str, Any]:
        """The encoder's second top."""
        return {name: value for name, value in self.arrays.items() if name[0] == "l" and name[1].isdigit()}


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


def head_logits(arrays: dict[str, Any], base: Any, tuned: Any, grams: Any) -> Any:
    """Texts x heads x answers."""
    import numpy as np  # noqa: PLC0415

    return np.stack(
        [
            tuned * SCALE @ arrays["tuned.w"] + arrays["tuned.b"],
            (base - arrays["centre"]) * SCALE @ arrays["base.w"] + arrays["base.b"],
            grams * SCALE @ arrays["gram.w"].astype(np.float32) + arrays["gram.b"],
        ],
        1,
    )


def stacked(arrays: dict[str, Any], logits: Any, rules: Any) -> Any:
    """Texts x answers: the heads' and the rules' answers weighed, question by question."""
    import numpy as np  # noqa: PLC0415

    return np.einsum("nha,ha->na", logits, arrays["stack.heads"]) + rules @ arrays["stack.rules"] + arrays["stack.bias"]


class TrainedReader:
    """All heads of one version over an encoder."""

    def __init__(self, weights: Weights, encoder: Encoder) -> None:
        self.version = weights.version
        self._arrays, self._card, self._encoder = weights.arrays, weights.card, encoder

    def read(self, texts: Sequence[Evidence]) -> list[Understood]:
        answers = self.answers(texts)
        return [self._understood(one, row) for one, row in zip(texts, answers, strict=True)]

    def answers(self, texts: Sequence[Evidence]) -> Any:
        """Texts x answers, as odds; a long text is read whole and in pieces, and its worst piece counts."""
        pieces = [(number, piece) for number, one in enumerate(texts) for piece in pieces_of(one)]
        base, tuned = self._encoder.both([piece for _, piece in pieces])
        logits = head_logits(self._arrays, base, tuned, rows([fold(piece) for _, piece in pieces], PLACES))
        rules = rule_features(texts)
        out = stacked(self._arrays, logits, rules[[number for number, _ in pieces]])
        first: dict[int, int] = {}
        for place, (number, _) in enumerate(pieces):
            if number in first:
                worst = out[place, :HUMAN] - float(self._card["piece_margin"])
                out[first[number], :HUMAN] = out[first[number], :HUMAN].clip(worst)
            else:
                first[number] = place
        return out[[first[number] for number in range(len(texts))]]

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
        parts = [(start, end) for start, end in sentences(body) if body[start:end].strip()][:200]
        if not parts:
            return []
        column = FIRST_LABEL + LABELS.index(labels[0])
        speaks = rows([fold(body[start:end]) for start, end in parts], PLACES) @ self._arrays["gram.w"][:, column].astype("f4")
        start, end = parts[int(speaks.argmax())]
        return [(start, start + len(body[start:end].rstrip()), labels[0])]


def pieces_of(evidence: Evidence) -> list[str]:
    """The whole text, and a long one's sentences in pieces of about `WINDOW` characters: its last ones, where people lose their temper."""
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
    return pieces[:1] + pieces[1:][-MOST_WINDOWS:]


def with_intent(understood: Understood, intent: str | None, score: float) -> Understood:
    return replace(understood, intent=intent, intent_score=score)
