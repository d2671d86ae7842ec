"""`madoguchi understand`: JSON lines in, what the readers say of them out."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from madoguchi.foundation.errors import Invalid

from . import shipped
from .conversations import WrongConversation, pattern_of, said_in
from .readers.reading import Text, Understood, gather, read

BATCH = 64
LONGEST_LINE = 5_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--conversations", action="store_true", help="lines hold messages of a conversation; look at them over time too")
    parser.add_argument("--intents", type=Path, metavar="FILE", help='learn the intents of this run from lines {"text", "label"}')


def run(options: argparse.Namespace) -> int:
    model = shipped.model_in_use()
    intents = _learn(options.intents) if options.intents else None
    batch: list[tuple[Any, Any]] = []
    for number, row in _rows(sys.stdin):
        try:
            batch.append((row["id"], said_in(row) if options.conversations else _text(row)))
        except (KeyError, WrongConversation, TypeError, ValueError) as error:
            raise Invalid(f"line {number}: {_what(error)}") from error
        if len(batch) >= (8 if options.conversations else BATCH):
            _answer(batch, model, intents, conversations=options.conversations)
            batch = []
    _answer(batch, model, intents, conversations=options.conversations)
    return 0


def _what(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def _rows(source: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line) if len(line) <= LONGEST_LINE else None
        except ValueError as error:
            raise Invalid(f"line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise Invalid(f"line {number} is not a JSON object of at most {LONGEST_LINE} characters")
        yield number, row


def _text(row: dict[str, Any]) -> Text:
    text = row["text"]
    if not isinstance(text, str):
        raise TypeError("'text' must be a string")
    return Text(text, channel=str(row.get("channel") or ""), language=_language(row))


def _language(row: dict[str, Any]) -> str:
    return str(row.get("lang") or "").lower()


def _answer(batch: list[tuple[Any, Any]], model: Any, intents: Any, *, conversations: bool) -> None:
    if not batch:
        return
    talks = [talk if conversations else [] for _, talk in batch]
    texts = [Text(one.text, channel=one.channel, language=one.language) for talk in talks for one in talk if one.by == "customer"]
    texts = texts if conversations else [text for _, text in batch]
    readings = read(texts, model)
    found = intents(texts) if intents else [(one.intent, one.intent_score) for one in readings]
    if not conversations:
        for (key, _), one, (intent, score) in zip(batch, readings, found, strict=True):
            _print(key, one, intent, score, _harassment(one))
        return
    queue = list(zip(readings, found, strict=True))
    for (key, _), talk in zip(batch, talks, strict=True):
        mine = [queue.pop(0) for one in talk if one.by == "customer"]
        pattern = pattern_of(talk, [one for one, _ in mine])
        last = mine[-1][0] if mine else Understood(language="")
        intent, score = mine[0][1] if mine else (None, 0.0)
        worst = max((one for one, _ in mine), key=lambda one: one.score, default=last)
        harassment = {
            "labels": pattern.labels, "severity": pattern.severity,
            "score": round(max(worst.score, 0.9 if pattern.severity > 1 else 0.0), 4), "spans": [],
            "first_at": pattern.first_at, "kinds": pattern.kinds,
        }  # fmt: skip
        _print(key, last, intent, score, harassment, human=any(one.needs_person for one, _ in mine) or pattern.severity > 1)


def _harassment(one: Understood) -> dict[str, Any]:
    spans = [list(span) for span in one.spans]
    return {"labels": one.labels, "severity": one.severity, "score": one.score, "spans": spans, "first_at": None}


def _print(key: Any, one: Understood, intent: str | None, score: float, harassment: dict[str, Any], *, human: bool | None = None) -> None:
    out = {
        "id": key, "lang": _written(one.language), "intent": intent, "intent_score": score, "emotion": one.emotion,
        "strength": one.strength, "human": one.needs_person if human is None else human, "human_score": one.human_score,
        "reason": one.reason, "harassment": harassment, "model": one.model,
    }  # fmt: skip
    sys.stdout.write(json.dumps(out, ensure_ascii=False) + "\n")


def _written(language: str) -> str:
    return {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(language, language)


def _learn(path: Path) -> Any:
    """Intents of this run. Raises Invalid for a file that cannot be learnt from."""
    from .readers import intents  # noqa: PLC0415  numpy, for this alone

    texts, labels = [], []
    with path.open(encoding="utf-8") as file:
        for number, row in _rows(file):
            text, label = row.get("text"), row.get("label")
            if not isinstance(text, str) or not (label is None or isinstance(label, str)):
                raise Invalid(f"{path}, line {number}: 'text' and 'label' must be strings")
            texts.append(text)
            labels.append(None if label in {None, "", "none", "oos"} else label)
    encoder = shipped.encoder()
    try:
        learnt = intents.learn(texts, labels, encoder.questions(texts))
    except intents.WrongExamples as error:
        raise Invalid(f"{path}: {error}") from error

    def found(of: list[Text]) -> list[tuple[str | None, float]]:
        folded = [gather(text).folded for text in of]
        return learnt.read(encoder.questions([text.body for text in of]), folded)

    return found
