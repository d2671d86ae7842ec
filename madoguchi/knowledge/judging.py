"""`madoguchi kb index` and `madoguchi kb judge FILE [--fit]`: the index of answers, how good they are, and when it speaks."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from madoguchi.foundation.errors import Invalid

from . import actions, answers
from .answering.beyond import LANGUAGES

MOST_THREADS = 4
"""Of indexing; it runs niced in the background."""


def add_arguments(ways: Any) -> None:
    index_ = ways.add_parser("index", help="bring the index that questions are answered from up to date")
    index_.add_argument("--all", action="store_true", help="build it again from the beginning")
    index_.add_argument("--quiet", action="store_true", help="print nothing when all is well")
    judge_ = ways.add_parser("judge", help="how good are the answers to questions whose article is known?")
    judge_.add_argument(
        "file", type=Path, metavar="FILE", help='JSON lines: {"lang", "text", "answer_slug": null or the article\'s, "cross"?}'
    )
    judge_.add_argument("--fit", action="store_true", help="also fit anew from when on it speaks; kept under MADOGUCHI_HOME/models")


def index(options: argparse.Namespace) -> int:
    embedder, why_not = answers.installed_embedder(threads=min(os.cpu_count() or 1, MOST_THREADS))
    if why_not:
        sys.stderr.write(f"madoguchi: {why_not}\n")
    told = None if options.quiet else _tell
    count = actions.index_articles(embedder=embedder, everything=options.all, told=told)
    if not options.quiet:
        sys.stdout.write(f"{count:,} translations indexed\n")
    return 0


def _tell(done: int, of: int) -> None:
    sys.stderr.write(f"madoguchi: {done:,} of {of:,}\n")


def judge(options: argparse.Namespace) -> int:
    """Both with and without example questions, and with words alone; held-out figures by `answering.fitting`."""
    from .answering import fitting  # noqa: PLC0415  numpy: only processes that answer pay for it

    asked = _read(options.file)
    embedder, why_not = answers.installed_embedder()
    if why_not:
        sys.stderr.write(f"madoguchi: {why_not}\n")
    actions.index_articles(embedder=embedder, told=_tell)
    made_by = embedder.questions([one["text"] for one in asked]) if embedder else [None] * len(asked)
    fitted: dict[str, Any] = {}
    for kind in ("examples", "plain", "words"):
        if kind != "words" and embedder is None:
            continue
        cases, skipped = _cases(asked, made_by, kind)
        if not cases or len({case.right for case in cases}) == 1:
            sys.stdout.write(f"{kind}: nothing to learn from\n")
            continue
        scale, scores = fitting.fit(cases)
        fitted[kind] = scale
        sys.stdout.write(f"{kind} ({len(cases)} questions, bar {scale['bar']}{f', {skipped} of another kind' if skipped else ''})\n")
        tallies = {name: fitting.Tally() for name in (*LANGUAGES, "all")}
        for case, score in zip(cases, scores, strict=True):
            for name in (case.language, "all"):
                tallies[name].add(answerable=case.answerable, first=case.right, answered=score >= scale["bar"])
        sys.stdout.writelines(f"  {tally.line(name)}\n" for name, tally in tallies.items())
    if options.fit:
        _keep(fitted, options.file, len(asked))
    return 0


def _keep(fitted: dict[str, Any], file: Path, count: int) -> None:
    from .answering import fitting  # noqa: PLC0415
    from .answering.ranking import FEATURES  # noqa: PLC0415

    how = (
        f"{count} questions of {file.name}; logistic regression, ridge {fitting.RIDGE}, bar where at most {fitting.ANSWERED_WRONGLY:.0%} of"
    )
    how += f" the unanswerable get an answer, by {fitting.FOLDS} folds in {fitting.ORDERS} orders"
    path = answers.models_folder() / "confidence.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {"fitted": how, "features": list(FEATURES), "scales": fitted}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"kept in {path}\n")


def _cases(asked: list[dict[str, Any]], vectors: Any, kind: str) -> tuple[list[Any], int]:
    """The evidence for each question; those that would be judged by another kind's scale are left out and counted."""
    from .answering import exact, ranking  # noqa: PLC0415
    from .answering.fitting import Case  # noqa: PLC0415

    shelf = answers.current_shelf(answers.installed_embedder()[0])
    if kind == "plain":
        shelf = answers.without_examples()
    cases = []
    for one, vector in zip(asked, vectors, strict=True):
        ranked = ranking.rank(
            shelf, vector=None if kind == "words" else vector, terms=exact.query_terms(one["text"]), language=one["lang"],
            without=[one["lang"]] if one.get("cross") else [],
        )  # fmt: skip
        if ranked.found and ranked.kind == kind:
            right = shelf.slugs[ranked.found[0].place] == one["answer_slug"]
            cases.append(Case(one["lang"], ranked.features, right, one["answer_slug"] is not None))
    return cases, len(asked) - len(cases)


def _read(path: Path) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            value = {**value, "lang": value["lang"].lower(), "answer_slug": value["answer_slug"]}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Invalid(f"{path}, line {number}: an object with lang, text and answer_slug is wanted") from None
        if value["lang"] not in LANGUAGES or not isinstance(value.get("text"), str):
            raise Invalid(f"{path}, line {number}: lang must be one of {', '.join(LANGUAGES)}, text a text")
        found.append(value)
    return found
