"""Plausible texts of a lamp and lantern shop's customers and staff in five languages. Pure: the same numbers give the same texts.

A few words stand in every tenth message (invoice, 請求書, Rechnung) and a few in about one of 250 (gyroscope), for measuring search.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = ("ja", "en", "de", "zh-hans", "zh-hant")
SHARES = (34, 26, 20, 12, 8)
RARE_ONE_IN = 250

WORDS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
COMPOUNDS = (
    ["Paket", "Waren", "Geräte", "Kunden", "Teil", "Sammel", "Express", "Auslands"],
    ["rücksendung", "lieferung", "rechnung", "verfolgung", "bestellung", "erstattung", "versicherung", "nummer"],
)
TAGS = ("返品", "refund", "VIP", "shipping", "Rechnung", "发票", "warranty", "repeat", "app", "store")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str
    language: str


class Author:
    """Writes texts from one stream of numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  texts for measuring, not secrets

    def below(self, limit: int) -> int:
        return int(self.random.random() * limit)

    def one(self, things: Sequence[str]) -> str:
        return things[int(self.random.random() * len(things))]

    def person(self, number: int) -> Person:
        language = self.random.choices(LANGUAGES, SHARES)[0]
        first, last = self.one(WORDS[language]["first_names"]), self.one(WORDS[language]["last_names"])
        name = f"{first} {last}" if language in ("en", "de") else f"{last}{' ' if language == 'ja' else ''}{first}"
        return Person(name, f"customer{number:07d}@mail.example", language)

    def subject(self, language: str) -> str:
        return self._filled(self.one(WORDS[language]["subjects"]), language)

    def question(self, language: str) -> str:
        lines = [self._filled(self.one(WORDS[language]["asked"]), language) for _ in range(2 + self.below(6))]
        if self.below(RARE_ONE_IN) == 0:
            lines.insert(self.below(len(lines) + 1), WORDS[language]["rare"])
        return self._paragraphs(lines, language)

    def answer(self, language: str) -> str:
        return self._paragraphs([self._filled(self.one(WORDS[language]["answered"]), language) for _ in range(2 + self.below(4))], language)

    def _filled(self, sentence: str, language: str) -> str:
        if "{n}" in sentence:
            sentence = sentence.replace("{n}", f"HZ{100_000 + self.below(900_000)}")
        if "{p}" in sentence:
            sentence = sentence.replace("{p}", self.one(WORDS[language]["products"]))
        if "{c}" in sentence:
            sentence = sentence.replace("{c}", self.one(WORDS[language]["cities"]))
        if "{d}" in sentence:
            sentence = sentence.replace("{d}", self._day(language))
        return sentence.replace("{k}", self.one(COMPOUNDS[0]) + self.one(COMPOUNDS[1])) if "{k}" in sentence else sentence

    def _day(self, language: str) -> str:
        day, month = 1 + self.below(28), 1 + self.below(12)
        if language == "en":
            return f"{day}/{month}"
        return f"{day}.{month}." if language == "de" else f"{month}月{day}日"

    def _paragraphs(self, lines: list[str], language: str) -> str:
        glue = " " if language in ("en", "de") else ""
        return "\n\n".join(glue.join(lines[at : at + 3]) for at in range(0, len(lines), 3))
