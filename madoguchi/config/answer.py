"""`madoguchi answer < in.jsonl > out.jsonl`: questions to answers from the knowledge base, or to an honest silence.

In:  {"id", "text", "lang"?, "without"?: [languages whose articles are left out]}
Out: {"id", "slug": null or the article's, "score", "answer", "lang", "citations": [...], "candidates": [...]}
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from madoguchi.foundation.errors import Invalid
from madoguchi.knowledge import actions as knowledge
from madoguchi.knowledge import answers
from madoguchi.knowledge.answering.beyond import LANGUAGES
from madoguchi.understanding.readers.language import detect_language

MAX_LINE = 100_000
"""Bytes of a line; longer ones are no question."""


@dataclass(frozen=True, slots=True)
class Asked:
    id: str | int
    text: str
    language: str
    without: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--internal", action="store_true", help="as an agent would ask: internal articles may answer too")
    parser.add_argument("--words-only", action="store_true", help="without the model: exact words alone")


def run(options: argparse.Namespace) -> int:
    asked = list(read_questions(sys.stdin.buffer))  # all are read first: a wrong line stops before anything is said
    embedder, why_not = (None, "") if options.words_only else answers.installed_embedder()
    if why_not:
        sys.stderr.write(f"madoguchi: {why_not}\n")
    knowledge.index_articles(embedder=embedder, told=tell_progress)
    for one in asked:
        found = answers.answer(one.text, language=one.language, without=one.without, internal=options.internal, embedder=embedder)
        sys.stdout.write(json.dumps({"id": one.id, **found.as_dict()}, ensure_ascii=False) + "\n")
    return 0


def tell_progress(done: int, of: int) -> None:
    sys.stderr.write(f"madoguchi: indexing articles, {done:,} of {of:,}\n")


def read_questions(lines: Any) -> Iterator[Asked]:
    """Raises Invalid with the number of the line."""
    number = 0
    while raw := lines.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise Invalid(f"line {number} is longer than {MAX_LINE:,} bytes")
        if raw.strip():
            yield _question(raw, number)


def _question(raw: bytes, number: int) -> Asked:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid(f"line {number} is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Invalid(f"line {number} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Invalid(f'line {number} must be an object such as {{"id": "1", "text": "Where is my parcel?"}}')
    if isinstance(value.get("id"), bool) or not isinstance(value.get("id"), str | int):
        raise Invalid(f"line {number}: id is missing or neither a text nor a whole number")
    if not isinstance(value.get("text"), str):
        raise Invalid(f"line {number}: text is missing or not a text")
    text = value["text"].encode("utf-8", "ignore").decode()  # halves of surrogate pairs cannot be written out again
    language = value.get("lang")
    if language is not None:
        language = _language(language, number, "lang")
    without = value.get("without")
    if without is None:
        without = []
    if not isinstance(without, list):
        raise Invalid(f"line {number}: without must be a list of languages")
    return Asked(value["id"], text, language or _detected(text), tuple(_language(one, number, "without") for one in without))


def _language(value: object, number: int, key: str) -> str:
    if isinstance(value, str) and value.lower() in LANGUAGES:
        return value.lower()
    raise Invalid(f"line {number}: {key} must be one of {', '.join(LANGUAGES)}, not {str(value)[:40]!r}")


def _detected(text: str) -> str:
    found = detect_language(text)
    return found if found in LANGUAGES else "en"
