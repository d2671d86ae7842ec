"""Rules that a person can read: what must never be missed, whatever a model thinks. Pure.

One file a language in `rules/`. A line `[threat 3]` opens a section: what follows, one regular expression a line, is that label with
that severity. `[not]` holds what only sounds like it (idioms, figures of speech): a match that lies inside one of those counts for nothing.
`[person grief]` sections say that a person is needed, and why. Lines starting with `#` are remarks.
Patterns meet folded text: NFKC, lower case.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .folding import Folded, fold, undisguise
from .quoting import reported

VERSION = "rules-1"
FOLDER = Path(__file__).parent / "rules"
LANGUAGES = ("ja", "en", "de", "zh")
_SECTION = re.compile(r"\[(?:(?P<label>[a-z]+) (?P<severity>[1-3])|(?P<not>not)|person (?P<reason>[a-z_]+))\]")


@dataclass(frozen=True, slots=True)
class Rule:
    label: str
    severity: int
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rules:
    harassment: list[Rule]
    harmless: list[re.Pattern[str]]
    person: list[tuple[str, re.Pattern[str]]]


@dataclass(frozen=True, slots=True)
class Hit:
    """`start` and `end` count characters of the original text."""

    start: int
    end: int
    label: str
    severity: int


class WrongRule(ValueError):
    """A line of a rule file cannot be understood."""


@cache
def rules_of(language: str) -> Rules:
    return parse_rules((FOLDER / f"{language}.txt").read_text(encoding="utf-8"), name=f"{language}.txt")


def parse_rules(source: str, *, name: str = "rules") -> Rules:
    """Raises WrongRule naming the line."""
    rules = Rules([], [], [])
    section: re.Match[str] | None = None
    for number, raw in enumerate(source.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if opened := _SECTION.fullmatch(line):
            section = opened
            continue
        try:
            pattern = re.compile(line)
        except re.error as error:
            raise WrongRule(f"{name}, line {number}: {error}") from error
        if section is None:
            raise WrongRule(f"{name}, line {number}: a pattern before the first section")
        if section["label"]:
            rules.harassment.append(Rule(section["label"], int(section["severity"]), pattern))
        elif section["not"]:
            rules.harmless.append(pattern)
        else:
            rules.person.append((section["reason"], pattern))
    return rules


def files_for(language: str) -> tuple[str, ...]:
    """Rule files that concern a text of this language: its own and English; all of them where the language is not known."""
    own = "zh" if language.startswith("zh") else language
    if own not in LANGUAGES:
        return LANGUAGES
    return (own,) if own == "en" else (own, "en")


def find_harassment(text: str, language: str, *, folded: Folded | None = None) -> list[Hit]:
    """What the rules find in the text that its writer says, not in what they report of others."""
    plain = folded or fold(text)
    said_by_others = reported(plain.text)
    hits: dict[tuple[int, int, str], Hit] = {}
    for view, name in _views(plain, language):
        rules = rules_of(name)
        harmless = [found.span() for pattern in rules.harmless for found in pattern.finditer(view.text)]
        for rule in rules.harassment:
            for found in rule.pattern.finditer(view.text):
                start, end = found.span()
                if start == end or any(a <= start and end <= b for a, b in harmless):
                    continue
                first, last = view.original(start, end)
                if any(plain.original(a, b)[0] < last and first < plain.original(a, b)[1] for a, b in said_by_others):
                    continue
                hits.setdefault((first, last, rule.label), Hit(first, last, rule.label, rule.severity))
    return sorted(hits.values(), key=lambda hit: (hit.start, hit.end))


def _views(plain: Folded, language: str) -> Iterator[tuple[Folded, str]]:
    bare = undisguise(plain)
    for name in files_for(language):
        yield plain, name
        if bare.text != plain.text:
            yield bare, name


def needs_person(text: str, language: str, *, folded: Folded | None = None) -> str:
    """Why a person must take over, as a code (self_harm, danger, grief, vulnerable, asked); empty when no rule says so."""
    plain = folded or fold(text)
    for name in files_for(language):
        for reason, pattern in rules_of(name).person:
            if pattern.search(plain.text):
                return reason
    return ""
