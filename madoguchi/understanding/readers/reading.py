"""One text read by all readers: language, intent, emotion, hand-off and harassment, with the stretches that say why. Pure.

Without a trained model the rules alone decide, so an installation that cannot load it still sees what must never be missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from . import rules
from .folding import Folded, fold
from .language import detect_language

LONGEST = 20_000
"""Characters of a text that are read: the first and the last halves of this."""

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be read. `language`: as far as it is known (the conversation's); `subject` is read too, but holds no spans."""

    body: str
    subject: str = ""
    channel: str = "mail"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """`reason`: why a person is needed (self_harm, danger, grief, vulnerable, harassment, asked, upset), "" when none is.

    `strength` (0 to 1) is that of the emotion; `score` (0 to 1) grows with the likelihood of harassment, `spans` are [start, end, label] in
    characters of the body, `model` names what read it, and `human_score` (0 to 1) is how much a person is needed.
    """

    language: str
    intent: str | None = None
    intent_score: float = 0.0
    emotion: str = "calm"
    strength: float = 0.0
    needs_person: bool = False
    reason: str = ""
    severity: int = 0
    labels: list[str] = field(default_factory=list)
    score: float = 0.0
    spans: list[Span] = field(default_factory=list)
    model: str = rules.VERSION
    human_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A text made ready, with what the rules found in it."""

    text: Text
    folded: Folded
    language: str
    hits: list[rules.Hit]
    reason: str


class Model(Protocol):
    """A trained reader: all its heads over one embedding of each text."""

    version: str

    def read(self, texts: Sequence[Evidence]) -> list[Understood]: ...


def gather(text: Text) -> Evidence:
    """Everything that costs no model."""
    body = text.body
    language = detect_language(body or text.subject, fallback=text.language)
    whole = fold(f"{body}\n{text.subject}" if text.subject else body)
    hits = rules.find_harassment("", language, folded=whole)
    return Evidence(text, whole, language, hits, rules.needs_person("", language, folded=whole))


def read(texts: Sequence[Text], model: Model | None = None) -> list[Understood]:
    """Read the texts together, which is cheaper than one by one."""
    evidence = [gather(text) for text in texts]
    return model.read(evidence) if model else [by_rules(one) for one in evidence]


def spans_of(evidence: Evidence) -> list[Span]:
    """The rules' hits inside the body."""
    size = len(evidence.text.body)
    return [(hit.start, min(hit.end, size), hit.label) for hit in evidence.hits if hit.start < size]


def by_rules(evidence: Evidence) -> Understood:
    """What the rules alone say."""
    severity = max((hit.severity for hit in evidence.hits), default=0)
    reason = evidence.reason or ("harassment" if severity > 1 else "")
    return Understood(
        language=evidence.language, needs_person=bool(reason), reason=reason, severity=severity,
        emotion="angry" if severity else "calm", strength=0.5 if severity else 0.0, human_score=1.0 if reason else 0.0,
        labels=sorted({hit.label for hit in evidence.hits}), score=(0.0, 0.5, 0.8, 0.95)[severity], spans=spans_of(evidence),
    )  # fmt: skip
