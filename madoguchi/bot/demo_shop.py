"""The demo company's orders and products, made up: what a real company's shop would answer. Persons and numbers do not exist."""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("demo_shop.json")
_WORDS = re.compile(r"[^\W\d_]{3,}|[一-鿿゠-ヿ]{2,}")
_COMMON = frozenset({"the", "with", "and", "mit", "und", "für"})


@cache
def _shop() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def order(number: str) -> dict[str, Any] | None:
    return _shop()["orders"].get(number.upper())


def product(said: str, language: str) -> dict[str, Any] | None:
    """The product whose name shares the most characters of whole words with what was said; its own name ("Nagare") decides."""
    plain = unicodedata.normalize("NFKC", said).casefold()
    best: tuple[int, dict[str, Any] | None] = (0, None)
    for one in _shop()["products"]:
        score = max(_shared(name, plain) for name in one["name"].values())
        if score > best[0]:
            best = (score, one)
    found = best[1]
    return found and {**found, "name": found["name"].get(language, found["name"]["en"])}


def _shared(name: str, plain: str) -> int:
    words = set(_WORDS.findall(unicodedata.normalize("NFKC", name).casefold())) - _COMMON
    return sum(len(word) for word in words if word in plain)
